//! A sound as autoregressive block by block, and what was most likely added to some of its samples.

use super::{Equations, ErrorFilters, backward_errors, forward_errors};
use crate::linear::Matrix;

/// Samples that one model is for; it is learnt from twice as many.
pub const MODEL_BLOCK: usize = 1024;
/// The scale of an error is the median over this long, seconds, at every so many samples.
const SCALE_S: f64 = 0.006;
const SCALE_STEP: usize = 16;
/// Median of a normal distribution's magnitude over its deviation.
const MEDIAN_OF_NORMAL: f64 = 0.674_489_750_196_081_7;
/// Least scale: the last bit of 20.
const SCALE_FLOOR: f64 = 9.536_743_164_062_5e-7;

/// Prediction-error filters, one a block, and how much each sample's error counts.
#[derive(Clone, Debug)]
pub struct BlockModels {
    filters: Vec<Vec<f64>>,
    weights: Vec<f64>,
    order: usize,
}

impl BlockModels {
    /// The models of a sound; errors count by one over the variance that their surroundings have.
    ///
    /// With `freedom` they are taken for Student's of so many degrees of freedom, and large ones count less.
    pub fn of(sound: &[f64], order: usize, rate_hz: f64, freedom: Option<f64>) -> Self {
        let before = MODEL_BLOCK / 2;
        let mut padded = vec![0.0; before];
        padded.extend_from_slice(sound);
        padded.resize(before + sound.len().next_multiple_of(MODEL_BLOCK) + MODEL_BLOCK, 0.0);
        let starts = (0..sound.len()).step_by(MODEL_BLOCK);
        let mut all = ErrorFilters::new(2 * MODEL_BLOCK, order);
        let filters = starts.map(|at| all.of(&padded[at..at + 2 * MODEL_BLOCK])).collect();
        let mut models = Self { filters, weights: Vec::new(), order };
        let errors = models.errors(sound);
        models.weights = weights(&errors, rate_hz, freedom);
        models
    }

    /// Order of the models.
    pub fn order(&self) -> usize {
        self.order
    }

    /// How much the error of each sample counts.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The filter at a sample.
    ///
    /// # Panics
    /// When there is no such sample.
    pub fn filter(&self, at: usize) -> &[f64] {
        &self.filters[at / MODEL_BLOCK]
    }

    /// A x: what the models do not predict from before; before the beginning is silence.
    pub fn errors(&self, x: &[f64]) -> Vec<f64> {
        let mut padded = vec![0.0; self.order];
        padded.extend_from_slice(x);
        let (mut all, mut errors) = (Vec::with_capacity(x.len()), Vec::new());
        for (at, filter) in (0..x.len()).step_by(MODEL_BLOCK).zip(&self.filters) {
            let end = x.len().min(at + MODEL_BLOCK);
            forward_errors(filter, &padded[at..end + self.order], &mut errors);
            all.extend_from_slice(&errors);
        }
        all
    }

    /// Aᵀ W A x: each sample's share in the weighted errors, which is one over the variance of the sample times what its neighbours say of it.
    pub fn pull(&self, x: &[f64]) -> Vec<f64> {
        let mut errors = self.errors(x);
        errors.iter_mut().zip(&self.weights).for_each(|(error, weight)| *error *= weight);
        let mut sums = vec![0.0; self.order + x.len()];
        let (mut padded, mut part) = (Vec::new(), Vec::new());
        for (at, filter) in (0..x.len()).step_by(MODEL_BLOCK).zip(&self.filters) {
            let end = x.len().min(at + MODEL_BLOCK);
            padded.clear();
            padded.resize(self.order, 0.0);
            padded.extend_from_slice(&errors[at..end]);
            padded.resize(end - at + 2 * self.order, 0.0);
            backward_errors(filter, &padded, &mut part);
            sums[at..].iter_mut().zip(&part).for_each(|(sum, x)| *sum += x);
        }
        sums.split_off(self.order)
    }

    /// An element of Aᵀ W A.
    pub fn precision(&self, i: usize, j: usize) -> f64 {
        let (i, j) = (i.min(j), i.max(j));
        let end = (i + self.order + 1).min(self.weights.len());
        (j..end)
            .map(|m| {
                let filter = self.filter(m);
                self.weights[m] * filter[m - i] * filter[m - j]
            })
            .sum()
    }

    /// The matrix of Aᵀ W A for these samples, in order, the lower triangle alone.
    pub fn precisions(&self, places: &[usize]) -> Matrix {
        let mut matrix = Matrix::zeros(places.len(), places.len());
        for (row, &i) in places.iter().enumerate() {
            for (column, &j) in places[..=row].iter().enumerate() {
                if i - j <= self.order {
                    matrix.row_mut(row)[column] = self.precision(i, j);
                }
            }
        }
        matrix
    }

    /// The equations of what was added to the samples that have a variance.
    pub fn equations(&self, variances: &[f64]) -> Equations {
        Equations::new(self, variances)
    }

    /// Appends the column of √W A that belongs to a sample: the order and one values, 0 behind the end of the sound.
    pub(super) fn append_column(&self, n: usize, columns: &mut Vec<f64>) {
        let value = |m: usize| match self.weights.get(m) {
            Some(weight) => weight.sqrt() * self.filter(m)[m - n],
            None => 0.0,
        };
        columns.extend((n..=n + self.order).map(value));
    }
}

