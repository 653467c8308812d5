//! The LIST INFO chunk: the few tags that every WAV reader knows.

use lofty::tag::{ItemKey, TagType};

use super::wave_chunks::append as append_chunk;

/// Fields that no common name stands for, and what they are called where names are free.
const NAMES: [(&[u8; 4], &str); 14] = [
    (b"IARL", "ARCHIVALLOCATION"),
    (b"ICMS", "COMMISSIONED"),
    (b"ICRP", "CROPPED"),
    (b"IDIM", "DIMENSIONS"),
    (b"IDPI", "DPI"),
    (b"IENG", "ENGINEER"),
    (b"IKEY", "KEYWORDS"),
    (b"ILGT", "LIGHTNESS"),
    (b"IMED", "MEDIUM"),
    (b"IPLT", "PALETTE"),
    (b"ISBJ", "SUBJECT"),
    (b"ISHP", "SHARPNESS"),
    // The one who supplied it; not the recording's number.
    (b"ISRC", "SOURCE"),
    (b"ISTD", "PRODUCTIONSTUDIO"),
];
/// The program that wrote the old file.
const SOFTWARE: &[u8; 4] = b"ISFT";

/// Names and values of the fields that the tag library passes over.
pub(super) fn further<'a>(
    fields: impl Iterator<Item = ([u8; 4], &'a [u8])>,
) -> Vec<(String, String)> {
    let named = fields.filter_map(|(key, value)| {
        let known = str::from_utf8(&key).ok()?;
        let read = ItemKey::from_key(TagType::RiffInfo, known)
            .and_then(|key| key.map_key(TagType::VorbisComments));
        let text = String::from_utf8_lossy(value).trim_end_matches('\0').trim().to_owned();
        if read.is_some() || key == *SOFTWARE || text.is_empty() {
            return None;
        }
        let name = NAMES.iter().find(|(field, _)| **field == key).map_or(known, |(_, name)| name);
        Some((name.to_owned(), text))
    });
    named.collect()
}

/// Appends a LIST INFO chunk, when any of the comments has a place in it, or the source had fields of its own.
pub(super) fn append<'a>(
    comments: &[(String, String)],
    source: impl Iterator<Item = ([u8; 4], &'a [u8])>,
    bytes: &mut Vec<u8>,
) {
    let mut list = b"INFO".to_vec();
    let mut seen: Vec<[u8; 4]> = vec![*SOFTWARE];
    for (name, value) in comments {
        let key = ItemKey::from_key(TagType::VorbisComments, name)
            .and_then(|key| key.map_key(TagType::RiffInfo));
        let Some(key) = key.and_then(|key| <[u8; 4]>::try_from(key.as_bytes()).ok()) else {
            continue;
        };
        // A list holds one value a name.
        if !seen.contains(&key) {
            seen.push(key);
            let text: Vec<u8> = value.bytes().filter(|&byte| byte != 0).chain([0]).collect();
            append_chunk(&key, &text, &mut list);
        }
    }
    for (key, value) in source {
        if !seen.contains(&key) {
            seen.push(key);
            append_chunk(&key, value, &mut list);
        }
    }
    if list.len() > 4 {
        append_chunk(b"LIST", &list, bytes);
    }
}
