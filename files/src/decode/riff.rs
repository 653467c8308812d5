//! The chunks of RIFF WAVE (RIFX is the same with the high byte first), RF64, BW64 and Sony Wave64: where the samples are, and how they are stored.
//!
//! Sources: Microsoft/IBM RIFF 1.0 and WAVEFORMATEXTENSIBLE; EBU Tech 3306 (RF64); ITU-R BS.2088 (BW64); Sony Pictures
//! Digital, Wave64 1.0.

use crate::SoundFile;

use super::Input;
use super::pcm_file::{PcmFile, SampleFields};
use super::unpack::{Layout, Order};
use crate::{ChannelLayout, DecodeError, SourceWarning};
use crate::{Container, check_spec};

/// Chunks that are looked at before a file is called damaged: a second's work.
const CHUNKS_MAX: usize = 1 << 22;
/// Side chunks that are carried along.
const SIDE_CHUNKS_MAX: usize = 1 << 12;
/// What a writer puts as a length that it does not know yet.
pub(super) const UNKNOWN_32: u64 = u32::MAX as u64;
/// Bytes of a fmt chunk that are looked at: those of WAVEFORMATEXTENSIBLE.
const FMT_BYTES_MAX: usize = 40;

/// What stands for RIFF where all numbers have their high byte first (RIFF 1.0, "RIFX").
const RIFX: &[u8; 4] = b"RIFX";
const W64_RIFF: &[u8; 16] = b"riff\x2E\x91\xCF\x11\xA5\xD6\x28\xDB\x04\xC1\x00\x00";
/// The last twelve bytes of the GUIDs of Wave64's other chunks; the first four are RIFF's names.
const W64_TAIL: &[u8; 12] = b"\xF3\xAC\xD3\x11\x8C\xD1\x00\xC0\x4F\x8E\xDB\x8A";

/// What the fmt chunk says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fmt {
    pub(super) tag: u16,
    pub(super) channels: usize,
    pub(super) sample_rate_hz: u32,
    pub(super) frame_bytes: usize,
    /// Bits of a sample that carry sound.
    pub(super) bits: u32,
    /// Where the channels are heard; zero where nothing is said.
    pub(super) mask: u32,
}

/// Where the samples are, and in what form.
#[derive(Clone, Debug)]
pub(super) struct WaveFile {
    pub(super) container: Container,
    order: Order,
    pub(super) fmt: Fmt,
    pub(super) data_from: u64,
    /// Bytes that are there.
    pub(super) data_bytes: u64,
    /// Where further samples are, and how many bytes of them.
    pub(super) further: Vec<(u64, u64)>,
    pub(super) warnings: Vec<SourceWarning>,
}

impl WaveFile {
    /// `None` when the samples are coded in a way that is not plain.
    pub(super) fn pcm(&self) -> Result<Option<PcmFile>, DecodeError> {
        let Fmt { channels, sample_rate_hz, bits, frame_bytes, tag, mask } = self.fmt;
        if frame_bytes == 0 && tag != Fmt::MP3 {
            let problem = "its frames are 0 bytes long";
            return Err(DecodeError::Malformed { container: self.container.name(), problem });
        }
        Ok(self.fmt.layout()?.map(|layout| PcmFile {
            container: self.container,
            fields: SampleFields {
                channels,
                sample_rate_hz,
                bits,
                frame_bytes,
                layout,
                order: self.order,
            },
            placing: ChannelLayout::from_mask(mask, channels).into(),
            data_from: self.data_from,
            data_bytes: self.data_bytes,
            further: self.further.clone(),
            warnings: self.warnings.clone(),
        }))
    }
}

/// A chunk's name and extent.
pub(super) struct Chunk {
    pub(super) name: [u8; 4],
    pub(super) from: u64,
    /// Length as stated.
    pub(super) bytes: u64,
}

/// Which of the relatives this is, by its first bytes; `None` when it is none of them.
pub(super) fn container_of(beginning: &[u8]) -> Option<Container> {
    if beginning.starts_with(W64_RIFF) {
        return Some(Container::W64);
    }
    if beginning.get(8..12)? != b"WAVE" {
        return None;
    }
    match &beginning[..4] {
        b"RIFF" | b"RIFX" => Some(Container::Wav),
        b"RF64" | b"BW64" => Some(Container::Rf64),
        _ => None,
    }
}

