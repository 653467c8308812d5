//! The top of the band, where a short windowed sinc falls off too early and only a long one is right.
//!
//! Write `x[k] = (-1)^k m[k]`. Between its samples, sin(pi (n + t - k)) is (-1)^(n - k) sin(pi t), so that a sinc under a
//! long window and one under a short window differ, at `t` after sample `n`, by `(-1)^n sin(pi t)` times
//!
//! ```text
//! S(n + t) = sum over k of m[k] g(n + t - k),     g(u) = (long(u) - short(u)) / (pi u)
//! ```
//!
//! `g` is a low-pass as wide as the short window's transition band. What it passes of `m` - the sound within that distance of
//! Nyquist - fits in a quarter of the samples, and the sum in a quarter of the terms. Where there is none, as in most music, its
//! size alone shows that nothing can be missing.

use std::f64::consts::PI;

use multiversion::multiversion;

use acetate_audio::lanes::{LANES, Lanes, add};
use acetate_audio::windows::kaiser_window;

/// Samples to a value of the top band.
pub(crate) const STEP: usize = 4;
/// Samples on either side that the long sinc weighs: 1536 taps, flat to 0.497 of the rate.
const LONG_HALF: usize = 768;
const LONG_KAISER_BETA: f64 = 9.5;
/// The same in values of the top band.
const HALF: usize = LONG_HALF / STEP;
/// Samples on either side from which a value of the top band is made.
const LOW_HALF: usize = 16;
/// Steps that a value reaches over.
const ROWS: usize = 2 * LOW_HALF / STEP;
/// Low-pass of `m`: flat to 0.06 of the rate, -66 dB from 0.19.
const LOW_CUTOFF: f64 = 0.125;
const LOW_KAISER_BETA: f64 = 6.3;
/// Sums computed side by side.
const AT_ONCE: usize = 36;
/// Samples that must be there before and after a chunk.
pub(crate) const CONTEXT: usize = 832;
/// Positions within a step, at quarters of a sample.
const QUARTERS: usize = 4 * STEP;

/// From samples to values of the top band.
#[derive(Clone, Debug)]
pub(crate) struct LowPass {
    taps: [f32; 2 * LOW_HALF],
    last: f32,
}

impl LowPass {
    pub(crate) fn new() -> Self {
        let tap = |index: usize| {
            let t = index as f64 - LOW_HALF as f64;
            let angle = 2.0 * PI * LOW_CUTOFF * t;
            let sinc = if t == 0.0 { 1.0 } else { libm::sin(angle) / angle };
            let sign = if index.is_multiple_of(2) { 1.0 } else { -1.0 };
            let value = sinc * kaiser_window(t / LOW_HALF as f64, LOW_KAISER_BETA);
            (sign * value, value)
        };
        let sum: f64 = (0..=2 * LOW_HALF).map(|index| tap(index).1).sum();
        let taps = std::array::from_fn(|index| (tap(index).0 / sum) as f32);
        Self { taps, last: (tap(2 * LOW_HALF).0 / sum) as f32 }
    }

