//! The masked-residual limiter: the waveform under the ceiling whose difference from the input hides best.
//!
//! Per channel it solves
//!
//! ```text
//! minimise  1/2 sum w (MDCT(y) - MDCT(x))^2      subject to  |U y| <= ceiling,
//! ```
//!
//! with `x` the driven signal, `U` an oversampling interpolator (so that the true peak is what is limited) and `w` a falling power of
//! the masking threshold. The problem is convex: there is one best answer, and no attack, release or
//! look-ahead to set. After Defraene, van Waterschoot, Ferreau, Diehl & Moonen, "Real-time perception-based
//! clipping of audio signals using convex optimization", IEEE TASLP 20(10), 2012, who limit the sample peak frame by
//! frame; here frames overlap in an orthonormal MDCT and are solved together.
//!
//! The residual lives in the span of the *active* frames only, those around a sample above the ceiling. Everything else is copied bit
//! for bit, and the joints are seamless because the frames' windows begin and end at zero. Stretches without a gap
//! are cut into pieces that overlap and are cross-faded; the constraint is convex, so a cross-fade of two answers keeps it.

mod damage;
mod interpolator;
mod mask;
mod mdct;
mod plan;
mod solver;
mod trace;

use acetate_audio::{Audio, AudioSpec};
use rayon::prelude::*;

use crate::Stage;
pub use damage::damage_by_drive;
use interpolator::{Interpolator, REACH, SPAN};
use mask::MaskModel;
use mdct::Mdct;
use plan::{Piece, Planner};
use solver::{Problem, Solver};
pub use trace::MaskedTrace;

/// MDCT hop near 44.1 kHz, samples (11.6 ms): the best of 256 to 2048 over tonal and dense music.
const HOP_AT_44K: f64 = 512.0;
/// Sound is held until this much can be solved at once, on all cores, s.
const BATCH_S: f64 = 6.0;
/// Hops kept behind the last one that came out: what the frames of a piece that overlaps it look back on.
const HISTORY_HOPS: usize = plan::OVERLAP_FRAMES as usize + 4;
/// The solver aims this far below the ceiling, ratio (0.026 dB): as much as it leaves to be polished.
const AIM: f32 = 0.997;
/// Below this rate the constraint is oversampled by four, above it by two, Hz.
const FOURFOLD_BELOW_HZ: u32 = 50_000;

/// How the problem is posed and how long it is worked on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tuning {
    /// Rounds of the solver.
    pub iterations: usize,
    /// Weight = masking threshold to minus this.
    pub mask_exponent: f32,
    /// Penalty of the first and of the last rounds, between which it rises geometrically.
    pub penalty: (f32, f32),
    /// Share of the rounds in which the penalty rises.
    pub rising_share: f32,
    /// Over-relaxation, 1 to 2.
    pub relaxation: f32,
    /// Frames that may carry a residual on each side of those that reach an over.
    pub padding_frames: usize,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            iterations: 12,
            mask_exponent: 0.7,
            penalty: (0.02, 0.5),
            rising_share: 0.8,
            relaxation: 1.2,
            padding_frames: 1,
        }
    }
}

/// The masked-residual limiter as a streaming stage; its input is already driven.
pub struct MaskedLimiter {
    spec: AudioSpec,
    ceiling: f32,
    tuning: Tuning,
    hop: usize,
    masks: MaskModel,
    solver: Solver,
    tape: Tape,
    planners: Vec<Planner>,
    pieces: Vec<Piece>,
    trace: MaskedTrace,
}

/// The input that is still needed, from an absolute hop on; hops before the first one are silent.
struct Tape {
    hop: usize,
    planes: Vec<Vec<f32>>,
    residuals: Vec<Vec<f32>>,
    /// Absolute hop of the first sample held.
    origin: i64,
    /// Next hop to be searched for overs.
    scanned: i64,
    /// Next frame of sound to come out.
    emitted: i64,
    /// Frames of sound that came in.
    received: i64,
}

impl Tape {
    fn new(hop: usize, channels: usize) -> Self {
        let origin = -(HISTORY_HOPS as i64);
        let silence = vec![vec![0.0; HISTORY_HOPS * hop]; channels];
        Self {
            hop,
            residuals: silence.clone(),
            planes: silence,
            origin,
            scanned: 0,
            emitted: 0,
            received: 0,
        }
    }

    /// Index into the planes of the first sample of an absolute hop.
    fn index(&self, hop: i64) -> usize {
        usize::try_from(hop - self.origin).expect("the hop is still held") * self.hop
    }

