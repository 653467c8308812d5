//! A meter for loudness alone.

use acetate_audio::units::Lufs;
use acetate_audio::{Audio, AudioSpec};

use super::{LoudnessResult, LoudnessTrack};
use crate::levels::Levels;
use crate::tamed::tamed;

/// Measures integrated loudness (ITU-R BS.1770-5) of sound that arrives in blocks of any size.
#[derive(Debug)]
pub struct LoudnessMeter {
    track: LoudnessTrack,
}

impl LoudnessMeter {
    /// A meter that has heard nothing yet.
    pub fn new(spec: AudioSpec) -> Self {
        Self { track: LoudnessTrack::new(spec) }
    }

    /// Listens on.
    pub fn push(&mut self, block: &Audio) {
        self.track.push(&tamed(block));
    }

    /// Integrated loudness of all that was heard; `None` when shorter than 400 ms or never above -70 LUFS.
    pub fn finish(self) -> Option<Lufs> {
        self.track.finish().integrated_lufs().map(Lufs)
    }

    /// All measures of loudness of what was heard; the peaks are not measured and stay `None`.
    pub fn finish_levels(self) -> Levels {
        levels_of(&self.track.finish())
    }
}

/// The loudness part of [`Levels`].
pub(crate) fn levels_of(loudness: &LoudnessResult) -> Levels {
    Levels {
        integrated_lufs: loudness.integrated_lufs(),
        loudness_range_lu: loudness.range_lu(),
        top_lufs: loudness.top_lufs(),
        momentary_max_lufs: loudness.momentary_max_lufs(),
        short_term_max_lufs: loudness.short_term_max_lufs(),
        ..Levels::default()
    }
}