/// Reads the headers.
pub(super) fn parse(input: &mut Input, container: Container) -> Result<WaveFile, DecodeError> {
    let malformed = |problem| DecodeError::Malformed { container: container.name(), problem };
    let mut walk = Walk::new(input, container)?;
    let order = walk.order;
    let (mut fmt, mut data, mut long_data_bytes) = (None, None, None);
    while let Some(chunk) = walk.next()? {
        match &chunk.name {
            b"ds64" if container == Container::Rf64 => {
                long_data_bytes = walk.long_data_bytes(&chunk)?
            }
            b"fmt " if fmt.is_none() => fmt = Some(walk.fmt(&chunk)?),
            b"data" if data.is_none() => data = Some(chunk),
            _ => {}
        }
        if let (Some(_), Some(data)) = (&fmt, &data) {
            let streaming = data.bytes == 0 || data.bytes == UNKNOWN_32;
            if !streaming || walk.next_is_no_chunk()? {
                break;
            }
        }
    }
    let fmt = fmt.ok_or_else(|| malformed("it has no fmt chunk"))?;
    let data = data.ok_or_else(|| malformed("it has no data chunk"))?;
    check_spec(fmt.sample_rate_hz, fmt.channels)?;
    let stated = match long_data_bytes {
        Some(long) if data.bytes == UNKNOWN_32 => long,
        _ => data.bytes,
    };
    let data_from = data.from;
    let file = WaveFile {
        container,
        order,
        fmt,
        data_from,
        data_bytes: 0,
        further: Vec::new(),
        warnings: Vec::new(),
    };
    file.located(&mut walk, stated)
}

/// A chunk that is neither format nor sound, with its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SideChunk {
    pub(crate) name: [u8; 4],
    pub(crate) bytes: Vec<u8>,
}

/// Names of the side chunks whose content anything is done with.
const WANTED: [&[u8; 4]; 8] =
    [b"bext", b"iXML", b"cart", b"inst", b"_PMX", b"smpl", b"cue ", b"LIST"];
/// Names of the chunks that are no side chunks.
const SOUND: [&[u8; 4]; 3] = [b"fmt ", b"data", b"ds64"];
/// Content of side chunks that is read, in all; the others are named alone.
const SIDE_CHUNK_BYTES_MAX: u64 = 1 << 26;

/// The side chunks of a file, and its sample rate; no chunks of a file that is not WAVE.
pub(crate) fn side_chunks(file: &SoundFile) -> Result<(Vec<SideChunk>, u32), DecodeError> {
    let mut input = Input::of(file)?;
    let mut beginning = [0; 16];
    input.read_up_to(&mut beginning)?;
    let Some(container) = container_of(&beginning) else {
        return Ok((Vec::new(), 0));
    };
    let file = parse(&mut input, container)?;
    if file.order == Order::Big {
        // Their content has its high bytes first, too: nobody writes them.
        return Ok((Vec::new(), file.fmt.sample_rate_hz));
    }
    let mut walk = Walk::new(&mut input, container)?;
    let mut chunks = Vec::new();
    let mut left = SIDE_CHUNK_BYTES_MAX;
    while let Some(chunk) = walk.next()? {
        let named = is_name(&chunk.name) && !SOUND.contains(&&chunk.name);
        let kept = WANTED.contains(&&chunk.name) && chunk.bytes <= left;
        if named && chunks.len() < SIDE_CHUNKS_MAX {
            let mut bytes = vec![0; if kept { chunk.bytes as usize } else { 0 }];
            walk.input.seek_to(chunk.from)?;
            let count = walk.input.read_up_to(&mut bytes)?;
            bytes.truncate(count);
            left -= bytes.len() as u64;
            chunks.push(SideChunk { name: chunk.name, bytes });
        } else if chunk.name == *b"data" && chunk.from == file.data_from {
            // Its stated length may be one of the special values.
            walk.position = chunk.from.saturating_add(file.data_bytes.next_multiple_of(2));
        }
    }
    Ok((chunks, file.fmt.sample_rate_hz))
}

