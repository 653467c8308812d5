//! A compact disc as data.

use crate::{Ean, Isrc, Sectors};

/// What is said in words of a disc or of a track. An empty string is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// Title of the record or the song.
    pub title: String,
    /// Who plays.
    pub performer: String,
    /// Who wrote the words.
    pub songwriter: String,
    /// Who wrote the music.
    pub composer: String,
    /// Who arranged it.
    pub arranger: String,
    /// Anything else.
    pub message: String,
}

/// One of the strings of a [`Text`], in the order of their CD-Text packs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextField {
    /// Pack 0x80.
    Title,
    /// Pack 0x81.
    Performer,
    /// Pack 0x82.
    Songwriter,
    /// Pack 0x83.
    Composer,
    /// Pack 0x84.
    Arranger,
    /// Pack 0x85.
    Message,
}

impl TextField {
    /// Every field, in the order of the packs.
    pub const ALL: [Self; 6] = [
        Self::Title,
        Self::Performer,
        Self::Songwriter,
        Self::Composer,
        Self::Arranger,
        Self::Message,
    ];

    /// `title`, `performer`, ...
    pub const fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Performer => "performer",
            Self::Songwriter => "songwriter",
            Self::Composer => "composer",
            Self::Arranger => "arranger",
            Self::Message => "message",
        }
    }
}

impl Text {
    /// A title, nothing else.
    pub fn titled(title: &str) -> Self {
        Self { title: title.to_owned(), ..Self::default() }
    }

    /// The string of a field.
    pub fn get(&self, field: TextField) -> &str {
        match field {
            TextField::Title => &self.title,
            TextField::Performer => &self.performer,
            TextField::Songwriter => &self.songwriter,
            TextField::Composer => &self.composer,
            TextField::Arranger => &self.arranger,
            TextField::Message => &self.message,
        }
    }
}

/// A track: where it begins, and what is said of it.
///
/// Places count from the first sector of the sound; the pause of 2 s before that is in no file and is never counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Track {
    /// Title, performer and the rest.
    pub text: Text,
    /// Code of the recording.
    pub isrc: Option<Isrc>,
    /// Whether it may be copied digitally (the flag `DCP`).
    pub copy_permitted: bool,
    /// Where the pause before it begins (`INDEX 00`); the same as `start` where there is none.
    pub pause_start: Sectors,
    /// Where players jump to (`INDEX 01`).
    pub start: Sectors,
    /// Further indexes, 02 and on.
    pub indexes: Vec<Sectors>,
}

impl Track {
    /// Length of the pause before it.
    pub fn pause(&self) -> Sectors {
        self.start - self.pause_start
    }
}

/// A compact disc of 44.1 kHz, 16 bit, stereo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disc {
    /// Title and performer of the record.
    pub text: Text,
    /// Code of the product.
    pub ean: Option<Ean>,
    /// The label's number; empty when there is none.
    pub catalog: String,
    /// Year or date of the release; empty when there is none.
    pub date: String,
    /// Tracks in their order; the first begins at sector 0.
    pub tracks: Vec<Track>,
    /// Where the sound ends (the lead-out).
    pub end: Sectors,
}

impl Disc {
    /// Where the audible part of track `index` ends: where the next one's pause begins, or the disc ends.
    pub fn sound_end(&self, index: usize) -> Sectors {
        self.tracks.get(index + 1).map_or(self.end, |next| next.pause_start)
    }

    /// Where the time that players count to track `index` ends: at the next start, or the end of the disc.
    pub fn track_end(&self, index: usize) -> Sectors {
        self.tracks.get(index + 1).map_or(self.end, |next| next.start)
    }

    /// Whether the disc or a track says something in this field.
    pub(crate) fn says(&self, field: TextField) -> bool {
        let mut texts =
            std::iter::once(&self.text).chain(self.tracks.iter().map(|track| &track.text));
        texts.any(|text| !text.get(field).is_empty())
    }

    /// How messages call track `index`: `song 3 "Slow Air"`.
    pub(crate) fn song(&self, index: usize) -> String {
        format!("song {} {:?}", index + 1, self.tracks[index].text.title)
    }
}
