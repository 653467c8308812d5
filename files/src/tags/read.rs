//! Tags in, through lofty.

use std::fs::File;
use std::io::{Cursor, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};

use lofty::config::ParseOptions;
use lofty::error::FileParseError;
use lofty::file::TaggedFileExt;
use lofty::id3::v2::{Frame, Id3v2Tag};
use lofty::mp4::{AtomData, AtomIdent, Ilst};
use lofty::ogg::tag::VorbisComments;
use lofty::picture::Picture;
use lofty::probe::Probe;
use lofty::tag::{ItemKey, ItemValue, Tag, TagType};

use super::Tags;
use super::id3::{from_tag, is_stale_frame_of};
use super::stale::is_stale;
use crate::SoundFile;
use crate::decode::chapters;

/// How containers begin that lofty does not know: RF64, BW64, RIFX, Wave64, CAF and Matroska. It would take the first two for
/// MPEG frames, and look for such from end to end, many times over: a minute of processor time for ten hours of sound.
const UNKNOWN: [&[u8; 4]; 6] =
    [b"RF64", b"BW64", b"RIFX", b"riff", b"caff", &[0x1A, 0x45, 0xDF, 0xA3]];

/// Reads the tags of a file; a file without any gives none, and so does a container that lofty does not know.
pub(super) fn read(file: &SoundFile) -> Result<Tags, String> {
    let mut beginning = [0; 4];
    // A file that cannot be read is lofty's to refuse.
    let begun = match file {
        SoundFile::OnDisk(path) | SoundFile::Track(path, _) => {
            File::open(path).and_then(|mut file| file.read_exact(&mut beginning))
        }
        SoundFile::InMemory(bytes) => bytes.as_ref().read_exact(&mut beginning),
    };
    if begun.is_ok() && UNKNOWN.contains(&&beginning) {
        return Ok(Tags::none());
    }
    with_room_for_chapters(file, || match file {
        SoundFile::OnDisk(path) | SoundFile::Track(path, _) => parse(Probe::open(path)),
        SoundFile::InMemory(bytes) => parse(Ok(Probe::new(Cursor::new(bytes)))),
    })
}

/// Chapters beyond which a tag is not read.
const CHAPTERS_MAX: usize = 1_000;
/// Chapters inside each other: a table of contents, its parts, their chapters.
const CHAPTERS_DEPTH_MAX: usize = 4;
/// What reading takes of the stack, and what each chapter inside another takes.
const STACK_BYTES: usize = 2 << 20;
const CHAPTER_STACK_BYTES: usize = 64 << 10;

/// lofty follows chapters inside chapters as deep as a file says: the stack must be as deep.
fn with_room_for_chapters(
    file: &SoundFile,
    work: impl FnOnce() -> Result<Tags, String> + Send,
) -> Result<Tags, String> {
    let chapters = chapters(file).unwrap_or(0);
    if chapters > CHAPTERS_MAX {
        return Err(format!("more than {CHAPTERS_MAX} chapters"));
    }
    if chapters < CHAPTERS_DEPTH_MAX {
        return work();
    }
    let stack_bytes = STACK_BYTES + chapters * CHAPTER_STACK_BYTES;
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(stack_bytes).spawn_scoped(scope, work);
        let failed = || "the tag library failed".to_string();
        thread.map_err(|error| error.to_string())?.join().unwrap_or_else(|_| Err(failed()))
    })
}

/// Whether chapters are inside each other more deeply than anybody means.
fn too_deep(frame: &Frame<'_>, depth_left: usize) -> bool {
    match frame {
        Frame::Chapter(chapter) => {
            depth_left == 0 || chapter.children.iter().any(|child| too_deep(child, depth_left - 1))
        }
        Frame::TableOfContents(table) => {
            depth_left == 0 || table.children.iter().any(|child| too_deep(child, depth_left - 1))
        }
        _ => false,
    }
}

