//! Settings of everything whose gain moves: dynamic equaliser, compressor, saturator, limiter.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::is_default;
use super::sections::CompressorSection;
use crate::parameters::range;

/// Filters that act only while something is too loud.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DynamicEqualizerSettings {
    /// Bells that cut while their band is loud; at most 8.
    pub bands: Vec<DynamicBand>,
    /// Softens sharp s sounds.
    #[serde(skip_serializing_if = "is_default")]
    pub de_esser: DeEsserSettings,
    /// Tames narrow resonances.
    #[serde(skip_serializing_if = "is_default")]
    pub resonance: ResonanceSettings,
}

/// One dynamic bell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DynamicBand {
    /// Name by which moves refer to it.
    pub id: String,
    /// Whether it is used.
    pub enabled: bool,
    /// Centre of bell and detector, in Hz.
    pub freq_hz: f64,
    /// RBJ Q of bell and detector.
    pub q: f64,
    /// Level in the band above which it is cut, in dB.
    pub threshold_db: f64,
    /// n means n:1.
    pub ratio: f64,
    /// Deepest cut, in dB.
    pub range_db: f64,
    /// Time to 63 % of a deeper cut.
    pub attack_ms: f64,
    /// Time to 63 % of the recovery.
    pub release_ms: f64,
}

impl Default for DynamicBand {
    fn default() -> Self {
        let default = |name| range(&format!("dynamic_equalizer.bands[].{name}")).default;
        Self {
            id: String::new(),
            enabled: true,
            freq_hz: default("freq_hz"),
            q: default("q"),
            threshold_db: default("threshold_db"),
            ratio: default("ratio"),
            range_db: default("range_db"),
            attack_ms: default("attack_ms"),
            release_ms: default("release_ms"),
        }
    }
}

/// Softens sharp s sounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DeEsserSettings {
    /// Whether it is used.
    pub enabled: bool,
    /// Centre of the softening bell, in Hz.
    pub freq_hz: f64,
    /// Energy of 5-10 kHz over that of 0.3-3 kHz in the mid above which a sound counts as sharp.
    pub threshold_db: f64,
    /// Share of the excess that is taken away.
    pub amount_pct: f64,
    /// Deepest cut, in dB.
    pub range_db: f64,
}

impl Default for DeEsserSettings {
    fn default() -> Self {
        let default = |name| range(&format!("dynamic_equalizer.de_esser.{name}")).default;
        Self {
            enabled: false,
            freq_hz: default("freq_hz"),
            threshold_db: default("threshold_db"),
            amount_pct: default("amount_pct"),
            range_db: default("range_db"),
        }
    }
}

/// Tames narrow resonances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ResonanceSettings {
    /// Whether it is used.
    pub enabled: bool,
    /// How far a narrow peak must stand above its surroundings.
    pub sensitivity_db: f64,
    /// Share of the excess that is taken away.
    pub amount_pct: f64,
    /// Deepest cut, in dB.
    pub range_db: f64,
}

impl Default for ResonanceSettings {
    fn default() -> Self {
        let default = |name| range(&format!("dynamic_equalizer.resonance.{name}")).default;
        Self {
            enabled: false,
            sensitivity_db: default("sensitivity_db"),
            amount_pct: default("amount_pct"),
            range_db: default("range_db"),
        }
    }
}

/// Compression, in one to four bands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CompressorSettings {
    /// Frequencies between the bands, rising; one fewer than the bands.
    pub crossovers_hz: Vec<f64>,
    /// How the bands are split.
    #[serde(skip_serializing_if = "is_default")]
    pub crossover: CrossoverKind,
    /// High-pass before the detector of a single band, in Hz.
    #[serde(skip_serializing_if = "is_default")]
    pub sidechain_highpass_hz: Option<f64>,
    /// How far channels share one gain.
    #[serde(skip_serializing_if = "is_hundred")]
    pub link_pct: f64,
    /// Which part of the sound is compressed: stereo, mid or side.
    #[serde(skip_serializing_if = "is_default")]
    pub channel: CompressorChannel,
    /// The bands, from low to high; at most 4.
    pub bands: Vec<CompressorBand>,
    /// Sections of the song in which the thresholds lie elsewhere, in their order; at most 64.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sections: Vec<CompressorSection>,
}

impl Default for CompressorSettings {
    fn default() -> Self {
        Self {
            crossovers_hz: Vec::new(),
            crossover: CrossoverKind::default(),
            sidechain_highpass_hz: None,
            link_pct: range("compressor.link_pct").default,
            channel: CompressorChannel::default(),
            bands: Vec::new(),
            sections: Vec::new(),
        }
    }
}

fn is_hundred(pct: &f64) -> bool {
    *pct == 100.0
}

/// How bands are split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CrossoverKind {
    /// Complementary linear-phase filters: bands add up to the input exactly.
    #[default]
    Linear,
    /// Linkwitz-Riley, 24 dB per octave: bands add up to an all-pass of the input.
    LinkwitzRiley,
}

/// Which part of the sound is compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CompressorChannel {
    /// Every channel.
    #[default]
    Stereo,
    /// (L+R)/2; stereo sound only.
    Mid,
    /// (L-R)/2, by what the mid does; stereo sound only.
    Side,
}

