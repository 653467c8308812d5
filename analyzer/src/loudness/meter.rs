//! A meter for loudness alone.

use acetate_audio::units::Lufs;
use acetate_audio::{Audio, AudioSpec};

use super::LoudnessTrack;

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
        self.track.push(block);
    }

    /// Integrated loudness of all that was heard; `None` when shorter than 400 ms or never above -70 LUFS.
    pub fn finish(self) -> Option<Lufs> {
        self.track.finish().integrated_lufs().map(Lufs)
    }
}
