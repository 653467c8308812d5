//! What can go wrong between a file and sound.

use std::io;

use acetate_audio::ReadError;
use thiserror::Error;

use crate::{CHANNELS_MAX, SAMPLE_RATE_HZ_MAX, SAMPLE_RATE_HZ_MIN};

/// Why a file could not be read as sound.
///
/// The message says what, the value, the limit and what to do; it does not name the file, which the caller knows.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// There is no such file.
    #[error("no such file; check the name")]
    NotFound,
    /// The path is a folder.
    #[error("is a folder, not a sound file; name a file inside it")]
    IsFolder,
    /// The path is a pipe, a socket or a device.
    #[error("is a {kind}, not a file; feed it through standard input instead")]
    NotAFile {
        /// What it is.
        kind: &'static str,
    },
    /// The file is there but cannot be opened.
    #[error("cannot be opened; check its permissions and its path")]
    Unreadable(#[source] io::Error),
    /// Reading failed midway.
    #[error("could not be read to its end")]
    Io(#[source] io::Error),
    /// A file of zero bytes.
    #[error("is empty (0 bytes); export it again")]
    Empty,
    /// No known container.
    #[error(
        "is not a sound file that can be read; WAV, AIFF, FLAC, ALAC, MP3, AAC, Vorbis and Opus are"
    )]
    NotAudio,
    /// A known container with a damaged structure.
    #[error("is a damaged {container} file: {problem}; export it again")]
    Malformed {
        /// The container, as people call it.
        container: &'static str,
        /// What does not hold.
        problem: &'static str,
    },
    /// A codec that no decoder here understands.
    #[error("holds {codec}, which cannot be decoded here; convert it to WAV or FLAC first")]
    UnsupportedCodec {
        /// The codec, as people call it.
        codec: String,
    },
    /// A container without any sound in it.
    #[error("holds no sound (0 frames); export it again")]
    NoFrames,
    /// A sample rate of zero.
    #[error("says its sample rate is 0 Hz; export it again")]
    ZeroRate,
    /// A sample rate beyond what is processed.
    #[error(
        "has a sample rate of {given_hz} Hz, outside {SAMPLE_RATE_HZ_MIN} to {SAMPLE_RATE_HZ_MAX} Hz; resample it first"
    )]
    RateOutOfRange {
        /// The rate in the file.
        given_hz: u32,
    },
    /// No channels.
    #[error("says it has 0 channels; export it again")]
    ZeroChannels,
    /// More channels than are processed.
    #[error("has {given} channels, more than {CHANNELS_MAX}; export fewer")]
    TooManyChannels {
        /// The number in the file.
        given: usize,
    },
    /// A sample size that no format defines.
    #[error("stores {given} bits a sample as {kind}, which is not read; export 16, 24 or 32 bits")]
    UnsupportedBits {
        /// The number in the file.
        given: u32,
        /// Integer or float.
        kind: &'static str,
    },
    /// Rate or channel count change within the file.
    #[error(
        "changes its sample rate or channel count at {at_s:.1} s (frame {frame}); split it there"
    )]
    FormatChanges {
        /// First frame of the new kind.
        frame: u64,
        /// Its time.
        at_s: f64,
    },
    /// A NaN or an infinity in the file.
    #[error(
        "sample is not a finite number: channel {channel}, frame {frame}; repair the file or export it again"
    )]
    NotFinite {
        /// Channel, counted from 1.
        channel: usize,
        /// Frame, counted from 0.
        frame: u64,
    },
    /// A level that no sound has: most often integers marked as floats.
    #[error(
        "sample of {value:e} at channel {channel}, frame {frame} is beyond +120 dBFS; the file is mis-scaled, export it again"
    )]
    AbsurdLevel {
        /// The sample, full scale 1.0.
        value: f32,
        /// Channel, counted from 1.
        channel: usize,
        /// Frame, counted from 0.
        frame: u64,
    },
    /// The file is not what it was when it was opened.
    #[error("changed while it was being read; leave it alone and try again")]
    Changed,
    /// Our decoder library failed on this file.
    #[error("made the {container} decoder fail; convert it to WAV or FLAC first")]
    DecoderFailed {
        /// The container, as people call it.
        container: &'static str,
    },
}

impl DecodeError {
    /// Rate or channel count change at a frame.
    pub(crate) fn format_changes(frame: u64, sample_rate_hz: u32) -> Self {
        Self::FormatChanges { frame, at_s: frame as f64 / f64::from(sample_rate_hz.max(1)) }
    }
}

impl From<DecodeError> for ReadError {
    fn from(error: DecodeError) -> Self {
        Self::new(error)
    }
}

/// Why a file could not be written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The output is there already, and is not to be replaced.
    #[error("exists already; replace it, or choose another name")]
    Exists,
    /// The output is a folder.
    #[error("is a folder; name a file inside it")]
    IsFolder,
    /// The folder of the output is missing.
    #[error("cannot be written, its folder does not exist; create it")]
    NoFolder,
    /// The temporary file cannot be made: read-only folder, for example.
    #[error("cannot be created; check the permissions of its folder")]
    Create(#[source] io::Error),
    /// Writing failed: a full disk, for example.
    #[error("could not be written; nothing is left under its name")]
    Write(#[source] io::Error),
    /// Putting the finished file in its place failed.
    #[error("could not be moved to its final name")]
    Publish(#[source] io::Error),
    /// A combination that the container cannot hold.
    #[error("{container} cannot hold {what}; choose WAV")]
    CannotHold {
        /// The container.
        container: &'static str,
        /// What it cannot hold.
        what: String,
    },
    /// Loudspeakers that the container has no word for.
    #[error(
        "{container} cannot say where the channels are heard: {layout}; bring them to a layout that it knows"
    )]
    NoLayout {
        /// The container.
        container: &'static str,
        /// The layout.
        layout: String,
    },
    /// The container's length field ends.
    #[error("is longer than {container} can hold ({limit_bytes} bytes); choose WAV or FLAC")]
    TooLong {
        /// The container.
        container: &'static str,
        /// Its largest size.
        limit_bytes: u64,
    },
    /// The FLAC encoder refused.
    #[error("could not be encoded as FLAC: {0}")]
    Flac(String),
}
