//! The sound tracks of an MP4 file, each as if it were alone.
//!
//! A stem container (Native Instruments, "Stem File Specification", 2015) is an MP4 file of five sound tracks, the mix first, with a
//! `stem` box in the user data of the movie that names the other four.

use super::Input;
use super::mp4::{Atom, read_atom};
use crate::{DecodeError, SoundFile};

/// Boxes that are looked at before giving up.
const BOXES_MAX: usize = 1 << 14;
/// Longest text of a `stem` box.
const TEXT_BYTES_MAX: u64 = 1 << 16;
/// Longest name of a track, and where it begins in the box of its handler.
const NAME_BYTES_MAX: u64 = 256;
const HANDLER_NAME: usize = 24;

/// What a file of several sound tracks holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SoundTracks {
    /// Where the kind of each track's box is.
    places: Vec<u64>,
    /// What each track is called (its title, else its handler); empty where only a program named it.
    pub names: Vec<String>,
    /// What the `stem` box says: JSON, as it stands there.
    pub stem_text: Option<String>,
}

impl SoundTracks {
    /// Looks for the sound tracks of a file; none where it is not MP4.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(file: &SoundFile) -> Result<Self, DecodeError> {
        Self::in_input(&mut Input::of(file)?)
    }

    /// How many sound tracks there are.
    pub fn count(&self) -> usize {
        self.places.len()
    }

    pub(super) fn in_input(input: &mut Input) -> Result<Self, DecodeError> {
        let mut found = Self::default();
        if &input.beginning()?[4..8] == b"ftyp" {
            let file = Atom { kind: *b"file", from: 0, to: input.len() };
            found.walk(input, file, &mut 0)?;
        }
        Ok(found)
    }

    /// Where the boxes of the other tracks are, so that one is left: they are to be read as free space.
    pub(super) fn others(&self, track: usize) -> Vec<u64> {
        let places = self.places.iter().enumerate();
        places.filter(|(index, _)| *index != track).map(|(_, &place)| place).collect()
    }

    fn walk(
        &mut self,
        input: &mut Input,
        parent: Atom,
        seen: &mut usize,
    ) -> Result<(), DecodeError> {
        each_box(input, parent, seen, &mut |input, place, atom, seen| {
            match (&parent.kind, &atom.kind) {
                (b"file", b"moov") | (b"moov", b"udta") => self.walk(input, atom, seen)?,
                (b"moov", b"trak") => {
                    let mut told = Told::default();
                    told.walk(input, atom, seen)?;
                    if told.is_sound {
                        self.places.push(place);
                        self.names.push(told.name());
                    }
                }
                (b"udta", b"stem") => {
                    let text = start_of(input, atom, TEXT_BYTES_MAX)?;
                    self.stem_text = Some(String::from_utf8_lossy(&text).into_owned());
                }
                _ => {}
            }
            Ok(())
        })
    }
}

/// What a track tells of itself.
#[derive(Default)]
struct Told {
    is_sound: bool,
    /// The name of its handler, which some programs name the track by.
    handler: String,
    /// Its title.
    title: String,
}

impl Told {
    fn walk(
        &mut self,
        input: &mut Input,
        parent: Atom,
        seen: &mut usize,
    ) -> Result<(), DecodeError> {
        each_box(input, parent, seen, &mut |input, _, atom, seen| {
            match &atom.kind {
                b"mdia" | b"udta" => self.walk(input, atom, seen)?,
                b"hdlr" if &parent.kind == b"mdia" => {
                    let content = start_of(input, atom, NAME_BYTES_MAX)?;
                    self.is_sound = content.get(8..12) == Some(b"soun");
                    self.handler = text(content.get(HANDLER_NAME..).unwrap_or_default());
                }
                b"name" if &parent.kind == b"udta" => {
                    self.title = text(&start_of(input, atom, NAME_BYTES_MAX)?);
                }
                _ => {}
            }
            Ok(())
        })
    }

    /// What somebody called it; empty where only a program did.
    fn name(self) -> String {
        let by_program = ["SoundHandler", "Sound Media Handler", "Core Media Audio", "soun"];
        let is_generic = by_program.contains(&self.handler.as_str())
            || self.handler.contains("Handler")
            || self.handler.contains("Apple");
        match (self.title.is_empty(), is_generic) {
            (false, _) => self.title,
            (true, true) => String::new(),
            (true, false) => self.handler,
        }
    }
}

/// What is done with a box; before it comes where its kind stands.
type Take<'a> = dyn FnMut(&mut Input, u64, Atom, &mut usize) -> Result<(), DecodeError> + 'a;

/// Goes through the boxes right inside one, and gives up when too many were seen.
fn each_box(
    input: &mut Input,
    parent: Atom,
    seen: &mut usize,
    take: &mut Take<'_>,
) -> Result<(), DecodeError> {
    let mut position = parent.from;
    while let Some(atom) = read_atom(input, position, parent.to)? {
        let place = position + 4;
        position = atom.to;
        *seen += 1;
        if *seen > BOXES_MAX {
            return Ok(());
        }
        take(input, place, atom, seen)?;
    }
    Ok(())
}

/// The beginning of what is in a box, at most so many bytes.
fn start_of(input: &mut Input, atom: Atom, bytes_max: u64) -> Result<Vec<u8>, DecodeError> {
    let mut content = vec![0; (atom.to - atom.from).min(bytes_max) as usize];
    input.seek_to(atom.from)?;
    let count = input.read_up_to(&mut content)?;
    content.truncate(count);
    Ok(content)
}

/// A text that ends with a zero, or begins with its length.
fn text(bytes: &[u8]) -> String {
    let bytes = match bytes.split_first() {
        Some((&length, rest)) if length < b' ' && usize::from(length) == rest.len() => rest,
        _ => bytes,
    };
    let text = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(text).trim().to_owned()
}
