//! What a confirming render gave, sample for sample before dither, so that it need not be made again to be written.

use std::sync::Arc;

use acetate_audio::{Audio, PcmBlock, Source};
use acetate_engine::settings::{LimiterSettings, OutputSettings};
use acetate_engine::{LimiterTrace, Rounding, Settings, amplify};

/// A render of a whole sound, held in memory.
pub struct Kept {
    source: Source,
    settings: Settings,
    blocks: Vec<Audio>,
    trace: LimiterTrace,
}

impl Kept {
    /// Is it what these settings make of this sound? In which kind of file it is written does not change a sample, and a gain behind the
    /// limiter is made up for.
    pub fn is_of(&self, source: &Source, settings: &Settings) -> bool {
        let Settings { output, limiter, .. } = &self.settings;
        let (format, bitrate_kbps) = (output.format, output.bitrate_kbps);
        let output = OutputSettings { format, bitrate_kbps, ..settings.output.clone() };
        let mut wanted = Settings { output, ..settings.clone() };
        if limiter.output_gain_db == 0.0 {
            wanted.limiter = LimiterSettings { output_gain_db: 0.0, ..wanted.limiter };
        }
        is_same(&self.source, source) && self.settings == wanted
    }

    /// Gives `sink` the blocks to write, with the gain behind the limiter and the dither of `settings`, of which it [is](Self::is_of).
    ///
    /// # Errors
    /// Those of `sink`, which hears the share of the blocks that went before, too.
    pub fn write<E>(
        &self,
        settings: &Settings,
        sink: &mut dyn FnMut(f64, &PcmBlock) -> Result<(), E>,
    ) -> Result<LimiterTrace, E> {
        let Some(first) = self.blocks.first() else { return Ok(self.trace.clone()) };
        let gain_db = settings.limiter.output_gain_db - self.settings.limiter.output_gain_db;
        let mut rounding = Rounding::new(settings, first.spec());
        let mut pcm = rounding.block();
        let mut block = Audio::silence(first.spec(), 0);
        for (index, kept) in self.blocks.iter().enumerate() {
            if gain_db == 0.0 {
                rounding.push(kept, &mut pcm);
            } else {
                block.clone_from(kept);
                amplify(&mut block, gain_db);
                rounding.push(&block, &mut pcm);
            }
            sink(index as f64 / self.blocks.len() as f64, &pcm)?;
        }
        let rounded_peak = rounding.finish(&Audio::silence(first.spec(), 0), &mut pcm);
        sink(1.0, &pcm)?;
        Ok(LimiterTrace { rounded_peak, ..self.trace.clone() })
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
    blocks: Vec<Audio>,
}

impl Keeper {
    pub(crate) fn new(bytes_max: u64) -> Self {
        Self { bytes_left: bytes_max, blocks: Vec::new() }
    }

    pub(crate) fn push(&mut self, block: &Audio) {
        let bytes = (block.frames() * block.spec().channels * size_of::<f32>()) as u64;
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
    use acetate_audio::AudioSpec;

    use super::*;

    fn block(frames: usize) -> Audio {
        Audio::silence(AudioSpec::new(48_000, 2), frames)
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
        let mut lowered = settings.clone();
        lowered.limiter.output_gain_db = -0.06;
        assert!(kept.is_of(&source, &lowered));
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
