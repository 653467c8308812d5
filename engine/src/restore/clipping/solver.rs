//! The waveform with the sparsest spectrum among those that keep every reliable sample and go beyond the clip level elsewhere.
//!
//! Analysis l1, min Σ w |A x|, by the primal-dual method of Chambolle and Pock (2011, algorithm 1), over-relaxed (Condat 2013, algorithm 3.1). Weights
//! are first those of the parabola (Zaviska, Rajmic and Schimmel 2019), then renewed from the neighbourhood of each cell (reweighting: Candes, Wakin and
//! Boyd 2008). Survey: Zaviska, Rajmic, Ozerov and Rencker 2021.

use multiversion::multiversion;

use acetate_audio::fourier::Bins;

use super::frames::{Coefficients, Frames, Space};
use crate::restore::turn::turn;

/// Length of a window: RESTORE, section 6.
pub(super) const WINDOW: usize = 8192;
/// Iterations with the first weights, renewals, and iterations after each (docs/restore.md).
const FIRST: usize = 20;
const RENEWALS: usize = 6;
const INNER: usize = 12;
/// How far each iteration goes of the way that its step is; below 2.
const RELAXATION: f32 = 1.9;
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

    /// The whole of a channel, or of two at once, in which the samples of which `side` gives 1 or -1 may be as much larger on that side as they were.
    ///
    /// What is sparse of two channels is their mid and their side: what one of them keeps tells what the other one lost.
    pub(super) fn solve(
        &self,
        channels: &[&[f32]],
        side: &dyn Fn(usize, usize) -> i8,
    ) -> Vec<Vec<f32>> {
        let samples = channels.iter().flat_map(|sound| sound.iter());
        let peak = samples.fold(0.0, |peak: f32, x| peak.max(x.abs()));
        if peak == 0.0 {
            return channels.iter().map(|sound| sound.to_vec()).collect();
        }
        let channel = |(channel, sound): (usize, &&[f32])| {
            let now: Vec<f32> = sound.iter().map(|x| x / peak).collect();
            let bound = |(n, &x): (usize, &f32)| match side(channel, n) {
                1 => [x, f32::MAX],
                -1 => [f32::MIN, x],
                _ => [x, x],
            };
            let bounds = now.iter().enumerate().map(bound).collect();
            let (stepped, ahead) = (now.clone(), now.clone());
            Channel { bounds, back: vec![0.0; now.len()], now, stepped, ahead }
        };
        let count = channels[0].len();
        let mut state = State {
            space: self.frames.space(),
            parts: vec![Part::new(&self.frames, count, &self.first); channels.len()],
            channels: channels.iter().enumerate().map(channel).collect(),
        };
        for renewal in 0..=RENEWALS {
            for _ in 0..if renewal == 0 { FIRST } else { INNER } {
                state.step(&self.frames);
            }
            if renewal < RENEWALS {
                self.renew(&mut state);
            }
        }
        let loud = |channel: Channel| channel.stepped.iter().map(|x| x * peak).collect();
        state.channels.into_iter().map(loud).collect()
    }

    /// Weights from the magnitudes around each cell: one over them, as large in the middle as the first ones were.
    fn renew(&self, state: &mut State) {
        state.analyse(&self.frames, |channel| &channel.stepped);
        state.parts.iter_mut().for_each(Part::weigh);
        let largest = state.weights().fold(0.0, |a: f32, &b| a.max(b));
        state.each_weight(|weight| *weight = libm::powf(*weight + FLOOR * largest, SPARSITY));
        let mut sorted: Vec<f32> = state.weights().copied().collect();
        let middle = sorted.len() / 2;
        let median = *sorted.select_nth_unstable_by(middle, f32::total_cmp).1;
        let scale = self.first[self.first.len() / 2] / median;
        state.each_weight(|weight| *weight *= scale);
    }
}

struct State {
    space: Space,
    /// One channel, or mid and side of two.
    parts: Vec<Part>,
    channels: Vec<Channel>,
}

