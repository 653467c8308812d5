//! Prediction errors of a piece, and their robust scales.

use acetate_audio::prediction::{backward_errors, error_filter, forward_errors};

use crate::statistics::middle;

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
    pub(super) fn of(sound: &[f64], hop: usize) -> Self {
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
        for at in (0..count).step_by(hop) {
            let filter = error_filter(&padded[at..at + 2 * hop], ORDER);
            let here = at + before;
            forward_errors(&filter, &padded[here - ORDER..here + hop + ORDER], &mut forward);
            backward_errors(&filter, &padded[here..here + hop + ORDER], &mut backward);
            backward_errors(&filter, &forward, &mut both);
            let power: f64 = filter.iter().map(|a| a * a).sum();
            errors.forward.extend_from_slice(&forward[..hop]);
            errors.backward.extend_from_slice(&backward);
            errors.both.extend(both.iter().map(|e| e / power));
        }
        errors.forward.truncate(count);
        errors.backward.truncate(count);
        errors.both.truncate(count);
        errors
    }
}

/// Magnitudes over the scale of what surrounds them.
#[derive(Debug)]
pub(super) struct Scale {
    /// One over the scale, a value a group.
    inverse: Vec<f64>,
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
        let mut sorted = Vec::with_capacity(width);
        let mut median = |window: &[f64]| {
            sorted.clear();
            sorted.extend_from_slice(window);
            middle(&mut sorted)
        };
        let medians: Vec<f64> = means.windows(width.max(1)).map(&mut median).collect();
        let last = medians.len().saturating_sub(1);
        let inverse = (0..means.len())
            .map(|group| {
                let before = medians[group.saturating_sub(away + width).min(last)];
                let after = medians[(group + away + 1).min(last)];
                1.0 / (before.max(after) / MEAN_OF_NORMAL + FLOOR)
            })
            .collect();
        Self { inverse, group }
    }

    /// One over the scale at a sample.
    pub(super) fn inverse(&self, at: usize) -> f64 {
        self.inverse[at / self.group]
    }
}
