//! The oversampling on which the limiter's constraint lives, computed only where it can matter.

use std::f64::consts::PI;

use acetate_audio::windows::kaiser_window;
use multiversion::multiversion;

use crate::peak::largest;

/// Samples computed at a time.
pub(super) const BLOCK: usize = 16;
/// Length of one polyphase branch.
const TAPS: usize = 32;
/// Samples that an interpolated value looks back, and one less than it looks ahead.
pub(super) const REACH: usize = TAPS / 2;
/// A block and the samples on both sides that its interpolation needs.
pub(super) const SPAN: usize = BLOCK + TAPS;
/// Most values a sample.
pub(super) const PHASES_MAX: usize = 4;
/// Overs are not looked for between samples below this share of the ceiling.
const FAR_BELOW: f32 = 0.6;
/// Kaiser window: about 60 dB of image rejection, flat to 19.5 kHz at 44.1 kHz.
const KAISER_BETA: f64 = 5.65;

/// The values of a block between its samples: one row a phase, row 0 the samples themselves.
pub(super) type Phases = [[f32; BLOCK]; PHASES_MAX];

/// Band-limited interpolation by 2 or 4: a windowed-sinc polyphase filter that keeps the samples as they are.
#[derive(Clone)]
pub(super) struct Interpolator {
    /// Branches for phases 1 and up: `branches[p-1][k]` weighs sample `n + k - REACH + 1` for the value at `n + p / factor`.
    branches: Vec<[f32; TAPS]>,
}

impl Interpolator {
    /// An interpolator by `factor`, 2 or 4.
    pub(super) fn new(factor: usize) -> Self {
        assert!(factor <= PHASES_MAX, "interpolation by {factor}");
        let branch = |phase: usize| {
            let fraction = phase as f64 / factor as f64;
            let mut taps = [0.0f64; TAPS];
            for (k, tap) in taps.iter_mut().enumerate() {
                let t = fraction - (k as f64 - (REACH as f64 - 1.0));
                *tap = libm::sin(PI * t) / (PI * t) * kaiser_window(t / REACH as f64, KAISER_BETA);
            }
            let sum: f64 = taps.iter().sum();
            taps.map(|tap| (tap / sum) as f32)
        };
        Self { branches: (1..factor).map(branch).collect() }
    }

    /// Values a sample.
    pub(super) fn factor(&self) -> usize {
        self.branches.len() + 1
    }

    /// The values of the block that begins [`REACH`] samples into `span`.
    pub(super) fn up(&self, span: &[f32; SPAN], phases: &mut Phases) {
        up(&self.branches, span, phases);
    }

    /// Does an interpolated value in `samples` samples exceed a ceiling? `signal` begins [`REACH`] samples before them and ends
    /// [`SPAN`] after.
    ///
    /// Blocks far below the ceiling are not interpolated: what rises by more than that between samples is left to the repair.
    pub(super) fn exceeds(&self, signal: &[f32], samples: usize, ceiling: f32) -> bool {
        (0..samples).step_by(BLOCK).any(|start| {
            let span: &[f32; SPAN] = signal[start..].first_chunk().expect("signal has margins");
            let loudest = largest(&span[REACH - 1..REACH + BLOCK + 1]);
            loudest > FAR_BELOW * ceiling && {
                let mut phases = Phases::default();
                self.up(span, &mut phases);
                phases[..self.factor()].iter().flatten().any(|value| value.abs() > ceiling)
            }
        })
    }

    /// Adds the transpose of [`up`](Self::up), divided by the factor, to `span`.
    pub(super) fn down(&self, phases: &Phases, span: &mut [f32; SPAN]) {
        down(&self.branches, phases, span);
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn up(branches: &[[f32; TAPS]], span: &[f32; SPAN], phases: &mut Phases) {
    phases[0].copy_from_slice(&span[REACH..REACH + BLOCK]);
    for (branch, row) in branches.iter().zip(&mut phases[1..]) {
        let mut sums = [0.0f32; BLOCK];
        for (k, &tap) in branch.iter().enumerate() {
            let samples: &[f32; BLOCK] = span[k + 1..].first_chunk().expect("span covers the taps");
            for (sum, &sample) in sums.iter_mut().zip(samples) {
                *sum += tap * sample;
            }
        }
        *row = sums;
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn down(branches: &[[f32; TAPS]], phases: &Phases, span: &mut [f32; SPAN]) {
    let scale = 1.0 / (branches.len() + 1) as f32;
    // The span in thirds, each summed in registers: a third is reached by the taps that lie between it and the block.
    for third in 0..SPAN / BLOCK {
        let mut sums = if third * BLOCK == REACH { phases[0] } else { [0.0f32; BLOCK] };
        let from = (third * BLOCK).saturating_sub(BLOCK);
        let until = TAPS.min(third * BLOCK + BLOCK);
        for (branch, row) in branches.iter().zip(&phases[1..]) {
            let mut values = [0.0f32; 3 * BLOCK];
            values[BLOCK..2 * BLOCK].copy_from_slice(row);
            let first = (third + 1) * BLOCK - until;
            let reached = values[first..(third + 1) * BLOCK - 1 - from + BLOCK].windows(BLOCK);
            for (&tap, values) in branch[from..until].iter().zip(reached.rev()) {
                for (sum, &value) in sums.iter_mut().zip(values) {
                    *sum += tap * value;
                }
            }
        }
        for (sample, &sum) in span[third * BLOCK..].iter_mut().zip(&sums) {
            *sample += scale * sum;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp<const N: usize>(seed: usize) -> [f32; N] {
        std::array::from_fn(|i| ((i * 37 + seed * 11) % 23) as f32 / 11.5 - 1.0)
    }

    #[test]
    fn a_sine_is_interpolated_to_its_own_values() {
        let interpolator = Interpolator::new(4);
        for frequency in [0.01, 0.1, 0.3, 0.43] {
            let sine = |t: f64| (2.0 * PI * frequency * t).sin();
            let span = std::array::from_fn(|i| sine(i as f64 - REACH as f64) as f32);
            let mut phases = Phases::default();
            interpolator.up(&span, &mut phases);
            for (p, row) in phases.iter().enumerate() {
                for (n, &value) in row.iter().enumerate() {
                    let wanted = sine(n as f64 + p as f64 / 4.0);
                    assert!(
                        (f64::from(value) - wanted).abs() < 0.003,
                        "{frequency}: {value} {wanted}"
                    );
                }
            }
        }
    }

    #[test]
    fn down_is_the_transpose_of_up_over_the_factor() {
        for factor in [2, 4] {
            let interpolator = Interpolator::new(factor);
            let (span, values): ([f32; SPAN], [f32; BLOCK * PHASES_MAX]) = (ramp(1), ramp(2));
            let mut weights = Phases::default();
            for (p, row) in weights.iter_mut().enumerate().take(factor) {
                row.copy_from_slice(&values[p * BLOCK..(p + 1) * BLOCK]);
            }
            let (mut phases, mut back) = (Phases::default(), [0.0; SPAN]);
            interpolator.up(&span, &mut phases);
            interpolator.down(&weights, &mut back);
            let product = |a: &[f32], b: &[f32]| -> f64 {
                a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
            };
            let forth: f64 = (0..factor).map(|p| product(&phases[p], &weights[p])).sum();
            let adjoint = product(&span, &back) * factor as f64;
            assert!((forth - adjoint).abs() < 1e-4, "{forth} and {adjoint}");
        }
    }
}
