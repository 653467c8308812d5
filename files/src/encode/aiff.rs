//! AIFF out (Apple, Audio Interchange File Format 1.3); AIFF-C with `fl32` for floats.

use std::io::{self, Seek, SeekFrom, Write};

use super::pack::{ByteOrder, pack};
use super::{Encoder, PcmFormat, Sink, wave_mask};
use crate::decode::USE_BITMAP;
use crate::{ChannelLayout, EncodeError, PcmBlock, SampleFormat, Tags};

/// When AIFF-C was defined, as its FVER chunk states it.
const AIFF_C_VERSION: u32 = 0xA280_5140;

/// Writes an AIFF file.
pub(super) struct AiffEncoder {
    file: Sink,
    header: Vec<u8>,
    /// The chunk of tags after the samples.
    trailer: Vec<u8>,
    frames_at: usize,
    bytes_a_frame: u64,
    data_bytes: u64,
    packed: Vec<u8>,
}

impl AiffEncoder {
    pub(super) fn new(mut file: Sink, format: PcmFormat, tags: &Tags) -> Result<Self, EncodeError> {
        let (header, frames_at) = header(format, wave_mask(format, "AIFF")?);
        let trailer = id3_chunk(&tags.id3_bytes());
        file.write_all(&header).map_err(EncodeError::Write)?;
        let bytes_a_frame = format.bytes_a_frame();
        let packed = Vec::new();
        Ok(Self { file, header, trailer, frames_at, bytes_a_frame, data_bytes: 0, packed })
    }

    /// Length after the first eight bytes, pad byte included.
    fn form_bytes(&self) -> u64 {
        let around = (self.header.len() - 8 + self.trailer.len()) as u64;
        around + self.data_bytes.next_multiple_of(2)
    }

    fn complete(&mut self) -> io::Result<()> {
        if self.data_bytes % 2 == 1 {
            self.file.write_all(&[0])?;
        }
        self.file.write_all(&self.trailer)?;
        let frames = (self.data_bytes / self.bytes_a_frame) as u32;
        let end = self.header.len();
        let fields = [
            (4, self.form_bytes() as u32),
            (self.frames_at, frames),
            (end - 12, self.data_bytes as u32 + 8),
        ];
        for (at, value) in fields {
            self.header[at..at + 4].copy_from_slice(&value.to_be_bytes());
        }
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&self.header)?;
        Ok(())
    }
}

impl Encoder for AiffEncoder {
    fn write(&mut self, block: &PcmBlock) -> Result<(), EncodeError> {
        pack(block, ByteOrder::Big, &mut self.packed);
        self.data_bytes += self.packed.len() as u64;
        if self.form_bytes() > u64::from(u32::MAX) {
            let limit_bytes = u64::from(u32::MAX);
            return Err(EncodeError::TooLong { container: "AIFF", limit_bytes });
        }
        self.file.write_all(&self.packed).map_err(EncodeError::Write)
    }

    fn finish(mut self: Box<Self>) -> Result<(), EncodeError> {
        self.complete().map_err(EncodeError::Write)
    }
}

/// Everything before the samples, and where the number of frames goes.
fn header(format: PcmFormat, mask: u32) -> (Vec<u8>, usize) {
    let is_float = format.samples == SampleFormat::Float32;
    let mut bytes = Vec::with_capacity(128);
    bytes.extend(b"FORM\0\0\0\0");
    bytes.extend(if is_float { b"AIFC" } else { b"AIFF" });
    if is_float {
        bytes.extend(b"FVER");
        bytes.extend(4u32.to_be_bytes());
        bytes.extend(AIFF_C_VERSION.to_be_bytes());
    }
    bytes.extend(b"COMM");
    bytes.extend(if is_float { 24u32 } else { 18 }.to_be_bytes());
    bytes.extend((format.spec.channels as u16).to_be_bytes());
    let frames_at = bytes.len();
    bytes.extend([0; 4]);
    bytes.extend((format.samples.bits() as u16).to_be_bytes());
    bytes.extend(extended(format.spec.sample_rate_hz));
    if is_float {
        bytes.extend(b"fl32\0\0");
    }
    // Apple's channel layout, as CAF has it: AIFF itself has no word for it.
    if mask != ChannelLayout::usual(format.spec.channels).mask() || format.spec.channels > 2 {
        bytes.extend(b"CHAN");
        for word in [12, USE_BITMAP, mask, 0] {
            bytes.extend(word.to_be_bytes());
        }
    }
    // Length, then offset and block size, both zero.
    bytes.extend(b"SSND\0\0\0\0\0\0\0\0\0\0\0\0");
    (bytes, frames_at)
}

fn id3_chunk(tag: &[u8]) -> Vec<u8> {
    let mut chunk = Vec::new();
    if !tag.is_empty() {
        chunk.extend(b"ID3 ");
        chunk.extend((tag.len() as u32).to_be_bytes());
        chunk.extend(tag);
        chunk.resize(chunk.len().next_multiple_of(2), 0);
    }
    chunk
}

/// A whole number as an 80-bit extended float (IEEE 754 double extended, big-endian).
fn extended(value: u32) -> [u8; 10] {
    const BIAS: u32 = 16_383;
    let shift = value.leading_zeros();
    let exponent = (BIAS + 31 - shift) as u16;
    let mantissa = u64::from(value << shift) << 32;
    let mut bytes = [0; 10];
    bytes[..2].copy_from_slice(&exponent.to_be_bytes());
    bytes[2..].copy_from_slice(&mantissa.to_be_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_written_as_the_standard_shows_it() {
        // 44100 as in the AIFF 1.3 appendix.
        assert_eq!(extended(44_100), [0x40, 0x0E, 0xAC, 0x44, 0, 0, 0, 0, 0, 0]);
        assert_eq!(extended(1), [0x3F, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0]);
    }
}
