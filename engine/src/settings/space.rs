//! Settings of width and room.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::is_default;
use crate::parameters::range;

/// Width; the mid is never touched. Stereo sound only.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StereoSettings {
    /// Below this the side is removed.
    pub mono_below_hz: Option<f64>,
    /// Raises the right channel and lowers the left by half of this each.
    #[serde(skip_serializing_if = "is_default")]
    pub balance_db: f64,
    /// Widening yields while the correlation would fall below this.
    #[serde(skip_serializing_if = "is_default")]
    pub min_correlation: Option<f64>,
    /// Decorrelated mid into the side, for sources that are nearly mono.
    #[serde(skip_serializing_if = "is_default")]
    pub decorrelate_pct: f64,
    /// Width per band, from low to high; at most 8.
    pub bands: Vec<StereoBand>,
}

/// Width of one band.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StereoBand {
    /// Upper end of the band; `null` for the last one.
    pub below_hz: Option<f64>,
    /// Gain of the side; 0 is mono.
    pub width_pct: f64,
}

impl Default for StereoBand {
    fn default() -> Self {
        Self { below_hz: None, width_pct: range("stereo.bands[].width_pct").default }
    }
}

impl StereoSettings {
    /// Whether the width changes nowhere: neither bands nor mono-below.
    pub fn width_is_neutral(&self) -> bool {
        self.mono_below_hz.is_none() && self.bands.iter().all(|band| band.width_pct == 100.0)
    }

    /// Whether nothing changes.
    pub fn is_neutral(&self) -> bool {
        self.width_is_neutral() && self.balance_db == 0.0 && self.decorrelate_pct == 0.0
    }
}

/// Room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReverbSettings {
    /// Whether it is used.
    pub enabled: bool,
    /// Level of the room; 100 is -24 dB.
    pub mix_pct: f64,
    /// Time in which the room dies away by 60 dB at 1 kHz.
    pub decay_s: f64,
    /// Time before the room answers.
    pub predelay_ms: f64,
    /// Decay time at high frequencies as a share of that at 1 kHz.
    pub high_ratio_pct: f64,
    /// High-pass on what the room hears.
    pub low_cut_hz: f64,
    /// Low-pass on what the room hears.
    pub high_cut_hz: f64,
}

impl Default for ReverbSettings {
    fn default() -> Self {
        let default = |name| range(&format!("reverb.{name}")).default;
        Self {
            enabled: false,
            mix_pct: default("mix_pct"),
            decay_s: default("decay_s"),
            predelay_ms: default("predelay_ms"),
            high_ratio_pct: default("high_ratio_pct"),
            low_cut_hz: default("low_cut_hz"),
            high_cut_hz: default("high_cut_hz"),
        }
    }
}

impl ReverbSettings {
    /// Whether it changes nothing.
    pub fn is_neutral(&self) -> bool {
        !self.enabled || self.mix_pct == 0.0
    }
}
