//! Settings of the repairs: what is broken, where, and what is to be done about it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::is_default;
use crate::parameters::range;

/// Repairs, before everything else. Without any entry the samples pass as they are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RestoreSettings {
    /// Clipped tops.
    #[serde(skip_serializing_if = "is_default")]
    pub clipping: ClippingSettings,
    /// Clicks.
    #[serde(skip_serializing_if = "is_default")]
    pub clicks: ClickSettings,
    /// Crackle.
    #[serde(skip_serializing_if = "is_default")]
    pub crackle: CrackleSettings,
    /// Mains hum.
    #[serde(skip_serializing_if = "is_default")]
    pub hum: HumSettings,
    /// Steady noise.
    #[serde(skip_serializing_if = "is_default")]
    pub hiss: HissSettings,
}

impl RestoreSettings {
    /// Whether nothing is repaired.
    pub fn is_neutral(&self) -> bool {
        self.clipping.is_neutral()
            && self.clicks.is_neutral()
            && self.crackle.is_neutral()
            && self.hum.is_neutral()
            && self.hiss.is_neutral()
    }
}

/// Clipped tops, section by section.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClippingSettings {
    /// Share of what was cut off that is given back.
    pub strength_pct: f64,
    /// Sections of one channel in which samples at these levels are rebuilt.
    pub sections: Vec<ClippedSection>,
}

impl Default for ClippingSettings {
    fn default() -> Self {
        let strength_pct = range("restore.clipping.strength_pct").default;
        Self { strength_pct, sections: Vec::new() }
    }
}

impl ClippingSettings {
    /// Whether nothing is repaired.
    pub fn is_neutral(&self) -> bool {
        self.strength_pct == 0.0 || !self.sections.iter().any(|section| section.repair)
    }
}

/// A section of a channel that was cut off at a level. Samples that do not reach it stay as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClippedSection {
    /// The channel, counted from 0.
    pub channel: usize,
    /// First frame of the input.
    pub start_frame: u64,
    /// Frames.
    pub frames: u64,
    /// Samples from this value on are rebuilt upwards.
    pub upper: Option<f64>,
    /// Samples down from this value are rebuilt downwards.
    pub lower: Option<f64>,
    /// Whether it is repaired.
    pub repair: bool,
}

impl Default for ClippedSection {
    fn default() -> Self {
        let (channel, start_frame, frames) = (0, 0, 1);
        Self { channel, start_frame, frames, upper: None, lower: None, repair: true }
    }
}

/// Crackle, section by section.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CrackleSettings {
    /// Share of it that is taken away.
    pub strength_pct: f64,
    /// Sections of one channel; one that is deleted keeps its crackle.
    pub sections: Vec<CrackleSection>,
}

impl Default for CrackleSettings {
    fn default() -> Self {
        let strength_pct = range("restore.crackle.strength_pct").default;
        Self { strength_pct, sections: Vec::new() }
    }
}

impl CrackleSettings {
    /// Whether nothing is repaired.
    pub fn is_neutral(&self) -> bool {
        let heard = |section: &CrackleSection| section.repair && !section.at.is_empty();
        self.strength_pct == 0.0 || !self.sections.iter().any(heard)
    }
}

/// Impulses in a stretch of one channel. A repair reaches 2 frames before each and 6 behind it; other samples stay as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CrackleSection {
    /// The channel, counted from 0.
    pub channel: usize,
    /// First frame of the input.
    pub start_frame: u64,
    /// Where each impulse begins, in frames from the first one on.
    pub at: Vec<u64>,
    /// How many frames long it is.
    pub lengths: Vec<u64>,
    /// Whether it is repaired.
    pub repair: bool,
}

impl CrackleSection {
    /// The impulses: first frame of the input, and frame behind the last. Those of which the length is missing are none.
    pub fn impulses(&self) -> impl Iterator<Item = (u64, u64)> {
        let both = self.at.iter().zip(&self.lengths);
        both.map(|(at, frames)| (self.start_frame + at, self.start_frame + at + frames))
    }
}

impl Default for CrackleSection {
    fn default() -> Self {
        Self { channel: 0, start_frame: 0, at: Vec::new(), lengths: Vec::new(), repair: true }
    }
}

/// Mains hum, section by section.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HumSettings {
    /// Share of the hum that is taken away.
    pub strength_pct: f64,
    /// Sections with one track of the frequency each.
    pub sections: Vec<HumSection>,
}

impl Default for HumSettings {
    fn default() -> Self {
        Self { strength_pct: range("restore.hum.strength_pct").default, sections: Vec::new() }
    }
}

