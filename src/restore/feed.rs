//! Sound that is read in step with another, whatever their blocks.

use acetate_audio::{Audio, Blocks, ReadError};

/// Sound that is read in pieces of another's length.
pub(super) struct Feed {
    pass: Box<dyn Blocks>,
    block: Audio,
    taken: usize,
}

impl Feed {
    /// From the beginning of a pass.
    pub(super) fn new(pass: Box<dyn Blocks>) -> Self {
        Self { block: Audio::silence(pass.spec(), 0), pass, taken: 0 }
    }

    /// Frames that are there, none at the end.
    pub(super) fn fill(&mut self) -> Result<usize, ReadError> {
        if self.taken == self.block.frames() {
            self.taken = 0;
            if !self.pass.next_block(&mut self.block)? {
                self.block.resize(0);
            }
        }
        Ok(self.block.frames() - self.taken)
    }

    /// What is there of a channel.
    pub(super) fn plane(&self, channel: usize) -> &[f32] {
        &self.block.channel(channel)[self.taken..]
    }

    /// Goes on by so many frames.
    pub(super) fn take(&mut self, frames: usize) {
        self.taken += frames;
    }
}
