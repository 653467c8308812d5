//! What was found.

use serde::{Deserialize, Serialize};

use crate::codes;

/// Kinds of damage that are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DamageKinds {
    /// Clipped tops.
    pub clipping: bool,
    /// Clicks.
    pub clicks: bool,
    /// Crackle.
    pub crackle: bool,
    /// Mains hum.
    pub hum: bool,
    /// Steady noise.
    pub hiss: bool,
}

impl DamageKinds {
    /// All of them.
    pub const ALL: Self =
        Self { clipping: true, clicks: true, crackle: true, hum: true, hiss: true };
    /// None of them.
    pub const NONE: Self =
        Self { clipping: false, clicks: false, crackle: false, hum: false, hiss: false };

    /// Is a finding of this code about one of these? Impulses of crackle are counted as clicks.
    pub fn has(self, code: &str) -> bool {
        match code {
            codes::CLIPPED | codes::CLIPPED_THEN_LOWERED => self.clipping,
            codes::CLICKS => self.clicks || self.crackle,
            codes::HUM => self.hum,
            codes::HISS => self.hiss,
            _ => false,
        }
    }
}

/// One stretch of samples that something was added to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DamagedStretch {
    /// The channels that it is in, counted from 0.
    pub channels: Vec<usize>,
    /// First frame.
    pub start_frame: u64,
    /// Frames.
    pub frames: u64,
    /// Largest sample of what was added, dBFS.
    pub peak_dbfs: f64,
    /// Share of such findings that are damage, 0 to 1, as the bench measured it.
    pub confidence: f64,
}

/// All that was found in a recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Damage {
    /// Clipped tops, by their first frame.
    pub clipping: Vec<ClippedSection>,
    /// Hum, by its first frame.
    pub hum: Vec<HumSection>,
    /// Steady noise.
    pub hiss: Option<HissFloor>,
    /// Crackle, by channel and first frame of its section.
    pub crackle: Vec<CrackleSection>,
    /// Clicks, by their first frame.
    pub clicks: Vec<DamagedStretch>,
    /// What looks like a click and was played, as its copies say.
    pub clicks_left: u64,
}

/// A section of a channel that is cut off at a level.
#[derive(Clone, Debug, PartialEq)]
pub struct ClippedSection {
    /// The channel, counted from 0.
    pub channel: usize,
    /// First frame.
    pub start_frame: u64,
    /// Frames.
    pub frames: u64,
    /// The level above, full scale being 1.
    pub upper: Option<f32>,
    /// The level below, a negative number.
    pub lower: Option<f32>,
    /// Places where the level is reached.
    pub places: u64,
    /// Share of its samples that are.
    pub share: f64,
    /// So much of the sound is cut off, in all channels of the piece that are, that it is meant to be: fuzz, square waves.
    pub meant: bool,
}

/// Crackle in a stretch of one channel.
#[derive(Clone, Debug, PartialEq)]
pub struct CrackleSection {
    /// The channel, counted from 0.
    pub channel: usize,
    /// First frame.
    pub start_frame: u64,
    /// Its length, seconds.
    pub duration_s: f64,
    /// Where each impulse begins, counted from the first frame, and how many frames long it is.
    pub impulses: Vec<(u64, u64)>,
    /// Level of the impulses, each by itself, as their root mean square, dBFS.
    pub level_dbfs: f64,
}

/// Hum from one frame to another.
#[derive(Clone, Debug, PartialEq)]
pub struct HumSection {
    /// First frame.
    pub start_frame: u64,
    /// Frames.
    pub frames: u64,
    /// Length of a step of the track, seconds.
    pub step_s: f64,
    /// Length of a step of the lines, seconds.
    pub line_step_s: f64,
    /// Mean frequency of the fundamental in each step, Hz.
    pub track_hz: Vec<f64>,
    /// The harmonics, channel by channel.
    pub lines: Vec<HumLine>,
    /// It is hum; else it may be tones that were played.
    pub certain: bool,
}

/// One harmonic of hum in one channel.
#[derive(Clone, Debug, PartialEq)]
pub struct HumLine {
    /// The channel, counted from 0.
    pub channel: usize,
    /// Multiple of the fundamental.
    pub harmonic: usize,
    /// Mean level, dBFS.
    pub level_dbfs: f64,
    /// Amplitudes of the cosine at the steps, full scale being 1.
    pub cos: Vec<f64>,
    /// Amplitudes of the sine.
    pub sin: Vec<f64>,
}

/// A floor of steady noise.
#[derive(Clone, Debug, PartialEq)]
pub struct HissFloor {
    /// Of all of it in one channel, dBFS.
    pub total_dbfs: f64,
    /// Bands that show it, of [`HissFloor::bands`].
    pub bands_seen: usize,
    /// Bands that were listened to.
    pub bands: usize,
    /// It over frequency.
    pub points: Vec<HissPoint>,
}

/// The density of noise at a frequency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HissPoint {
    /// The frequency, Hz.
    pub freq_hz: f64,
    /// Level of white noise that is as dense, dBFS.
    pub floor_db: f64,
}