/// One band of compression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CompressorBand {
    /// Name by which moves refer to it.
    pub id: String,
    /// Whether it is used.
    pub enabled: bool,
    /// Level above which the gain falls, in dB.
    pub threshold_db: f64,
    /// n means n:1.
    pub ratio: f64,
    /// Full width of the knee, in dB.
    pub knee_db: f64,
    /// Time to 63 % of a gain reduction.
    pub attack_ms: f64,
    /// Time to 63 % of the recovery.
    pub release_ms: f64,
    /// Longer release after sustained reduction.
    #[serde(skip_serializing_if = "is_default")]
    pub auto_release: bool,
    /// What the detector hears.
    #[serde(skip_serializing_if = "is_default")]
    pub detector: DetectorKind,
    /// Gain after compression, in dB.
    pub makeup_db: f64,
    /// Share of compressed sound.
    pub mix_pct: f64,
}

impl Default for CompressorBand {
    fn default() -> Self {
        let default = |name| range(&format!("compressor.bands[].{name}")).default;
        Self {
            id: String::new(),
            enabled: true,
            threshold_db: default("threshold_db"),
            ratio: default("ratio"),
            knee_db: default("knee_db"),
            attack_ms: default("attack_ms"),
            release_ms: default("release_ms"),
            auto_release: false,
            detector: DetectorKind::default(),
            makeup_db: default("makeup_db"),
            mix_pct: default("mix_pct"),
        }
    }
}

/// What a detector hears.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DetectorKind {
    /// The largest sample.
    #[default]
    Peak,
    /// The mean power over about 5 ms.
    Rms,
}

impl CompressorBand {
    /// Whether the band changes nothing.
    pub fn is_neutral(&self) -> bool {
        let gain = self.ratio != 1.0 || self.makeup_db != 0.0;
        !self.enabled || self.mix_pct == 0.0 || !gain
    }
}

impl CompressorSettings {
    /// Whether no band changes anything.
    pub fn is_neutral(&self) -> bool {
        self.bands.iter().all(CompressorBand::is_neutral)
    }
}

/// Harmonics of the bass.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BassHarmonicsSettings {
    /// Whether it is used.
    pub enabled: bool,
    /// Where the bass ends that gets harmonics.
    pub below_hz: f64,
    /// Level of the second harmonic, re the bass.
    pub second_db: f64,
    /// Level of the third harmonic, re the bass.
    pub third_db: f64,
    /// Level of the fourth harmonic, re the bass.
    pub fourth_db: f64,
    /// Share of what is added.
    pub mix_pct: f64,
}

impl Default for BassHarmonicsSettings {
    fn default() -> Self {
        let default = |name| range(&format!("bass_harmonics.{name}")).default;
        Self {
            enabled: false,
            below_hz: default("below_hz"),
            second_db: default("second_db"),
            third_db: default("third_db"),
            fourth_db: default("fourth_db"),
            mix_pct: default("mix_pct"),
        }
    }
}

impl BassHarmonicsSettings {
    /// Whether it changes nothing.
    pub fn is_neutral(&self) -> bool {
        !self.enabled || self.mix_pct == 0.0
    }
}

/// Harmonics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SaturatorSettings {
    /// Whether it is used.
    pub enabled: bool,
    /// How hard the curve is driven.
    pub drive_db: f64,
    /// Share of the added harmonics.
    pub mix_pct: f64,
    /// Offset on the curve: even harmonics.
    #[serde(skip_serializing_if = "is_default")]
    pub bias_pct: f64,
    /// Tilt around 1 kHz before the curve, undone after it.
    #[serde(skip_serializing_if = "is_default")]
    pub emphasis_db: f64,
}

impl Default for SaturatorSettings {
    fn default() -> Self {
        let default = |name| range(&format!("saturator.{name}")).default;
        Self {
            enabled: false,
            drive_db: default("drive_db"),
            mix_pct: default("mix_pct"),
            bias_pct: default("bias_pct"),
            emphasis_db: default("emphasis_db"),
        }
    }
}

impl SaturatorSettings {
    /// Whether it changes nothing.
    pub fn is_neutral(&self) -> bool {
        !self.enabled || self.mix_pct == 0.0
    }
}

/// Peaks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LimiterSettings {
    /// How peaks are kept under the ceiling.
    pub kind: LimiterKind,
    /// True peak that is never exceeded.
    pub ceiling_dbtp: f64,
    /// How early the gain starts to fall.
    pub lookahead_ms: f64,
    /// Time to 63 % of the recovery.
    pub release_ms: f64,
    /// Gain of what is limited: the last step to a loudness, where the drive went beyond it.
    #[serde(skip_serializing_if = "is_default")]
    pub output_gain_db: f64,
}

impl Default for LimiterSettings {
    fn default() -> Self {
        let default = |name| range(&format!("limiter.{name}")).default;
        Self {
            kind: LimiterKind::default(),
            ceiling_dbtp: default("ceiling_dbtp"),
            lookahead_ms: default("lookahead_ms"),
            release_ms: default("release_ms"),
            output_gain_db: default("output_gain_db"),
        }
    }
}

/// How peaks are kept under the ceiling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimiterKind {
    /// The residual is shaped under the masking threshold; only the neighbourhood of peaks is touched.
    #[default]
    Masked,
    /// Look-ahead gain reduction with two time constants.
    Transparent,
    /// The cheapest safe one, for previews.
    Fast,
    /// Nothing is done about peaks.
    Off,
}
