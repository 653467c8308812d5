//! Sound files: from any container to blocks of planar sound, and from quantised blocks to complete files with their tags.
//!
//! Not here: measuring and changing sound. Nothing below the facade depends on this crate, so that a plug-in carries no codec.
//!
//! ```no_run
//! use acetate_audio::{PcmBlock, SampleFormat};
//! use acetate_files::{Existing, FileFormat, MEMORY_LIMIT_BYTES, PcmFormat, Tags, Writer, open};
//!
//! let path: &std::path::Path = "mix.flac".as_ref();
//! let source = open(path, MEMORY_LIMIT_BYTES)?;
//! let (tags, _warnings) = Tags::read(path, source.spec().sample_rate_hz);
//! let format = PcmFormat { file: FileFormat::Wav, samples: SampleFormat::Int24, spec: source.spec() };
//! let mut writer = Writer::create_tagged("out.wav".as_ref(), format, Existing::Error, &tags)?;
//! writer.write(&PcmBlock::new(source.spec(), SampleFormat::Int24))?;
//! writer.finish()?; // only now there is an out.wav
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
mod limits;
pub mod lossy;
mod open;
mod sound_file;
mod tags;
mod temporary;

use limits::check_spec;

use acetate_audio::{
    Audio, AudioSpec, BLOCK_FRAMES, Blocks, CHANNELS_MAX, ChannelLayout, ChannelPosition, Codec,
    Container, PcmBlock, PcmPlanes, ReadError, SAMPLE_RATE_HZ_MAX, SAMPLE_RATE_HZ_MIN,
    SampleFormat, SourceFormat, SourceWarning, units,
};

pub use decode::{Reader, SoundTracks};
pub use encode::{Existing, FileFormat, PcmFormat, Unpublished, Writer, temporary_prefix};
pub use error::{DecodeError, EncodeError};
pub use open::{FirstPass, MEMORY_LIMIT_BYTES, Spooled, open, spool};
pub use sound_file::{Held, SoundFile};
pub use tags::{TagWarning, Tags, is_picture};
pub use temporary::{remove_abandoned, temporary_in};
