//! Settings of the repairs: what is broken, where, and what is to be done about it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::is_default;
use crate::parameters::range;

/// Repairs, before everything else. Without any entry the samples pass as they are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RestoreSettings {
    /// Clicks.
    #[serde(skip_serializing_if = "is_default")]
    pub clicks: ClickSettings,
}

impl RestoreSettings {
    /// Whether nothing is repaired.
    pub fn is_neutral(&self) -> bool {
        self.clicks.is_neutral()
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
