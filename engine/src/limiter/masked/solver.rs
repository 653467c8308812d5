//! The convex problem of one stretch of one channel, and its solution.
//!
//! Minimise half the weighted energy of the residual's MDCT coefficients, subject to a limit on the magnitude of the
//! interpolated output. Alternating directions (ADMM) with `z` = interpolated output and a scaled dual `v`:
//!
//! ```text
//! r = 1/f U'(z - v)            d = MDCT'( rho / (w + rho) . MDCT(r - x) )      y = x + d
//! a = alpha U y + (1 - alpha) z + v        z = clip(a)        v = a - z
//! ```
//!
//! The MDCT is orthonormal and `U'U` is `f` times identity on the band, so that every step is a division or a clip.
//! `z` is kept as `U (x + e) + s` with `e` at the base rate; then `s` and `v` are zero wherever nothing was ever clipped, and the
//! oversampled signal is needed only in blocks that come near the ceiling.

use rustfft::num_complex::Complex32;

use super::Tuning;
use super::interpolator::{BLOCK, Interpolator, PHASES_MAX, Phases, REACH, SPAN};
use super::mask::BANDS_MAX;
use super::mdct::Mdct;

/// Interpolated values are looked at where a sample comes this near to the ceiling, ratio.
const NEAR: f32 = 0.85;
/// What is left of a cut that is over, by the relaxation, counts as nothing below this share of the ceiling (-120 dB).
const NOTHING: f32 = 1e-6;
/// Peaks are polished that are still this far above the ceiling, ratio (0.026 dB). Less is not worth a click of its own: polishing all
/// of it costs a sparse recording 4 dB in distortion.
const POLISH_FROM: f32 = 1.003;
/// Most rounds of polishing; the overs of a block are gone after two to five.
const POLISH_ROUNDS: usize = 12;
/// How much of an over one round takes away: a peak is a few interpolated values wide, so that 1 would be slow.
const POLISH_STEP: f32 = 1.5;

/// One stretch of one channel.
pub(super) struct Problem<'a> {
    /// The driven signal: [`REACH`] samples, the stretch, [`REACH`] samples and up to a block more.
    pub(super) signal: &'a [f32],
    /// Weight of the residual by frame and band, `frames` rows.
    pub(super) weights: &'a [f32],
    /// Frames that may carry a residual; the stretch has one hop more.
    pub(super) frames: usize,
    /// Limit of the interpolated magnitude.
    pub(super) ceiling: f32,
}

/// What all problems of a limiter share.
pub(super) struct Solver {
    pub(super) mdct: Mdct,
    pub(super) interpolator: Interpolator,
    /// Band of the real and of the imaginary part of each packed coefficient.
    packed_bands: Vec<[u8; 2]>,
    bands: usize,
    tuning: Tuning,
}

/// Clipping state of a block: what was cut off, and the dual.
#[derive(Clone, Copy)]
struct Clip {
    cut: Phases,
    dual: Phases,
}

/// The working memory of one thread, reused for every problem.
pub(super) struct Workspace {
    /// `e`: relaxed residual.
    relaxed: Vec<f32>,
    /// `r - x`, with margins of `REACH` before and `SPAN` after.
    target: Vec<f32>,
    /// `d`: the residual, one hop more than the stretch.
    residual: Vec<f32>,
    /// `x + e` with the margins of the signal.
    output: Vec<f32>,
    tail: Vec<f32>,
    packed: Vec<Complex32>,
    scratch: Vec<Complex32>,
    /// Index of a block's clipping state, or `NONE`.
    slots: Vec<u32>,
    clips: Vec<Clip>,
    /// Blocks to be polished.
    due: Vec<bool>,
}

const NONE: u32 = u32::MAX;

impl Solver {
    /// A solver for bands given by their first bins (and the number of bins at the end).
    pub(super) fn new(
        mdct: Mdct,
        interpolator: Interpolator,
        edges: &[usize],
        tuning: Tuning,
    ) -> Self {
        let band = |bin: usize| (edges.partition_point(|&edge| edge <= bin) - 1) as u8;
        let hop = mdct.hop();
        Self {
            packed_bands: (0..hop / 2).map(|n| [band(2 * n), band(hop - 1 - 2 * n)]).collect(),
            bands: edges.len() - 1,
            mdct,
            interpolator,
            tuning,
        }
    }

    /// Working memory for [`solve`](Self::solve).
    pub(super) fn workspace(&self) -> Workspace {
        Workspace {
            relaxed: Vec::new(),
            target: Vec::new(),
            residual: Vec::new(),
            output: Vec::new(),
            tail: vec![0.0; self.mdct.hop()],
            packed: vec![Complex32::default(); self.mdct.hop() / 2],
            scratch: self.mdct.scratch(),
            slots: Vec::new(),
            clips: Vec::new(),
            due: Vec::new(),
        }
    }

