//! What a short interpolator gets wrong near Nyquist, and a long one does not.
//!
//! Two windowed sincs differ between samples `n` and `n + 1`, a time `t` after `n`, by
//!
//! ```text
//! (-1)^n sin(pi t) S(n + t),   S(u) = sum (-1)^k x[k] g(u - k),   g(u) = (long(u) - short(u)) / (pi u),
//! ```
//!
//! because `sin(pi (n + t - k))` is `(-1)^(n - k) sin(pi t)`. Outside the shorter one's transition band the two are the
//! same, so S is a slow signal: it is computed from every eighth value of `(-1)^k x[k]`, low-passed, once for every eight
//! samples. A sinc of 4096 taps then costs less than one of a hundred.

use std::f64::consts::PI;

use super::super::interpolator::{GROUP_FRAMES, SomePhases};
use crate::peak::larger;
use acetate_audio::windows::{kaiser_beta, kaiser_window};

/// Samples from one value of the slow signals to the next.
pub(super) const STEP: usize = 8;
/// Taps of the low-pass before that, on either side: 77 dB down where the eighth part folds.
pub(super) const LOW_HALF: usize = 32;
const LOW_ATTENUATION_DB: f64 = 77.0;
/// Middle of its transition, share of the rate: it passes what the short interpolator's transition holds.
const LOW_CUTOFF: f64 = 0.0625;
/// Samples on either side of a point that the long sincs weigh.
const LONG_HALVES: [usize; LONGS] = [256, 512, 2048];
const LONGS: usize = 3;
const LONG_BETA: f64 = 9.0;

/// Slow values on either side that the longest needs.
const SLOW_HALF: usize = LONG_HALVES[2] / STEP;
/// Slow values that are computed at once.
const AT_ONCE: usize = GROUP_FRAMES;
/// Frames for which they suffice, with two more slow values on either side.
pub(super) const SEGMENT_FRAMES: usize = (AT_ONCE - 4) * STEP;
/// Frames on either side of an interval that its correction depends on.
pub(super) const REACH: usize = LONG_HALVES[2] + LOW_HALF + 4 * STEP;

/// Weights of four neighbouring slow values for the middle of each of the eight intervals between the inner two: the
/// polynomial through them.
fn between() -> [[f32; 4]; STEP] {
    std::array::from_fn(|index| {
        let u = (index as f64 + 0.5) / STEP as f64;
        [
            -u * (u - 1.0) * (u - 2.0) / 6.0,
            (u + 1.0) * (u - 1.0) * (u - 2.0) / 2.0,
            -(u + 1.0) * u * (u - 2.0) / 2.0,
            (u + 1.0) * u * (u - 1.0) / 6.0,
        ]
        .map(|weight| weight as f32)
    })
}

/// From samples to the slow signals.
pub(super) struct NearNyquist {
    low_pass: Vec<f32>,
    kernels: [SomePhases<1>; LONGS],
    /// Slow values on either side that each of them weighs.
    halves: [usize; LONGS],
    /// No correction is larger than this times the largest slow value around.
    growth: f32,
    between: [[f32; 4]; STEP],
}

/// The corrections in the middle of intervals, for the sample that is even: the lowest and the highest of those of all sincs.
pub(super) struct Corrections {
    pub(super) lowest: [f32; SEGMENT_FRAMES],
    pub(super) highest: [f32; SEGMENT_FRAMES],
}

impl NearNyquist {
    /// What a Kaiser-windowed sinc of `half` samples on either side lacks.
    pub(super) fn new(half: usize, beta: f64) -> Self {
        let window = |u: f64, half: usize, beta: f64| {
            if u < half as f64 { kaiser_window(u / half as f64, beta) } else { 0.0 }
        };
        let kernel = |long: usize| -> Vec<f32> {
            let weight = |index: usize| {
                let u = (index as f64 - (long / STEP) as f64) * STEP as f64;
                if u == 0.0 {
                    return 0.0;
                }
                // A later slow value lies ahead of the point: u changes its sign.
                let difference = window(u.abs(), long, LONG_BETA) - window(u.abs(), half, beta);
                (-(STEP as f64) * difference / (PI * u)) as f32
            };
            (0..=2 * long / STEP).map(weight).collect()
        };
        let kernels = LONG_HALVES.map(kernel);
        let growth = kernels.iter().map(|kernel| kernel.iter().map(|w| w.abs()).sum::<f32>());
        // The polynomial between slow values adds at most a quarter.
        let growth = 1.25 * growth.fold(0.0, f32::max);
        Self {
            low_pass: low_pass(),
            kernels: kernels.map(|kernel| SomePhases::from_taps(&kernel)),
            halves: LONG_HALVES.map(|long| long / STEP),
            growth,
            between: between(),
        }
    }

