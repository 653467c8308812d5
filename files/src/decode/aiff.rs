//! The chunks of AIFF and AIFF-C with plain samples (Apple, Audio Interchange File Format 1.3; AIFF-C draft of 1991).

use super::Input;
use super::core_audio::{LAYOUT_BYTES_MAX, placing_of};
use super::pcm_file::{PcmFile, SampleFields};
use super::placing::Placing;
use super::unpack::{Layout, Order};
use crate::{Container, check_spec};
use crate::{DecodeError, SourceWarning};

/// Chunks that are looked at before a file is called damaged.
const CHUNKS_MAX: usize = 1 << 16;
/// Bytes of a common chunk that are looked at.
const COMMON_BYTES_MAX: usize = 22;

/// What the common chunk says.
struct Common {
    channels: usize,
    frames: u64,
    bits: u32,
    sample_rate_hz: u32,
    /// The coding of AIFF-C; `NONE` in AIFF.
    coding: [u8; 4],
}

/// Whether a file that begins so is AIFF or AIFF-C.
pub(super) fn is_aiff(beginning: &[u8]) -> bool {
    beginning.starts_with(b"FORM") && matches!(beginning.get(8..12), Some(b"AIFF" | b"AIFC"))
}

/// Where the samples are; `None` when they are coded in a way that is not plain.
pub(super) fn parse(input: &mut Input) -> Result<Option<PcmFile>, DecodeError> {
    let malformed = |problem| DecodeError::Malformed { container: "AIFF", problem };
    let (mut common, mut sound, mut placed) = (None, None, None);
    let mut position = 12;
    for _ in 0..CHUNKS_MAX {
        let mut head = [0; 8];
        input.seek_to(position.min(input.len()))?;
        if input.read_up_to(&mut head)? < head.len() {
            break;
        }
        let [a, b, c, d, size @ ..] = head;
        let bytes = u64::from(u32::from_be_bytes(size));
        let from = position + 8;
        match &[a, b, c, d] {
            b"COMM" if common.is_none() => common = Some(read_common(input, bytes)?),
            b"SSND" if sound.is_none() => sound = Some((from, bytes)),
            b"CHAN" if placed.is_none() => placed = Some(read_up_to(input, bytes)?),
            _ => {}
        }
        position = (from + bytes).next_multiple_of(2);
    }
    let common = common.flatten().ok_or_else(|| malformed("it has no whole COMM chunk"))?;
    check_spec(common.sample_rate_hz, common.channels)?;
    let Some((layout, order)) = common.layout()? else { return Ok(None) };
    let (from, bytes) = sound.ok_or_else(|| malformed("it has no SSND chunk"))?;
    let placing = placed
        .and_then(|content| placing_of(&content, common.channels))
        .unwrap_or_else(|| Placing::usual(common.channels));
    let file = locate(input, &common, layout, order, from, bytes)?;
    Ok(Some(PcmFile { placing, ..file }))
}

/// The content of a channel layout chunk, as far as it is looked at.
fn read_up_to(input: &mut Input, bytes: u64) -> Result<Vec<u8>, DecodeError> {
    let mut content = vec![0; bytes.min(LAYOUT_BYTES_MAX as u64) as usize];
    let count = input.read_up_to(&mut content)?;
    content.truncate(count);
    Ok(content)
}

/// The samples begin after an offset and a block size, and as far into them as the offset says.
fn locate(
    input: &mut Input,
    common: &Common,
    layout: Layout,
    order: Order,
    from: u64,
    bytes: u64,
) -> Result<PcmFile, DecodeError> {
    let mut head = [0; 8];
    input.seek_to(from)?;
    input.read_up_to(&mut head)?;
    let [a, b, c, d, ..] = head;
    let begin = 8 + u64::from(u32::from_be_bytes([a, b, c, d]));
    let frame_bytes = layout.bytes() * common.channels;
    let there = input.len().saturating_sub(from + begin);
    // Streams leave lengths of 0 or 2^32-1 behind.
    let open_end = bytes == 0 || bytes >= u64::from(u32::MAX) - 64;
    let forgets = !open_end && forgets_samples(input, common, from + bytes)?;
    let stated = if open_end || forgets { there } else { bytes.saturating_sub(begin) };
    let found_frames = stated.min(there) / frame_bytes as u64;
    let mut warnings = Vec::new();
    let promised_frames = if open_end { found_frames } else { common.frames };
    if promised_frames > found_frames {
        warnings.push(SourceWarning::Truncated { promised_frames, found_frames });
    } else if promised_frames < found_frames {
        warnings.push(SourceWarning::LongerThanPromised { promised_frames, found_frames });
    }
    let fields = SampleFields {
        channels: common.channels,
        sample_rate_hz: common.sample_rate_hz,
        bits: common.bits,
        frame_bytes,
        layout,
        order,
    };
    let data_bytes = found_frames * frame_bytes as u64;
    Ok(PcmFile {
        container: Container::Aiff,
        fields,
        placing: Placing::usual(common.channels),
        data_from: from + begin,
        data_bytes,
        further: Vec::new(),
        warnings,
    })
}

