//! The waveform with the sparsest spectrum among those that keep every reliable sample and go beyond the clip level elsewhere.
//!
//! Analysis l1, min Σ w |A x|, by the primal-dual method of Chambolle and Pock (2011, algorithm 1). Weights are first those of the parabola (Zaviska,
//! Rajmic and Schimmel 2019), then renewed from the neighbourhood of each cell (reweighting: Candes, Wakin and Boyd 2008). Survey: Zaviska, Rajmic,
//! Ozerov and Rencker 2021.

use multiversion::multiversion;

use acetate_audio::fourier::Bins;

use super::frames::{Coefficients, Frames, Space};

/// Length of a window: RESTORE, section 6.
pub(super) const WINDOW: usize = 8192;
/// Iterations with the first weights, renewals, and iterations after each.
const FIRST: usize = 60;
const RENEWALS: usize = 4;
const INNER: usize = 30;
/// Step of the waveform; that of the coefficients is its inverse.
const STEP: f32 = 10.0;
/// Exponents of the first weights over frequency, and of the renewed ones over magnitude.
const PARABOLA: f32 = 1.5;
const SPARSITY: f32 = -1.1;
/// Magnitudes below this share of the largest weigh alike.
const FLOOR: f32 = 1e-3;

pub(super) struct Solver {
    frames: Frames,
    first: Vec<f32>,
}

impl Solver {
    pub(super) fn new() -> Self {
        let frames = Frames::new(WINDOW);
        let last = (frames.bins() - 1) as f32;
        let first = (0..frames.bins()).map(|bin| libm::powf(bin as f32 / last, PARABOLA)).collect();
        Self { frames, first }
    }

    /// The whole of `sound`, in which the samples of which `side` gives 1 or -1 may be as much larger on that side as they were.
    pub(super) fn solve(&self, sound: &[f32], side: &dyn Fn(usize) -> i8) -> Vec<f32> {
        let peak = sound.iter().fold(0.0, |peak: f32, x| peak.max(x.abs()));
        if peak == 0.0 {
            return sound.to_vec();
        }
        let found: Vec<f32> = sound.iter().map(|x| x / peak).collect();
        let bounds: Vec<[f32; 2]> = (found.iter().enumerate())
            .map(|(n, &x)| match side(n) {
                1 => [x, f32::MAX],
                -1 => [f32::MIN, x],
                _ => [x, x],
            })
            .collect();
        let mut state = State {
            space: self.frames.space(),
            dual: self.frames.zeros(sound.len()),
            cells: self.frames.zeros(sound.len()),
            back: vec![0.0; sound.len()],
            now: found.clone(),
            ahead: found,
        };
        let mut weights: Vec<Vec<f32>> = vec![self.first.clone(); state.dual.frames.len()];
        for renewal in 0..=RENEWALS {
            for _ in 0..if renewal == 0 { FIRST } else { INNER } {
                state.step(&self.frames, &weights, &bounds);
            }
            if renewal < RENEWALS {
                self.renew(&mut state, &mut weights);
            }
        }
        state.now.iter().map(|x| x * peak).collect()
    }

    /// Weights from the magnitudes around each cell: one over them, as large in the middle as the first ones were.
    fn renew(&self, state: &mut State, weights: &mut [Vec<f32>]) {
        self.frames.analyse(&state.now, &mut state.cells, &mut state.space);
        let powers: Vec<Vec<f32>> =
            state.cells.frames.iter().map(|bins| bins.powers().collect()).collect();
        let last = powers.len() - 1;
        for (index, weights) in weights.iter_mut().enumerate() {
            let near =
                [index.saturating_sub(1), index, (index + 1).min(last)].map(|at| &powers[at]);
            let sums: Vec<f32> =
                (0..weights.len()).map(|bin| near.iter().map(|powers| powers[bin]).sum()).collect();
            let end = sums.len() - 1;
            for (bin, weight) in weights.iter_mut().enumerate() {
                let sum = sums[bin.saturating_sub(1)] + sums[bin] + sums[(bin + 1).min(end)];
                *weight = (sum / 9.0).sqrt();
            }
        }
        let largest = weights.iter().flatten().fold(0.0, |a: f32, &b| a.max(b));
        for weight in weights.iter_mut().flatten() {
            *weight = libm::powf(*weight + FLOOR * largest, SPARSITY);
        }
        let mut sorted: Vec<f32> = weights.iter().flatten().copied().collect();
        let middle = sorted.len() / 2;
        let median = *sorted.select_nth_unstable_by(middle, f32::total_cmp).1;
        let scale = self.first[self.first.len() / 2] / median;
        weights.iter_mut().flatten().for_each(|weight| *weight *= scale);
    }
}

struct State {
    space: Space,
    dual: Coefficients,
    cells: Coefficients,
    back: Vec<f32>,
    now: Vec<f32>,
    /// The waveform, extrapolated.
    ahead: Vec<f32>,
}

impl State {
    fn step(&mut self, frames: &Frames, weights: &[Vec<f32>], bounds: &[[f32; 2]]) {
        frames.analyse(&self.ahead, &mut self.cells, &mut self.space);
        for ((dual, cells), weights) in
            self.dual.frames.iter_mut().zip(&self.cells.frames).zip(weights)
        {
            ascend(dual, cells, weights);
        }
        frames.synthesise(&self.dual, &mut self.back, &mut self.space);
        descend(&self.back, bounds, &mut self.now, &mut self.ahead);
    }
}

/// The dual step: magnitudes stay below their weights.
#[multiversion(targets("x86_64+avx2"))]
fn ascend(dual: &mut Bins, cells: &Bins, weights: &[f32]) {
    let count = weights.len();
    let (re, im) = (&mut dual.re[..count], &mut dual.im[..count]);
    let (new_re, new_im) = (&cells.re[..count], &cells.im[..count]);
    for n in 0..count {
        let (a, b) = (re[n] + new_re[n] / STEP, im[n] + new_im[n] / STEP);
        let magnitude = (a * a + b * b).sqrt();
        let over = weights[n] / if magnitude > 1e-12 { magnitude } else { 1e-12 };
        let gain = if over < 1.0 { over } else { 1.0 };
        re[n] = a * gain;
        im[n] = b * gain;
    }
}

/// The step of the waveform, into its bounds.
#[multiversion(targets("x86_64+avx2"))]
fn descend(back: &[f32], bounds: &[[f32; 2]], now: &mut [f32], ahead: &mut [f32]) {
    for (((back, [low, high]), now), ahead) in back.iter().zip(bounds).zip(now).zip(ahead) {
        let wanted = *now - STEP * back;
        let wanted = if wanted < *low { *low } else { wanted };
        let new = if wanted > *high { *high } else { wanted };
        *ahead = 2.0 * new - *now;
        *now = new;
    }
}
