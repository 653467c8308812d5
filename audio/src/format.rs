//! What a file says it is, and what was found to be wrong with it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::error::{CHANNELS_MAX, DecodeError, SAMPLE_RATE_HZ_MAX, SAMPLE_RATE_HZ_MIN};
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
    pub(crate) fn of_memory(spec: AudioSpec, frames: u64) -> Self {
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

/// Refuses rates and channel counts that cannot be processed.
pub(crate) fn check_spec(sample_rate_hz: u32, channels: usize) -> Result<(), DecodeError> {
    match (sample_rate_hz, channels) {
        (0, _) => Err(DecodeError::ZeroRate),
        (_, 0) => Err(DecodeError::ZeroChannels),
        (given_hz, _) if !(SAMPLE_RATE_HZ_MIN..=SAMPLE_RATE_HZ_MAX).contains(&given_hz) => {
            Err(DecodeError::RateOutOfRange { given_hz })
        }
        (_, given) if given > CHANNELS_MAX => Err(DecodeError::TooManyChannels { given }),
        _ => Ok(()),
    }
}

/// Something wrong with a file that could be read nevertheless.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SourceWarning {
    /// The header promises more than there is.
    #[error(
        "file is cut short: {found_frames} of {promised_frames} frames are there; export it again if the end is missing"
    )]
    Truncated {
        /// Frames the header promises.
        promised_frames: u64,
        /// Frames that are there.
        found_frames: u64,
    },
    /// The header promises less than there is.
    #[error("header says {promised_frames} frames, the data hold {found_frames}; all were used")]
    LongerThanPromised {
        /// Frames the header promises.
        promised_frames: u64,
        /// Frames that are there.
        found_frames: u64,
    },
    /// AAC of a low rate: it may be the plain part of HE-AAC.
    #[error(
        "AAC of {sample_rate_hz} Hz may be HE-AAC, of which only the lower half is read; convert it to WAV or FLAC first"
    )]
    PerhapsHalf {
        /// The rate.
        sample_rate_hz: u32,
    },
    /// Some packets could not be decoded.
    #[error(
        "{count} damaged parts, the first near {first_at_s} s, were replaced by silence; export the file again"
    )]
    Damaged {
        /// How many packets.
        count: u64,
        /// Where the first was, in whole seconds.
        first_at_s: u64,
        /// Frames that are silent in their place.
        lost_frames: u64,
    },
    /// Bytes after the last whole frame.
    #[error("last frame is incomplete ({bytes} bytes) and was left out")]
    PartialFrame {
        /// How many bytes.
        bytes: u64,
    },
    /// Bytes that no frame accounts for.
    #[error("{bytes} bytes could not be decoded and were left out; export the file again")]
    Undecodable {
        /// How many bytes.
        bytes: u64,
        /// About as many frames, by the length of the others; 0 when they may be no sound at all.
        lost_frames: u64,
    },
    /// Several streams in one file, as `cat` makes them.
    #[error("file is {streams} recordings one after another; all were used")]
    Joined {
        /// How many.
        streams: u64,
    },
    /// Mono and stereo in one file.
    #[error(
        "file changes between mono and stereo, first at {at_s} s; what is mono was put on both channels"
    )]
    MonoMixed {
        /// Where it changes first, in whole seconds.
        at_s: u64,
    },
    /// An edit list that hides sound, as cutting without coding again makes it.
    #[error(
        "edit list leaves out {frames} of {coded_frames} frames, as in every player; export the file again if they are wanted"
    )]
    LeftOutByEdit {
        /// Frames that are in the file and not heard.
        frames: u64,
        /// Frames in the file.
        coded_frames: u64,
    },
    /// An edit list that plays parts in an order of its own.
    #[error(
        "edit list plays parts in an order of its own; all of the file was used, in its own order"
    )]
    EditsIgnored,
    /// Further sound tracks.
    #[error("file has {tracks} sound tracks; the first was used")]
    OtherTracks {
        /// How many, the one that is used included.
        tracks: u64,
    },
    /// The container breaks off.
    #[error("file breaks off before its container ends; export it again if the end is missing")]
    EndsEarly,
}

impl SourceWarning {
    /// The same of sound that begins some seconds later.
    pub(crate) fn later_by(self, seconds: u64) -> Self {
        match self {
            Self::Damaged { count, first_at_s, lost_frames } => {
                Self::Damaged { count, first_at_s: first_at_s + seconds, lost_frames }
            }
            Self::MonoMixed { at_s } => Self::MonoMixed { at_s: at_s + seconds },
            other => other,
        }
    }

    /// Adds a warning of a later part to those of the parts before: one of each kind is enough.
    pub(crate) fn merge(all: &mut Vec<Self>, later: Self) {
        let kind = std::mem::discriminant(&later);
        match all.iter_mut().find(|warning| std::mem::discriminant(&**warning) == kind) {
            Some(earlier) => earlier.add(&later),
            None => all.push(later),
        }
    }

    fn add(&mut self, later: &Self) {
        match (self, later) {
            (
                Self::Truncated { promised_frames, found_frames }
                | Self::LongerThanPromised { promised_frames, found_frames },
                Self::Truncated { promised_frames: promised, found_frames: found }
                | Self::LongerThanPromised { promised_frames: promised, found_frames: found },
            ) => {
                *promised_frames = promised_frames.saturating_add(*promised);
                *found_frames = found_frames.saturating_add(*found);
            }
            (
                Self::Damaged { count, lost_frames, .. },
                Self::Damaged { count: more, lost_frames: lost, .. },
            ) => {
                *count += more;
                *lost_frames = lost_frames.saturating_add(*lost);
            }
            (
                Self::Undecodable { bytes, lost_frames },
                Self::Undecodable { bytes: more, lost_frames: lost },
            ) => {
                *bytes += more;
                *lost_frames = lost_frames.saturating_add(*lost);
            }
            (Self::PartialFrame { bytes }, Self::PartialFrame { bytes: more }) => *bytes += more,
            (Self::Joined { streams }, Self::Joined { streams: more }) => *streams += more - 1,
            _ => {}
        }
    }

    /// Frames of sound that should be there and are not, as far as that can be told.
    pub fn lost_frames(&self) -> u64 {
        match self {
            Self::Truncated { promised_frames, found_frames } => {
                promised_frames.saturating_sub(*found_frames)
            }
            Self::Damaged { lost_frames, .. } | Self::Undecodable { lost_frames, .. } => {
                *lost_frames
            }
            _ => 0,
        }
    }
}