/// One over the variance of errors, from the median of their magnitudes nearby.
fn weights(errors: &[f64], rate_hz: f64, freedom: Option<f64>) -> Vec<f64> {
    let half = ((SCALE_S * rate_hz) as usize / 2).max(1);
    let magnitudes: Vec<f64> = errors.iter().map(|e| e.abs()).collect();
    let mut middles = Middles::default();
    let mut median = |at: usize| {
        let near = &magnitudes[at.saturating_sub(half)..magnitudes.len().min(at + half + 1)];
        middles.of(near) / MEDIAN_OF_NORMAL
    };
    let scales: Vec<f64> = (0..errors.len()).step_by(SCALE_STEP).map(&mut median).collect();
    let last = scales.len().saturating_sub(1);
    let weight = |(n, error): (usize, &f64)| {
        let (knot, share) = (n / SCALE_STEP, (n % SCALE_STEP) as f64 / SCALE_STEP as f64);
        let (low, high) = (scales[knot], scales[(knot + 1).min(last)]);
        let scale = low + share * (high - low) + SCALE_FLOOR;
        let weight = 1.0 / (scale * scale);
        freedom.map_or(weight, |nu| weight * (nu + 1.0) / (nu + error * error * weight))
    };
    errors.iter().enumerate().map(weight).collect()
}

/// The middle values of windows each of which is much like the one before: only what lies near the last one is put in order.
#[derive(Default)]
struct Middles {
    last: f64,
    near: Vec<f64>,
}

impl Middles {
    /// How far from the last middle this one is looked for first.
    const NEAR: (f64, f64) = (0.85, 1.18);

    /// The middle value; of an even number of them the upper one.
    fn of(&mut self, window: &[f64]) -> f64 {
        let (low, high) = (Self::NEAR.0 * self.last, Self::NEAR.1 * self.last);
        self.near.resize(window.len(), 0.0);
        let (mut below, mut count) = (0, 0);
        for &value in window {
            self.near[count] = value;
            below += usize::from(value < low);
            count += usize::from(value >= low && value <= high);
        }
        let middle = window.len() / 2;
        let (part, rank) = match middle.checked_sub(below).filter(|&rank| rank < count) {
            Some(rank) => (&mut self.near[..count], rank),
            None => {
                self.near.copy_from_slice(window);
                (&mut self.near[..], middle)
            }
        };
        self.last = *part.select_nth_unstable_by(rank, f64::total_cmp).1;
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn music(count: usize) -> Vec<f64> {
        let mut state = 3u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / 8_388_608.0 - 1.0
        };
        let tone = |n: f64| 0.2 * libm::sin(n * 0.05) + 0.1 * libm::sin(n * 0.31);
        (0..count).map(|n| tone(n as f64) + 1e-3 * noise()).collect()
    }

    #[test]
    fn the_pull_is_the_matrix_times_the_sound() {
        let x = music(2500);
        let models = BlockModels::of(&x, 6, 44_100.0, None);
        let pulls = models.pull(&x);
        for n in [0usize, 3, 1022, 1024, 2047, 2499] {
            let near = n.saturating_sub(6)..(n + 7).min(2500);
            let wanted: f64 = near.map(|k| models.precision(n, k) * x[k]).sum();
            assert!((pulls[n] - wanted).abs() < 1e-6 * wanted.abs().max(1.0), "{n}");
        }
    }

    #[test]
    fn middles_are_those_of_each_window_near_the_last_or_not() {
        let noise = music(3000);
        // A step by 60 dB, and silence.
        let level = |n: usize| [1.0, 1e-3, 0.0][n / 1000];
        let values: Vec<f64> = (0..3000).map(|n| (level(n) * noise[n]).abs()).collect();
        let mut middles = Middles::default();
        for at in (0..2900).step_by(7) {
            let window = &values[at..at + 90 + at % 2];
            let mut sorted = window.to_vec();
            sorted.sort_by(f64::total_cmp);
            assert_eq!(middles.of(window), sorted[window.len() / 2], "{at}");
        }
    }

    #[test]
    fn equations_have_the_elements_of_the_matrix() {
        let models = BlockModels::of(&music(3000), 6, 44_100.0, None);
        let mut variances = vec![0.0; 3000];
        let runs = [1020..1027, 1030..1031, 2990..3000];
        runs.iter().for_each(|run: &std::ops::Range<usize>| variances[run.clone()].fill(1e-3));
        let places: Vec<usize> = runs.into_iter().flatten().collect();
        let pulls: Vec<f64> = (0..3000).map(|n| f64::from(n % 17) - 8.0).collect();
        let mut matrix = models.precisions(&places);
        (0..places.len()).for_each(|n| matrix.row_mut(n)[n] += 1e3);
        let right = places.iter().map(|&n| pulls[n]).collect();
        let wanted = crate::linear::solve_positive_definite(matrix, right).unwrap().x;
        let added = models.equations(&variances).added(&pulls, &variances);
        for (&n, wanted) in places.iter().zip(&wanted) {
            assert!((added[n] - wanted).abs() < 1e-9 * wanted.abs().max(1e-6), "{n}");
        }
    }

    #[test]
    fn what_was_added_is_found_and_nothing_where_there_is_no_variance() {
        let clean = music(6000);
        let mut damaged = clean.clone();
        damaged[3000..3004].iter_mut().for_each(|x| *x += 0.05);
        let models = BlockModels::of(&clean, 32, 44_100.0, None);
        let mut variances = vec![0.0; 6000];
        variances[2998..3006].fill(1e-3);
        let added = models.equations(&variances).added(&models.pull(&damaged), &variances);
        for n in 0..6000 {
            assert!((added[n] - (damaged[n] - clean[n])).abs() < 6e-3, "{n}: {}", added[n]);
        }
        assert_eq!(added[2997], 0.0);
    }
}
