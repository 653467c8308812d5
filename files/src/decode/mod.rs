//! Files in: from any container to blocks of planar sound.

mod aiff;
mod chain;
mod checks;
mod core_audio;
mod decoders;
mod elementary;
mod flac_extent;
mod identify;
mod input;
mod metadata;
mod mp4;
mod nesting;
mod opus;
mod packets;
mod parts;
mod pcm_file;
mod pipeline;
mod placing;
mod riff;
mod riff_extent;
mod tracks;
mod unpack;

use chain::ChainReader;
pub(crate) use core_audio::USE_BITMAP;
use input::Input;
pub(crate) use metadata::metadata_left_out;
pub(crate) use nesting::chapters;
use packets::PacketReader;
use pcm_file::PcmFileReader;
pub(crate) use placing::FLAC_MASK;
pub(crate) use riff::{SideChunk, side_chunks};
pub use tracks::SoundTracks;

use crate::{
    Audio, AudioSpec, Blocks, Container, DecodeError, ReadError, SoundFile, SourceFormat,
    SourceWarning,
};

/// Chapters in the tags of a coded AIFF file, which symphonia follows into each other.
const CODED_AIFF_CHAPTERS_MAX: usize = 256;

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
    /// Opens a file, on a disk or in memory.
    ///
    /// # Errors
    /// When it is not there, not a plain file, not sound, or sound that cannot be processed.
    pub fn open(file: impl Into<SoundFile>) -> Result<Self, DecodeError> {
        Self::new(Input::of(&file.into())?)
    }

    fn new(mut input: Input) -> Result<Self, DecodeError> {
        input.skip_id3()?;
        let beginning = input.beginning()?;
        let parts = parts::of(&mut input, &beginning)?;
        let inner: Box<dyn FrameReader> = if parts.len() > 1 {
            Box::new(ChainReader::new(input, parts)?)
        } else {
            open_one(input)?
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

    /// As [`Blocks::next_block`], with the reason as it is.
    ///
    /// # Errors
    /// When the file cannot be read on, or holds a sample that is not finite.
    pub fn next_block(&mut self, block: &mut Audio) -> Result<bool, DecodeError> {
        self.inner.read(block)?;
        checks::check_samples(block, self.position)?;
        self.position += block.frames() as u64;
        Ok(block.frames() > 0)
    }
}

/// Opens one file, behind which there is no other.
fn open_one(mut input: Input) -> Result<Box<dyn FrameReader>, DecodeError> {
    input.skip_id3()?;
    let beginning = input.beginning()?;
    if let Some(container) = riff::container_of(&beginning) {
        open_wave(input, container)
    } else if aiff::is_aiff(&beginning) {
        open_aiff(input)
    } else {
        open_coded(input, &beginning)
    }
}

/// Plain samples are read here; other codecs inside WAVE go to the packet reader.
fn open_wave(mut input: Input, container: Container) -> Result<Box<dyn FrameReader>, DecodeError> {
    let file = riff::parse(&mut input, container)?;
    if let Some(pcm) = file.pcm()? {
        return Ok(Box::new(PcmFileReader::new(input, pcm)?));
    }
    if file.fmt.tag == riff::Fmt::MP3 {
        let sound = input.window(file.data_from, file.data_from + file.data_bytes)?;
        if let Ok(reader) = elementary::open(sound)? {
            return Ok(Box::new(reader));
        }
    }
    let codec = format!("WAVE format {:#06x}", file.fmt.tag);
    match PacketReader::new(input) {
        Err(DecodeError::NotAudio) => Err(DecodeError::UnsupportedCodec { codec }),
        opened => Ok(Box::new(opened?)),
    }
}

fn open_aiff(mut input: Input) -> Result<Box<dyn FrameReader>, DecodeError> {
    match aiff::parse(&mut input)? {
        Some(pcm) => Ok(Box::new(PcmFileReader::new(input, pcm)?)),
        None if nesting::chapters_in(&mut input)? > CODED_AIFF_CHAPTERS_MAX => {
            let problem = "its tags hold too many chapters";
            Err(DecodeError::Malformed { container: Container::Aiff.name(), problem })
        }
        None => open_packets(input, b"FORM"),
    }
}

/// MP3 and AAC files have no beginning of their own: what begins like none of the others may be one.
fn open_coded(input: Input, beginning: &[u8]) -> Result<Box<dyn FrameReader>, DecodeError> {
    if container_by_magic(beginning).is_some() || beginning.starts_with(b"RIFF") {
        return open_packets(input, beginning);
    }
    match elementary::open(input)? {
        Ok(reader) => Ok(Box::new(reader)),
        Err(_) if is_layer_i_or_ii(beginning) => {
            Err(DecodeError::UnsupportedCodec { codec: "MPEG audio of layer I or II".into() })
        }
        Err(input) => open_packets(input, beginning),
    }
}

/// Whether a frame of an older layer of MPEG audio begins there (ISO/IEC 11172-3, 2.4.1.3).
fn is_layer_i_or_ii(beginning: &[u8]) -> bool {
    let [0xFF, second, third, ..] = beginning else { return false };
    let (version, layer) = (second >> 3 & 3, second >> 1 & 3);
    second & 0xE0 == 0xE0
        && version != 1
        && layer >= 2
        && (1..15).contains(&(third >> 4))
        && third >> 2 & 3 != 3
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

    fn next_block(&mut self, block: &mut Audio) -> Result<bool, ReadError> {
        Ok(Reader::next_block(self, block)?)
    }
}
