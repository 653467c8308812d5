//! The floor of acetate: planar sound, units, decoding, encoding, tags.

mod error;
mod pcm;
mod sound;
mod source;
pub mod units;

pub use error::DecodeError;
pub use pcm::{PcmBlock, PcmPlanes, SampleFormat};
pub use sound::{Audio, AudioSpec, ChannelRole};
pub use source::{BLOCK_FRAMES, Blocks, Source};
