//! Settings of both ends: trim, DC, fades, and the written file.

use std::borrow::Cow;

use acetate_audio::SampleFormat;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::parameters::range;

/// What happens before all processing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct InputSettings {
    /// Removes a constant offset.
    pub remove_dc: bool,
    /// Cuts this much from the beginning.
    pub trim_start_s: f64,
    /// Cuts this much from the end.
    pub trim_end_s: f64,
}

/// Fades at both ends.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FadesSettings {
    /// Length of the fade from the first frame on.
    pub in_ms: f64,
    /// Length of the fade up to the last frame.
    pub out_ms: f64,
}

/// The written file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OutputSettings {
    /// Container and codec.
    pub format: OutputFormat,
    /// Rate; `null` or `"keep"` for that of the input.
    #[serde(deserialize_with = "rate_or_keep")]
    #[schemars(schema_with = "rate_schema")]
    pub sample_rate_hz: Option<u32>,
    /// Sample format.
    pub bits: Bits,
    /// Noise added before rounding.
    pub dither: DitherKind,
    /// Bit rate of lossy formats; `null` for the usual one of the format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bitrate_kbps: Option<u32>,
    /// Where the dither's random numbers start.
    #[serde(skip_serializing_if = "is_one")]
    pub seed: u64,
}

impl Default for OutputSettings {
    fn default() -> Self {
        Self {
            format: OutputFormat::default(),
            sample_rate_hz: None,
            bits: Bits::default(),
            dither: DitherKind::default(),
            bitrate_kbps: None,
            seed: range("output.seed").default as u64,
        }
    }
}

fn is_one(seed: &u64) -> bool {
    *seed == 1
}

/// Container and codec of the written file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutputFormat {
    /// PCM in RIFF or RF64.
    #[default]
    Wav,
    /// Free Lossless Audio Codec.
    Flac,
    /// PCM in AIFF.
    Aiff,
    /// MPEG-1 layer III.
    Mp3,
    /// Vorbis in Ogg.
    Ogg,
    /// Opus in Ogg.
    Opus,
    /// AAC in MP4.
    M4a,
}

/// Noise added before rounding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DitherKind {
    /// Plain rounding.
    None,
    /// White, triangular, two steps wide.
    #[default]
    Tpdf,
    /// Triangular, third-order shaped: 11 dB less audible at 16 bits.
    ShapedLight,
    /// Triangular, ninth-order shaped: 14 dB less audible at 16 bits.
    Shaped,
}

/// Sample format of the written file: `16`, `24` or `"32f"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bits {
    /// 16-bit integers.
    Int16,
    /// 24-bit integers.
    #[default]
    Int24,
    /// 32-bit floats.
    Float32,
}

impl Bits {
    /// The sample format meant.
    pub fn format(self) -> SampleFormat {
        match self {
            Self::Int16 => SampleFormat::Int16,
            Self::Int24 => SampleFormat::Int24,
            Self::Float32 => SampleFormat::Float32,
        }
    }
}

impl Serialize for Bits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Int16 => serializer.serialize_u32(16),
            Self::Int24 => serializer.serialize_u32(24),
            Self::Float32 => serializer.serialize_str("32f"),
        }
    }
}

/// A number or a word, as JSON has them.
#[derive(Deserialize)]
#[serde(untagged)]
enum NumberOrWord {
    Number(f64),
    Word(String),
}

impl<'de> Deserialize<'de> for Bits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match NumberOrWord::deserialize(deserializer)? {
            NumberOrWord::Number(16.0) => Ok(Self::Int16),
            NumberOrWord::Number(24.0) => Ok(Self::Int24),
            // People put numbers in quotes; there is one thing that they can mean.
            NumberOrWord::Word(word) if word == "16" => Ok(Self::Int16),
            NumberOrWord::Word(word) if word == "24" => Ok(Self::Int24),
            NumberOrWord::Word(word) if word == "32f" => Ok(Self::Float32),
            _ => Err(de::Error::custom("expected 16, 24 or \"32f\"")),
        }
    }
}

impl JsonSchema for Bits {
    fn schema_name() -> Cow<'static, str> {
        "Bits".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "enum": [16, 24, "32f", "16", "24"] })
    }
}

fn rate_or_keep<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    match Option::<NumberOrWord>::deserialize(deserializer)? {
        None => Ok(None),
        Some(NumberOrWord::Word(word)) if word == "keep" => Ok(None),
        Some(NumberOrWord::Number(rate)) if rate == f64::from(rate as u32) => Ok(Some(rate as u32)),
        _ => Err(de::Error::custom("expected a rate in Hz, null or \"keep\"")),
    }
}

fn rate_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "anyOf": [ { "type": "integer" }, { "const": "keep" }, { "type": "null" } ] })
}