/// What is to be sparse.
#[derive(Clone)]
struct Part {
    dual: Coefficients,
    cells: Coefficients,
    /// Window by window.
    weights: Vec<Vec<f32>>,
    sound: Vec<f32>,
}

/// What is kept within bounds.
struct Channel {
    bounds: Vec<[f32; 2]>,
    back: Vec<f32>,
    now: Vec<f32>,
    /// Where the last step has led to, within the bounds.
    stepped: Vec<f32>,
    /// The same, extrapolated.
    ahead: Vec<f32>,
}

impl Part {
    fn new(frames: &Frames, count: usize, first: &[f32]) -> Self {
        let (dual, cells) = (frames.zeros(count), frames.zeros(count));
        let weights = vec![first.to_vec(); dual.frames.len()];
        Self { dual, cells, weights, sound: vec![0.0; count] }
    }

    /// The root of the mean power around each cell, in place of its weight.
    fn weigh(&mut self) {
        let powers: Vec<Vec<f32>> =
            self.cells.frames.iter().map(|bins| bins.powers().collect()).collect();
        let last = powers.len() - 1;
        for (index, weights) in self.weights.iter_mut().enumerate() {
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
    }
}

impl State {
    fn weights(&self) -> impl Iterator<Item = &f32> {
        self.parts.iter().flat_map(|part| part.weights.iter().flatten())
    }

    fn each_weight(&mut self, change: impl Fn(&mut f32)) {
        let parts = self.parts.iter_mut();
        parts.flat_map(|part| part.weights.iter_mut().flatten()).for_each(change);
    }

    /// The cells of all parts of these waveforms.
    fn analyse(&mut self, frames: &Frames, of: fn(&Channel) -> &Vec<f32>) {
        match (&mut self.parts[..], &self.channels[..]) {
            ([mid, side], [left, right]) => {
                turn([of(left), of(right)], [&mut mid.sound, &mut side.sound]);
            }
            (parts, channels) => {
                for (part, channel) in parts.iter_mut().zip(channels) {
                    part.sound.copy_from_slice(of(channel));
                }
            }
        }
        for part in &mut self.parts {
            frames.analyse(&part.sound, &mut part.cells, &mut self.space);
        }
    }

    fn step(&mut self, frames: &Frames) {
        self.analyse(frames, |channel| &channel.ahead);
        for part in &mut self.parts {
            let windows = part.dual.frames.iter_mut().zip(&part.cells.frames);
            for ((dual, cells), weights) in windows.zip(&part.weights) {
                ascend(dual, cells, weights);
            }
            frames.synthesise(&part.dual, &mut part.sound, &mut self.space);
        }
        match (&self.parts[..], &mut self.channels[..]) {
            ([mid, side], [left, right]) => {
                turn([&mid.sound, &side.sound], [&mut left.back, &mut right.back]);
            }
            (parts, channels) => {
                for (part, channel) in parts.iter().zip(channels) {
                    channel.back.copy_from_slice(&part.sound);
                }
            }
        }
        self.channels.iter_mut().for_each(descend);
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
        re[n] += RELAXATION * (a * gain - re[n]);
        im[n] += RELAXATION * (b * gain - im[n]);
    }
}

/// The step of the waveform, into its bounds, from where the last one has relaxed to.
#[multiversion(targets("x86_64+avx2"))]
fn descend(channel: &mut Channel) {
    let Channel { bounds, back, now, stepped, ahead } = channel;
    let waveform = now.iter_mut().zip(stepped).zip(ahead);
    for (([low, high], back), ((now, stepped), ahead)) in bounds.iter().zip(back).zip(waveform) {
        *now += RELAXATION * (*stepped - *now);
        let wanted = *now - STEP * *back;
        let wanted = if wanted < *low { *low } else { wanted };
        *stepped = if wanted > *high { *high } else { wanted };
        *ahead = 2.0 * *stepped - *now;
    }
}
