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
pub(crate) use run::End;
pub(crate) use second_half::SecondHalf;
pub use second_half::amplify;

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
        self.rounding.block()
    }

    /// Takes the frames of `block` and replaces `out` with the frames that are finished.
    pub fn push(&mut self, block: &Audio, out: &mut PcmBlock) {
        self.rounding.push(self.float.push_through(block), out);
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

/// The last step: dither and rounding to the sample format of what is written.
pub struct Rounding {
    quantiser: Quantiser,
    /// Room for the last frames that it lets out.
    last: PcmBlock,
}

impl Rounding {
    /// The last step for sound of this rate and channel count; settings must have been checked.
    pub fn new(settings: &Settings, spec: AudioSpec) -> Self {
        let quantiser = Quantiser::new(&settings.output, spec);
        Self { last: quantiser.block(), quantiser }
    }

    /// An empty block of the format that comes out.
    pub fn block(&self) -> PcmBlock {
        self.quantiser.block()
    }

    /// Replaces `out` with the frames that are decided: a stretch that is on the grid already waits for its end.
    pub fn push(&mut self, block: &Audio, out: &mut PcmBlock) {
        self.quantiser.push(block, out);
    }

    /// As [`push`](Self::push) for the last block, and all that waited. Gives the largest sample that was rounded, full scale being 1.
    pub fn finish(&mut self, block: &Audio, out: &mut PcmBlock) -> f32 {
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