    /// Complete hops that came in, given the samples that must follow them.
    fn hops_followed_by(&self, samples: usize) -> i64 {
        let held = self.planes[0].len().saturating_sub(samples);
        self.origin + (held / self.hop) as i64
    }

    fn push(&mut self, block: &Audio) {
        for (plane, new) in self.planes.iter_mut().zip(block.planes()) {
            plane.extend_from_slice(new);
        }
        self.received += block.frames() as i64;
    }

    /// Lets out everything before an absolute hop, and forgets what is no longer looked back on.
    fn emit(&mut self, until_hop: i64, out: &mut Audio) {
        let until = (until_hop * self.hop as i64).min(self.received);
        let base = self.origin * self.hop as i64;
        if until <= self.emitted {
            return;
        }
        let range = (self.emitted - base) as usize..(until - base) as usize;
        for ((plane, residual), out) in
            self.planes.iter().zip(&self.residuals).zip(out.planes_mut())
        {
            let settled = residual.len().clamp(range.start, range.end);
            let residual = residual.get(range.start..settled).unwrap_or_default();
            let (changed, same) = plane[range.clone()].split_at(residual.len());
            // Adding nothing would turn -0.0 into 0.0.
            out.extend(
                changed.iter().zip(residual).map(|(&x, &d)| if d == 0.0 { x } else { x + d }),
            );
            out.extend_from_slice(same);
        }
        self.emitted = until;
        let keep_from = until.div_euclid(self.hop as i64) - HISTORY_HOPS as i64;
        let drop = self.index(keep_from.max(self.origin));
        for plane in self.planes.iter_mut().chain(&mut self.residuals) {
            plane.drain(..drop.min(plane.len()));
        }
        self.origin = keep_from.max(self.origin);
    }
}

impl MaskedLimiter {
    /// A limiter for a ceiling given as an amplitude.
    ///
    /// # Panics
    /// When the ceiling is not positive.
    pub fn new(spec: AudioSpec, ceiling: f32, tuning: Tuning) -> Self {
        assert!(ceiling > 0.0, "ceiling of {ceiling}");
        let hop = hop_at(spec.sample_rate_hz);
        let mdct = Mdct::new(hop);
        let masks = MaskModel::new(hop, spec.sample_rate_hz, mdct.window());
        let factor = if spec.sample_rate_hz < FOURFOLD_BELOW_HZ { 4 } else { 2 };
        let solver = Solver::new(mdct, Interpolator::new(factor), masks.edges(), tuning);
        Self {
            spec,
            ceiling,
            tuning,
            hop,
            masks,
            solver,
            tape: Tape::new(hop, spec.channels),
            planners: vec![Planner::new(tuning.padding_frames); spec.channels],
            pieces: Vec::new(),
            trace: MaskedTrace::new(hop as f64 / f64::from(spec.sample_rate_hz)),
        }
    }

    /// Where and by how much the residual comes near the masking threshold, of what was solved since the last call.
    pub fn take_trace(&mut self) -> MaskedTrace {
        let empty = MaskedTrace::new(self.hop as f64 / f64::from(self.spec.sample_rate_hz));
        std::mem::replace(&mut self.trace, empty)
    }

    /// Looks for overs in every hop that is complete, and plans the pieces to be solved.
    fn scan(&mut self) {
        let end = self.tape.hops_followed_by(SPAN);
        let (tape, solver, ceiling) = (&self.tape, &self.solver, self.ceiling);
        let from = tape.scanned;
        let hop = self.hop;
        let overs: Vec<Vec<bool>> = tape
            .planes
            .par_iter()
            .map(|plane| {
                let over = |h: i64| {
                    let start = tape.index(h);
                    solver.interpolator.exceeds(
                        &plane[start - REACH..start + hop + SPAN],
                        hop,
                        ceiling,
                    )
                };
                (from..end).map(over).collect()
            })
            .collect();
        for (channel, overs) in overs.iter().enumerate() {
            for &over in overs {
                self.planners[channel]
                    .advance(over, |piece| self.pieces.push(Piece { channel, ..piece }));
            }
        }
        self.tape.scanned = end.max(from);
    }

    /// The first hop that a piece not yet planned may still change.
    fn undecided_hop(&self) -> i64 {
        self.planners.iter().map(Planner::undecided_hop).min().unwrap_or(0)
    }

