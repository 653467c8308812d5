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
    let mut id3 = Id3v2Tag::from(tag);
    for (name, value) in own {
        id3.insert_user_text(name, value);
    }
    id3
}
