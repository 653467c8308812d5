//! The floor of acetate: planar sound in blocks, units, the positions of channels, the deterministic Fourier transform.
//!
//! No codec, no file, no clock: what reads and writes files is `acetate-files`. [`Source`] is sound that can be read from its
//! beginning as often as needed, held in memory or read again from an [`Origin`].
//!
//! ```
//! use acetate_audio::{Audio, Source};
//!
//! let second = vec![vec![0.0; 48_000]; 2];
//! let source = Source::from_audio(Audio::from_planes(48_000, second));
//! let mut pass = source.blocks()?;
//! let mut block = Audio::silence(pass.spec(), 0);
//! let mut frames = 0;
//! while pass.next_block(&mut block)? {
//!     frames += block.frames();
//! }
//! assert_eq!(frames, 48_000);
//! # Ok::<(), acetate_audio::ReadError>(())
//! ```

#![cfg_attr(
    test,
    allow(
        clippy::disallowed_methods,
        reason = "test signals need not be the same bits everywhere"
    )
)]

mod blocks;
mod format;
pub mod fourier;
pub mod lanes;
mod layout;
pub mod linear;
mod md5;
pub mod numbers;
mod pcm;
pub mod prediction;
mod read_ahead;
mod sound;
mod source;
pub mod threads;
pub mod units;
mod warning;
pub mod windows;

pub use blocks::{BLOCK_FRAMES, Blocks, Cancelled, ReadError, Stop};
pub use format::{Codec, Container, SourceFormat};
pub use layout::{ChannelLayout, ChannelPosition, ChannelRole, Mono};
pub use md5::PcmMd5;
pub use pcm::{PcmBlock, PcmPlanes, SampleFormat};
pub use read_ahead::ReadAhead;
pub use sound::{
    Audio, AudioSpec, CHANNELS_MAX, MAGNITUDE_MAX, SAMPLE_RATE_HZ_MAX, SAMPLE_RATE_HZ_MIN,
    first_unsound,
};
pub use source::{Origin, Source};
pub use threads::Threads;
pub use warning::SourceWarning;
