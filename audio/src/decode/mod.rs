//! Files in: from any container to blocks of planar sound.

mod aiff;
mod checks;
mod decoders;
mod flac_extent;
mod identify;
mod input;
mod mp4;
mod opus;
mod packets;
mod pcm_file;
mod pipeline;
mod riff;
mod unpack;

use std::path::Path;

use input::Input;
use packets::PacketReader;
use pcm_file::PcmFileReader;
pub(crate) use riff::{SideChunk, side_chunks};

use crate::{Audio, AudioSpec, Blocks, Container, DecodeError, SourceFormat, SourceWarning};

/// One pass over the sound of one container.
trait FrameReader: Send {
    /// What the header says.
    fn format(&self) -> &SourceFormat;

    /// Replaces `block` with the next frames, at most [`BLOCK_FRAMES`](crate::BLOCK_FRAMES); leaves it empty at the end.
    fn read(&mut self, block: &mut Audio) -> Result<(), DecodeError>;

    /// What was found to be wrong up to here; complete after the end.
    fn warnings(&self) -> Vec<SourceWarning>;
}

/// Reads a sound file from its first frame to its last, block by block.
///
/// Every sample it gives is finite and below +120 dBFS; the first that is not ends the pass with an error.
pub struct Reader {
    inner: Box<dyn FrameReader>,
    position: u64,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Reader")
            .field("format", self.format())
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

impl Reader {
    /// Opens a file.
    ///
    /// # Errors
    /// When it is not there, not a plain file, not sound, or sound that cannot be processed.
    pub fn open(path: &Path) -> Result<Self, DecodeError> {
        Self::new(Input::open(path)?)
    }

    /// Reads a file that is in memory already.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, DecodeError> {
        Self::new(Input::from_bytes(bytes)?)
    }

    fn new(mut input: Input) -> Result<Self, DecodeError> {
        let offset = input.id3_bytes()?;
        let mut beginning = [0; 16];
        input.seek_to(offset)?;
        input.read_up_to(&mut beginning)?;
        let inner = if let Some(container) = riff::container_of(&beginning) {
            open_wave(input, container, offset)?
        } else if aiff::is_aiff(&beginning) {
            open_aiff(input, offset)?
        } else {
            open_packets(input, &beginning)?
        };
        Ok(Self { inner, position: 0 })
    }

    /// What the header says; `frames` may be missing, or wrong, until the end was read.
    pub fn format(&self) -> &SourceFormat {
        self.inner.format()
    }

    /// Frames given up to here.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// What was found to be wrong up to here; complete after the end.
    pub fn warnings(&self) -> Vec<SourceWarning> {
        self.inner.warnings()
    }
}

/// Plain samples are read here; other codecs inside WAVE go to the packet reader.
fn open_wave(
    mut input: Input,
    container: Container,
    offset: u64,
) -> Result<Box<dyn FrameReader>, DecodeError> {
    let file = riff::parse(&mut input, container, offset)?;
    if let Some(pcm) = file.pcm()? {
        return Ok(Box::new(PcmFileReader::new(input, pcm)?));
    }
    let codec = format!("WAVE format {:#06x}", file.fmt.tag);
    match PacketReader::new(input) {
        Err(DecodeError::NotAudio) => Err(DecodeError::UnsupportedCodec { codec }),
        opened => Ok(Box::new(opened?)),
    }
}

fn open_aiff(mut input: Input, offset: u64) -> Result<Box<dyn FrameReader>, DecodeError> {
    match aiff::parse(&mut input, offset)? {
        Some(pcm) => Ok(Box::new(PcmFileReader::new(input, pcm)?)),
        None => open_packets(input, b"FORM"),
    }
}

/// A file that begins like one of ours but is not understood is damaged rather than something else.
fn open_packets(input: Input, beginning: &[u8]) -> Result<Box<dyn FrameReader>, DecodeError> {
    match PacketReader::new(input) {
        Err(DecodeError::NotAudio) => Err(match container_by_magic(beginning) {
            Some(container) => {
                let problem = "its header cannot be understood";
                DecodeError::Malformed { container: container.name(), problem }
            }
            None => DecodeError::NotAudio,
        }),
        opened => Ok(Box::new(opened?)),
    }
}

fn container_by_magic(beginning: &[u8]) -> Option<Container> {
    match beginning {
        [b'f', b'L', b'a', b'C', ..] => Some(Container::Flac),
        [b'O', b'g', b'g', b'S', ..] => Some(Container::Ogg),
        [b'F', b'O', b'R', b'M', ..] => Some(Container::Aiff),
        [b'c', b'a', b'f', b'f', ..] => Some(Container::Caf),
        [0x1A, 0x45, 0xDF, 0xA3, ..] => Some(Container::Matroska),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some(Container::Mp4),
        _ => None,
    }
}

impl Blocks for Reader {
    fn spec(&self) -> AudioSpec {
        self.format().spec()
    }

    fn next_block(&mut self, block: &mut Audio) -> Result<bool, DecodeError> {
        self.inner.read(block)?;
        checks::check_samples(block, self.position)?;
        self.position += block.frames() as u64;
        Ok(block.frames() > 0)
    }
}