impl HumSettings {
    /// Whether nothing is repaired.
    pub fn is_neutral(&self) -> bool {
        self.strength_pct == 0.0 || !self.sections.iter().any(|section| section.repair)
    }
}

/// Hum from one frame to another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HumSection {
    /// First frame of the input.
    pub start_frame: u64,
    /// Frames.
    pub frames: u64,
    /// Length of a step of the track.
    pub step_s: f64,
    /// Length of a step of the lines.
    pub line_step_s: f64,
    /// Mean frequency of the fundamental, step by step.
    pub track_hz: Vec<f64>,
    /// The harmonics, channel by channel.
    pub lines: Vec<HumLine>,
    /// Whether it is repaired.
    pub repair: bool,
}

impl Default for HumSection {
    fn default() -> Self {
        let default = |name| range(&format!("restore.hum.sections[].{name}")).default;
        Self {
            start_frame: 0,
            frames: 1,
            step_s: default("step_s"),
            line_step_s: default("line_step_s"),
            track_hz: Vec::new(),
            lines: Vec::new(),
            repair: true,
        }
    }
}

/// One harmonic in one channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HumLine {
    /// The channel, counted from 0.
    pub channel: usize,
    /// Multiple of the fundamental.
    pub harmonic: usize,
    /// Mean level.
    pub level_dbfs: f64,
    /// Amplitude of the cosine, step by step.
    pub cos: Vec<f64>,
    /// Amplitude of the sine, step by step.
    pub sin: Vec<f64>,
}

impl Default for HumLine {
    fn default() -> Self {
        Self { channel: 0, harmonic: 1, level_dbfs: 0.0, cos: Vec::new(), sin: Vec::new() }
    }
}

/// Steady noise: what it is, and by how much it is lowered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HissSettings {
    /// How far it is lowered where nothing else is; 0 leaves it.
    pub reduction_db: f64,
    /// The noise over frequency, from low to high.
    pub points: Vec<HissPoint>,
}

impl HissSettings {
    /// Whether nothing is lowered.
    pub fn is_neutral(&self) -> bool {
        self.reduction_db == 0.0 || self.points.is_empty()
    }
}

/// The density of noise at a frequency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HissPoint {
    /// The frequency.
    pub freq_hz: f64,
    /// Level of white noise that is as dense as it is there.
    pub floor_db: f64,
}

impl Default for HissPoint {
    fn default() -> Self {
        let default = |name| range(&format!("restore.hiss.points[].{name}")).default;
        Self { freq_hz: default("freq_hz"), floor_db: default("floor_db") }
    }
}

/// Clicks, one by one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClickSettings {
    /// Share of each click that is taken away.
    pub strength_pct: f64,
    /// The clicks; one that is deleted stays in the sound.
    pub events: Vec<RepairEvent>,
}

impl Default for ClickSettings {
    fn default() -> Self {
        Self { strength_pct: range("restore.clicks.strength_pct").default, events: Vec::new() }
    }
}

impl ClickSettings {
    /// Whether nothing is repaired.
    pub fn is_neutral(&self) -> bool {
        self.strength_pct == 0.0 || !self.events.iter().any(|event| event.repair)
    }
}

/// A stretch of samples that something was added to. Outside of it every sample stays as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RepairEvent {
    /// Name of the event.
    pub id: String,
    /// The channels that it is in, counted from 0.
    pub channels: Vec<usize>,
    /// First frame of the input.
    pub start_frame: u64,
    /// Frames.
    pub frames: u64,
    /// Largest sample of what was added.
    pub peak_dbfs: f64,
    /// How sure it is that it is damage, 0 to 1.
    pub confidence: f64,
    /// Whether it is repaired.
    pub repair: bool,
}

impl Default for RepairEvent {
    fn default() -> Self {
        let default = |name| range(&format!("restore.clicks.events[].{name}")).default;
        Self {
            id: String::new(),
            channels: Vec::new(),
            start_frame: default("start_frame") as u64,
            frames: default("frames") as u64,
            peak_dbfs: default("peak_dbfs"),
            confidence: default("confidence"),
            repair: true,
        }
    }
}

/// Stretches of frames, from the first to the one behind the last, in order, and those that meet as one.
pub fn joined(mut stretches: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    stretches.sort_unstable();
    stretches.dedup_by(|next, last| {
        let meet = next.0 <= last.1;
        if meet {
            last.1 = last.1.max(next.1);
        }
        meet
    });
    stretches
}