fn parse<R: Read + Seek>(opened: Result<Probe<R>, FileParseError>) -> Result<Tags, String> {
    let parsing = AssertUnwindSafe(move || {
        let probe = opened.map_err(|error| error.to_string())?;
        let probe = probe.options(ParseOptions::new().read_properties(false));
        let probe = probe.guess_file_type().map_err(|error| error.to_string())?;
        if probe.file_type().is_none() {
            return Ok(None);
        }
        probe.read().map(Some).map_err(|error| error.to_string())
    });
    let file = catch_unwind(parsing).map_err(|_| "the tag library failed".to_string())??;
    let mut tags = Tags::none();
    if let Some(file) = file {
        // The richest first; the others fill gaps.
        let primary = file.primary_tag();
        let others =
            file.tags().iter().filter(|&tag| primary.is_none_or(|p| !std::ptr::eq(p, tag)));
        for tag in primary.into_iter().chain(others) {
            add(&mut tags, tag);
        }
    }
    Ok(tags)
}

fn add(tags: &mut Tags, tag: &Tag) {
    let known = tags.comments.len();
    for (name, value) in comments_of(tag) {
        let name = name.to_ascii_uppercase();
        let filled = tags.comments[..known].iter().any(|(existing, _)| *existing == name);
        if !filled && !is_stale(&name) && !value.is_empty() {
            tags.comments.push((name, value));
        }
    }
    if tags.pictures.is_empty() {
        tags.pictures = tag.pictures().iter().map(Picture::clone).collect();
    }
    if tag.tag_type() == TagType::Id3v2 && tags.id3.is_none() {
        let mut id3 = from_tag(tag.clone());
        id3.retain(|frame| !is_stale_frame_of(frame) && !too_deep(frame, CHAPTERS_DEPTH_MAX));
        tags.id3 = Some(id3);
    }
}

/// Names and values as Vorbis comments have them, own names of the source included.
fn comments_of(tag: &Tag) -> Vec<(String, String)> {
    if tag.tag_type() == TagType::VorbisComments {
        let comments = VorbisComments::from(tag.clone());
        return comments
            .items()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect();
    }
    let mut items: Vec<_> = tag.items().filter_map(|item| pair(item.key(), item.value())).collect();
    match tag.tag_type() {
        TagType::Id3v2 => items.extend(own_names(&from_tag(tag.clone()))),
        TagType::Mp4Ilst => items.extend(own_atoms(&Ilst::from(tag.clone()))),
        _ => {}
    }
    items
}

fn pair(key: ItemKey, value: &ItemValue) -> Option<(String, String)> {
    let name = key.map_key(TagType::VorbisComments)?;
    match value {
        ItemValue::Text(text) | ItemValue::Locator(text) => Some((name.to_string(), text.clone())),
        ItemValue::Binary(_) => None,
    }
}

/// TXXX frames whose description no common name stands for.
fn own_names(id3: &Id3v2Tag) -> Vec<(String, String)> {
    let own = |frame: &Frame<'_>| match frame {
        Frame::UserText(text) if ItemKey::from_key(TagType::Id3v2, &text.description).is_none() => {
            Some((text.description.to_string(), text.content.to_string()))
        }
        _ => None,
    };
    id3.into_iter().filter_map(own).collect()
}

/// Freeform atoms whose name no common name stands for.
fn own_atoms(atoms: &Ilst) -> Vec<(String, String)> {
    let own = |ident: &AtomIdent<'_>| match ident {
        AtomIdent::Freeform { mean, name } => {
            let key = format!("----:{mean}:{name}");
            ItemKey::from_key(TagType::Mp4Ilst, &key).is_none().then(|| name.to_string())
        }
        AtomIdent::Fourcc(_) => None,
    };
    let named = atoms.into_iter().filter_map(|atom| Some((own(atom.ident())?, atom)));
    named
        .filter_map(|(name, atom)| match atom.data().next() {
            Some(AtomData::UTF8(text) | AtomData::UTF16(text)) => Some((name, text.clone())),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_without_tags_is_not_searched_for_those_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long.wav");
        // An ID3v1 tag behind what could be MPEG frames.
        let mut bytes = b"RF64\xFF\xFF\xFF\xFFWAVE".to_vec();
        for _ in 0..8 {
            let mut frame = vec![0; 417];
            frame[..4].copy_from_slice(&[0xFF, 0xFB, 0x90, 0x00]);
            bytes.extend(frame);
        }
        let mut tag = b"TAGnot of this file".to_vec();
        tag.resize(128, 0);
        bytes.extend(tag);
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(read(&SoundFile::from(&path)), Ok(Tags::none()));
        // Without its name it is an MP3 file.
        std::fs::write(&path, &bytes[12..]).unwrap();
        assert_ne!(read(&SoundFile::from(&path)), Ok(Tags::none()));
    }
}
