//! RIFF WAVE out; RF64 (EBU Tech 3306) when it grows beyond 4 GB.

use std::io::{self, Seek, SeekFrom, Write};

use super::pack::{ByteOrder, pack};
use super::{Encoder, PcmFormat, Sink, wave_mask};
use crate::{ChannelLayout, EncodeError, PcmBlock, SampleFormat, Tags};

const FORMAT_PCM: u16 = 1;
const FORMAT_FLOAT: u16 = 3;
const FORMAT_EXTENSIBLE: u16 = 0xFFFE;
/// The last fourteen bytes of the sub-format GUIDs of plain samples (RFC 2361).
const GUID_TAIL: [u8; 14] =
    [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71];
/// Length of a ds64 chunk without a table; a JUNK chunk keeps the place free for it (EBU Tech 3306, 4.3).
const DS64_BYTES: u32 = 28;

/// The header of a file, and where in it lengths have to be filled in.
pub(super) struct Header {
    pub(super) bytes: Vec<u8>,
    fact_at: Option<usize>,
}

/// Writes a WAV file to a place that can be sought.
pub(super) struct WavEncoder {
    file: Sink,
    header: Header,
    /// Chunks after the samples.
    trailer: Vec<u8>,
    bytes_a_frame: u64,
    data_bytes: u64,
    packed: Vec<u8>,
    /// Above this RIFF size the header becomes RF64.
    riff_bytes_max: u64,
}

impl WavEncoder {
    pub(super) fn new(mut file: Sink, format: PcmFormat, tags: &Tags) -> Result<Self, EncodeError> {
        let mask = wave_mask(format, "WAV")?;
        let header = header(format, mask, &tags.wave_before(format));
        file.write_all(&header.bytes).map_err(EncodeError::Write)?;
        Ok(Self {
            file,
            header,
            trailer: tags.wave_after(),
            bytes_a_frame: format.bytes_a_frame(),
            data_bytes: 0,
            packed: Vec::new(),
            riff_bytes_max: u64::from(u32::MAX),
        })
    }

    fn complete(&mut self) -> io::Result<()> {
        if self.data_bytes % 2 == 1 {
            self.file.write_all(&[0])?;
        }
        self.file.write_all(&self.trailer)?;
        let around = self.header.bytes.len() as u64 - 8 + self.trailer.len() as u64;
        let riff_bytes = around + self.data_bytes.next_multiple_of(2);
        let frames = self.data_bytes / self.bytes_a_frame;
        if riff_bytes > self.riff_bytes_max {
            self.header.fill_rf64(riff_bytes, self.data_bytes, frames);
        } else {
            self.header.fill(riff_bytes as u32, self.data_bytes as u32, frames as u32);
        }
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&self.header.bytes)?;
        Ok(())
    }
}

impl Encoder for WavEncoder {
    fn write(&mut self, block: &PcmBlock) -> Result<(), EncodeError> {
        pack(block, ByteOrder::Little, &mut self.packed);
        self.data_bytes += self.packed.len() as u64;
        self.file.write_all(&self.packed).map_err(EncodeError::Write)
    }

    fn finish(mut self: Box<Self>) -> Result<(), EncodeError> {
        self.complete().map_err(EncodeError::Write)
    }
}

/// Everything before the samples, with lengths of zero; `chunks` are put in whole.
pub(super) fn header(format: PcmFormat, mask: u32, chunks: &[u8]) -> Header {
    let mut bytes = Vec::with_capacity(128);
    bytes.extend(b"RIFF\0\0\0\0WAVE");
    bytes.extend(b"JUNK");
    bytes.extend(DS64_BYTES.to_le_bytes());
    bytes.resize(bytes.len() + DS64_BYTES as usize, 0);
    bytes.extend(b"fmt ");
    append_fmt(&mut bytes, format, mask);
    let mut fact_at = None;
    if format.samples == SampleFormat::Float32 {
        bytes.extend(b"fact");
        bytes.extend(4u32.to_le_bytes());
        fact_at = Some(bytes.len());
        bytes.extend([0; 4]);
    }
    bytes.extend(chunks);
    bytes.extend(b"data\0\0\0\0");
    Header { bytes, fact_at }
}

