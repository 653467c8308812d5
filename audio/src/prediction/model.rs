//! The prediction-error filter of a stretch of sound.

use std::ops::Range;

use multiversion::multiversion;

use crate::linear::dot;
use crate::windows::hann;

/// White noise under the model, as a share of the power: keeps the recursion stable for pure tones.
const FLOOR: f64 = 1e-9;
/// Mean power below which there is nothing to model: that of rounding far below 24 bits.
const SILENCE: f64 = 1e-20;

/// The filter 1, a₁, …, a_order whose output is what the samples before do not predict.
///
/// Autocorrelation method with a Hann window, Levinson-Durbin recursion (Makhoul 1975, sections II.C and III.A). Silence is predicted by nothing:
/// 1, 0, …, 0.
pub fn error_filter(samples: &[f64], order: usize) -> Vec<f64> {
    ErrorFilters::new(samples.len(), order).of(samples)
}

/// [`error_filter`] of many stretches of one length: its window is computed once.
#[derive(Clone, Debug)]
pub struct ErrorFilters {
    window: Vec<f64>,
    windowed: Vec<f64>,
    correlation: Vec<f64>,
    order: usize,
}

impl ErrorFilters {
    /// For stretches of this length.
    pub fn new(length: usize, order: usize) -> Self {
        let window = (0..length).map(|n| hann(n, length)).collect();
        Self { window, windowed: Vec::with_capacity(length), correlation: Vec::new(), order }
    }

    /// The filter of a stretch.
    pub fn of(&mut self, samples: &[f64]) -> Vec<f64> {
        self.windowed.clear();
        self.windowed.extend(samples.iter().zip(&self.window).map(|(x, window)| x * window));
        self.correlation = autocorrelation(&self.windowed, self.order);
        self.filter()
    }

    /// The filter of the last stretch once samples in `changed` have changed: the cost is theirs alone.
    pub(super) fn of_changed(&mut self, samples: &[f64], changed: Range<usize>) -> Vec<f64> {
        let before = self.windowed[changed.clone()].to_vec();
        for n in changed.clone() {
            self.windowed[n] = samples[n] * self.window[n];
        }
        change(&mut self.correlation, &self.windowed, changed.start, &before);
        self.filter()
    }

    fn filter(&self) -> Vec<f64> {
        if self.correlation[0] <= SILENCE * self.windowed.len() as f64 {
            let mut filter = vec![0.0; self.order + 1];
            filter[0] = 1.0;
            return filter;
        }
        let mut correlation = self.correlation.clone();
        correlation[0] *= 1.0 + FLOOR;
        levinson(&correlation)
    }
}

/// What sums of x[n] x[n + k] become when `x` had other samples `before` at `from`: with d = x - before, they grow by
/// d[n] x[n + k] + before[n] d[n + k].
#[multiversion(targets("x86_64+avx2"))]
fn change(sums: &mut [f64], x: &[f64], from: usize, before: &[f64]) {
    let lags = sums.len();
    let to = from + before.len();
    for n in from..to {
        let d = x[n] - before[n - from];
        for (sum, later) in sums.iter_mut().zip(&x[n..]) {
            *sum += d * later;
        }
        let (inside, earlier) = (n - from + 1, n + 1 - (n + 1).min(lags));
        for (sum, was) in sums.iter_mut().zip(before[..inside].iter().rev()) {
            *sum += d * was;
        }
        if inside < lags {
            for (sum, was) in sums[inside..].iter_mut().zip(x[earlier..from].iter().rev()) {
                *sum += d * was;
            }
        }
    }
}

/// Sums of x[n] x[n + k] for k of 0 to `order`.
fn autocorrelation(x: &[f64], order: usize) -> Vec<f64> {
    let mut sums = vec![0.0; order + 1];
    let whole = x.len().saturating_sub(order);
    accumulate(x, whole, &mut sums);
    for n in whole..x.len() {
        for (sum, later) in sums.iter_mut().zip(&x[n..]) {
            *sum += x[n] * later;
        }
    }
    sums
}