/// Goes from chunk to chunk.
pub(super) struct Walk<'a> {
    pub(super) input: &'a mut Input,
    pub(super) is_w64: bool,
    pub(super) order: Order,
    /// Where the next chunk begins.
    pub(super) position: u64,
    /// Whether the chunk before was of odd length: some writers leave its pad byte out.
    pub(super) after_odd: bool,
    seen: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(input: &'a mut Input, container: Container) -> Result<Self, DecodeError> {
        let mut magic = [0; 4];
        input.seek_to(0)?;
        input.read_up_to(&mut magic)?;
        let order = if magic == *RIFX { Order::Big } else { Order::Little };
        let is_w64 = container == Container::W64;
        let position = if is_w64 { 40 } else { 12 };
        Ok(Self { input, is_w64, order, position, after_odd: false, seen: 0 })
    }

    pub(super) fn next(&mut self) -> Result<Option<Chunk>, DecodeError> {
        self.seen += 1;
        if self.seen > CHUNKS_MAX {
            let problem = "it has more than 4 million chunks";
            return Err(DecodeError::Malformed { container: "WAV", problem });
        }
        let chunk = if self.is_w64 { self.read_w64()? } else { self.read_riff()? };
        if let Some(chunk) = &chunk {
            let end = chunk.from.saturating_add(chunk.bytes);
            self.after_odd = !self.is_w64 && chunk.bytes % 2 == 1;
            // Of the length, not of the place: that is odd behind a chunk without its pad byte.
            self.position = if self.is_w64 {
                end.checked_next_multiple_of(8).unwrap_or(u64::MAX)
            } else {
                end.saturating_add(chunk.bytes % 2)
            };
        }
        Ok(chunk)
    }

    fn read_riff(&mut self) -> Result<Option<Chunk>, DecodeError> {
        if self.after_odd {
            let mut unpadded = [0; 9];
            self.input.seek_to((self.position - 1).min(self.input.len()))?;
            let count = self.input.read_up_to(&mut unpadded)?;
            if count == unpadded.len() && lacks_pad_byte(unpadded) {
                self.position -= 1;
            }
        }
        let mut head = [0; 8];
        self.input.seek_to(self.position.min(self.input.len()))?;
        if self.input.read_up_to(&mut head)? < 8 {
            return Ok(None);
        }
        let [a, b, c, d, size @ ..] = head;
        let bytes = u64::from(self.order.u32(size));
        Ok(Some(Chunk { name: [a, b, c, d], from: self.position + 8, bytes }))
    }

    fn read_w64(&mut self) -> Result<Option<Chunk>, DecodeError> {
        let mut head = [0; 24];
        self.input.seek_to(self.position.min(self.input.len()))?;
        if self.input.read_up_to(&mut head)? < 24 {
            return Ok(None);
        }
        let size = u64::from_le_bytes(*head.last_chunk().expect("24 bytes"));
        let mut name = [0; 4];
        if head[4..16] == *W64_TAIL {
            name.copy_from_slice(&head[..4]);
        }
        // The length counts these 24 bytes as well; a smaller one would not get us on.
        Ok(Some(Chunk { name, from: self.position + 24, bytes: size.saturating_sub(24) }))
    }

    /// Whether what follows the chunk just read is not a chunk: then a length of zero is a stream's.
    pub(super) fn next_is_no_chunk(&mut self) -> Result<bool, DecodeError> {
        let mut head = [0; 8];
        self.input.seek_to(self.position.min(self.input.len()))?;
        let count = self.input.read_up_to(&mut head)?;
        let size = u64::from(self.order.u32(*head.last_chunk().expect("8 bytes")));
        let fits = self.position.saturating_add(8 + size) <= self.input.len();
        Ok(count < 8 || !is_name(&head[..4]) || !fits)
    }

    /// The length of the data chunk in a ds64 chunk.
    fn long_data_bytes(&mut self, chunk: &Chunk) -> Result<Option<u64>, DecodeError> {
        let mut content = [0; 16];
        self.input.seek_to(chunk.from)?;
        let count = self.input.read_up_to(&mut content)?;
        let whole = count == content.len() && chunk.bytes >= content.len() as u64;
        Ok(whole.then(|| u64::from_le_bytes(*content.last_chunk().expect("16 bytes"))))
    }

    fn fmt(&mut self, chunk: &Chunk) -> Result<Fmt, DecodeError> {
        let mut content = [0; FMT_BYTES_MAX];
        let wanted = chunk.bytes.min(FMT_BYTES_MAX as u64) as usize;
        self.input.seek_to(chunk.from)?;
        let count = self.input.read_up_to(&mut content[..wanted])?;
        Fmt::from_bytes(&content[..count], self.order).ok_or(DecodeError::Malformed {
            container: "WAV",
            problem: "its fmt chunk is too short",
        })
    }
}

