//! The floor of acetate: planar sound, units, decoding, encoding, tags.

#![cfg_attr(
    test,
    allow(
        clippy::disallowed_methods,
        reason = "test signals need not be the same bits everywhere"
    )
)]

mod decode;
mod encode;
mod error;
mod format;
pub mod fourier;
pub mod lanes;
mod layout;
mod md5;
pub mod numbers;
mod pcm;
mod read_ahead;
mod sound;
mod source;
mod tags;
mod temporary;
pub mod threads;
pub mod units;
pub mod windows;

pub use decode::Reader;
pub use encode::{Existing, FileFormat, OutputFormat, Unpublished, Writer, temporary_prefix};
pub use error::{CHANNELS_MAX, DecodeError, EncodeError, SAMPLE_RATE_HZ_MAX, SAMPLE_RATE_HZ_MIN};
pub use format::{Codec, Container, SourceFormat, SourceWarning};
pub use layout::{ChannelLayout, ChannelPosition, ChannelRole, Mono};
pub use md5::PcmMd5;
pub use pcm::{PcmBlock, PcmPlanes, SampleFormat};
pub use read_ahead::ReadAhead;
pub use sound::{Audio, AudioSpec};
pub use source::{BLOCK_FRAMES, Blocks, FirstPass, MEMORY_LIMIT_BYTES, Source};
pub use tags::{TagWarning, Tags};
pub use temporary::{remove_abandoned, temporary_in};
pub use threads::Threads;
