//! Sound that can be read from its beginning as often as needed.

use std::sync::Arc;

use crate::{Audio, AudioSpec, DecodeError};

/// Most frames in one block.
pub const BLOCK_FRAMES: usize = 1 << 15;

/// A pass over sound, block by block.
pub trait Blocks: Send {
    /// Rate and channel count of every block.
    fn spec(&self) -> AudioSpec;

    /// Replaces `block` with the next frames, at most [`BLOCK_FRAMES`]; `false` (and an empty block) at the end.
    ///
    /// # Errors
    /// When the file cannot be read on, or holds a sample that is not finite.
    fn next_block(&mut self, block: &mut Audio) -> Result<bool, DecodeError>;
}

/// Sound to measure or render: held in memory, or read again for each pass.
#[derive(Clone, Debug)]
pub struct Source {
    audio: Arc<Audio>,
}

impl Source {
    /// Sound that is already in memory.
    pub fn from_audio(audio: Audio) -> Self {
        Self { audio: Arc::new(audio) }
    }

    /// Rate and channel count.
    pub fn spec(&self) -> AudioSpec {
        self.audio.spec()
    }

    /// Number of frames.
    pub fn frames(&self) -> u64 {
        self.audio.frames() as u64
    }

    /// A new pass from the first frame.
    ///
    /// # Errors
    /// When the file cannot be opened again.
    pub fn blocks(&self) -> Result<Box<dyn Blocks + '_>, DecodeError> {
        Ok(Box::new(MemoryBlocks { audio: &self.audio, position: 0 }))
    }
}

struct MemoryBlocks<'a> {
    audio: &'a Audio,
    position: usize,
}

impl Blocks for MemoryBlocks<'_> {
    fn spec(&self) -> AudioSpec {
        self.audio.spec()
    }

    fn next_block(&mut self, block: &mut Audio) -> Result<bool, DecodeError> {
        let end = self.audio.frames().min(self.position + BLOCK_FRAMES);
        for (plane, all) in block.planes_mut().iter_mut().zip(self.audio.planes()) {
            plane.clear();
            plane.extend_from_slice(&all[self.position..end]);
        }
        let any = end > self.position;
        self.position = end;
        Ok(any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_blocks_of_a_pass_are_the_sound() {
        let plane: Vec<f32> = (0..BLOCK_FRAMES * 2 + 5).map(|i| i as f32).collect();
        let source = Source::from_audio(Audio::from_planes(48_000, vec![plane.clone()]));
        for _ in 0..2 {
            let mut pass = source.blocks().unwrap();
            let mut block = Audio::silence(pass.spec(), 0);
            let mut seen = Vec::new();
            while pass.next_block(&mut block).unwrap() {
                seen.extend_from_slice(block.channel(0));
            }
            assert_eq!(seen, plane);
        }
    }
}
