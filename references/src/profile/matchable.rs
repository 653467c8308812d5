//! Bands of a record that say nothing about how it was meant to sound.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A band that must not be matched.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Unmatchable {
    /// Nominal centre of the third octave, Hz.
    pub third_octave_hz: f64,
    /// Why.
    pub because: Why,
}

/// Why a band must not be matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// There is next to nothing in it: matching would shape rumble or noise.
    NoSignal,
    /// It lies beyond the low-pass of a lossy codec or of a low sample rate.
    BeyondBandwidth,
}
