//! The meter that every rendered file and every trial render passes through.

use acetate_audio::{Audio, AudioSpec};

use crate::loudness::{LoudnessTrack, levels_of};
use crate::tamed::tamed;
use crate::true_peak::TruePeakMeter;

/// Loudness and peaks of a sound. `None` where a measure does not exist (silence, too short).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Levels {
    /// Integrated loudness (ITU-R BS.1770-5).
    pub integrated_lufs: Option<f64>,
    /// Loudness range (EBU Tech 3342).
    pub loudness_range_lu: Option<f64>,
    /// Loudest 400 ms.
    pub momentary_max_lufs: Option<f64>,
    /// Loudest 3 s.
    pub short_term_max_lufs: Option<f64>,
    /// Largest value of the waveform.
    pub true_peak_dbtp: Option<f64>,
    /// The same as BS.1770's example meter reads it.
    pub true_peak_bs1770_dbtp: Option<f64>,
    /// Largest sample.
    pub sample_peak_dbfs: Option<f64>,
}

/// Measures [`Levels`] of sound that arrives in blocks of any size; loudness and peaks on two threads.
#[derive(Debug)]
pub struct LevelMeter {
    loudness: LoudnessTrack,
    peak: TruePeakMeter,
}

impl LevelMeter {
    /// A meter that has heard nothing yet.
    pub fn new(spec: AudioSpec) -> Self {
        Self { loudness: LoudnessTrack::new(spec), peak: TruePeakMeter::new(spec) }
    }

    /// Listens on.
    pub fn push(&mut self, block: &Audio) {
        let block = &*tamed(block);
        rayon::join(|| self.loudness.push(block), || self.peak.push(block));
    }

    /// Levels of all that was heard.
    pub fn finish(self) -> Levels {
        let loudness = self.loudness.finish();
        let peak = self.peak.finish();
        Levels {
            true_peak_dbtp: peak.map(|peak| peak.true_peak_dbtp),
            true_peak_bs1770_dbtp: peak.map(|peak| peak.bs1770_dbtp),
            sample_peak_dbfs: peak.map(|peak| peak.sample_peak_dbfs),
            ..levels_of(&loudness)
        }
    }
}
