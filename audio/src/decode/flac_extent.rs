//! How many bytes of a FLAC file are frames of sound, so that bytes that no frame accounts for can be reported.

use super::Input;
use crate::DecodeError;

/// Metadata blocks that are looked at before giving up; files have a handful.
const BLOCKS_MAX: usize = 1024;
/// Length of an ID3v1 tag, which some programs put at the end of anything.
const ID3V1_BYTES: u64 = 128;

/// Bytes after the metadata; `None` when the file is not native FLAC.
pub(super) fn coded_bytes(input: &mut Input) -> Result<Option<u64>, DecodeError> {
    let mut position = input.id3_bytes()?;
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
            let end = input.len() - if ends_with_id3v1(input)? { ID3V1_BYTES } else { 0 };
            return Ok(Some(end.saturating_sub(position)));
        }
    }
    Ok(None)
}

fn ends_with_id3v1(input: &mut Input) -> Result<bool, DecodeError> {
    let mut head = [0; 3];
    if input.len() < ID3V1_BYTES {
        return Ok(false);
    }
    input.seek_to(input.len() - ID3V1_BYTES)?;
    Ok(input.read_up_to(&mut head)? == 3 && &head == b"TAG")
}
