//! What files of other kinds say beside their sound and no tag holds: named, so that nobody misses it unawares.

use crate::SoundFile;

use super::{Input, aiff};
use crate::DecodeError;

/// Chunks or blocks that are looked at.
const BLOCKS_MAX: usize = 1 << 12;
/// Chunks of AIFF that are made anew, that tags are read from, or that say nothing.
const AIFF_NOT_MISSED: [&[u8; 4]; 11] = [
    b"COMM", b"SSND", b"FVER", b"ID3 ", b"NAME", b"AUTH", b"(c) ", b"ANNO", b"COMT", b"CHAN",
    b"FLLR",
];

/// The names of what is left out.
pub(crate) fn metadata_left_out(file: &SoundFile) -> Result<Vec<String>, DecodeError> {
    let mut input = Input::of(file)?;
    input.skip_id3()?;
    let beginning = input.beginning()?;
    let mut names = match &beginning {
        _ if aiff::is_aiff(&beginning) => aiff_chunks(&mut input)?,
        [b'f', b'L', b'a', b'C', ..] => flac_blocks(&mut input)?,
        _ => Vec::new(),
    };
    names.dedup();
    Ok(names)
}

fn aiff_chunks(input: &mut Input) -> Result<Vec<String>, DecodeError> {
    let mut names = Vec::new();
    let mut position = 12;
    for _ in 0..BLOCKS_MAX {
        let mut head = [0; 8];
        input.seek_to(position)?;
        if input.read_up_to(&mut head)? < head.len() {
            break;
        }
        let [a, b, c, d, size @ ..] = head;
        let name = [a, b, c, d];
        if !name.iter().all(|byte| (b' '..=b'~').contains(byte)) {
            break;
        }
        if !AIFF_NOT_MISSED.contains(&&name) {
            names.push(String::from_utf8_lossy(&name).trim_end().to_owned());
        }
        position += 8 + u64::from(u32::from_be_bytes(size)).next_multiple_of(2);
    }
    Ok(names)
}

/// Cue sheets and data of applications (RFC 9639, 8.4 and 8.7); the other kinds are tags, or about the file.
fn flac_blocks(input: &mut Input) -> Result<Vec<String>, DecodeError> {
    let mut names = Vec::new();
    let mut position = 4;
    for _ in 0..BLOCKS_MAX {
        let mut head = [0; 4];
        input.seek_to(position)?;
        if input.read_up_to(&mut head)? < head.len() {
            break;
        }
        let [kind, size @ ..] = head;
        match kind & 0x7F {
            2 => names.push("application data".to_owned()),
            5 => names.push("cue sheet".to_owned()),
            _ => {}
        }
        if kind & 0x80 != 0 {
            break;
        }
        position += 4 + u64::from(u32::from_be_bytes([0, size[0], size[1], size[2]]));
    }
    Ok(names)
}
