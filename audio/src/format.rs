//! What a file says it is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{AudioSpec, ChannelLayout};

/// The file format around the sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Container {
    /// RIFF WAVE, and BWF, which is RIFF WAVE with one chunk more.
    Wav,
    /// RF64 and BW64: WAVE with 64-bit lengths (EBU Tech 3306, ITU-R BS.2088).
    Rf64,
    /// Sony Wave64.
    W64,
    /// AIFF and AIFF-C.
    Aiff,
    /// Apple Core Audio Format.
    Caf,
    /// Native FLAC.
    Flac,
    /// Ogg.
    Ogg,
    /// MPEG audio frames.
    Mp3,
    /// AAC frames (ADTS).
    Adts,
    /// MP4, M4A, MOV.
    Mp4,
    /// Matroska and WebM.
    Matroska,
    /// Sound that never was a file.
    Memory,
}

impl Container {
    /// The container as documents write it; `None` for sound that never was a file.
    pub fn id(self) -> Option<&'static str> {
        Some(match self {
            Self::Wav => "wav",
            Self::Rf64 => "rf64",
            Self::W64 => "w64",
            Self::Aiff => "aiff",
            Self::Caf => "caf",
            Self::Flac => "flac",
            Self::Ogg => "ogg",
            Self::Mp3 => "mp3",
            Self::Adts => "adts",
            Self::Mp4 => "mp4",
            Self::Matroska => "matroska",
            Self::Memory => return None,
        })
    }

    /// The container as people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wav => "WAV",
            Self::Rf64 => "RF64",
            Self::W64 => "W64",
            Self::Aiff => "AIFF",
            Self::Caf => "CAF",
            Self::Flac => "FLAC",
            Self::Ogg => "Ogg",
            Self::Mp3 => "MP3",
            Self::Adts => "AAC",
            Self::Mp4 => "MP4",
            Self::Matroska => "Matroska",
            Self::Memory => "memory",
        }
    }
}

/// How the sound is coded inside its container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Codec {
    /// Plain samples.
    Pcm,
    /// Differences of samples, four bits each or so.
    Adpcm,
    /// Eight bits a sample, A-law or mu-law.
    G711,
    /// Free Lossless Audio Codec.
    Flac,
    /// Apple Lossless.
    Alac,
    /// MPEG layer III.
    Mp3,
    /// Advanced Audio Coding.
    Aac,
    /// Vorbis.
    Vorbis,
    /// Opus.
    Opus,
}

impl Codec {
    /// The codec as documents write it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Pcm => "pcm",
            Self::Adpcm => "adpcm",
            Self::G711 => "g711",
            Self::Flac => "flac",
            Self::Alac => "alac",
            Self::Mp3 => "mp3",
            Self::Aac => "aac",
            Self::Vorbis => "vorbis",
            Self::Opus => "opus",
        }
    }

    /// Whether the samples are those that were put in.
    pub fn is_lossless(self) -> bool {
        matches!(self, Self::Pcm | Self::Flac | Self::Alac)
    }
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceFormat {
    /// The file format around the sound.
    pub container: Container,
    /// How the sound is coded.
    pub codec: Codec,
    /// Frames a second.
    pub sample_rate_hz: u32,
    /// Bits of a sample, where samples have a size (not in a lossy codec).
    pub bits: Option<u32>,
    /// Whether samples are stored as floating-point numbers.
    pub is_float: bool,
    /// Whether the samples are those that were put in.
    pub lossless: bool,
    /// Number of channels.
    pub channels: usize,
    /// Where they are heard.
    #[serde(skip)]
    pub layout: ChannelLayout,
    /// Number of frames; `None` before the end was seen when the file does not tell.
    pub frames: Option<u64>,
}

impl SourceFormat {
    /// Rate, channel count and layout.
    pub fn spec(&self) -> AudioSpec {
        AudioSpec {
            sample_rate_hz: self.sample_rate_hz,
            channels: self.channels,
            layout: self.layout,
        }
    }

    /// The format of sound that never was a file: 32-bit float.
    pub fn of_memory(spec: AudioSpec, frames: u64) -> Self {
        Self {
            container: Container::Memory,
            codec: Codec::Pcm,
            sample_rate_hz: spec.sample_rate_hz,
            bits: Some(32),
            is_float: true,
            lossless: true,
            channels: spec.channels,
            layout: spec.layout,
            frames: Some(frames),
        }
    }
}
