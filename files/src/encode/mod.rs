//! Sound out: quantised blocks into files, bit for bit, and never half a file under the final name.

mod aiff;
mod flac;
mod pack;
mod place;
mod wav;

use std::io::{Cursor, Seek, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};

use crate::{AudioSpec, EncodeError, PcmBlock, SampleFormat, SoundFile, Tags};
pub use place::{Existing, temporary_prefix};
use place::{Place, Spool};

/// A file format that can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum FileFormat {
    /// RIFF WAVE; beyond 4 GB it becomes RF64.
    Wav,
    /// FLAC, 16 or 24 bits.
    Flac,
    /// AIFF, or AIFF-C for floats.
    Aiff,
}

impl FileFormat {
    /// The usual ending of file names, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Flac => "flac",
            Self::Aiff => "aiff",
        }
    }

    /// The format that a file name's ending asks for (without the dot, in any case).
    pub fn from_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "wav" | "wave" | "bwf" | "rf64" => Some(Self::Wav),
            "flac" => Some(Self::Flac),
            "aif" | "aiff" | "aifc" => Some(Self::Aiff),
            _ => None,
        }
    }
}

/// What is to be written: container, sample format, rate and channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PcmFormat {
    /// The file format.
    pub file: FileFormat,
    /// How samples are stored.
    pub samples: SampleFormat,
    /// Rate and channel count.
    pub spec: AudioSpec,
}

impl PcmFormat {
    /// Bytes of one frame of plain samples.
    fn bytes_a_frame(self) -> u64 {
        self.spec.channels as u64 * u64::from(self.samples.bits() / 8)
    }
}

/// The layout of a file as a mask of WAVE, the only words that FLAC and AIFF have for it as well.
fn wave_mask(format: PcmFormat, container: &'static str) -> Result<u32, EncodeError> {
    format.spec.layout.wave_mask().ok_or_else(|| {
        let layout = format.spec.layout.name(format.spec.channels);
        EncodeError::NoLayout { container, layout }
    })
}

/// Puts blocks into one container.
trait Encoder: Send {
    fn write(&mut self, block: &PcmBlock) -> Result<(), EncodeError>;

    /// Completes the file, headers included.
    fn finish(self: Box<Self>) -> Result<(), EncodeError>;
}

/// What encoders write to: headers hold lengths, so they go back to the beginning at the end.
trait WriteSeek: Write + Seek + Send {}

impl<T: Write + Seek + Send> WriteSeek for T {}

type Sink = Box<dyn WriteSeek>;

/// Where the encoded bytes end up.
#[derive(Debug)]
enum Destination {
    File(Place),
    Stream(Spool),
    Memory(Memory),
    /// The caller's own.
    Sink,
}

impl Destination {
    fn temporary_path(&self) -> Option<&Path> {
        match self {
            Self::File(place) => Some(place.temporary_path()),
            Self::Stream(spool) => Some(spool.path()),
            Self::Memory(_) | Self::Sink => None,
        }
    }
}

/// Bytes that an encoder and whoever waits for them share.
#[derive(Clone, Debug, Default)]
struct Memory(Arc<Mutex<Cursor<Vec<u8>>>>);

impl Memory {
    fn with<T>(&self, work: impl FnOnce(&mut Cursor<Vec<u8>>) -> T) -> T {
        work(&mut self.0.lock().expect("no encoder panics while it writes"))
    }

    fn take(&self) -> Vec<u8> {
        self.with(|bytes| std::mem::take(bytes.get_mut()))
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.with(|memory| memory.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Seek for Memory {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.with(|memory| memory.seek(to))
    }
}

/// Writes one sound file.
///
/// Everything goes to a temporary file in the folder of the output, which takes the final name in [`Writer::finish`].
/// A writer that is dropped before leaves nothing behind.
pub struct Writer {
    encoder: Box<dyn Encoder>,
    destination: Destination,
    format: PcmFormat,
    frames: u64,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Writer")
            .field("destination", &self.destination)
            .field("format", &self.format)
            .field("frames", &self.frames)
            .finish_non_exhaustive()
    }
}

impl Writer {
    /// Begins a file.
    ///
    /// # Errors
    /// When it exists and `existing` forbids that, its folder does not take files, or the container cannot hold
    /// the format.
    pub fn create(path: &Path, format: PcmFormat, existing: Existing) -> Result<Self, EncodeError> {
        Self::create_tagged(path, format, existing, &Tags::none())
    }

    /// Begins a file that carries tags.
    ///
    /// # Errors
    /// As [`Writer::create`].
    pub fn create_tagged(
        path: &Path,
        format: PcmFormat,
        existing: Existing,
        tags: &Tags,
    ) -> Result<Self, EncodeError> {
        let place = Place::new(path, existing)?;
        let encoder = encoder_to(Box::new(place.open()?), format, tags)?;
        Ok(Self { encoder, destination: Destination::File(place), format, frames: 0 })
    }