/// Names of the chunks that files have most.
pub(super) const USUAL: [&[u8]; 8] =
    [b"fmt ", b"data", b"LIST", b"fact", b"bext", b"id3 ", b"smpl", b"cue "];

/// Whether the chunk header begins with the first of these bytes, which should be a pad byte, or with the second.
fn lacks_pad_byte(bytes: [u8; 9]) -> bool {
    let (unpadded, padded) = (&bytes[..4], &bytes[1..5]);
    if USUAL.contains(&padded) || USUAL.contains(&unpadded) {
        return !USUAL.contains(&padded);
    }
    is_name(unpadded) && !is_name(padded)
}

/// Chunk names are printable (RIFF 1.0).
fn is_name(name: &[u8]) -> bool {
    name.iter().all(|&byte| (b' '..=b'~').contains(&byte))
}

impl Fmt {
    const PCM: u16 = 1;
    const FLOAT: u16 = 3;
    const A_LAW: u16 = 6;
    const MU_LAW: u16 = 7;
    pub(super) const MP3: u16 = 0x55;
    const EXTENSIBLE: u16 = 0xFFFE;

    fn from_bytes(bytes: &[u8], order: Order) -> Option<Self> {
        let u16_at = |at: usize| Some(order.u16(*bytes.get(at..)?.first_chunk()?));
        let channels = usize::from(u16_at(2)?);
        let sample_rate_hz = order.u32(*bytes.get(4..)?.first_chunk()?);
        let frame_bytes = usize::from(u16_at(12)?);
        let mut bits = u32::from(u16_at(14).unwrap_or(0));
        let mut tag = u16_at(0)?;
        let mut mask = 0;
        if tag == Self::EXTENSIBLE
            && let (Some(valid), Some(sub_format)) = (u16_at(18), u16_at(24))
        {
            tag = sub_format;
            mask = order.u32(*bytes.get(20..)?.first_chunk()?);
            if (1..bits).contains(&u32::from(valid)) {
                bits = u32::from(valid);
            }
        }
        let frame_bytes = match (frame_bytes, channels) {
            (0, _) => channels * bits.div_ceil(8) as usize,
            _ => frame_bytes,
        };
        Some(Self { tag, channels, sample_rate_hz, frame_bytes, bits, mask })
    }

    /// How samples are stored; `None` for codecs other than plain samples.
    fn layout(&self) -> Result<Option<Layout>, DecodeError> {
        let kind = match self.tag {
            Self::PCM => "integers",
            Self::FLOAT => "floats",
            Self::A_LAW if self.frame_bytes == self.channels => return Ok(Some(Layout::ALaw)),
            Self::MU_LAW if self.frame_bytes == self.channels => return Ok(Some(Layout::MuLaw)),
            _ => return Ok(None),
        };
        let whole = self.frame_bytes.is_multiple_of(self.channels);
        let layout = match (kind, self.frame_bytes / self.channels) {
            _ if !whole => None,
            ("integers", 1) => Some(Layout::Unsigned8),
            ("integers", 2) => Some(Layout::Int16),
            ("integers", 3) => Some(Layout::Int24),
            ("integers", 4) => Some(Layout::Int32),
            ("integers", 8) => Some(Layout::Int64),
            ("floats", 4) => Some(Layout::Float32),
            ("floats", 8) => Some(Layout::Float64),
            _ => None,
        };
        let fits = |layout: &Layout| (1..=8 * layout.bytes() as u32).contains(&self.bits);
        match layout.filter(fits) {
            Some(layout) => Ok(Some(layout)),
            None => Err(DecodeError::UnsupportedBits { given: self.bits, kind }),
        }
    }
}