/// The size and content of a fmt chunk: extensible only where there are more than two channels or their places are unusual,
/// because the plain form is read by everything.
fn append_fmt(bytes: &mut Vec<u8>, format: PcmFormat, mask: u32) {
    let bits = format.samples.bits() as u16;
    let channels = format.spec.channels as u16;
    let rate = format.spec.sample_rate_hz;
    let frame = format.bytes_a_frame() as u16;
    let plain = if format.samples == SampleFormat::Float32 { FORMAT_FLOAT } else { FORMAT_PCM };
    let extensible = channels > 2 || mask != ChannelLayout::usual(format.spec.channels).mask();
    let (tag, size) = match (extensible, plain) {
        (true, _) => (FORMAT_EXTENSIBLE, 40u32),
        (false, FORMAT_FLOAT) => (plain, 18),
        (false, _) => (plain, 16),
    };
    bytes.extend(size.to_le_bytes());
    bytes.extend(tag.to_le_bytes());
    bytes.extend(channels.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * u32::from(frame)).to_le_bytes());
    bytes.extend(frame.to_le_bytes());
    bytes.extend(bits.to_le_bytes());
    if extensible {
        bytes.extend(22u16.to_le_bytes());
        bytes.extend(bits.to_le_bytes());
        bytes.extend(mask.to_le_bytes());
        bytes.extend(plain.to_le_bytes());
        bytes.extend(GUID_TAIL);
    } else if plain == FORMAT_FLOAT {
        bytes.extend(0u16.to_le_bytes());
    }
}

impl Header {
    fn put(&mut self, at: usize, value: u32) {
        self.bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }

    pub(super) fn fill(&mut self, riff_bytes: u32, data_bytes: u32, frames: u32) {
        self.put(4, riff_bytes);
        self.put(self.bytes.len() - 4, data_bytes);
        if let Some(at) = self.fact_at {
            self.put(at, frames);
        }
    }

    /// Lengths move into the ds64 chunk, and the old fields say so.
    fn fill_rf64(&mut self, riff_bytes: u64, data_bytes: u64, frames: u64) {
        self.fill(u32::MAX, u32::MAX, u32::MAX);
        self.bytes[..4].copy_from_slice(b"RF64");
        self.bytes[12..16].copy_from_slice(b"ds64");
        for (at, value) in [(20, riff_bytes), (28, data_bytes), (36, frames)] {
            self.bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;
    use crate::{AudioSpec, Container, FileFormat, MEMORY_LIMIT_BYTES, PcmPlanes, open};

    #[test]
    fn a_file_beyond_the_limit_of_riff_becomes_rf64_and_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long.wav");
        let spec = AudioSpec::new(96_000, 1);
        let samples = SampleFormat::Int24;
        let output = PcmFormat { file: FileFormat::Wav, samples, spec };
        let mut block = PcmBlock::new(spec, samples);
        block.planes = PcmPlanes::Int(vec![(0..1001).collect()]);
        for (limit, container) in [(3_100, Container::Wav), (3_000, Container::Rf64)] {
            let file = Box::new(File::create(&path).unwrap());
            let mut encoder = WavEncoder::new(file, output, &Tags::none()).unwrap();
            encoder.riff_bytes_max = limit;
            encoder.write(&block).unwrap();
            Box::new(encoder).finish().unwrap();
            let source = open(&path, MEMORY_LIMIT_BYTES).unwrap();
            assert_eq!((source.format().container, source.frames()), (container, 1001));
            assert_eq!(source.warnings(), []);
            assert_eq!(source.audio().unwrap().channel(0)[1000], 1000.0 / 8_388_608.0);
        }
    }
}