    /// Solves everything planned, and lets out what can no longer change.
    fn solve(&mut self, out: &mut Audio) {
        let pieces = std::mem::take(&mut self.pieces);
        let thresholds = self.thresholds(&pieces);
        let solved: Vec<Solved> = pieces
            .par_iter()
            .with_max_len(1)
            .map_init(
                || self.solver.workspace(),
                |work, piece| self.solve_piece(piece, &thresholds, work),
            )
            .collect();
        for (piece, solved) in pieces.iter().zip(&solved) {
            self.add(piece, solved);
        }
        self.tape.emit(self.undecided_hop(), out);
    }

    fn solve_piece(
        &self,
        piece: &Piece,
        thresholds: &Thresholds,
        work: &mut solver::Workspace,
    ) -> Solved {
        let bands = self.masks.bands();
        let frames = (piece.last - piece.first + 1) as usize;
        let mut masks = vec![0.0; frames * bands];
        for (frame, row) in (piece.first..=piece.last).zip(masks.chunks_exact_mut(bands)) {
            let at = |channel, frame| thresholds.get(channel, frame);
            let partner =
                partner(self.spec.channels, piece.channel).map(|channel| at(channel, frame));
            let (before, after) = (at(piece.channel, frame - 1), at(piece.channel, frame + 1));
            self.masks.guard(at(piece.channel, frame), before, after, partner, row);
        }
        let weights = self.weights(&masks);
        let start = self.tape.index(piece.first - 1) - REACH;
        let problem = Problem {
            signal: &self.tape.planes[piece.channel][start..],
            weights: &weights,
            frames,
            ceiling: AIM * self.ceiling,
        };
        let mut energies = vec![0.0; frames * bands];
        let residual = self.solver.solve(&problem, work, &mut energies).to_vec();
        let noise_to_mask = energies
            .chunks_exact(bands)
            .zip(masks.chunks_exact(bands))
            .map(|(energies, masks)| self.noise_to_mask(energies, masks));
        Solved { residual, noise_to_mask: noise_to_mask.collect() }
    }

    /// Weight of each coefficient from the threshold, with a geometric mean of one over the piece.
    fn weights(&self, masks: &[f32]) -> Vec<f32> {
        let mut weights: Vec<f32> =
            masks.iter().map(|&mask| -self.tuning.mask_exponent * libm::logf(mask)).collect();
        let edges = self.masks.edges();
        let mut sum = 0.0f64;
        for row in weights.chunks_exact(self.masks.bands()) {
            for (&log, edge) in row.iter().zip(edges.windows(2)) {
                sum += f64::from(log) * (edge[1] - edge[0]) as f64;
            }
        }
        let mean = (sum / (masks.len() / self.masks.bands() * self.hop) as f64) as f32;
        for weight in &mut weights {
            *weight = libm::expf(*weight - mean);
        }
        weights
    }

    /// Mean over the bands of residual power over threshold.
    fn noise_to_mask(&self, energies: &[f32], masks: &[f32]) -> f32 {
        let ratio = |((&energy, &mask), edge): ((&f32, &f32), &[usize])| {
            energy / (mask * (edge[1] - edge[0]) as f32)
        };
        let sum: f32 =
            energies.iter().zip(masks).zip(self.masks.edges().windows(2)).map(ratio).sum();
        sum / masks.len() as f32
    }

    /// Adds a solved piece to the residual of its channel, faded where it overlaps another.
    fn add(&mut self, piece: &Piece, solved: &Solved) {
        let hop = self.hop;
        let residual = &mut self.tape.residuals[piece.channel];
        let base = ((piece.first - 1 - self.tape.origin) * hop as i64) as usize;
        let fade = |i: usize| (i as f32 + 0.5) / hop as f32;
        let from = piece.fade_in.map_or(0, |frame| (frame - piece.first) as usize * hop);
        let until = piece
            .fade_out
            .map_or(solved.residual.len(), |frame| (frame - piece.first + 1) as usize * hop);
        residual.resize(residual.len().max(base + until), 0.0);
        for (i, &value) in solved.residual.iter().enumerate().take(until).skip(from) {
            let rising =
                if piece.fade_in.is_some() && i < from + hop { fade(i - from) } else { 1.0 };
            let falling = if piece.fade_out.is_some() && i + hop >= until {
                1.0 - fade(i + hop - until)
            } else {
                1.0
            };
            residual[base + i] += value * rising * falling;
        }
        let core = piece.fade_in.unwrap_or(piece.first)..piece.fade_out.unwrap_or(piece.last + 1);
        for frame in core {
            let share =
                solved.noise_to_mask[(frame - piece.first) as usize] / self.spec.channels as f32;
            self.trace.add(frame, share);
        }
    }