/// Adds x[n] x[n + k] for all n below `whole`: the lags side by side, so that each sum has one order of additions.
#[multiversion(targets("x86_64+avx2"))]
fn accumulate(x: &[f64], whole: usize, sums: &mut [f64]) {
    let lags = sums.len();
    let quads = whole - whole % 4;
    for n in (0..quads).step_by(4) {
        let [a, b, c, d] = [x[n], x[n + 1], x[n + 2], x[n + 3]];
        // The last four reach as far as `whole` allows.
        let far = &x[n..(n + lags + 3).min(x.len())];
        if far.len() < lags + 3 {
            for (at, value) in [a, b, c, d].into_iter().enumerate() {
                for (sum, later) in sums.iter_mut().zip(&far[at..]) {
                    *sum += value * later;
                }
            }
            continue;
        }
        let (f0, f1, f2, f3) = (&far[..lags], &far[1..=lags], &far[2..lags + 2], &far[3..lags + 3]);
        for k in 0..lags {
            sums[k] += a * f0[k] + b * f1[k] + (c * f2[k] + d * f3[k]);
        }
    }
    for n in quads..whole {
        for (sum, later) in sums.iter_mut().zip(&x[n..]) {
            *sum += x[n] * later;
        }
    }
}

/// Levinson-Durbin: the filter of least error for these correlations.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn levinson(correlation: &[f64]) -> Vec<f64> {
    let order = correlation.len() - 1;
    let mut filter = vec![0.0; order + 1];
    filter[0] = 1.0;
    let mut error = correlation[0];
    let mut turned = filter.clone();
    let descending: Vec<f64> = correlation.iter().rev().copied().collect();
    for m in 1..=order {
        let reflection = -dot(&filter[..m], &descending[order - m..order]) / error;
        turned[..=m].copy_from_slice(&filter[..=m]);
        turned[..=m].reverse();
        for (a, b) in filter[..=m].iter_mut().zip(&turned[..=m]) {
            *a += reflection * b;
        }
        error *= 1.0 - reflection * reflection;
        if error <= 0.0 {
            break;
        }
    }
    filter
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prediction::{backward_errors, forward_errors};

    /// White noise of -1 to 1 by a linear congruence (Numerical Recipes).
    fn noise(count: usize) -> Vec<f64> {
        let mut state = 7u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / 8_388_608.0 - 1.0
        };
        (0..count).map(|_| next()).collect()
    }

    #[test]
    fn the_model_of_a_resonance_is_its_recursion() {
        let mut x = noise(20_000);
        for n in 2..x.len() {
            x[n] += 1.6 * x[n - 1] - 0.9 * x[n - 2];
        }
        let filter = error_filter(&x, 4);
        for (a, wanted) in filter.iter().zip([1.0, -1.6, 0.9, 0.0, 0.0]) {
            assert!((a - wanted).abs() < 0.04, "{filter:?}");
        }
        let power = |v: &[f64]| v.iter().map(|e| e * e).sum::<f64>() / v.len() as f64;
        let (mut before, mut after) = (Vec::new(), Vec::new());
        forward_errors(&filter, &x, &mut before);
        backward_errors(&filter, &x, &mut after);
        assert!(power(&before) < 0.4 && power(&after) < 0.4, "a third is the noise's");
    }

    #[test]
    fn silence_is_predicted_by_nothing() {
        assert_eq!(error_filter(&[0.0; 100], 2), [1.0, 0.0, 0.0]);
    }

    #[test]
    fn a_stretch_that_changed_has_the_filter_of_a_new_one() {
        for (changed, order) in [(40..90, 30), (0..7, 30), (93..100, 30), (20..22, 3)] {
            let mut x = noise(100);
            let mut filters = ErrorFilters::new(100, order);
            filters.of(&x);
            for _ in 0..2 {
                x[changed.clone()].iter_mut().for_each(|x| *x = 0.3 - 0.7 * *x);
                let filter = filters.of_changed(&x, changed.clone());
                for (a, wanted) in filter.iter().zip(error_filter(&x, order)) {
                    assert!((a - wanted).abs() < 1e-9, "{changed:?}");
                }
            }
        }
    }

    #[test]
    fn the_sums_are_those_of_the_definition() {
        let x = noise(101);
        for (k, sum) in autocorrelation(&x, 30).into_iter().enumerate() {
            let wanted: f64 = x[k..].iter().zip(&x).map(|(a, b)| a * b).sum();
            assert!((sum - wanted).abs() < 1e-9, "{k}");
        }
    }
}
