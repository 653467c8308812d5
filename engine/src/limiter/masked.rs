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
//!
//! In front of it a leveller turns steady tones down that nothing hides; it touches nothing else.

mod bins;
mod interpolator;
mod lapped;
mod leveller;
mod mask;
mod pieces;
mod plan;
mod segments;
mod solver;
mod steps;
mod tape;
#[cfg(test)]
mod tests;
mod thresholds;
mod trace;
mod tuning;

use acetate_audio::{Audio, AudioSpec, threads};

use crate::Stage;
use crate::moves::{Listener, MoveUnit, Score};
use crate::queue::Queue;
use interpolator::{Interpolator, REACH, SPAN};
use lapped::Lapped;
use leveller::Leveller;
use mask::MaskModel;
use pieces::Solved;
use plan::{Piece, Planner};
use segments::{FRAME, LEVELS};
use solver::Solver;
use tape::Tape;
pub use trace::MaskedTrace;
pub use tuning::Tuning;

/// Length of a frame near 44.1 kHz, samples (11.6 ms).
const HOP_AT_44K: f64 = 512.0;
/// A channel whose energy in a frame is below this share of the loudest one's is empty there (50 dB).
const EMPTY_BELOW: f32 = 1e-5;
/// Sound is held until this much can be solved at once, on all cores, s.
const BATCH_S: f64 = 6.0;
/// Hops kept behind the last one that came out: what the frames of a piece that overlaps it look back on.
const HISTORY_HOPS: usize = plan::OVERLAP_FRAMES as usize + 4;
/// Below this rate the constraint is oversampled by four, above it by two, Hz.
const FOURFOLD_BELOW_HZ: u32 = 50_000;

/// The masked-residual limiter as a streaming stage; its input is already driven.
pub struct MaskedLimiter {
    spec: AudioSpec,
    ceiling: f32,
    tuning: Tuning,
    hop: usize,
    /// By level of segment.
    masks: Vec<MaskModel>,
    solver: Solver,
    leveller: Leveller,
    levelled: Audio,
    tape: Tape,
    planners: Vec<Planner>,
    pieces: Vec<Piece>,
    trace: MaskedTrace,
    /// The residual of every frame by channel.
    score: Score,
    /// What waits to pass when the residual is another's.
    following: Queue,
}

impl MaskedLimiter {
    /// A limiter for a ceiling given as an amplitude.
    ///
    /// # Panics
    /// When the ceiling is not positive.
    pub fn new(spec: AudioSpec, ceiling: f32, tuning: Tuning) -> Self {
        assert!(ceiling > 0.0, "ceiling of {ceiling}");
        let hop = hop_at(spec.sample_rate_hz);
        let lengths: [usize; LEVELS] = std::array::from_fn(|level| (hop << level) >> FRAME);
        let masks: Vec<MaskModel> =
            lengths.iter().map(|&length| MaskModel::new(length, spec.sample_rate_hz)).collect();
        let factor = if spec.sample_rate_hz < FOURFOLD_BELOW_HZ { 4 } else { 2 };
        let lapped = Lapped::new(&lengths, FRAME);
        let solver = Solver::new(lapped, Interpolator::new(factor), &masks, tuning);
        Self {
            spec,
            ceiling,
            tuning,
            hop,
            masks,
            solver,
            leveller: Leveller::new(spec, hop, ceiling, tuning),
            levelled: Audio::silence(spec, 0),
            tape: Tape::new(hop, HISTORY_HOPS, spec.channels),
            planners: vec![Planner::new(tuning.padding_frames); spec.channels],
            pieces: Vec::new(),
            trace: MaskedTrace::new(hop as f64 / f64::from(spec.sample_rate_hz)),
            score: Score::new(MoveUnit::Added, 1, spec.channels),
            following: Queue::new(spec.channels, 0),
        }
    }

    /// Where and by how much the residual comes near the masking threshold, of what was solved since the last call.
    pub fn take_trace(&mut self) -> MaskedTrace {
        let empty = MaskedTrace::new(self.hop as f64 / f64::from(self.spec.sample_rate_hz));
        std::mem::replace(&mut self.trace, empty)
    }

    /// What the leveller decides that stands in front.
    pub fn leveller_score(&mut self) -> &mut Score {
        self.leveller.score()
    }

    /// Looks for overs in every hop that is complete, and plans the pieces to be solved.
    fn scan(&mut self) {
        let end = self.tape.hops_followed_by(SPAN);
        let (tape, solver, ceiling) = (&self.tape, &self.solver, self.ceiling);
        let from = tape.scanned;
        let hop = self.hop;
        let overs: Vec<Vec<bool>> = threads::map(&tape.planes, |_, plane| {
            let over = |h: i64| {
                let start = tape.index(h);
                let around = &plane[start - REACH..start + hop + SPAN];
                solver.interpolator.exceeds(around, hop, ceiling)
            };
            (from..end).map(over).collect()
        });
        for (channel, overs) in overs.iter().enumerate() {
            for &over in overs {
                self.planners[channel]
                    .advance(over, |piece| self.pieces.push(Piece { channel, ..piece }));
            }
        }
        self.tape.scanned = end.max(from);
    }