    /// The masking thresholds that the pieces look at, each computed once.
    fn thresholds(&self, pieces: &[Piece]) -> Thresholds {
        let mut keys: Vec<(usize, i64)> = Vec::new();
        for piece in pieces {
            let others = partner(self.spec.channels, piece.channel);
            for channel in std::iter::once(piece.channel).chain(others) {
                keys.extend((piece.first - 1..=piece.last + 1).map(|frame| (channel, frame)));
            }
        }
        keys.sort_unstable();
        keys.dedup();
        let bands = self.masks.bands();
        let mut values = vec![0.0; keys.len() * bands];
        values.par_chunks_mut(bands).zip(&keys).with_min_len(64).for_each_init(
            || self.masks.scratch(),
            |scratch, (row, &(channel, frame))| {
                let start = self.tape.index(frame - 1);
                self.masks.threshold(
                    &self.tape.planes[channel][start..start + 2 * self.hop],
                    row,
                    scratch,
                );
            },
        );
        Thresholds { keys, values, bands }
    }
}

impl Stage for MaskedLimiter {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        self.tape.push(block);
        self.scan();
        let waiting = self.tape.received - self.tape.emitted;
        if waiting as f64 > BATCH_S * f64::from(self.spec.sample_rate_hz) {
            self.solve(out);
        }
    }

    fn finish(&mut self, out: &mut Audio) {
        let silence = (plan::LEAD_HOPS as usize + self.tuning.padding_frames + 3) * self.hop + SPAN;
        for plane in &mut self.tape.planes {
            plane.resize(plane.len() + silence, 0.0);
        }
        self.scan();
        for (channel, planner) in self.planners.iter_mut().enumerate() {
            planner.finish(|piece| self.pieces.push(Piece { channel, ..piece }));
        }
        self.solve(out);
        let end = self.tape.received.div_euclid(self.hop as i64) + 1;
        self.tape.emit(end, out);
        self.tape = Tape::new(self.hop, self.spec.channels);
        self.planners = vec![Planner::new(self.tuning.padding_frames); self.spec.channels];
    }
}

/// What was found for a piece.
struct Solved {
    residual: Vec<f32>,
    noise_to_mask: Vec<f32>,
}

/// Masking thresholds by channel and frame, sorted.
struct Thresholds {
    keys: Vec<(usize, i64)>,
    values: Vec<f32>,
    bands: usize,
}

impl Thresholds {
    fn get(&self, channel: usize, frame: i64) -> &[f32] {
        let index = self.keys.binary_search(&(channel, frame)).expect("the frame was asked for");
        &self.values[index * self.bands..(index + 1) * self.bands]
    }
}

/// Samples between frames at a rate: the power of two nearest to the same time.
fn hop_at(sample_rate_hz: u32) -> usize {
    let hop = HOP_AT_44K * f64::from(sample_rate_hz) / 44_100.0;
    let exponent = libm::round(libm::log2(hop)).clamp(5.0, 13.0);
    1 << exponent as u32
}

