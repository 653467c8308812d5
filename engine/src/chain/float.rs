//! The chain without its last step: floats in, floats out, as stems, plug-ins and whoever goes on working want them.

use acetate_audio::{Audio, AudioSpec};

use super::first_half::FirstHalf;
use super::moves::{ChainMoves, Mover};
use super::run::End;
use super::second_half::SecondHalf;
use crate::moves::Score;
use crate::queue::{append, clear};
use crate::{LimiterTrace, Settings, SettingsError, Stage};

/// Everything that settings ask for but dither and rounding.
///
/// A chain can write down what its stages decide, and another of the same settings can follow it: the first hears a sum, the
/// others a part of it each. What was added to the sum rather than multiplied is missing from the parts: it is the first
/// chain's output less all the others'.
///
/// ```
/// use acetate_audio::Audio;
/// use acetate_engine::{ChainMoves, FloatChain, Settings, Stage};
///
/// let stems = [0.4, 0.7].map(|x| Audio::from_planes(48_000, vec![vec![x; 30_000]; 2]));
/// let sum = Audio::from_planes(48_000, vec![vec![1.1; 30_000]; 2]);
/// let settings = Settings::default();
/// let mut chain = FloatChain::new(&settings, sum.spec())?;
/// chain.record_moves();
/// let mut parts = stems.clone().map(|stem| {
///     (FloatChain::new(&settings, stem.spec()), Audio::silence(stem.spec(), 0))
/// });
///
/// let (mut master, mut moves) = (Audio::silence(sum.spec(), 0), ChainMoves::default());
/// chain.push(&sum, &mut master); // block by block, in life
/// chain.take_moves(&mut moves);
/// for ((part, out), stem) in parts.iter_mut().zip(&stems) {
///     let part = part.as_mut().expect("the settings were good for the sum");
///     part.follow(&moves);
///     part.push(stem, out);
///     assert_eq!(out.frames(), master.frames());
/// }
/// # Ok::<(), acetate_engine::SettingsError>(())
/// ```
pub struct FloatChain {
    first: FirstHalf,
    second: SecondHalf,
    between: Audio,
}

impl FloatChain {
    /// A chain for sound of this rate and channel count.
    ///
    /// # Errors
    /// When a setting is out of its range.
    pub fn new(settings: &Settings, spec: AudioSpec) -> Result<Self, SettingsError> {
        crate::check_for(settings, spec.sample_rate_hz)?;
        let first = FirstHalf::new(settings, spec);
        let second = SecondHalf::new(settings, first.output_spec());
        let between = Audio::silence(first.output_spec(), 0);
        Ok(Self { first, second, between })
    }

    /// Rate and channels of what comes out.
    pub fn output_spec(&self) -> AudioSpec {
        self.first.output_spec()
    }

    /// From now on the stages write down what they decide.
    pub fn record_moves(&mut self) {
        self.for_each_score(&mut |_, score| score.record());
    }

    /// Replaces `moves` with what was decided since the last call.
    pub fn take_moves(&mut self, moves: &mut ChainMoves) {
        self.for_each_score(&mut |mover, score| score.take(&mut moves[mover]));
    }

    /// With the frames that come next the stages do what those of another chain decided when it took as many.
    ///
    /// # Panics
    /// Later, when the blocks of the two differ in length, or their settings.
    pub fn follow(&mut self, moves: &ChainMoves) {
        // What it does is another's.
        self.stop_trace();
        self.for_each_score(&mut |mover, score| score.follow(&moves[mover]));
    }

    fn for_each_score(&mut self, with: &mut dyn FnMut(Mover, &mut Score)) {
        self.first.for_each_score(with);
        self.second.for_each_score(with);
    }

    /// Takes a block, and gives the frames that are finished.
    pub(super) fn push_through(&mut self, block: &Audio) -> &Audio {
        clear(&mut self.between, self.first.output_spec());
        self.first.push(block, &mut self.between);
        self.second.push_through(&self.between, End::More)
    }

    /// Gives the frames that were still withheld.
    pub(super) fn finish_through(&mut self) -> &Audio {
        clear(&mut self.between, self.first.output_spec());
        self.first.finish(&mut self.between);
        self.second.push_through(&self.between, End::Last)
    }

    /// What the limiter did, and the compressor; afterwards both traces are empty.
    pub fn take_trace(&mut self) -> LimiterTrace {
        let compressor = self.first.take_trace();
        LimiterTrace { compressor, ..self.second.take_trace() }
    }

    /// Keeps no trace from now on: it would grow.
    pub(super) fn stop_trace(&mut self) {
        self.first.stop_trace();
        self.second.stop_trace();
    }
}

impl Stage for FloatChain {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        append(self.push_through(block), out);
    }

    fn finish(&mut self, out: &mut Audio) {
        append(self.finish_through(), out);
    }

    fn reset(&mut self) {
        self.first.reset();
        self.second.reset();
    }

    fn latency_frames(&self) -> usize {
        self.first.latency_frames() + self.second.latency_frames()
    }
}
