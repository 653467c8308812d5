//! Why a restoration cannot be.

use thiserror::Error;

/// Why repairs cannot be made, or not be written.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// A repair of a plan lies beyond the sound.
    #[error("{name}: {event} reaches to frame {frame}, and the sound has {frames}")]
    Beyond {
        /// The sound.
        name: String,
        /// The repair.
        event: String,
        /// The frame behind its last one, counted from 0.
        frame: u64,
        /// Frames of the sound.
        frames: u64,
    },
    /// A repair of a plan is in a channel that is not there.
    #[error(
        "{name}: {event} is in channel {channel}, and the sound has {channels}, counted from 0"
    )]
    NoChannel {
        /// The sound.
        name: String,
        /// The repair.
        event: String,
        /// The channel, counted from 0.
        channel: usize,
        /// Channels of the sound.
        channels: usize,
    },
    /// What was mended goes beyond full scale, where integers end.
    #[error(
        "{name}: what is mended reaches {over_db:.1} dB above full scale, where {bits} bits end"
    )]
    OverFullScale {
        /// The file.
        name: String,
        /// How far, dB.
        over_db: f64,
        /// Bits of a sample.
        bits: u32,
    },
}