/// Whether samples go on where the length says they end: what is there is no chunk, and the file or the number of frames
/// reaches further.
fn forgets_samples(input: &mut Input, common: &Common, end: u64) -> Result<bool, DecodeError> {
    let mut head = [0; 8];
    let rest = input.len().saturating_sub(end);
    input.seek_to(4)?;
    input.read_up_to(&mut head[..4])?;
    let form_end = 8 + u64::from(u32::from_be_bytes([head[0], head[1], head[2], head[3]]));
    let second = u64::from(common.sample_rate_hz) * common.channels as u64;
    if form_end <= end.next_multiple_of(2) && rest < second {
        return Ok(false);
    }
    input.seek_to(end.next_multiple_of(2))?;
    let count = input.read_up_to(&mut head)?;
    let [name @ .., a, b, c, d] = head;
    let bytes = u64::from(u32::from_be_bytes([a, b, c, d]));
    let is_name = name.iter().all(|byte| (b' '..=b'~').contains(byte));
    let is_tag = name.starts_with(b"ID3") || name.starts_with(b"TAG");
    let is_chunk = is_tag || (is_name && bytes <= rest);
    Ok(count == head.len() && !is_chunk && head != [0; 8])
}

fn read_common(input: &mut Input, bytes: u64) -> Result<Option<Common>, DecodeError> {
    let mut content = [0; COMMON_BYTES_MAX];
    let wanted = bytes.min(COMMON_BYTES_MAX as u64) as usize;
    let count = input.read_up_to(&mut content[..wanted])?;
    Ok((count >= 18).then(|| Common {
        channels: usize::from(u16::from_be_bytes([content[0], content[1]])),
        frames: u64::from(u32::from_be_bytes([content[2], content[3], content[4], content[5]])),
        bits: u32::from(u16::from_be_bytes([content[6], content[7]])),
        sample_rate_hz: whole_of_extended(content[8..18].try_into().expect("ten bytes")),
        coding: if count == COMMON_BYTES_MAX {
            content[18..].try_into().expect("four bytes")
        } else {
            *b"NONE"
        },
    }))
}

/// An 80-bit extended float as a whole number; 0 for what is none (negative, infinite, not a number).
fn whole_of_extended(bytes: [u8; 10]) -> u32 {
    let [high, low, mantissa @ ..] = bytes;
    let exponent = i32::from(u16::from_be_bytes([high, low])) - 16_383;
    let mantissa = u64::from_be_bytes(mantissa);
    match exponent {
        // Rounded, for the rates that are no whole number.
        0..=30 => (mantissa >> (62 - exponent)).div_ceil(2) as u32,
        31 => u32::try_from(mantissa >> 32).unwrap_or(0),
        _ => 0,
    }
}

impl Common {
    fn layout(&self) -> Result<Option<(Layout, Order)>, DecodeError> {
        let integer = match self.bits.div_ceil(8) {
            1 => Some(Layout::Signed8),
            2 => Some(Layout::Int16),
            3 => Some(Layout::Int24),
            4 => Some(Layout::Int32),
            _ => None,
        };
        let (layout, order) = match &self.coding {
            b"NONE" | b"twos" => (integer, Order::Big),
            b"sowt" => (integer, Order::Little),
            b"in24" => (Some(Layout::Int24), Order::Big),
            b"in32" => (Some(Layout::Int32), Order::Big),
            b"raw " => (Some(Layout::Unsigned8), Order::Big),
            b"fl32" | b"FL32" => (Some(Layout::Float32), Order::Big),
            b"fl64" | b"FL64" => (Some(Layout::Float64), Order::Big),
            b"alaw" | b"ALAW" => (Some(Layout::ALaw), Order::Big),
            b"ulaw" | b"ULAW" => (Some(Layout::MuLaw), Order::Big),
            _ => return Ok(None),
        };
        let unsupported = || DecodeError::UnsupportedBits { given: self.bits, kind: "integers" };
        Ok(Some((layout.ok_or_else(unsupported)?, order)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_as_the_standard_writes_them() {
        assert_eq!(whole_of_extended([0x40, 0x0E, 0xAC, 0x44, 0, 0, 0, 0, 0, 0]), 44_100);
        assert_eq!(whole_of_extended([0x3F, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0]), 1);
        // 22254.545..., the rate of the first Macintosh.
        assert_eq!(whole_of_extended([0x40, 0x0D, 0xAD, 0xDD, 0x17, 0x46, 0, 0, 0, 0]), 22_255);
        assert_eq!(whole_of_extended([0xC0, 0x0E, 0xAC, 0x44, 0, 0, 0, 0, 0, 0]), 0);
    }
}
