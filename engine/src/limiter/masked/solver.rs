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

use acetate_audio::lanes::LANES;

use super::Tuning;
use super::interpolator::{BLOCK, Interpolator, PHASES_MAX, Phases, REACH, SPAN};
use super::lapped::{Lapped, Packed, Segment};
use super::mask::MaskModel;
use super::steps::{Clip, clip_rows, relax, rescale, weigh};
use crate::peak::largest;

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
    /// Segments that may carry a residual, without gaps; the stretch has half a frame more on either side.
    pub(super) segments: &'a [Segment],
    /// Weight of the residual by segment and band.
    pub(super) weights: &'a [f32],
    /// Length of the stretch.
    pub(super) samples: usize,
    /// Few steady tones: what they mask is narrow, and is found slowly.
    pub(super) tonal: bool,
    /// How audible a white residual would be: mean over segments and bands of one over the masking threshold.
    pub(super) sensitivity: f32,
    /// Limit of the interpolated magnitude.
    pub(super) ceiling: f32,
}

/// What all problems of a limiter share.
pub(super) struct Solver {
    lapped: Lapped,
    pub(super) interpolator: Interpolator,
    /// By level of segment.
    bands: Vec<Bands>,
    tuning: Tuning,
}

/// The bands of segments of one level.
struct Bands {
    count: usize,
    /// Bands of the real and of the imaginary parts of the points of a packed spectrum.
    packed: Vec<[[u8; LANES]; 2]>,
}

/// The working memory of one thread, reused for every problem.
pub(super) struct Workspace {
    /// `e`: relaxed residual.
    relaxed: Vec<f32>,
    /// `r - x`, with margins of `REACH` before and `SPAN` after.
    target: Vec<f32>,
    /// `d`: the residual.
    residual: Vec<f32>,
    /// `x + e` with the margins of the signal.
    output: Vec<f32>,
    /// By level of segment.
    packed: Vec<Packed>,
    /// Weights of the real and the imaginary parts of all points of the packed spectra, segment by segment, in eights.
    weights: Vec<f32>,
    /// What a segment's weights let through.
    gains: Vec<f32>,
    /// Index of a block's clipping state, or `NONE`.
    slots: Vec<u32>,
    clips: Vec<Clip>,
    /// Blocks to be polished.
    due: Vec<bool>,
}

const NONE: u32 = u32::MAX;

impl Solver {
    /// A solver for segments with a masking model for each level.
    pub(super) fn new(
        lapped: Lapped,
        interpolator: Interpolator,
        models: &[MaskModel],
        tuning: Tuning,
    ) -> Self {
        let bands = |model: &MaskModel| {
            let (edges, length) = (model.edges(), model.length());
            let band = |bin: usize| (edges.partition_point(|&edge| edge <= bin) - 1) as u8;
            let packed = |block: usize| {
                let point = |lane: usize| LANES * block + lane;
                [
                    std::array::from_fn(|lane| band(2 * point(lane))),
                    std::array::from_fn(|lane| band(length - 1 - 2 * point(lane))),
                ]
            };
            let blocks = length / 2 / LANES;
            Bands { count: model.bands(), packed: (0..blocks).map(packed).collect() }
        };
        Self { bands: models.iter().map(bands).collect(), lapped, interpolator, tuning }
    }

    /// Working memory for [`solve`](Self::solve).
    pub(super) fn workspace(&self) -> Workspace {
        Workspace {
            relaxed: Vec::new(),
            target: Vec::new(),
            residual: Vec::new(),
            output: Vec::new(),
            packed: self.lapped.packed(),
            weights: Vec::new(),
            gains: Vec::new(),
            slots: Vec::new(),
            clips: Vec::new(),
            due: Vec::new(),
        }
    }