/// The channel that faces one from the other side, if any (WAVE order).
fn partner(channels: usize, channel: usize) -> Option<usize> {
    let pairs: &[(usize, usize)] = match channels {
        2 | 3 => &[(0, 1)],
        4 => &[(0, 1), (2, 3)],
        5 => &[(0, 1), (3, 4)],
        6 => &[(0, 1), (4, 5)],
        7 => &[(0, 1), (5, 6)],
        8 => &[(0, 1), (4, 5), (6, 7)],
        _ => &[],
    };
    pairs.iter().find_map(|&(left, right)| match channel {
        _ if channel == left => Some(right),
        _ if channel == right => Some(left),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: AudioSpec = AudioSpec { sample_rate_hz: 44_100, channels: 2 };
    const CEILING: f32 = 0.5;
    const QUICK: usize = 12;

    fn tuning() -> Tuning {
        Tuning { iterations: QUICK, ..Tuning::default() }
    }

    /// Chords with decaying attacks twice a second, quiet in between, different left and right.
    fn music(seconds: f64, peak: f32) -> Audio {
        let plane = |side: usize| {
            let sample = |t: usize| {
                let s = t as f64 / 44_100.0;
                let envelope = libm::exp(-8.0 * (s * 2.0).fract());
                let chord: f64 = [110.0, 277.0, 659.0, 3520.0]
                    .iter()
                    .enumerate()
                    .map(|(i, hz)| {
                        libm::sin(s * hz * std::f64::consts::TAU * (1.0 + 0.01 * (side * i) as f64))
                    })
                    .sum();
                (chord / 4.0 * envelope) as f32 * peak
            };
            (0..(seconds * 44_100.0) as usize).map(sample).collect()
        };
        Audio::from_planes(44_100, vec![plane(0), plane(1)])
    }

    fn limit(input: &Audio, block: usize, tuning: Tuning) -> Audio {
        let mut limiter = MaskedLimiter::new(input.spec(), CEILING, tuning);
        let mut out = Audio::silence(input.spec(), 0);
        for start in (0..input.frames()).step_by(block) {
            let end = input.frames().min(start + block);
            let planes = input.planes().iter().map(|plane| plane[start..end].to_vec()).collect();
            limiter.push(&Audio::from_planes(input.spec().sample_rate_hz, planes), &mut out);
        }
        limiter.finish(&mut out);
        out
    }

    fn true_peak(audio: &Audio) -> f32 {
        let interpolator = Interpolator::new(4);
        let mut peak = 0.0f32;
        for plane in audio.planes() {
            let padded: Vec<f32> = [vec![0.0; SPAN], plane.clone(), vec![0.0; SPAN]].concat();
            for span in padded.windows(SPAN).step_by(interpolator::BLOCK) {
                let mut phases = Default::default();
                interpolator.up(span.first_chunk().unwrap(), &mut phases);
                peak = phases.iter().flatten().fold(peak, |peak, value| peak.max(value.abs()));
            }
        }
        peak
    }

    #[test]
    fn sound_below_the_ceiling_is_not_touched() {
        let quiet = music(1.0, 0.4);
        assert!(limit(&quiet, 4096, tuning()) == quiet);
    }

    #[test]
    fn what_is_far_from_an_over_is_copied_bit_for_bit() {
        let input = music(3.0, 0.9);
        let output = limit(&input, 4096, tuning());
        let same = (0..input.frames())
            .filter(|&i| input.channel(0)[i].to_bits() == output.channel(0)[i].to_bits());
        assert!(output != input);
        assert!(same.count() > input.frames() / 2);
        // The quiet end of each chord, half a second long.
        assert!(input.channel(1)[18_000..20_900] == output.channel(1)[18_000..20_900]);
    }

    #[test]
    fn the_ceiling_is_nearly_held() {
        let input = music(2.0, 0.9);
        assert!(true_peak(&input) > 1.2 * CEILING);
        let over_db = 20.0 * (true_peak(&limit(&input, 4096, Tuning::default())) / CEILING).log10();
        assert!(over_db < 0.05, "{over_db} dB over");
    }

    #[test]
    fn block_size_and_threads_do_not_matter() {
        let input = music(9.0, 1.6);
        let whole = limit(&input, input.frames(), tuning());
        assert!(limit(&input, 999, tuning()) == whole);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert!(pool.install(|| limit(&input, 32_768, tuning())) == whole);
    }

    #[test]
    fn any_rate_and_channel_count_comes_out_whole() {
        for (sample_rate_hz, channels, frames) in
            [(8_000, 1, 3), (48_000, 6, 9_000), (384_000, 3, 20_000), (44_100, 2, 0)]
        {
            let spec = AudioSpec { sample_rate_hz, channels };
            let planes = (0..channels)
                .map(|c| (0..frames).map(|i| ((i * (7 + c)) % 41) as f32 / 20.0 - 1.0).collect());
            let input = Audio::from_planes(sample_rate_hz, planes.collect());
            let output = limit(&input, 1000, tuning());
            assert_eq!((output.spec(), output.frames()), (spec, frames));
            assert!(output.planes().iter().flatten().all(|sample| sample.is_finite()));
        }
    }

    #[test]
    fn a_stage_that_finished_is_as_new() {
        let input = music(1.0, 1.0);
        let mut limiter = MaskedLimiter::new(SPEC, CEILING, tuning());
        let mut runs = Vec::new();
        for _ in 0..2 {
            let mut out = Audio::silence(SPEC, 0);
            limiter.push(&input, &mut out);
            limiter.finish(&mut out);
            runs.push(out);
        }
        assert!(runs[0] == runs[1]);
    }
}
