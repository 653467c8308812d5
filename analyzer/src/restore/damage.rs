//! What was found.

use serde::{Deserialize, Serialize};

/// Kinds of damage that are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DamageKinds {
    /// Clicks.
    pub clicks: bool,
}

impl DamageKinds {
    /// All of them.
    pub const ALL: Self = Self { clicks: true };
    /// None of them.
    pub const NONE: Self = Self { clicks: false };
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
    /// Clicks, by their first frame.
    pub clicks: Vec<DamagedStretch>,
    /// What looks like a click and was played, as its copies say.
    pub clicks_left: u64,
}