    /// Lets out as many frames as another limiter did; the residual it added is nobody's part of the sum.
    fn obey(&mut self, out: &mut Audio) {
        self.following.pop(self.score.rows_left(), out);
        self.score.reset();
    }

    /// The first hop that a piece not yet planned may still change.
    fn undecided_hop(&self) -> i64 {
        self.planners.iter().map(Planner::undecided_hop).min().unwrap_or(0)
    }

    /// Solves everything planned, and lets out what can no longer change.
    fn solve(&mut self, out: &mut Audio) {
        let pieces = std::mem::take(&mut self.pieces);
        let (layouts, thresholds) = self.lay_out(&pieces);
        let solved: Vec<Solved> = threads::map_with(
            &pieces,
            || self.solver.workspace(),
            |work, index, piece| self.solve_piece(piece, &layouts[index], &thresholds, work),
        );
        for (piece, solved) in pieces.iter().zip(&solved) {
            self.add(piece, solved);
        }
        self.tape.emit(self.undecided_hop(), &mut self.score, out);
    }

    /// Adds a solved piece to the residual of its channel, faded where it overlaps another.
    fn add(&mut self, piece: &Piece, solved: &Solved) {
        let hop = self.hop;
        let base = self.tape.index(piece.first - 1);
        let residual = &mut self.tape.residuals[piece.channel];
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
            let share = solved.noise_to_mask[(frame - piece.first) as usize];
            self.trace.add(frame, share / self.sounding(frame) as f32);
        }
    }

    /// How many channels hold sound in a frame: what is empty has no part in the mean.
    fn sounding(&self, frame: i64) -> usize {
        let start = self.tape.index(frame);
        let energy = |plane: &Vec<f32>| -> f32 {
            let frame = plane.get(start..plane.len().min(start + self.hop));
            frame.unwrap_or_default().iter().map(|sample| sample * sample).sum()
        };
        let energies: Vec<f32> = self.tape.planes.iter().map(energy).collect();
        let least = EMPTY_BELOW * energies.iter().copied().fold(0.0, f32::max);
        energies.iter().filter(|&&energy| energy > least).count().max(1)
    }
}

impl Stage for MaskedLimiter {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        self.levelled.resize(0);
        self.leveller.push(block, &mut self.levelled);
        if self.score.follows() {
            self.following.push(&self.levelled);
            return self.obey(out);
        }
        self.tape.push(&self.levelled);
        self.scan();
        let waiting = self.tape.received - self.tape.emitted;
        if waiting as f64 > BATCH_S * f64::from(self.spec.sample_rate_hz) {
            self.solve(out);
        }
    }

    fn finish(&mut self, out: &mut Audio) {
        self.levelled.resize(0);
        self.leveller.finish(&mut self.levelled);
        if self.score.follows() {
            self.following.push(&self.levelled);
            self.obey(out);
            return self.reset();
        }
        self.tape.push(&self.levelled);
        let silence = (plan::LEAD_HOPS as usize + self.tuning.padding_frames + 3) * self.hop + SPAN;
        self.tape.push_silence(silence);
        self.scan();
        for (channel, planner) in self.planners.iter_mut().enumerate() {
            planner.finish(|piece| self.pieces.push(Piece { channel, ..piece }));
        }
        self.solve(out);
        let end = self.tape.received.div_euclid(self.hop as i64) + 1;
        self.tape.emit(end, &mut self.score, out);
        self.reset();
    }

    fn reset(&mut self) {
        self.leveller.reset();
        self.following.restart(0);
        self.pieces.clear();
        self.tape = Tape::new(self.hop, HISTORY_HOPS, self.spec.channels);
        self.planners = vec![Planner::new(self.tuning.padding_frames); self.spec.channels];
    }

    fn latency_frames(&self) -> usize {
        let batch = BATCH_S * f64::from(self.spec.sample_rate_hz);
        self.leveller.latency_frames() + batch as usize
    }
}

impl Listener for MaskedLimiter {
    fn score(&mut self) -> &mut Score {
        &mut self.score
    }
}

/// Samples between frames at a rate: the power of two nearest to the same time.
fn hop_at(sample_rate_hz: u32) -> usize {
    let hop = HOP_AT_44K * f64::from(sample_rate_hz) / 44_100.0;
    let exponent = libm::round(libm::log2(hop)).clamp(6.0, 13.0);
    1 << exponent as u32
}
