//! The frame that encoders put before the first: how long the stream is, and what of it is not sound.
//!
//! Sources: the Xing tag as LAME documents it ("mp3infotag", rev 1); Fraunhofer's VBRI.

use super::head::{Head, Kind};

/// Frames that every layer III decoder is late by (LAME, "mp3infotag").
const DECODER_DELAY: u64 = 529;
/// Where VBRI begins, from the beginning of the frame.
const VBRI_AT: usize = 36;
/// Bytes from LAME's name to its delays.
const LAME_DELAYS_AT: usize = 21;

/// What the tag says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Info {
    /// MPEG frames after this one.
    pub(super) count: Option<u64>,
    /// Bytes from this frame to the end.
    pub(super) bytes: Option<u64>,
    /// Frames of sound to leave out at the beginning and at the end.
    pub(super) delay: u64,
    pub(super) padding: u64,
}

/// The tag in a frame, if it is one instead of sound.
pub(super) fn read(frame: &[u8], head: &Head) -> Option<Info> {
    if head.kind != Kind::Mp3 {
        return None;
    }
    xing(frame, head).or_else(|| vbri(frame, head))
}

fn xing(frame: &[u8], head: &Head) -> Option<Info> {
    let (from, side_info_bytes) = head.side_info;
    // A checksum is not counted by those who write the tag.
    let at = 4 + side_info_bytes;
    if !matches!(frame.get(at..at + 4)?, b"Xing" | b"Info") || !is_silent(frame.get(from..at)?) {
        return None;
    }
    let mut position = at + 8;
    let flags = u32_at(frame, at + 4)?;
    let mut field = |flag: u32, bytes: usize| {
        let there = flags & flag != 0;
        let value = there.then(|| u32_at(frame, position)).flatten();
        position += if there { bytes } else { 0 };
        value.map(u64::from)
    };
    let (count, bytes) = (field(1, 4), field(2, 4));
    field(4, 100);
    field(8, 4);
    let (delay, padding) = lame_delays(frame.get(position..).unwrap_or_default());
    Some(Info { count, bytes, delay, padding })
}

fn lame_delays(tag: &[u8]) -> (u64, u64) {
    let known = [b"LAME", b"Lavf", b"Lavc"].iter().any(|name| tag.starts_with(*name));
    match (known, tag.get(LAME_DELAYS_AT..LAME_DELAYS_AT + 3)) {
        (true, Some(&[a, b, c])) => {
            // Twelve bits each.
            let (delay, padding) =
                (u64::from(a) << 4 | u64::from(b >> 4), u64::from(b & 15) << 8 | u64::from(c));
            (delay + DECODER_DELAY, padding.saturating_sub(DECODER_DELAY))
        }
        _ => (0, 0),
    }
}

fn vbri(frame: &[u8], head: &Head) -> Option<Info> {
    let from = head.side_info.0;
    let tag = frame.get(VBRI_AT..VBRI_AT + 18)?;
    // A name and version 1.
    if !tag.starts_with(b"VBRI\0\x01") || !is_silent(&frame[from..VBRI_AT]) {
        return None;
    }
    let (bytes, count) = (u32_at(tag, 10).map(u64::from), u32_at(tag, 14).map(u64::from));
    Some(Info { count, bytes, ..Info::default() })
}

fn is_silent(side_info: &[u8]) -> bool {
    side_info.iter().all(|&byte| byte == 0)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}
