//! What a confirming render gave, sample for sample, so that it need not be made again to be written.

use std::sync::Arc;

use acetate_audio::{PcmBlock, Source};
use acetate_engine::settings::OutputSettings;
use acetate_engine::{LimiterTrace, Settings};

/// A render of a whole sound, held in memory.
pub struct Kept {
    source: Source,
    settings: Settings,
    blocks: Vec<PcmBlock>,
    trace: LimiterTrace,
}

impl Kept {
    /// Is it what these settings make of this sound? In which kind of file it is written does not change a sample.
    pub fn is_of(&self, source: &Source, settings: &Settings) -> bool {
        let output = &self.settings.output;
        let (format, bitrate_kbps) = (output.format, output.bitrate_kbps);
        let output = OutputSettings { format, bitrate_kbps, ..settings.output.clone() };
        is_same(&self.source, source) && self.settings == Settings { output, ..settings.clone() }
    }

    /// The samples, in order.
    pub fn blocks(&self) -> &[PcmBlock] {
        &self.blocks
    }

    /// What the limiter did.
    pub fn trace(&self) -> &LimiterTrace {
        &self.trace
    }
}

/// Are both clones of what was opened once?
fn is_same(one: &Source, other: &Source) -> bool {
    let held = one.audio().zip(other.audio()).map(|(one, other)| std::ptr::eq(one, other));
    let read = one.origin().zip(other.origin()).map(|(one, other)| Arc::ptr_eq(one, other));
    one.format() == other.format() && held.or(read).unwrap_or(false)
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kept").field("blocks", &self.blocks.len()).finish_non_exhaustive()
    }
}

/// Keeps what passes, as far as memory allows.
pub(crate) struct Keeper {
    bytes_left: u64,
    blocks: Vec<PcmBlock>,
}

impl Keeper {
    pub(crate) fn new(bytes_max: u64) -> Self {
        Self { bytes_left: bytes_max, blocks: Vec::new() }
    }

    pub(crate) fn push(&mut self, block: &PcmBlock) {
        let bytes = (block.frames() * block.channels() * size_of::<i32>()) as u64;
        if bytes > self.bytes_left {
            *self = Self::new(0);
            return;
        }
        self.bytes_left -= bytes;
        self.blocks.push(block.clone());
    }

    /// All of it; `None` where it was too much.
    pub(crate) fn finish(
        self,
        source: &Source,
        settings: &Settings,
        trace: &LimiterTrace,
    ) -> Option<Kept> {
        let (source, settings, trace) = (source.clone(), settings.clone(), trace.clone());
        let blocks = Some(self.blocks).filter(|blocks| !blocks.is_empty())?;
        Some(Kept { source, settings, blocks, trace })
    }
}

#[cfg(test)]
mod tests {
    use acetate_audio::{Audio, AudioSpec, SampleFormat};

    use super::*;

    fn block(frames: usize) -> PcmBlock {
        let mut block = PcmBlock::new(AudioSpec::new(48_000, 2), SampleFormat::Int24);
        block.encode_from(&Audio::silence(AudioSpec::new(48_000, 2), frames));
        block
    }

    #[test]
    fn what_was_kept_is_of_its_sound_and_settings_alone() {
        let sound = || Source::from_audio(Audio::silence(AudioSpec::new(48_000, 2), 100));
        let (source, other) = (sound(), sound());
        let settings = Settings::default();
        let mut keeper = Keeper::new(1_000);
        keeper.push(&block(100));
        let kept = keeper.finish(&source, &settings, &LimiterTrace::default()).unwrap();
        assert!(kept.is_of(&source.clone(), &settings));
        assert!(!kept.is_of(&other, &settings), "alike, but not known to be");
        let driven = Settings { drive_db: 0.001, ..settings.clone() };
        assert!(!kept.is_of(&source, &driven));
        let mut coded = settings.clone();
        coded.output.bitrate_kbps = Some(192);
        assert!(kept.is_of(&source, &coded));
    }

    #[test]
    fn what_is_too_large_is_not_kept_at_all() {
        let source = Source::from_audio(Audio::silence(AudioSpec::new(48_000, 2), 100));
        let mut keeper = Keeper::new(1_000);
        for frames in [100, 100, 1] {
            keeper.push(&block(frames));
        }
        let kept = keeper.finish(&source, &Settings::default(), &LimiterTrace::default());
        assert!(kept.is_none());
    }
}
