//! The steps of a round of the solver, each over whole arrays, so that compilers turn them into instructions of any width.

use acetate_audio::fourier::Points;
use acetate_audio::lanes::mul;
use multiversion::multiversion;

use super::interpolator::{BLOCK, Phases};
use crate::peak::larger;

/// Clipping state of a block: what was cut off, and the dual.
#[derive(Clone, Copy)]
pub(super) struct Clip {
    pub(super) cut: Phases,
    pub(super) dual: Phases,
}

/// Lets less through of what weighs more.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn weigh(spectrum: &mut [Points], weights: &[f32], penalty: f32, gains: &mut [f32]) {
    for (gain, weight) in gains.iter_mut().zip(weights) {
        *gain = penalty / (penalty + weight);
    }
    for (value, [re, im]) in spectrum.iter_mut().zip(gains.as_chunks().0.as_chunks().0) {
        (value.re, value.im) = (mul(value.re, *re), mul(value.im, *im));
    }
}

/// Scales the dual of a block; what was cut off beyond it, and the largest of that.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn rescale(clip: &mut Clip, dual_scale: f32, differences: &mut Phases) -> f32 {
    let mut most = [0.0f32; BLOCK];
    for ((difference, cut), dual) in differences.iter_mut().zip(&clip.cut).zip(&mut clip.dual) {
        for i in 0..BLOCK {
            dual[i] *= dual_scale;
            difference[i] = cut[i] - dual[i];
            most[i] = larger(most[i], difference[i].abs());
        }
    }
    most.into_iter().fold(0.0, larger)
}

/// The rows of `a`, `z` and `v`, kept as what `z` lacks to the interpolated output (`cut`) and the dual; returns the energy above the
/// ceiling.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn clip_rows(phases: &[[f32; BLOCK]], ceiling: f32, keep: f32, clip: &mut Clip) -> f32 {
    let mut overs = [0.0f32; BLOCK];
    for ((values, cut), dual) in phases.iter().zip(&mut clip.cut).zip(&mut clip.dual) {
        for i in 0..BLOCK {
            let over = values[i] - values[i].clamp(-ceiling, ceiling);
            overs[i] += over * over;
            let rest = keep * cut[i] + dual[i];
            let sum = values[i] + rest;
            dual[i] = sum - sum.clamp(-ceiling, ceiling);
            cut[i] = rest - dual[i];
        }
    }
    overs.iter().sum()
}

/// `e` = alpha d + (1 - alpha) e, and the output that goes with it.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn relax(
    relaxed: &mut [f32],
    residual: &[f32],
    (signal, output): (&[f32], &mut [f32]),
    alpha: f32,
) {
    for (((relaxed, &residual), output), &signal) in
        relaxed.iter_mut().zip(residual).zip(output).zip(signal)
    {
        *relaxed = alpha * residual + (1.0 - alpha) * *relaxed;
        *output = signal + *relaxed;
    }
}