    /// Appends the values of all samples that have their surroundings; value `j` belongs to sample `4 j`, an even one.
    pub(crate) fn extend(&self, samples: &[f32], values: &mut Vec<f32>) {
        while values.len() * STEP < LOW_HALF {
            values.push(0.0);
        }
        extend(&self.taps, self.last, samples, values);
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn extend(taps: &[f32; 2 * LOW_HALF], last: f32, samples: &[f32], values: &mut Vec<f32>) {
    let mut start = values.len() * STEP - LOW_HALF;
    while let Some(window) = samples.get(start..start + STEP * (ROWS + LANES)) {
        values.extend(side_by_side(taps, last, window));
        start += STEP * LANES;
    }
    while let Some(window) = samples.get(start..start + 2 * LOW_HALF + 1) {
        // Filled up, so that a value does not hang on where the sound is cut into blocks.
        let mut filled = [0.0; STEP * (ROWS + LANES)];
        filled[..window.len()].copy_from_slice(window);
        values.push(side_by_side(taps, last, &filled)[0]);
        start += STEP;
    }
}

/// Values for samples that are `STEP` apart, the first of them from the beginning of `window`.
#[inline(always)]
fn side_by_side(taps: &[f32; 2 * LOW_HALF], last: f32, window: &[f32]) -> Lanes {
    // Every fourth sample.
    let mut apart = [[0.0f32; ROWS + LANES]; STEP];
    for (row, samples) in window.as_chunks::<STEP>().0.iter().enumerate() {
        for (apart, sample) in apart.iter_mut().zip(samples) {
            apart[row] = *sample;
        }
    }
    let mut sums = [[0.0f32; LANES]; STEP];
    for (row, taps) in taps.as_chunks::<STEP>().0.iter().enumerate() {
        for ((sum, tap), apart) in sums.iter_mut().zip(taps).zip(&apart) {
            for lane in 0..LANES {
                sum[lane] += tap * apart[row + lane];
            }
        }
    }
    let [a, b, c, d] = sums;
    let mut whole = add(add(a, b), add(c, d));
    for lane in 0..LANES {
        whole[lane] += last * apart[0][ROWS + lane];
    }
    whole
}

/// What a short sinc lacks of the long one.
#[derive(Clone, Debug)]
pub(crate) struct TopBand {
    /// Weights of the values around, by quarter of a sample after one of them.
    kernels: Vec<Vec<f32>>,
    /// No correction is larger than this times the largest value around.
    growth: f32,
    /// Weights of four neighbouring sums for the points between the inner two, at quarters of a sample.
    between: [[f32; 4]; QUARTERS],
}

impl TopBand {
    /// For a Kaiser-windowed sinc of so many taps, with values at every sample only (`quarters` 1) or between them.
    pub(crate) fn new(taps: usize, beta: f64, quarters: usize) -> Self {
        let kernels: Vec<Vec<f32>> =
            (0..quarters).map(|quarter| kernel(quarter as f64 / 4.0, taps / 2, beta)).collect();
        let sums = kernels.iter().map(|kernel| kernel.iter().map(|w| w.abs()).sum::<f32>());
        Self { growth: 1.25 * sums.fold(0.0, f32::max), kernels, between: between() }
    }

    /// Upper bound of the corrections from values of at most 1.
    pub(crate) fn growth(&self) -> f32 {
        self.growth
    }

    /// Values around those at `first` that the sums of a chunk of `N` samples need.
    pub(crate) fn around(first: usize, frames: usize) -> std::ops::Range<usize> {
        first - 1 - HALF..first + frames / STEP + 2 + HALF
    }

    /// Adds what they lack to the points a quarter, a half and three quarters after each of `N` samples, the first of which
    /// has the value `first`.
    pub(crate) fn correct<const N: usize>(
        &self,
        values: &[f32],
        first: usize,
        points: &mut [[f32; N]; 3],
    ) {
        assert!(N / STEP + 3 <= AT_ONCE, "{N} points at once");
        let sums = sums(&self.kernels[0], &values[first - 1 - HALF..]);
        for n in 0..N {
            let sums = &sums[n / STEP..n / STEP + 4];
            for (index, share) in SHARES.iter().enumerate() {
                let weights = &self.between[4 * (n % STEP) + index + 1];
                let sum: f32 = weights.iter().zip(sums).map(|(weight, sum)| weight * sum).sum();
                points[index][n] += if n.is_multiple_of(2) { share * sum } else { -share * sum };
            }
        }
    }

    /// The sum for a point `quarters` quarters of a sample after the one whose value is `first`; negative for odd samples.
    pub(crate) fn at(&self, values: &[f32], first: usize, quarters: usize) -> f64 {
        let (value, kernel) = (first + quarters / QUARTERS, &self.kernels[quarters % QUARTERS]);
        let around = &values[value - HALF..=value + HALF + 1];
        let mut lanes = [0.0f32; 8];
        for (weights, values) in kernel.chunks(8).zip(around.chunks(8)) {
            for (lane, (weight, value)) in lanes.iter_mut().zip(weights.iter().zip(values)) {
                *lane += weight * value;
            }
        }
        let sum = f64::from(lanes.iter().sum::<f32>());
        if (quarters / 4).is_multiple_of(2) { sum } else { -sum }
    }
}

/// The sine of a quarter, a half and three quarters of a half turn.
const SHARES: [f32; 3] = [std::f32::consts::FRAC_1_SQRT_2, 1.0, std::f32::consts::FRAC_1_SQRT_2];

/// `g` at every value around, for a point `offset` samples after one.
fn kernel(offset: f64, half: usize, beta: f64) -> Vec<f32> {
    let weight = |index: usize| {
        let u = offset - (index as f64 - HALF as f64) * STEP as f64;
        if u == 0.0 {
            return 0.0;
        }
        let long = kaiser_window(u / LONG_HALF as f64, LONG_KAISER_BETA);
        (STEP as f64 * (long - kaiser_window(u / half as f64, beta)) / (PI * u)) as f32
    };
    (0..=2 * HALF + 1).map(weight).collect()
}

/// The polynomial through four neighbouring sums.
fn between() -> [[f32; 4]; QUARTERS] {
    std::array::from_fn(|quarter| {
        let u = quarter as f64 / QUARTERS as f64;
        let (before, after, later) = (u + 1.0, u - 1.0, u - 2.0);
        [
            -u * after * later / 6.0,
            before * after * later / 2.0,
            -before * u * later / 2.0,
            before * u * after / 6.0,
        ]
        .map(|weight| weight as f32)
    })
}

#[multiversion(targets("x86_64+avx2"))]
fn sums(kernel: &[f32], values: &[f32]) -> [f32; AT_ONCE] {
    let mut sums = [0.0f32; AT_ONCE];
    for (weight, values) in kernel.iter().zip(values.windows(AT_ONCE)) {
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += weight * value;
        }
    }
    sums
}