    /// The residual of the stretch; `frame_energies` receives its energy by frame and band.
    pub(super) fn solve<'w>(
        &self,
        problem: &Problem,
        work: &'w mut Workspace,
        frame_energies: &mut [f32],
    ) -> &'w [f32] {
        let samples = (problem.frames + 1) * self.mdct.hop();
        work.begin(problem.signal, samples);
        self.clip(problem.ceiling, 0.0, work);
        let (first, last) = self.tuning.penalty;
        let growth = libm::powf(last / first, 1.0 / self.rising_rounds());
        let mut penalty = first;
        for round in 0..self.tuning.iterations {
            let old = penalty;
            penalty = if (round as f32) < self.rising_rounds() {
                first * libm::powf(growth, round as f32)
            } else {
                last
            };
            self.spread_clips(problem.ceiling, old / penalty, work);
            let energies = (round + 1 == self.tuning.iterations).then_some(&mut *frame_energies);
            self.shape(problem, penalty, work, energies);
            let alpha = self.tuning.relaxation;
            work.relax(problem.signal, alpha, samples);
            if round + 1 < self.tuning.iterations {
                self.clip(problem.ceiling, 1.0 - alpha, work);
            }
        }
        self.polish(problem, work);
        &work.residual[..samples]
    }

    /// Clips what is still above the ceiling, a few isolated peaks by then, without a thought for masking.
    fn polish(&self, problem: &Problem, work: &mut Workspace) {
        let samples = work.relaxed.len();
        let signal = &problem.signal[REACH..REACH + samples];
        for ((output, &signal), &residual) in
            work.output[REACH..].iter_mut().zip(signal).zip(&work.residual)
        {
            *output = signal + residual;
        }
        work.due.clear();
        work.due.resize(work.slots.len(), true);
        for _ in 0..POLISH_ROUNDS {
            for index in 0..work.due.len() {
                if std::mem::take(&mut work.due[index])
                    && self.polish_block(index, problem.ceiling, work)
                {
                    // A correction reaches into the neighbours, those behind only in the next round.
                    let reached = index.saturating_sub(1)..work.due.len().min(index + 2);
                    work.due[reached].fill(true);
                }
            }
        }
        let pairs = work.residual.iter_mut().zip(signal).zip(&work.output[REACH..]);
        for ((residual, &signal), &output) in pairs {
            *residual = output - signal;
        }
    }

    /// Takes down the overs of a block; were there any?
    fn polish_block(&self, index: usize, ceiling: f32, work: &mut Workspace) -> bool {
        let span: &mut [f32; SPAN] =
            work.output[index * BLOCK..].first_chunk_mut().expect("output has margins");
        if largest(&span[REACH - 1..=REACH + BLOCK]) < NEAR * ceiling {
            return false;
        }
        let limit = POLISH_FROM * ceiling;
        let mut phases = Phases::default();
        self.interpolator.up(span, &mut phases);
        let mut any = false;
        for value in phases[..self.interpolator.factor()].iter_mut().flatten() {
            let over = *value - value.clamp(-limit, limit);
            any |= over != 0.0;
            *value = -POLISH_STEP * over;
        }
        if any {
            self.interpolator.down(&phases, span);
        }
        any
    }

    fn rising_rounds(&self) -> f32 {
        (self.tuning.iterations as f32 * self.tuning.rising_share).max(1.0)
    }

    /// `target` = e + 1/f U'(s - v), after the dual is scaled for the new penalty.
    fn spread_clips(&self, ceiling: f32, dual_scale: f32, work: &mut Workspace) {
        let samples = work.relaxed.len();
        work.target[REACH..REACH + samples].copy_from_slice(&work.relaxed);
        work.target[..REACH].fill(0.0);
        work.target[REACH + samples..].fill(0.0);
        for (index, &slot) in work.slots.iter().enumerate() {
            if slot == NONE {
                continue;
            }
            let clip = &mut work.clips[slot as usize];
            let mut difference = Phases::default();
            for ((difference, cut), dual) in
                difference.iter_mut().zip(&clip.cut).zip(&mut clip.dual)
            {
                for ((difference, &cut), dual) in difference.iter_mut().zip(cut).zip(dual) {
                    *dual *= dual_scale;
                    *difference = cut - *dual;
                }
            }
            if difference.iter().all(|row| largest(row) < NOTHING * ceiling) {
                continue;
            }
            let span = work.target[index * BLOCK..].first_chunk_mut().expect("target has margins");
            self.interpolator.down(&difference, span);
        }
    }

    /// `residual` = the part of `target` that the weights let through.
    fn shape(
        &self,
        problem: &Problem,
        penalty: f32,
        work: &mut Workspace,
        mut energies: Option<&mut [f32]>,
    ) {
        let hop = self.mdct.hop();
        work.tail.fill(0.0);
        let mut gains = [0.0f32; BANDS_MAX];
        for frame in 0..problem.frames {
            let weights = &problem.weights[frame * self.bands..(frame + 1) * self.bands];
            for (gain, &weight) in gains.iter_mut().zip(weights) {
                *gain = penalty / (penalty + weight);
            }
            let from = frame * hop;
            self.mdct.forward(&work.target[REACH + from..], &mut work.packed, &mut work.scratch);
            for (value, bands) in work.packed.iter_mut().zip(&self.packed_bands) {
                value.re *= gains[usize::from(bands[0] & 127)];
                value.im *= gains[usize::from(bands[1] & 127)];
            }
            if let Some(energies) = &mut energies {
                let row = &mut energies[frame * self.bands..(frame + 1) * self.bands];
                row.fill(0.0);
                for (value, bands) in work.packed.iter().zip(&self.packed_bands) {
                    row[usize::from(bands[0])] += value.re * value.re;
                    row[usize::from(bands[1])] += value.im * value.im;
                }
            }
            let first = &mut work.residual[from..from + hop];
            self.mdct.inverse(&mut work.packed, &mut work.scratch, &mut work.tail, first);
        }
        let end = problem.frames * hop;
        work.residual[end..end + hop].copy_from_slice(&work.tail);
    }

    /// Clips the interpolated output wherever it comes near the ceiling; `keep` is the share of the old cut that remains.
    fn clip(&self, ceiling: f32, keep: f32, work: &mut Workspace) {
        let near = NEAR * ceiling;
        for index in 0..work.slots.len() {
            let span: &[f32; SPAN] =
                work.output[index * BLOCK..].first_chunk().expect("output has margins");
            if work.slots[index] == NONE {
                let inner: &[f32; BLOCK] = span[REACH..].first_chunk().expect("span holds a block");
                if largest(inner) < near {
                    continue;
                }
                work.slots[index] = work.clips.len() as u32;
                let empty = [[0.0; BLOCK]; PHASES_MAX];
                work.clips.push(Clip { cut: empty, dual: empty });
            }
            let mut phases = Phases::default();
            self.interpolator.up(span, &mut phases);
            let clip = &mut work.clips[work.slots[index] as usize];
            let rows = phases[..self.interpolator.factor()].iter();
            for ((values, cut), dual) in rows.zip(&mut clip.cut).zip(&mut clip.dual) {
                clip_row(values, ceiling, keep, cut, dual);
            }
        }
    }
}

