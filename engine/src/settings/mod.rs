//! What to do to a sound, as a person reads and edits it: the `settings` object of a settings document.
//!
//! Plain data with public fields. [`Settings::default`] changes nothing. Ranges are in [`crate::parameters`].

mod dynamics;
mod equalizer;
mod output;
mod restore;
mod sections;
mod space;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use dynamics::{
    BassHarmonicsSettings, CompressorBand, CompressorChannel, CompressorSettings, CrossoverKind,
    DeEsserSettings, DetectorKind, DynamicBand, DynamicEqualizerSettings, LimiterKind,
    LimiterSettings, ResonanceSettings, SaturatorSettings,
};
pub use equalizer::{BandChannel, EqualizerBand, EqualizerSettings, FilterType, Phase};
pub use output::{Bits, DitherKind, FadesSettings, InputSettings, OutputFormat, OutputSettings};
pub use restore::{
    ClickSettings, ClippedSection, ClippingSettings, CrackleSection, CrackleSettings, HissPoint,
    HissSettings, HumLine, HumSection, HumSettings, RepairEvent, RestoreSettings, joined,
};
pub use sections::CompressorSection;
pub use space::{ReverbSettings, StereoBand, StereoSettings};

/// Everything the engine is told, in the order of processing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// What is broken and is mended first of all.
    #[serde(skip_serializing_if = "is_default")]
    pub restore: RestoreSettings,
    /// What happens before all processing.
    #[serde(skip_serializing_if = "is_default")]
    pub input: InputSettings,
    /// Static filters.
    pub equalizer: EqualizerSettings,
    /// Filters that act only while something is too loud.
    #[serde(skip_serializing_if = "is_default")]
    pub dynamic_equalizer: DynamicEqualizerSettings,
    /// Compression, in one to four bands.
    pub compressor: CompressorSettings,
    /// Harmonics of the bass.
    #[serde(skip_serializing_if = "is_default")]
    pub bass_harmonics: BassHarmonicsSettings,
    /// Harmonics.
    #[serde(skip_serializing_if = "is_default")]
    pub saturator: SaturatorSettings,
    /// Width.
    pub stereo: StereoSettings,
    /// Room.
    #[serde(skip_serializing_if = "is_default")]
    pub reverb: ReverbSettings,
    /// Gain into the limiter, in dB.
    pub drive_db: f64,
    /// Peaks.
    pub limiter: LimiterSettings,
    /// Fades at both ends.
    #[serde(skip_serializing_if = "is_default")]
    pub fades: FadesSettings,
    /// The written file.
    pub output: OutputSettings,
}

impl Default for Settings {
    /// Changes nothing: no bands, no drive, the limiter off.
    fn default() -> Self {
        Self {
            restore: RestoreSettings::default(),
            input: InputSettings::default(),
            equalizer: EqualizerSettings::default(),
            dynamic_equalizer: DynamicEqualizerSettings::default(),
            compressor: CompressorSettings::default(),
            bass_harmonics: BassHarmonicsSettings::default(),
            saturator: SaturatorSettings::default(),
            stereo: StereoSettings::default(),
            reverb: ReverbSettings::default(),
            drive_db: 0.0,
            limiter: LimiterSettings { kind: LimiterKind::Off, ..LimiterSettings::default() },
            fades: FadesSettings::default(),
            output: OutputSettings::default(),
        }
    }
}

/// Optional parts of a document stay out of it while they say nothing.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
