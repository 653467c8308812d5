//! ID3v2 out: the tags of WAV and AIFF files.

use lofty::config::WriteOptions;
use lofty::id3::v2::{Frame, Id3v2Tag};
use lofty::picture::Picture;
use lofty::tag::{ItemKey, ItemValue, Tag, TagExt, TagItem, TagType};

use super::stale::{is_stale, is_stale_frame};

/// Whether a frame describes the old sound or its coding.
pub(super) fn is_stale_frame_of(frame: &Frame<'_>) -> bool {
    let by_name = match frame {
        Frame::UserText(text) => is_stale(&text.description),
        Frame::Comment(comment) => is_stale(&comment.description),
        _ => false,
    };
    by_name || is_stale_frame(frame.id().as_str())
}

/// The frames of a tag, in an order that is always the same: lofty's conversion goes through maps that have another in each run.
pub(super) fn from_tag(tag: Tag) -> Id3v2Tag {
    let mut converted = Id3v2Tag::from(tag);
    let mut frames: Vec<Frame<'static>> = (&converted).into_iter().cloned().collect();
    frames.sort_by_cached_key(|frame| (frame.id().as_str().to_owned(), description(frame)));
    let mut in_order = frames.into_iter();
    converted.retain_mut(|frame| in_order.next().map(|next| *frame = next).is_some());
    converted
}

/// What tells frames of one kind apart.
fn description(frame: &Frame<'_>) -> String {
    match frame {
        Frame::UserText(text) => text.description.to_string(),
        Frame::UserUrl(url) => url.description.to_string(),
        Frame::Comment(comment) => comment.description.to_string(),
        Frame::UnsynchronizedText(text) => text.description.to_string(),
        _ => String::new(),
    }
}

/// The bytes of a tag; none when there is nothing to say. A tag that the source had is kept whole.
pub(super) fn bytes(
    comments: &[(String, String)],
    source: Option<&Id3v2Tag>,
    pictures: &[Picture],
) -> Vec<u8> {
    let tag = match source {
        Some(tag) => tag.clone(),
        None => from_comments(comments, pictures),
    };
    let mut bytes = Vec::new();
    // Text that cannot be encoded is the only way to fail; then there is no tag rather than half a one.
    if tag.is_empty() || tag.dump_to(&mut bytes, WriteOptions::default()).is_err() {
        bytes.clear();
    }
    bytes
}

pub(super) fn from_comments(comments: &[(String, String)], pictures: &[Picture]) -> Id3v2Tag {
    let mut tag = Tag::new(TagType::Id3v2);
    let mut own = Vec::new();
    for (name, value) in comments {
        let key = ItemKey::from_key(TagType::VorbisComments, name);
        let taken =
            key.is_some_and(|key| tag.push(TagItem::new(key, ItemValue::Text(value.clone()))));
        if !taken {
            own.push((name.clone(), value.clone()));
        }
    }
    for picture in pictures {
        tag.push_picture(picture.clone());
    }
    let mut id3 = from_tag(tag);
    for (name, value) in own {
        id3.insert_user_text(name, value);
    }
    id3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_has_the_same_bytes_every_time() {
        let names = ["TITLE", "ARTIST", "ALBUM", "GENRE", "ISRC", "LABEL", "MOOD", "OWN NAME"];
        let pairs = names.map(|name| (name.to_owned(), format!("{name} of it")));
        let tag = || Tag::from(from_comments(&pairs, &[]));
        let first = bytes(&[], Some(&from_tag(tag())), &[]);
        assert!(!first.is_empty());
        for _ in 0..20 {
            assert!(bytes(&[], Some(&from_tag(tag())), &[]) == first, "another order");
            assert!(bytes(&pairs, None, &[]) == bytes(&pairs, None, &[]), "another order");
        }
    }
}
