//! What a stretch of sound was before something was added to it.

use super::model::levinson;
use super::{ErrorFilters, backward_errors, forward_errors};
use crate::linear::{Matrix, dot, factorise, substitute, substitute_back};

/// Rounds after which the model stays as it is.
const MODEL_ROUNDS: usize = 3;
/// Variance of the damage before anything is known: full scale and more, that is, free.
const FREE: f64 = 1e3;
/// Errors beyond this many medians count no further: other damage nearby.
const OUTLIER: f64 = 6.0;
/// Least variances: far below the last bit of 24.
const ERROR_FLOOR: f64 = 1e-16;
const DAMAGE_FLOOR: f64 = 1e-14;
/// White noise under the model of the damage, as a share of its power.
const COLOUR_FLOOR: f64 = 1e-4;
/// Keeps the equations solvable, as a share of their diagonal.
const RIDGE: f64 = 1e-10;
/// Longest gap whose uncertainties are computed; longer ones take the diagonal's inverse for them.
const EXACT_MAX: usize = 256;

/// How a stretch is freed.
#[derive(Clone, Copy, Debug)]
pub struct Freeing {
    /// Order of the model.
    pub order: usize,
    /// Samples on each side that it is learnt from.
    pub context: usize,
    /// Rounds of learning.
    pub rounds: usize,
    /// Samples over which the variance of the damage is averaged.
    pub smooth: usize,
    /// Order of the damage's own model: 0 for samples that have nothing to do with each other.
    pub damage_order: usize,
}

/// A stretch as it was, and how much that explains.
#[derive(Clone, Debug)]
pub struct Freed {
    /// The samples.
    pub samples: Vec<f64>,
    /// Variance of the prediction error nearby.
    pub variance: f64,
    /// Sum of the squared prediction errors in and just after the stretch, as it was found.
    pub energy_before: f64,
    /// The same of what was put there.
    pub energy_after: f64,
}

/// What `y[from..to]` was before damage was added.
///
/// Music is autoregressive, the damage of each sample has a variance of its own, which expectation maximisation learns: samples that were not damaged
/// stay nearly as they are. With B = AᵀA on the stretch and s² the variance of the prediction error, x = (B + s²/v)⁻¹ (r + s²/v · y), and
/// v ← smooth((y − x)² + s² diag (B + s²/v)⁻¹). Without the variances this is the interpolation of Janssen, Veldhuis and Vries (1986), which follows
/// from v → ∞; with them, Godsill and Rayner (1998), section 5.2.
///
/// # Panics
/// When the stretch is empty or not in `y`.
pub fn free(y: &[f64], from: usize, to: usize, how: Freeing) -> Freed {
    assert!(from < to && to <= y.len(), "{from} to {to} of {}", y.len());
    let (start, end) = (from.saturating_sub(how.context), y.len().min(to + how.context));
    let mut gap = Gap::new(&y[start..end], from - start, to - start, how);
    for round in 0..how.rounds.max(1) {
        gap.improve(round);
    }
    gap.finish()
}

/// The sound with a straight line in place of a stretch; at an end of it the line is level.
pub(super) fn bridged(sound: &[f64], from: usize, to: usize) -> Vec<f64> {
    let mut bridged = sound.to_vec();
    let before = from.checked_sub(1).map(|at| sound[at]);
    let left = before.or(sound.get(to).copied()).unwrap_or(0.0);
    let right = sound.get(to).copied().unwrap_or(left);
    let steps = (to - from + 1) as f64;
    for (n, sample) in bridged[from..to].iter_mut().enumerate() {
        *sample = left + (right - left) * (n + 1) as f64 / steps;
    }
    bridged
}

struct Gap<'a> {
    found: &'a [f64],
    from: usize,
    to: usize,
    how: Freeing,
    /// The sound with what is thought to have been there.
    sound: Vec<f64>,
    filters: ErrorFilters,
    filter: Vec<f64>,
    equations: Matrix,
    /// What drives the damage: one over its filter, and the variance of each of its samples.
    colour: Vec<f64>,
    damage: Vec<f64>,
    variance: f64,
    errors: Vec<f64>,
}

impl<'a> Gap<'a> {
    fn new(found: &'a [f64], from: usize, to: usize, how: Freeing) -> Self {
        let known = found.len() - (to - from);
        let how = Freeing { order: how.order.min(known / 3).max(1), ..how };
        let sound = bridged(found, from, to);
        Self {
            found,
            from,
            to,
            how,
            sound,
            filters: ErrorFilters::new(found.len(), how.order),
            filter: Vec::new(),
            equations: Matrix::zeros(0, 1),
            colour: vec![1.0],
            damage: vec![FREE; to - from],
            variance: ERROR_FLOOR,
            errors: Vec::new(),
        }
    }

