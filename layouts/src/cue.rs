//! CUE sheets, as flac, burners and players read them.
//!
//! After the appendix of the CDRWIN user's guide and what its readers were seen to accept: one `FILE`, no `PREGAP` and `POSTGAP`
//! (cue2ddp refuses them), `INDEX 00` only for a pause that is in the file.

use std::fmt::Write as _;

use crate::{Disc, Sectors, Text};

/// Letters of a string that every reader takes (CDRWIN user's guide).
const STRING_MAX: usize = 80;

/// What the sheet's sound is stored in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscFile {
    /// A WAV file.
    Wave,
    /// Samples without a header, little-endian.
    Binary,
}

impl DiscFile {
    const fn word(self) -> &'static str {
        match self {
            Self::Wave => "WAVE",
            Self::Binary => "BINARY",
        }
    }
}

/// The sheet of a disc whose sound is in `file_name`, with lines that end in CR LF; UTF-8 without a mark where ASCII does not do.
pub fn cue_sheet(disc: &Disc, file_name: &str, kind: DiscFile) -> String {
    let mut sheet = Sheet::default();
    if !disc.date.is_empty() {
        sheet.line(0, &format!("REM DATE {}", disc.date));
    }
    if let Some(ean) = &disc.ean {
        sheet.line(0, &format!("CATALOG {ean}"));
    }
    sheet.text(0, &disc.text);
    sheet.line(0, &format!("FILE {} {}", quoted(file_name, usize::MAX), kind.word()));
    for (track, number) in disc.tracks.iter().zip(1..) {
        sheet.line(1, &format!("TRACK {number:02} AUDIO"));
        sheet.text(2, &track.text);
        if let Some(isrc) = &track.isrc {
            sheet.line(2, &format!("ISRC {isrc}"));
        }
        if track.copy_permitted {
            sheet.line(2, "FLAGS DCP");
        }
        if track.pause() > Sectors(0) {
            sheet.index(0, track.pause_start);
        }
        sheet.index(1, track.start);
        for (&index, number) in track.indexes.iter().zip(2..) {
            sheet.index(number, index);
        }
    }
    sheet.lines
}

#[derive(Default)]
struct Sheet {
    lines: String,
}

impl Sheet {
    fn line(&mut self, depth: usize, line: &str) {
        let indent = "  ".repeat(depth);
        write!(self.lines, "{indent}{line}\r\n").expect("a string takes everything");
    }

    fn text(&mut self, depth: usize, text: &Text) {
        let strings = [
            ("TITLE", &text.title),
            ("PERFORMER", &text.performer),
            ("SONGWRITER", &text.songwriter),
        ];
        for (word, string) in strings.into_iter().filter(|(_, string)| !string.is_empty()) {
            self.line(depth, &format!("{word} {}", quoted(string, STRING_MAX)));
        }
    }

    fn index(&mut self, number: usize, place: Sectors) {
        self.line(2, &format!("INDEX {number:02} {place}"));
    }
}

/// In double quotes, which the string itself cannot have: they become single ones. Too long a string is cut.
fn quoted(string: &str, letters_max: usize) -> String {
    let clean = |letter: char| match letter {
        '"' => '\'',
        control if control.is_control() => ' ',
        other => other,
    };
    let string: String = string.chars().map(clean).take(letters_max).collect();
    format!("\"{string}\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Ean, Isrc, Track};

    fn two_songs() -> Disc {
        let text = |title: &str| Text {
            title: title.to_owned(),
            performer: "The Test Band".to_owned(),
            ..Text::default()
        };
        Disc {
            text: text("Eight \"Rooms\""),
            ean: Some(Ean::parse("4006381333931").unwrap()),
            date: "2026".to_owned(),
            tracks: vec![
                Track {
                    text: text("Run"),
                    isrc: Some(Isrc::parse("DEA122600001").unwrap()),
                    copy_permitted: true,
                    indexes: vec![Sectors(80)],
                    ..Track::default()
                },
                Track {
                    text: text("Äther"),
                    pause_start: Sectors(600),
                    start: Sectors(750),
                    ..Track::default()
                },
            ],
            end: Sectors(1200),
            ..Disc::default()
        }
    }

    #[test]
    fn a_sheet_has_its_lines_in_the_order_that_readers_expect() {
        let expected = "REM DATE 2026\r
CATALOG 4006381333931\r
TITLE \"Eight 'Rooms'\"\r
PERFORMER \"The Test Band\"\r
FILE \"rooms.wav\" WAVE\r
  TRACK 01 AUDIO\r
    TITLE \"Run\"\r
    PERFORMER \"The Test Band\"\r
    ISRC DEA122600001\r
    FLAGS DCP\r
    INDEX 01 00:00:00\r
    INDEX 02 00:01:05\r
  TRACK 02 AUDIO\r
    TITLE \"Äther\"\r
    PERFORMER \"The Test Band\"\r
    INDEX 00 00:08:00\r
    INDEX 01 00:10:00\r
";
        assert_eq!(cue_sheet(&two_songs(), "rooms.wav", DiscFile::Wave), expected);
    }

    #[test]
    fn raw_sound_is_called_binary() {
        let sheet = cue_sheet(&two_songs(), "rooms.bin", DiscFile::Binary);
        assert!(sheet.contains("FILE \"rooms.bin\" BINARY\r\n"));
    }

    #[test]
    fn a_string_has_at_most_eighty_letters_and_no_line_end() {
        assert_eq!(quoted(&"ä".repeat(90), STRING_MAX).chars().count(), 82);
        assert_eq!(quoted("one\ntwo", STRING_MAX), "\"one two\"");
    }
}
