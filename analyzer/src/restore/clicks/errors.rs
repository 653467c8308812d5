//! Prediction errors of a piece, and their robust scales.

use acetate_audio::prediction::{ErrorFilters, backward_errors, forward_errors};

/// Order of the models that find.
pub(super) const ORDER: usize = 32;
/// Samples that one model is for; it is learnt from twice as many.
pub(super) const HOP: usize = 1024;
/// Samples whose mean magnitude is one value of a scale.
pub(super) const GROUP: usize = 16;
/// A scale is the median over this long, on the one side and on the other, this far away.
const SCALE_S: f64 = 0.006;
const AWAY_S: f64 = 0.001;
/// Mean magnitude of a normal distribution over its deviation.
const MEAN_OF_NORMAL: f64 = 0.797_884_560_802_865_4;
/// Least scale: half of the last bit of 22.
pub(super) const FLOOR: f64 = 2.384_185_791_015_625e-7;

/// Prediction errors, sample by sample.
#[derive(Debug)]
pub(super) struct Errors {
    pub(super) forward: Vec<f64>,
    pub(super) backward: Vec<f64>,
    /// From both sides: the error of the least-squares interpolation of each sample.
    pub(super) both: Vec<f64>,
}

impl Errors {
    /// By models of this order, each for `hop` samples.
    pub(super) fn of(sound: &[f64], hop: usize, order: usize) -> Self {
        let count = sound.len();
        let mut errors = Self {
            forward: Vec::with_capacity(count + hop),
            backward: Vec::with_capacity(count + hop),
            both: Vec::with_capacity(count + hop),
        };
        // Silence around it, so that every block is whole.
        let before = hop / 2;
        let mut padded = vec![0.0; before];
        padded.extend_from_slice(sound);
        padded.resize(before + count.next_multiple_of(hop) + hop, 0.0);
        let (mut forward, mut backward, mut both) = (Vec::new(), Vec::new(), Vec::new());
        let mut filters = ErrorFilters::new(2 * hop, order);
        for at in (0..count).step_by(hop) {
            let filter = filters.of(&padded[at..at + 2 * hop]);
            let here = at + before;
            forward_errors(&filter, &padded[here - order..here + hop + order], &mut forward);
            backward_errors(&filter, &padded[here..here + hop + order], &mut backward);
            backward_errors(&filter, &forward, &mut both);
            let power: f64 = filter.iter().map(|a| a * a).sum();
            errors.forward.extend_from_slice(&forward[..hop]);
            errors.backward.extend_from_slice(&backward);
            errors.both.extend(both.iter().map(|e| e / power));
        }
        errors.forward.truncate(count);
        errors.backward.truncate(count);
        errors.both.truncate(count);
        errors.of_the_ends(order);
        errors
    }
}

impl Errors {
    /// At the ends there is one side alone: a sound that begins or stops at once is no damage.
    fn of_the_ends(&mut self, order: usize) {
        let count = self.both.len();
        let edge = order.min(count);
        self.forward[..edge].copy_from_slice(&self.backward[..edge]);
        self.both[..edge].copy_from_slice(&self.backward[..edge]);
        self.backward[count - edge..].copy_from_slice(&self.forward[count - edge..]);
        self.both[count - edge..].copy_from_slice(&self.forward[count - edge..]);
    }
}

/// Magnitudes over the scale of what surrounds them.
#[derive(Debug)]
pub(super) struct Scale {
    /// A value a group.
    values: Vec<f64>,
    group: usize,
}

impl Scale {
    pub(super) fn of(values: &[f64], rate: f64, group: usize) -> Self {
        let means: Vec<f64> = values
            .chunks(group)
            .map(|part| part.iter().map(|x| x.abs()).sum::<f64>() / part.len() as f64)
            .collect();
        let groups = |seconds: f64| libm::ceil(seconds * rate / group as f64) as usize;
        let (width, away) = (groups(SCALE_S).min(means.len()), groups(AWAY_S));
        let medians = running_medians(&means, width.max(1));
        let last = medians.len().saturating_sub(1);
        let values = (0..means.len())
            .map(|group| {
                let before = medians[group.saturating_sub(away + width).min(last)];
                let after = medians[(group + away + 1).min(last)];
                before.max(after) / MEAN_OF_NORMAL + FLOOR
            })
            .collect();
        Self { values, group }
    }

    /// The scale at a sample.
    pub(super) fn at(&self, at: usize) -> f64 {
        self.values[at / self.group]
    }

    /// Samples that have one scale.
    pub(super) fn group(&self) -> usize {
        self.group
    }
}

/// The middle value of each window; of an even number of them the upper one.
fn running_medians(values: &[f64], width: usize) -> Vec<f64> {
    let mut sorted: Vec<f64> = values[..width.min(values.len())].to_vec();
    sorted.sort_by(f64::total_cmp);
    let mut medians = Vec::with_capacity((values.len() + 1).saturating_sub(width));
    for (index, window) in values.windows(width).enumerate() {
        if index > 0 {
            let (old, new) = (values[index - 1], window[width - 1]);
            sorted.remove(sorted.partition_point(|x| x.total_cmp(&old).is_lt()));
            sorted.insert(sorted.partition_point(|x| x.total_cmp(&new).is_lt()), new);
        }
        medians.push(sorted[width / 2]);
    }
    medians
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_medians_are_those_of_each_window() {
        let values: Vec<f64> = (0..200).map(|n| f64::from(n * 37 % 101)).collect();
        for width in [1, 2, 17, 200] {
            let wanted: Vec<f64> =
                values.windows(width).map(|w| crate::statistics::middle(&mut w.to_vec())).collect();
            assert_eq!(running_medians(&values, width), wanted, "{width}");
        }
        assert!(running_medians(&[], 1).is_empty());
    }
}
