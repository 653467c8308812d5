//! The two shapes of a processor.

use acetate_audio::Audio;

/// A processor without latency that works in place: equaliser, stereo, room.
///
/// The output does not depend on how the input is cut into blocks.
pub trait Processor: Send {
    /// Changes the block in place. Allocates nothing.
    fn process(&mut self, block: &mut Audio);

    /// Forgets the past: the next block is treated as the first.
    fn reset(&mut self);
}

/// A processor that looks ahead or changes the rate: it withholds frames until it knows them.
///
/// All frames given to [`push`](Stage::push) come out, in order and aligned with the input; `finish` gives the last ones.
/// The joined output does not depend on how the input is cut into blocks.
pub trait Stage: Send {
    /// Takes the frames of `block` and appends the frames that are finished to `out`.
    ///
    /// Allocates nothing once its buffers have grown, but for the masked limiter.
    fn push(&mut self, block: &Audio, out: &mut Audio);

    /// Appends the frames that were still withheld; afterwards the stage is as new.
    fn finish(&mut self, out: &mut Audio);

    /// Forgets the past, and the frames that were withheld: the next block is treated as the first.
    fn reset(&mut self);

    /// The most frames that are withheld after any push, whatever the sizes of the blocks, in frames of the output.
    ///
    /// So this is the latency: who delivers the output that much late never waits for it.
    fn latency_frames(&self) -> usize;
}
