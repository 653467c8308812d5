//! From frame to frame through a file, past tags, padding and damage.

use super::head::{HEAD_BYTES, Head};
use crate::DecodeError;
use crate::decode::Input;

/// Bytes that are read at once.
const CHUNK_BYTES: usize = 1 << 16;
/// Frames that must follow before something is taken for the beginning of a stream.
const CONFIRMING: usize = 3;
/// Length of an ID3v1 tag.
const ID3V1_BYTES: u64 = 128;

/// A frame and where it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) at: u64,
    pub(super) head: Head,
}

/// What is at a place.
enum Here {
    Frame(Head),
    /// Tags and zeros: no sound, and nobody's loss.
    Filling(u64),
    /// Neither.
    Junk,
    End,
}

/// Goes through the frames of a file.
pub(super) struct Walk {
    input: Input,
    buffer: Vec<u8>,
    buffer_from: u64,
    position: u64,
    before: Option<Head>,
    /// Whether the frame before ended where we are.
    in_step: bool,
    /// Bytes that belong to no frame, tag or padding.
    pub(super) junk_bytes: u64,
    /// Bytes of a frame that the end of the file cuts off.
    pub(super) partial_bytes: u64,
}

impl Walk {
    pub(super) fn new(input: Input) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            buffer_from: 0,
            position: 0,
            before: None,
            in_step: false,
            junk_bytes: 0,
            partial_bytes: 0,
        }
    }

    /// The input, to be read anew.
    pub(super) fn into_input(self) -> Input {
        self.input
    }

    /// The next frame, whole; gives up after `most_junk` bytes that are nothing.
    pub(super) fn next(&mut self, most_junk: u64) -> Result<Option<Found>, DecodeError> {
        while self.junk_bytes <= most_junk {
            match self.here()? {
                Here::Frame(head) => {
                    let found = Found { at: self.position, head };
                    self.position += head.bytes as u64;
                    self.before = Some(head);
                    self.in_step = true;
                    return Ok(Some(found));
                }
                Here::Filling(bytes) => self.position += bytes,
                Here::Junk => {
                    self.junk_bytes += 1;
                    self.position += 1;
                    self.in_step = false;
                }
                Here::End => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The bytes of a frame that was found just now.
    pub(super) fn bytes(&mut self, found: &Found) -> Result<&[u8], DecodeError> {
        self.peek(found.at, found.head.bytes)
    }

    fn here(&mut self) -> Result<Here, DecodeError> {
        let at = self.position;
        let head = Head::parse(self.peek(at, HEAD_BYTES)?);
        if let Some(head) = head {
            if at + head.bytes as u64 <= self.input.len() {
                if self.is_frame(&head)? {
                    return Ok(Here::Frame(head));
                }
            } else if self.in_step && self.before.is_some_and(|before| before.goes_with(&head)) {
                self.partial_bytes = self.input.len() - at;
                return Ok(Here::End);
            }
        }
        self.between()
    }

    /// In step, a header that goes with the last is believed; any other must be followed by others.
    fn is_frame(&mut self, head: &Head) -> Result<bool, DecodeError> {
        let known = self.before.filter(|before| before.goes_with(head));
        let needed = match known {
            Some(before) if self.in_step && before.channels == head.channels => return Ok(true),
            Some(_) => 1,
            None => CONFIRMING,
        };
        self.is_followed(self.position + head.bytes as u64, head, needed)
    }

    /// Whether `needed` frames of the same kind, or the end of the sound, are at `at`.
    fn is_followed(
        &mut self,
        mut at: u64,
        head: &Head,
        needed: usize,
    ) -> Result<bool, DecodeError> {
        for _ in 0..needed {
            match Head::parse(self.peek(at, HEAD_BYTES)?) {
                Some(next) if next.goes_with(head) && next.channels == head.channels => {
                    at += next.bytes as u64;
                }
                _ => return Ok(!matches!(self.filling(at)?, Here::Junk)),
            }
        }
        Ok(true)
    }

    fn between(&mut self) -> Result<Here, DecodeError> {
        self.filling(self.position)
    }

    /// Tags and zeros at `at`, the end, or junk.
    fn filling(&mut self, at: u64) -> Result<Here, DecodeError> {
        let len = self.input.len();
        let bytes = self.peek(at, CHUNK_BYTES / 2)?;
        let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
        Ok(match bytes {
            [] => Here::End,
            // A few zeros may as well belong to what is damaged.
            _ if zeros == bytes.len() || zeros >= 16 => Here::Filling(zeros as u64),
            [b'I', b'D', b'3', version, _, flags, a, b, c, d, ..]
                if *version < 0xFF && (a | b | c | d) < 0x80 =>
            {
                let size = [a, b, c, d].iter().fold(0, |size, &&byte| size << 7 | u64::from(byte));
                // A footer, which version 2.4 may have, is as long as the header.
                Here::Filling(size + if flags & 0x10 != 0 { 20 } else { 10 })
            }
            [b'T', b'A', b'G', ..] if len - at >= ID3V1_BYTES => Here::Filling(ID3V1_BYTES),
            [b'A', b'P', b'E', b'T', b'A', b'G', b'E', b'X', ..] if bytes.len() >= 32 => {
                let u32_at = |at: usize| {
                    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
                };
                // At a header the items and the footer follow (APEv2); at a footer nothing does.
                let is_header = u32_at(20) & 1 << 29 != 0;
                Here::Filling(32 + if is_header { u64::from(u32_at(12)) } else { 0 })
            }
            _ => Here::Junk,
        })
    }

    /// At most `count` bytes from `at`, as many as there are.
    fn peek(&mut self, at: u64, count: usize) -> Result<&[u8], DecodeError> {
        let end = (at + count as u64).min(self.input.len());
        let at = at.min(end);
        if at < self.buffer_from || end > self.buffer_from + self.buffer.len() as u64 {
            // What is ahead of our place is looked at and left again.
            let begin = if at - at.min(self.position) < CHUNK_BYTES as u64 / 2 {
                at.min(self.position)
            } else {
                at
            };
            self.buffer.resize(CHUNK_BYTES, 0);
            self.input.seek_to(begin)?;
            let filled = self.input.read_up_to(&mut self.buffer)?;
            self.buffer.truncate(filled);
            self.buffer_from = begin;
        }
        let from = (at - self.buffer_from) as usize;
        let to = ((end - self.buffer_from) as usize).min(self.buffer.len());
        Ok(&self.buffer[from.min(to)..to])
    }
}