    fn improve(&mut self, round: usize) {
        let count = self.to - self.from;
        if round < MODEL_ROUNDS {
            self.filter = match round {
                0 => self.filters.of(&self.sound),
                _ => self.filters.of_changed(&self.sound, self.from..self.to),
            };
            self.equations = self.normal_equations();
            self.variance = self.error_variance();
        }
        let right = self.right_side();
        let mut matrix = self.equations.clone();
        let ridge = RIDGE * matrix.row(0)[0].max(1.0);
        let found = &self.found[self.from..self.to];
        // s² Cᵀ V⁻¹ C, and that times what was found.
        let mut wanted = right;
        for (m, variance) in self.damage.iter().enumerate() {
            let weight = self.variance / variance;
            let row = self.driving(m, count);
            let driven: f64 = row.clone().map(|(n, c)| c * found[n]).sum();
            for (n, c) in row.clone() {
                wanted[n] += weight * c * driven;
                for (k, other) in row.clone().filter(|&(k, _)| k <= n) {
                    matrix.row_mut(n)[k] += weight * c * other;
                }
            }
        }
        for n in 0..count {
            matrix.row_mut(n)[n] += ridge;
        }
        // Positive definite by its making; numbers that are not leave the stretch as it is.
        if factorise(&mut matrix).is_none() {
            return;
        }
        let solved = substitute_back(&matrix, substitute(&matrix, wanted));
        let removed: Vec<f64> = found.iter().zip(&solved).map(|(y, x)| y - x).collect();
        self.sound[self.from..self.to].copy_from_slice(&solved);
        self.learn_damage(&removed, (round > 0).then_some(&matrix));
    }

    /// The samples of the damage that drive its m-th, each with its factor.
    fn driving(&self, m: usize, count: usize) -> impl Iterator<Item = (usize, f64)> + Clone {
        let taps = self.colour.iter().enumerate();
        taps.filter_map(move |(k, &c)| m.checked_sub(k).filter(|&n| n < count).map(|n| (n, c)))
    }

    /// What colours the damage, and the variances of what drives it.
    fn learn_damage(&mut self, removed: &[f64], factor: Option<&Matrix>) {
        let count = removed.len();
        self.colour = colour(removed, self.how.damage_order.min(count.saturating_sub(1)));
        let order = self.colour.len() - 1;
        let squares: Vec<f64> = (0..count + order)
            .map(|m| {
                let driven: f64 = self.driving(m, count).map(|(n, c)| c * removed[n]).sum();
                let doubt = factor.map_or(0.0, |factor| self.doubt(factor, m));
                driven * driven + doubt
            })
            .collect();
        self.damage = averaged(&squares, self.how.smooth);
        self.damage.iter_mut().for_each(|v| *v += DAMAGE_FLOOR);
    }

    /// AᵀA on the stretch: of all predictions that use it, as far as there is sound to predict from and to.
    fn normal_equations(&self) -> Matrix {
        let (count, order) = (self.to - self.from, self.how.order);
        let mut matrix = Matrix::zeros(count, count);
        let whole = self.from >= order && self.to + order <= self.found.len();
        if whole {
            let a = &self.filter;
            let band: Vec<f64> =
                (0..count.min(order + 1)).map(|k| dot(&a[k..], &a[..a.len() - k])).collect();
            for i in 0..count {
                for j in i.saturating_sub(band.len() - 1)..=i {
                    matrix.row_mut(i)[j] = band[i - j];
                }
            }
            return matrix;
        }
        for n in self.predictions() {
            let tap = |i: usize| n.checked_sub(self.from + i).and_then(|k| self.filter.get(k));
            for i in 0..count {
                let Some(a) = tap(i) else { continue };
                for j in 0..=i {
                    matrix.row_mut(i)[j] += tap(j).map_or(0.0, |b| a * b);
                }
            }
        }
        matrix
    }

    /// Frames whose prediction uses the stretch.
    fn predictions(&self) -> std::ops::Range<usize> {
        let order = self.how.order;
        self.from.max(order)..(self.to + order).min(self.found.len())
    }

    /// −Aᵀ of what the samples around the stretch say of its predictions.
    fn right_side(&mut self) -> Vec<f64> {
        let (count, order) = (self.to - self.from, self.how.order);
        let range = self.predictions();
        let mut around = self.sound[range.start - order..range.end].to_vec();
        let offset = range.start - order;
        for n in self.from.max(offset)..self.to.min(range.end) {
            around[n - offset] = 0.0;
        }
        forward_errors(&self.filter, &around, &mut self.errors);
        // Errors of `range`, with nothing where there is no prediction.
        let mut padded = vec![0.0; count + order];
        for (n, error) in range.zip(&self.errors) {
            padded[n - self.from] = *error;
        }
        let mut sums = Vec::new();
        backward_errors(&self.filter, &padded, &mut sums);
        sums.iter().map(|sum| -sum).collect()
    }

    /// Mean squared prediction error of the samples before the stretch and of those behind it, other damage cut off.
    fn error_variance(&mut self) -> f64 {
        let mut known = Vec::with_capacity(self.sound.len());
        for around in [&self.sound[..self.from], &self.sound[self.to..]] {
            forward_errors(&self.filter, around, &mut self.errors);
            known.extend(self.errors.iter().map(|e| e.abs()));
        }
        if known.is_empty() {
            return ERROR_FLOOR;
        }
        let middle = known.len() / 2;
        let limit = OUTLIER * *known.select_nth_unstable_by(middle, f64::total_cmp).1;
        let sum: f64 = known.iter().map(|e| e.min(limit) * e.min(limit)).sum();
        sum / known.len() as f64 + ERROR_FLOOR
    }

