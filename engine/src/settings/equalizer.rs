//! Settings of the equaliser.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::is_default;
use crate::parameters::range;

/// Static filters in series.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EqualizerSettings {
    /// Minimum or linear phase, for all bands.
    pub phase: Phase,
    /// The filters; at most 32.
    pub bands: Vec<EqualizerBand>,
}

/// How a filter treats phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// As an analogue filter does.
    #[default]
    Minimum,
    /// No phase change, at the price of ringing before transients.
    Linear,
}

/// One filter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EqualizerBand {
    /// Name by which moves refer to it.
    pub id: String,
    /// Whether it is used.
    pub enabled: bool,
    /// Its shape.
    #[serde(rename = "type")]
    pub kind: FilterType,
    /// Which part of the sound it filters.
    pub channel: BandChannel,
    /// Centre, midpoint or corner, in Hz.
    pub freq_hz: f64,
    /// Gain in dB; ignored by pass filters.
    pub gain_db: f64,
    /// RBJ Q.
    pub q: f64,
    /// Steepness of a pass filter: 6 to 48, in steps of 6.
    #[serde(skip_serializing_if = "is_twelve")]
    pub slope_db_per_octave: u32,
}

impl Default for EqualizerBand {
    fn default() -> Self {
        let default = |name| range(&format!("equalizer.bands[].{name}")).default;
        Self {
            id: String::new(),
            enabled: true,
            kind: FilterType::default(),
            channel: BandChannel::default(),
            freq_hz: default("freq_hz"),
            gain_db: default("gain_db"),
            q: default("q"),
            slope_db_per_octave: default("slope_db_per_octave") as u32,
        }
    }
}

fn is_twelve(slope: &u32) -> bool {
    *slope == 12
}

/// Shape of a filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilterType {
    /// A bump or dip around a frequency.
    #[default]
    Bell,
    /// Everything below a frequency.
    LowShelf,
    /// Everything above a frequency.
    HighShelf,
    /// Removes what is above a frequency.
    LowPass,
    /// Removes what is below a frequency.
    HighPass,
    /// Turns the whole spectrum around a frequency; a positive gain is brighter.
    Tilt,
}

/// Which part of the sound a band filters.
///
/// Mid, side, left and right exist in stereo only; in sound of another channel count such a band does nothing, except that
/// mid acts on mono.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BandChannel {
    /// Every channel.
    #[default]
    Stereo,
    /// (L+R)/2.
    Mid,
    /// (L-R)/2.
    Side,
    /// The first channel.
    Left,
    /// The second channel.
    Right,
}

impl EqualizerSettings {
    /// Whether no band changes anything.
    pub fn is_neutral(&self) -> bool {
        self.bands.iter().all(EqualizerBand::is_neutral)
    }
}

impl EqualizerBand {
    /// Whether the band changes nothing.
    pub fn is_neutral(&self) -> bool {
        let passes = matches!(self.kind, FilterType::LowPass | FilterType::HighPass);
        !self.enabled || (!passes && is_default(&self.gain_db))
    }
}
