//! Tags into a file that another program has encoded: MP3, Ogg Vorbis, Opus, MP4.

use std::borrow::Cow;
use std::path::Path;

use lofty::config::WriteOptions;
use lofty::file::FileType;
use lofty::id3::v2::Id3v2Tag;
use lofty::mp4::{Atom, AtomData, AtomIdent, Ilst};
use lofty::ogg::OggPictureStorage;
use lofty::ogg::tag::VorbisComments;
use lofty::picture::PictureInformation;
use lofty::probe::Probe;
use lofty::tag::{ItemKey, ItemValue, Tag, TagExt, TagItem, TagType};

use super::{Tags, id3};

/// Whose names the names are that MP4 has no atom for.
const FREEFORM: &str = "com.apple.iTunes";

/// Writes `tags` into the file at `path`, which keeps its sound.
pub(super) fn write(tags: &Tags, path: &Path) -> Result<(), String> {
    let options = WriteOptions::default();
    let probe = Probe::open(path).map_err(|error| error.to_string())?;
    let kind = probe.guess_file_type().map_err(|error| error.to_string())?.file_type();
    let saved = match kind {
        Some(FileType::Mpeg) => id3v2(tags).save_to_path(path, options),
        Some(FileType::Vorbis | FileType::Opus) => comments(tags).save_to_path(path, options),
        Some(FileType::Mp4) => atoms(tags).save_to_path(path, options),
        _ => Ok(()),
    };
    saved.map_err(|error| error.to_string())
}

fn id3v2(tags: &Tags) -> Id3v2Tag {
    let source = tags.id3.clone();
    source.unwrap_or_else(|| id3::from_comments(&tags.comments, &tags.pictures))
}

fn comments(tags: &Tags) -> VorbisComments {
    let mut comments = VorbisComments::default();
    for (name, value) in &tags.comments {
        comments.push(name.clone(), value.clone());
    }
    for picture in &tags.pictures {
        let size = PictureInformation::from_picture(picture).unwrap_or_default();
        // Only a file icon of the wrong size is refused.
        let _ = comments.insert_picture(picture.clone(), Some(size));
    }
    comments
}

fn atoms(tags: &Tags) -> Ilst {
    let mut tag = Tag::new(TagType::Mp4Ilst);
    let mut own = Vec::new();
    for (name, value) in &tags.comments {
        let key = ItemKey::from_key(TagType::VorbisComments, name);
        let taken =
            key.is_some_and(|key| tag.push(TagItem::new(key, ItemValue::Text(value.clone()))));
        if !taken {
            own.push((name.clone(), value.clone()));
        }
    }
    for picture in &tags.pictures {
        tag.push_picture(picture.clone());
    }
    let mut atoms = Ilst::from(tag);
    for (name, value) in own {
        let ident = AtomIdent::Freeform { mean: Cow::Borrowed(FREEFORM), name: Cow::Owned(name) };
        atoms.insert(Atom::new(ident, AtomData::UTF8(value)));
    }
    atoms
}