    /// Variance that remains of the m-th driving sample: s² c (L Lᵀ)⁻¹ cᵀ.
    fn doubt(&self, factor: &Matrix, m: usize) -> f64 {
        let count = factor.columns();
        let first = (m + 1).saturating_sub(self.colour.len());
        let mut column = vec![0.0; count];
        self.driving(m, count).for_each(|(n, c)| column[n] = c);
        if count > EXACT_MAX {
            let each = |(n, c): (usize, f64)| c * c / (factor.row(n)[n] * factor.row(n)[n]);
            return self.variance * self.driving(m, count).map(each).sum::<f64>();
        }
        let mut sum = 0.0;
        for i in first..count {
            let row = factor.row(i);
            column[i] = (column[i] - dot(&row[first..i], &column[first..i])) / row[i];
            sum += column[i] * column[i];
        }
        self.variance * sum
    }

    fn finish(mut self) -> Freed {
        // The predictions that use the stretch, and the samples that they are made of.
        let predictions = self.predictions();
        let range = predictions.start - self.how.order..predictions.end;
        let mut energy = |sound: &[f64]| {
            forward_errors(&self.filter, &sound[range.clone()], &mut self.errors);
            self.errors.iter().map(|e| e * e).sum::<f64>()
        };
        let (energy_before, energy_after) = (energy(self.found), energy(&self.sound));
        let samples = self.sound[self.from..self.to].to_vec();
        let peak = |sound: &[f64]| sound.iter().fold(0.0, |peak: f64, x| peak.max(x.abs()));
        // Louder than all that was there is no music that was lost: the model ran away.
        if peak(&samples) > peak(self.found) {
            let samples = self.found[self.from..self.to].to_vec();
            return Freed {
                samples,
                variance: self.variance,
                energy_before,
                energy_after: energy_before,
            };
        }
        Freed { samples, variance: self.variance, energy_before, energy_after }
    }
}

/// The prediction-error filter of damage, which is nothing before and after.
fn colour(removed: &[f64], order: usize) -> Vec<f64> {
    let lag = |k: usize| removed.iter().zip(&removed[k..]).map(|(a, b)| a * b).sum::<f64>();
    let mut lags: Vec<f64> = (0..=order).map(lag).collect();
    if lags[0] <= DAMAGE_FLOOR {
        return vec![1.0];
    }
    lags[0] *= 1.0 + COLOUR_FLOOR;
    levinson(&lags)
}

/// Means of `width` neighbours; the ends are mirrored.
fn averaged(values: &[f64], width: usize) -> Vec<f64> {
    let (count, half) = (values.len() as isize, width as isize / 2);
    let mirrored = |n: isize| {
        let period = 2 * count;
        let n = n.rem_euclid(period);
        values[if n < count { n } else { period - 1 - n } as usize]
    };
    let mean = |n: isize| (n - half..=n + half).map(mirrored).sum::<f64>() / (2 * half + 1) as f64;
    (0..count).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOW: Freeing =
        Freeing { order: 32, context: 1000, rounds: 5, smooth: 15, damage_order: 0 };

    fn music(count: usize) -> Vec<f64> {
        let mut state = 1u32;
        (0..count)
            .map(|n| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let noise = f64::from(state >> 8) / 8_388_608.0 - 1.0;
                let n = n as f64;
                0.3 * libm::sin(n * 0.05) + 0.2 * libm::sin(n * 0.31) + 1e-4 * noise
            })
            .collect()
    }

    #[track_caller]
    fn check(at: usize, error_max: f64) {
        let clean = music(4000);
        let mut damaged = clean.clone();
        let to = (at + 20).min(4000);
        for (n, x) in damaged.iter_mut().enumerate().take(at + 15).skip(at + 5) {
            *x += 0.4 * libm::sin(n as f64);
        }
        let freed = free(&damaged, at, to, HOW);
        let worst = freed.samples.iter().zip(&clean[at..]).map(|(x, y)| (x - y).abs());
        let worst = worst.fold(0.0, f64::max);
        assert!(worst < error_max, "{worst}");
        assert!(freed.energy_before > 100.0 * freed.energy_after);
    }

    #[test]
    fn what_was_added_to_tones_is_taken_away() {
        check(2000, 2e-3);
    }

    #[test]
    fn so_it_is_at_the_first_and_the_last_sample() {
        check(0, 0.05);
        check(3985, 0.05);
    }

    #[test]
    fn samples_that_were_not_damaged_stay_nearly_as_they_are() {
        let clean = music(4000);
        let freed = free(&clean, 2000, 2040, HOW);
        let worst = freed.samples.iter().zip(&clean[2000..]).map(|(x, y)| (x - y).abs());
        assert!(worst.fold(0.0, f64::max) < 5e-4);
    }
}
