//! Chapters of ID3 tags may hold chapters: whoever reads them goes as deep as a file says.
//!
//! Every other nesting is bounded where it is read: MP4 boxes (32 in symphonia, 12 in ours), Matroska (16); chunks of RIFF and AIFF
//! are not followed into each other.

use crate::SoundFile;

use super::Input;
use super::{aiff, riff};
use crate::DecodeError;

/// Bytes that are searched at once.
const CHUNK_BYTES: usize = 1 << 16;
/// Bytes of the header of a tag, and of a frame.
const HEAD_BYTES: usize = 10;
/// Flags of a compressed frame (ID3 2.3.0, 3.3.1, and 2.4.0, 4.1.2), and of a tag whose bytes are not those of its frames.
const COMPRESSED: u8 = 0x88;
const UNSYNCHRONISED: u8 = 0x80;
/// Where a tag may begin that is not in a chunk of its own.
const FRONT_BYTES: u64 = 64 << 20;

/// How many chapters, and tables of them, a file can hold at most: as often as their names are in it, outside its samples.
pub(crate) fn chapters(file: &SoundFile) -> Result<usize, DecodeError> {
    let mut input = Input::of(file)?;
    let len = input.len();
    let beginning = input.beginning()?;
    let samples = if let Some(container) = riff::container_of(&beginning) {
        riff::parse(&mut input, container).ok().map(|file| (file.data_from, file.data_bytes))
    } else if aiff::is_aiff(&beginning) {
        let pcm = aiff::parse(&mut input).ok().flatten();
        pcm.map(|file| (file.data_from, file.data_bytes))
    } else {
        Some((FRONT_BYTES.min(len), len))
    };
    let (from, bytes) = samples.unwrap_or((len, 0));
    let behind = count(&mut input, from.saturating_add(bytes), len)?;
    Ok(count(&mut input, 0, from)?.saturating_add(behind))
}

/// The same for the whole of an input.
pub(super) fn chapters_in(input: &mut Input) -> Result<usize, DecodeError> {
    count(input, 0, input.len())
}

fn count(input: &mut Input, from: u64, to: u64) -> Result<usize, DecodeError> {
    let mut bytes = vec![0; CHUNK_BYTES];
    let mut position = from;
    let (mut found, mut opaque) = (0, false);
    while position < to {
        input.seek_to(position)?;
        let wanted = (to - position).min(bytes.len() as u64) as usize;
        let filled = input.read_up_to(&mut bytes[..wanted])?;
        for head in bytes[..filled].windows(HEAD_BYTES) {
            match head {
                [b'C', b'H', b'A', b'P', ..] | [b'C', b'T', b'O', b'C', ..] => {
                    found += 1;
                    opaque |= head[9] & COMPRESSED != 0;
                }
                [b'I', b'D', b'3', _, _, flags, ..] => opaque |= flags & UNSYNCHRONISED != 0,
                _ => {}
            }
        }
        if filled < HEAD_BYTES || filled < wanted {
            break;
        }
        // The last bytes may begin a header.
        let at_end = position + filled as u64 == to;
        position += if at_end { filled } else { filled - (HEAD_BYTES - 1) } as u64;
    }
    // What is inside them cannot be seen.
    Ok(if opaque && found > 0 { usize::MAX / 2 } else { found })
}
