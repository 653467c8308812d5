//! What can go wrong between a file and sound.

use thiserror::Error;

/// Why a file could not be read as sound.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DecodeError {
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
}
