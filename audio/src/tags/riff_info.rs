//! The LIST INFO chunk: the few tags that every WAV reader knows.

use lofty::tag::{ItemKey, TagType};

use super::wave_chunks::append as append_chunk;

/// Appends a LIST INFO chunk, when any of the comments has a place in it.
pub(super) fn append(comments: &[(String, String)], bytes: &mut Vec<u8>) {
    let mut list = b"INFO".to_vec();
    let mut seen = Vec::new();
    for (name, value) in comments {
        let key = ItemKey::from_key(TagType::VorbisComments, name)
            .and_then(|key| key.map_key(TagType::RiffInfo));
        let Some(key) = key.and_then(|key| <&[u8; 4]>::try_from(key.as_bytes()).ok()) else {
            continue;
        };
        // A list holds one value a name.
        if !seen.contains(&key) {
            seen.push(key);
            let text: Vec<u8> = value.bytes().filter(|&byte| byte != 0).chain([0]).collect();
            append_chunk(key, &text, &mut list);
        }
    }
    if list.len() > 4 {
        append_chunk(b"LIST", &list, bytes);
    }
}
