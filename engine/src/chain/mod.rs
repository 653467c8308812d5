//! The chain in its fixed order, in two halves: what comes before the drive, and what the drive starts.
//!
//! A search for loudness re-runs the second half alone.

mod first_half;
mod float;
mod moves;
mod realtime;
mod run;
mod second_half;
#[cfg(test)]
mod tests;

use acetate_audio::{Audio, AudioSpec, PcmBlock, PcmPlanes};

use crate::quantiser::Quantiser;
use crate::settings::Settings;
use crate::trace::LimiterTrace;
use crate::{SettingsError, Stage};
pub(crate) use first_half::FirstHalf;
pub use float::FloatChain;
pub use moves::{ChainMoves, Mover};
pub use realtime::RealtimeChain;
use run::End;
use second_half::SecondHalf;

/// Everything that settings ask for, ready for sound of one rate and channel count: blocks in, what is written out.
pub struct Chain {
    float: FloatChain,
    rounding: Rounding,
}

impl Chain {
    /// A chain for sound of this rate and channel count.
    ///
    /// # Errors
    /// When a setting is out of its range.
    pub fn new(settings: &Settings, spec: AudioSpec) -> Result<Self, SettingsError> {
        let float = FloatChain::new(settings, spec)?;
        let rounding = Rounding::new(settings, float.output_spec());
        Ok(Self { float, rounding })
    }

    /// An empty block of the format that comes out.
    pub fn block(&self) -> PcmBlock {
        self.rounding.quantiser.block()
    }

    /// Takes the frames of `block` and replaces `out` with the frames that are finished.
    pub fn push(&mut self, block: &Audio, out: &mut PcmBlock) {
        self.rounding.quantiser.push(self.float.push_through(block), out);
    }

    /// Replaces `out` with the frames that were still withheld; afterwards the chain is as new.
    ///
    /// Returns what the limiter did, and the compressor.
    pub fn finish(&mut self, out: &mut PcmBlock) -> LimiterTrace {
        let rounded_peak = self.rounding.finish(self.float.finish_through(), out);
        LimiterTrace { rounded_peak, ..self.float.take_trace() }
    }

    /// Forgets the past, and the frames that were withheld: the next block is treated as the first.
    pub fn reset(&mut self) {
        self.float.reset();
        self.rounding.quantiser.reset();
    }

    /// The most frames that are withheld after any push, whatever the sizes of the blocks, in frames of the output.
    pub fn latency_frames(&self) -> usize {
        self.float.latency_frames() + self.rounding.quantiser.latency_frames()
    }
}

/// The second half and the last step, for sound that the first half has made.
pub(crate) struct Ending {
    half: SecondHalf,
    rounding: Rounding,
}

impl Ending {
    /// Settings must have been checked.
    pub(crate) fn new(settings: &Settings, spec: AudioSpec) -> Self {
        Self { half: SecondHalf::new(settings, spec), rounding: Rounding::new(settings, spec) }
    }

    pub(crate) fn block(&self) -> PcmBlock {
        self.rounding.quantiser.block()
    }

    pub(crate) fn push(&mut self, block: &Audio, out: &mut PcmBlock) {
        self.rounding.quantiser.push(self.half.push_through(block, End::More), out);
    }

    pub(crate) fn finish(&mut self, block: &Audio, out: &mut PcmBlock) -> LimiterTrace {
        let rounded_peak = self.rounding.finish(self.half.push_through(block, End::Last), out);
        LimiterTrace { rounded_peak, ..self.half.take_trace() }
    }
}

/// The quantiser, and room for the last frames that it lets out.
struct Rounding {
    quantiser: Quantiser,
    last: PcmBlock,
}

impl Rounding {
    fn new(settings: &Settings, spec: AudioSpec) -> Self {
        let quantiser = Quantiser::new(&settings.output, spec);
        Self { last: quantiser.block(), quantiser }
    }

    /// Gives the largest sample that was rounded.
    fn finish(&mut self, block: &Audio, out: &mut PcmBlock) -> f32 {
        self.quantiser.push(block, out);
        let peak = self.quantiser.peak();
        self.quantiser.finish(&mut self.last);
        append_pcm(&self.last, out);
        peak
    }
}

fn append_pcm(block: &PcmBlock, out: &mut PcmBlock) {
    match (&block.planes, &mut out.planes) {
        (PcmPlanes::Int(planes), PcmPlanes::Int(outs)) => {
            outs.iter_mut().zip(planes).for_each(|(out, plane)| out.extend_from_slice(plane));
        }
        (PcmPlanes::Float(planes), PcmPlanes::Float(outs)) => {
            outs.iter_mut().zip(planes).for_each(|(out, plane)| out.extend_from_slice(plane));
        }
        _ => unreachable!("blocks of one quantiser have one format"),
    }
}
