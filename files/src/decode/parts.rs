//! Where one file ends and another begins behind it: `cat` joins files of most kinds, and Ogg streams are meant to be.

use super::{Input, riff_extent};
use crate::DecodeError;

/// Parts that are told apart; the last holds what is left.
const PARTS_MAX: usize = 4096;
/// Chunks and boxes that are looked at.
const BOXES_MAX: usize = 1 << 20;
/// Bytes that are searched at once.
const CHUNK_BYTES: usize = 1 << 16;
/// A FLAC file's magic and the header of its first block, which has always this length (RFC 9639, 8.2).
const FLAC_BEGIN: &[u8] = b"fLaC\0\0\0\x22";

/// Where each part begins and ends; one of them in nearly every file.
pub(super) fn of(input: &mut Input, beginning: &[u8]) -> Result<Vec<(u64, u64)>, DecodeError> {
    let begins = match beginning {
        [b'O', b'g', b'g', b'S', ..] => ogg(input)?,
        [b'f', b'L', b'a', b'C', ..] => flac(input)?,
        [b'F', b'O', b'R', b'M', ..] => boxes(input, 0, iff)?,
        [b'c', b'a', b'f', b'f', ..] => boxes(input, 8, caf)?,
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => boxes(input, 0, mp4)?,
        [b'R', b'I', b'F', b'F', ..] => riff_extent::joined(input)?,
        _ => Vec::new(),
    };
    let begins = begins.into_iter().filter(|&begin| begin > 0).take(PARTS_MAX - 1);
    let begins: Vec<u64> = std::iter::once(0).chain(begins).collect();
    let ends = begins.iter().copied().skip(1).chain([input.len()]);
    Ok(begins.iter().copied().zip(ends).collect())
}

/// A link of a chain begins with pages marked as first, after some that are not (RFC 3533, 4).
fn ogg(input: &mut Input) -> Result<Vec<u64>, DecodeError> {
    let mut begins = Vec::new();
    let mut after_sound = false;
    let mut position = 0;
    let mut page = [0; 27 + 255];
    while begins.len() < PARTS_MAX {
        input.seek_to(position)?;
        let count = input.read_up_to(&mut page)?;
        if count < 27 {
            break;
        }
        if !page.starts_with(b"OggS") {
            match find(input, b"OggS", position + 1)? {
                Some(next) => position = next,
                None => break,
            }
            continue;
        }
        let is_first = page[5] & 2 != 0;
        if is_first && after_sound {
            begins.push(position);
        }
        after_sound = !is_first;
        let segments = usize::from(page[26]);
        let body: u64 = page[27..27 + segments].iter().map(|&bytes| u64::from(bytes)).sum();
        position += 27 + segments as u64 + body;
    }
    Ok(begins)
}

fn flac(input: &mut Input) -> Result<Vec<u64>, DecodeError> {
    let mut begins = Vec::new();
    let mut position = FLAC_BEGIN.len() as u64;
    while begins.len() < PARTS_MAX
        && let Some(begin) = find(input, FLAC_BEGIN, position)?
    {
        begins.push(begin);
        position = begin + 1;
    }
    Ok(begins)
}

/// What a header at some place says: whether a file begins there, and where the next header is.
type Step = fn(&[u8; 16]) -> Option<(bool, u64)>;

/// Goes over boxes, of which the first of a file tells itself from the others.
fn boxes(input: &mut Input, header: u64, step: Step) -> Result<Vec<u64>, DecodeError> {
    let mut begins = Vec::new();
    let mut position = header;
    for _ in 0..BOXES_MAX {
        let mut head = [0; 16];
        if position >= input.len() {
            break;
        }
        input.seek_to(position)?;
        if input.read_up_to(&mut head)? < 12 {
            break;
        }
        let Some((begins_file, bytes)) = step(&head) else { break };
        if begins_file {
            begins.push(position);
        }
        position = position.saturating_add(bytes);
    }
    Ok(begins)
}

fn iff(head: &[u8; 16]) -> Option<(bool, u64)> {
    let is_form = head.starts_with(b"FORM") && matches!(&head[8..12], b"AIFF" | b"AIFC");
    let bytes = u64::from(u32::from_be_bytes([head[4], head[5], head[6], head[7]]));
    // A length of 0 or of everything is a stream's.
    (is_form && bytes > 4).then_some((true, 8 + bytes.next_multiple_of(2)))
}

fn caf(head: &[u8; 16]) -> Option<(bool, u64)> {
    if head.starts_with(b"caff\0\x01") {
        return Some((true, 8));
    }
    let bytes = u64::from_be_bytes(*head[4..].first_chunk()?);
    // -1: to the end.
    (bytes < i64::MAX as u64).then_some((false, 12 + bytes))
}

fn mp4(head: &[u8; 16]) -> Option<(bool, u64)> {
    let [a, b, c, d, kind @ .., _, _, _, _, _, _, _, _] = head;
    let bytes = match u32::from_be_bytes([*a, *b, *c, *d]) {
        1 => u64::from_be_bytes(*head.last_chunk()?),
        bytes => u64::from(bytes),
    };
    (bytes >= 8).then_some((kind == b"ftyp", bytes))
}

/// Where `wanted` is next.
fn find(input: &mut Input, wanted: &[u8], from: u64) -> Result<Option<u64>, DecodeError> {
    let mut bytes = vec![0; CHUNK_BYTES];
    let mut position = from;
    loop {
        input.seek_to(position.min(input.len()))?;
        let count = input.read_up_to(&mut bytes)?;
        let first = wanted[0];
        let windows = bytes[..count].windows(wanted.len());
        let found = windows.enumerate().find(|(_, at)| at[0] == first && *at == wanted);
        if let Some((at, _)) = found {
            return Ok(Some(position + at as u64));
        }
        if count < bytes.len() {
            return Ok(None);
        }
        position += (count - wanted.len() + 1) as u64;
    }
}