    /// The residual of the stretch; `segment_energies` receives its energy by segment and band.
    pub(super) fn solve<'w>(
        &self,
        problem: &Problem,
        work: &'w mut Workspace,
        segment_energies: &mut [f32],
    ) -> &'w [f32] {
        self.spread_weights(problem, &mut work.weights);
        let patient = problem.tonal || {
            let left = self.run(problem, self.tuning.iterations, work, segment_energies);
            left * problem.sensitivity > self.tuning.left_to_mask
        };
        if patient {
            self.run(problem, self.tuning.iterations_max, work, segment_energies);
        }
        self.polish(problem, work);
        &work.residual[..problem.samples]
    }

    /// The weights of bands as weights of points.
    fn spread_weights(&self, problem: &Problem, weights: &mut Vec<f32>) {
        weights.clear();
        let mut row = 0;
        for segment in problem.segments {
            let Bands { count, packed } = &self.bands[segment.level];
            let bands = &problem.weights[row..row + count];
            row += count;
            weights.extend(packed.iter().flatten().flatten().map(|&band| bands[usize::from(band)]));
        }
    }

    /// Runs the rounds from the beginning; returns the power of what is left above the ceiling.
    fn run(
        &self,
        problem: &Problem,
        rounds: usize,
        work: &mut Workspace,
        segment_energies: &mut [f32],
    ) -> f32 {
        let samples = problem.samples;
        work.begin(problem.signal, samples);
        self.clip(problem.ceiling, 0.0, work);
        let (first, last) = self.tuning.penalty;
        let rising = (rounds as f32 * self.tuning.rising_share).max(1.0);
        let growth = libm::powf(last / first, 1.0 / rising);
        let (mut penalty, mut left) = (first, 0.0);
        for round in 0..rounds {
            let old = penalty;
            penalty = if (round as f32) < rising {
                first * libm::powf(growth, round as f32)
            } else {
                last
            };
            self.spread_clips(problem.ceiling, old / penalty, work);
            let energies = (round + 1 == rounds).then_some(&mut *segment_energies);
            self.shape(problem, penalty, work, energies);
            let alpha = self.tuning.relaxation;
            let sound = REACH..REACH + samples;
            let sounds = (&problem.signal[sound.clone()], &mut work.output[sound]);
            relax(&mut work.relaxed, &work.residual, sounds, alpha);
            left = self.clip(problem.ceiling, 1.0 - alpha, work);
        }
        left / samples as f32
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
            let mut differences = Phases::default();
            if rescale(clip, dual_scale, &mut differences) < NOTHING * ceiling {
                continue;
            }
            let span = work.target[index * BLOCK..].first_chunk_mut().expect("target has margins");
            self.interpolator.down(&differences, span);
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
        let samples = problem.samples;
        let residual = &mut work.residual[..samples];
        residual.copy_from_slice(&work.target[REACH..REACH + samples]);
        self.lapped.rotate(problem.segments, residual, 1.0);
        let (mut row, mut part, mut end) = (0, 0, 0);
        for &Segment { start, level, .. } in problem.segments {
            // Before the first segment; there are no gaps between them.
            residual[end..start].fill(0.0);
            let Bands { count, packed: bands } = &self.bands[level];
            let rows = row..row + count;
            row = rows.end;
            let dct = self.lapped.dct(level);
            let packed = &mut work.packed[level];
            let segment = &mut residual[start..start + self.lapped.length(level)];
            dct.forward(segment, packed);
            let parts = part..part + segment.len();
            part = parts.end;
            work.gains.resize(segment.len(), 0.0);
            weigh(&mut packed.spectrum, &work.weights[parts], penalty, &mut work.gains);
            if let Some(energies) = &mut energies {
                let energies = &mut energies[rows];
                energies.fill(0.0);
                for (value, [re, im]) in packed.spectrum.iter().zip(bands) {
                    for lane in 0..LANES {
                        energies[usize::from(re[lane])] += value.re[lane] * value.re[lane];
                        energies[usize::from(im[lane])] += value.im[lane] * value.im[lane];
                    }
                }
            }
            dct.inverse(packed, segment);
            end = start + segment.len();
        }
        residual[end..].fill(0.0);
        self.lapped.rotate(problem.segments, residual, -1.0);
    }

    /// Clips the interpolated output wherever it comes near the ceiling; `keep` is the share of the old cut that remains.
    ///
    /// Returns the energy of what was above the ceiling.
    fn clip(&self, ceiling: f32, keep: f32, work: &mut Workspace) -> f32 {
        let near = NEAR * ceiling;
        let mut over = 0.0;
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
            let rows = self.interpolator.factor();
            over += clip_rows(&phases[..rows], ceiling, keep, clip);
        }
        over / self.interpolator.factor() as f32
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
}
