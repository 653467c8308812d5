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

/// What a file of several sound tracks holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SoundTracks {
    /// Where the kind of each track's box is.
    places: Vec<u64>,
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
        let mut position = parent.from;
        while let Some(atom) = read_atom(input, position, parent.to)? {
            let place = position + 4;
            position = atom.to;
            *seen += 1;
            if *seen > BOXES_MAX {
                return Ok(());
            }
            match (&parent.kind, &atom.kind) {
                (b"file", b"moov") | (b"moov", b"udta") => self.walk(input, atom, seen)?,
                (b"moov", b"trak") if is_sound(input, atom, seen)? => self.places.push(place),
                (b"udta", b"stem") => {
                    let mut text = vec![0; (atom.to - atom.from).min(TEXT_BYTES_MAX) as usize];
                    input.seek_to(atom.from)?;
                    let count = input.read_up_to(&mut text)?;
                    self.stem_text = Some(String::from_utf8_lossy(&text[..count]).into_owned());
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Is the handler of a track that of sound?
fn is_sound(input: &mut Input, track: Atom, seen: &mut usize) -> Result<bool, DecodeError> {
    let mut position = track.from;
    while let Some(atom) = read_atom(input, position, track.to)? {
        position = atom.to;
        *seen += 1;
        if *seen > BOXES_MAX {
            return Ok(false);
        }
        match &atom.kind {
            b"mdia" => return is_sound(input, atom, seen),
            b"hdlr" => {
                let mut content = [0; 12];
                input.seek_to(atom.from)?;
                return Ok(input.read_up_to(&mut content)? == 12 && &content[8..] == b"soun");
            }
            _ => {}
        }
    }
    Ok(false)
}