    /// The slow value at the middle of `x`, which begins at an even sample and has `2 * LOW_HALF + 1` samples.
    pub(super) fn slow(&self, x: &[f32]) -> f32 {
        let mut lanes = [0.0f32; 8];
        let (taps, last) = self.low_pass.split_at(2 * LOW_HALF);
        for (taps, x) in taps.chunks_exact(8).zip(x.chunks_exact(8)) {
            for lane in 0..8 {
                lanes[lane] += taps[lane] * x[lane];
            }
        }
        lanes.iter().sum::<f32>() + last[0] * x[2 * LOW_HALF]
    }

    /// Upper bound of the corrections from slow values of at most 1.
    pub(super) fn growth(&self) -> f32 {
        self.growth
    }

    /// Slow values that decide over the frames from `position` on: the first of them and one behind the last.
    pub(super) fn needed(position: u64, frames: usize) -> std::ops::Range<u64> {
        let first = position / STEP as u64 - 1 - SLOW_HALF as u64;
        let last = (position + frames as u64 - 1) / STEP as u64 + 2 + SLOW_HALF as u64;
        first..last + 1
    }

    /// Corrections of the intervals that begin at `position` and after; `slow` is what they need.
    pub(super) fn corrections(&self, position: u64, slow: &[f32]) -> Corrections {
        let mut around = [0.0f32; AT_ONCE + 2 * SLOW_HALF];
        around[..slow.len()].copy_from_slice(slow);
        let sums: [[f32; AT_ONCE]; LONGS] = std::array::from_fn(|index| {
            let margin = SLOW_HALF - self.halves[index];
            let [values] = self.kernels[index].values(&around[margin..around.len() - margin]);
            values
        });
        let offset = (position % STEP as u64) as usize;
        let (mut lowest, mut highest) = ([0.0f32; SEGMENT_FRAMES], [0.0f32; SEGMENT_FRAMES]);
        for frame in 0..SEGMENT_FRAMES {
            let (at, weights) = ((offset + frame) / STEP, &self.between[(offset + frame) % STEP]);
            let value = |slow: &[f32]| -> f32 {
                weights.iter().zip(&slow[at..at + 4]).map(|(weight, slow)| weight * slow).sum()
            };
            let values = sums.each_ref().map(|sums| value(sums));
            // The short interpolator itself, without a correction, is one of the sincs.
            lowest[frame] =
                values.iter().fold(0.0, |low, &value| if value < low { value } else { low });
            highest[frame] = values.iter().fold(0.0, |highest, &value| larger(highest, value));
        }
        Corrections { lowest, highest }
    }
}

/// A low-pass for every other sample negated: it passes what is near Nyquist.
fn low_pass() -> Vec<f32> {
    let beta = kaiser_beta(LOW_ATTENUATION_DB);
    let tap = |index: usize| {
        let t = index as f64 - LOW_HALF as f64;
        let angle = 2.0 * PI * LOW_CUTOFF * t;
        let sinc = if t == 0.0 { 1.0 } else { libm::sin(angle) / angle };
        2.0 * LOW_CUTOFF * sinc * kaiser_window(t.abs() / LOW_HALF as f64, beta)
    };
    let taps: Vec<f64> = (0..=2 * LOW_HALF).map(tap).collect();
    let sum: f64 = taps.iter().sum();
    let sign = |index: usize| if index.is_multiple_of(2) { 1.0 } else { -1.0 };
    taps.iter().enumerate().map(|(index, tap)| (sign(index) * tap / sum) as f32).collect()
}

/// How much larger than the largest sample the value of the shorter long sinc can be: all signs at their worst.
pub(super) fn sinc_growth() -> f64 {
    let weight = |k: usize| {
        let t = k as f64 + 0.5;
        2.0 * kaiser_window(t / LONG_HALVES[1] as f64, LONG_BETA) / (PI * t)
    };
    (0..LONG_HALVES[1]).map(weight).sum()
}