/// The largest magnitude.
fn largest(samples: &[f32]) -> f32 {
    samples.iter().fold(0.0, |peak, &sample| peak.max(sample.abs()))
}

/// One row of `a`, `z` and `v`, kept as what `z` lacks to the interpolated output (`cut`) and the dual.
fn clip_row(
    values: &[f32; BLOCK],
    ceiling: f32,
    keep: f32,
    cut: &mut [f32; BLOCK],
    dual: &mut [f32; BLOCK],
) {
    for i in 0..BLOCK {
        let rest = keep * cut[i] + dual[i];
        let sum = values[i] + rest;
        dual[i] = sum - sum.clamp(-ceiling, ceiling);
        cut[i] = rest - dual[i];
    }
}

impl Workspace {
    fn begin(&mut self, signal: &[f32], samples: usize) {
        let reset = |buffer: &mut Vec<f32>, len: usize| {
            buffer.clear();
            buffer.resize(len, 0.0);
        };
        reset(&mut self.relaxed, samples);
        reset(&mut self.residual, samples);
        reset(&mut self.target, samples + REACH + SPAN);
        self.output.clear();
        self.output.extend_from_slice(&signal[..samples + SPAN]);
        self.slots.clear();
        self.slots.resize(samples.div_ceil(BLOCK), NONE);
        self.clips.clear();
    }

    /// `e` = alpha d + (1 - alpha) e, and the output that goes with it.
    fn relax(&mut self, signal: &[f32], alpha: f32, samples: usize) {
        let output = &mut self.output[REACH..REACH + samples];
        let signal = &signal[REACH..REACH + samples];
        for (((relaxed, &residual), output), &signal) in
            self.relaxed.iter_mut().zip(&self.residual).zip(output).zip(signal)
        {
            *relaxed = alpha * residual + (1.0 - alpha) * *relaxed;
            *output = signal + *relaxed;
        }
    }
}
