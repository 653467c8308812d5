//! How many bytes of a FLAC file are frames of sound, so that bytes that no frame accounts for can be reported.

use super::Input;
use crate::DecodeError;

/// Metadata blocks that are looked at before giving up; files have a handful.
const BLOCKS_MAX: usize = 1024;
/// Length of an ID3v1 tag, which some programs put at the end of anything.
const ID3V1_BYTES: u64 = 128;
/// Length of the footer of an APE tag, and of its header.
const APE_FOOTER_BYTES: u64 = 32;

/// Bytes after the metadata; `None` when the file is not native FLAC.
pub(super) fn coded_bytes(input: &mut Input) -> Result<Option<u64>, DecodeError> {
    let mut position = 0;
    let mut head = [0; 4];
    input.seek_to(position)?;
    if input.read_up_to(&mut head)? < 4 || &head != b"fLaC" {
        return Ok(None);
    }
    position += 4;
    for _ in 0..BLOCKS_MAX {
        input.seek_to(position)?;
        if input.read_up_to(&mut head)? < 4 {
            return Ok(None);
        }
        let [kind, high, middle, low] = head;
        position += 4 + u64::from(u32::from_be_bytes([0, high, middle, low]));
        // The first bit marks the last block (RFC 9639, 8.1).
        if kind & 0x80 != 0 {
            let end = input.len() - trailing_tag_bytes(input)?;
            return Ok(Some(end.saturating_sub(position)));
        }
    }
    Ok(None)
}

/// Length of the ID3v1 and APE tags at the end of a file.
pub(super) fn trailing_tag_bytes(input: &mut Input) -> Result<u64, DecodeError> {
    let id3 =
        if bytes_before_end(input, ID3V1_BYTES)?.starts_with(b"TAG") { ID3V1_BYTES } else { 0 };
    let footer = bytes_before_end(input, id3 + APE_FOOTER_BYTES)?;
    if !footer.starts_with(b"APETAGEX") {
        return Ok(id3);
    }
    // The size counts the footer, not the header; a flag says whether there is one (APEv2).
    let field = |at: usize| u32::from_le_bytes(footer[at..at + 4].try_into().expect("four bytes"));
    let header = if field(20) & 1 << 31 != 0 { APE_FOOTER_BYTES } else { 0 };
    let tags = id3 + u64::from(field(12)) + header;
    Ok(if tags < input.len() { tags } else { id3 })
}

/// As many bytes as an APE footer has, from a place counted from the end; zeros when there are none.
fn bytes_before_end(
    input: &mut Input,
    distance: u64,
) -> Result<[u8; APE_FOOTER_BYTES as usize], DecodeError> {
    let mut bytes = [0; APE_FOOTER_BYTES as usize];
    if let Some(from) = input.len().checked_sub(distance) {
        input.seek_to(from)?;
        input.read_up_to(&mut bytes)?;
    }
    Ok(bytes)
}