    /// Begins sound for a stream, such as standard output. It goes to a temporary file, and out in one piece at the
    /// end: headers hold lengths, and the written file can be measured before it leaves.
    ///
    /// # Errors
    /// When no temporary file can be made, or the container cannot hold the format.
    pub fn to_stream(
        stream: Box<dyn Write + Send>,
        format: PcmFormat,
        tags: &Tags,
    ) -> Result<Self, EncodeError> {
        let spool = Spool::new(stream)?;
        let encoder = encoder_to(Box::new(spool.open()?), format, tags)?;
        Ok(Self { encoder, destination: Destination::Stream(spool), format, frames: 0 })
    }

    /// Begins a file in whatever can be written and gone back in; it is complete after [`Writer::finish`].
    ///
    /// # Errors
    /// When the container cannot hold the format.
    pub fn to_sink(
        sink: impl Write + Seek + Send + 'static,
        format: PcmFormat,
        tags: &Tags,
    ) -> Result<Self, EncodeError> {
        let encoder = encoder_to(Box::new(sink), format, tags)?;
        Ok(Self { encoder, destination: Destination::Sink, format, frames: 0 })
    }

    /// Begins a file in memory: [`Unpublished::into_bytes`] gives it.
    ///
    /// # Errors
    /// When the container cannot hold the format.
    pub fn to_memory(format: PcmFormat, tags: &Tags) -> Result<Self, EncodeError> {
        let memory = Memory::default();
        let encoder = encoder_to(Box::new(memory.clone()), format, tags)?;
        Ok(Self { encoder, destination: Destination::Memory(memory), format, frames: 0 })
    }

    /// Appends a block.
    ///
    /// # Errors
    /// When the disk is full or fails.
    ///
    /// # Panics
    /// When the block is of another format than the file.
    pub fn write(&mut self, block: &PcmBlock) -> Result<(), EncodeError> {
        assert_eq!(block.format, self.format.samples, "sample format of the block");
        assert_eq!(block.sample_rate_hz, self.format.spec.sample_rate_hz, "rate of the block");
        assert_eq!(block.channels(), self.format.spec.channels, "channels of the block");
        self.frames += block.frames() as u64;
        self.encoder.write(block)
    }

    /// Where the file is until it gets its final name: whoever ends the process by force can remove it. `None` in memory.
    pub fn temporary_path(&self) -> Option<&Path> {
        self.destination.temporary_path()
    }

    /// Frames written up to here.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Completes the file and gives it its final name.
    ///
    /// # Errors
    /// When the disk is full or fails, or the name was taken meanwhile and `existing` forbids that.
    pub fn finish(self) -> Result<(), EncodeError> {
        self.close()?.publish()
    }

    /// Completes the file without giving it its final name, so that it can be checked first.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub fn close(self) -> Result<Unpublished, EncodeError> {
        self.encoder.finish()?;
        if let Destination::File(place) = &self.destination {
            place.sync()?;
        }
        Ok(Unpublished { destination: self.destination })
    }
}

fn encoder_to(file: Sink, format: PcmFormat, tags: &Tags) -> Result<Box<dyn Encoder>, EncodeError> {
    Ok(match format.file {
        FileFormat::Wav => Box::new(wav::WavEncoder::new(file, format, tags)?),
        FileFormat::Aiff => Box::new(aiff::AiffEncoder::new(file, format, tags)?),
        FileFormat::Flac => Box::new(flac::FlacEncoder::new(file, format, tags)?),
    })
}

/// A complete file under a temporary name; dropped, it is removed.
#[derive(Debug)]
pub struct Unpublished {
    destination: Destination,
}

impl Unpublished {
    /// Where the file is for now; `None` in memory.
    pub fn temporary_path(&self) -> Option<&Path> {
        self.destination.temporary_path()
    }

    /// The file, to be read again; what was in memory stays with this, and what went to the caller's own sink is the caller's: `None`.
    pub fn sound_file(&self) -> Option<SoundFile> {
        match &self.destination {
            Destination::Memory(memory) => {
                Some(memory.with(|bytes| bytes.get_ref().clone()).into())
            }
            Destination::File(place) => Some(place.temporary_path().into()),
            Destination::Stream(spool) => Some(spool.path().into()),
            Destination::Sink => None,
        }
    }

    /// The bytes of a file in memory; `None` for others.
    pub fn into_bytes(self) -> Option<Vec<u8>> {
        match self.destination {
            Destination::Memory(memory) => Some(memory.take()),
            _ => None,
        }
    }

    /// Gives the file its final name, or sends it to its stream.
    ///
    /// # Errors
    /// When the name was taken meanwhile and must not be replaced, the folder refuses, or the stream ends.
    pub fn publish(self) -> Result<(), EncodeError> {
        match self.destination {
            Destination::File(place) => place.publish(),
            Destination::Stream(spool) => spool.send(),
            // It has no name; `into_bytes` is for it.
            Destination::Memory(_) | Destination::Sink => Ok(()),
        }
    }
}
