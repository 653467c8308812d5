//! The table of contents that cdrdao burns from (its manual page, section "TOC FILE FORMAT").

use std::fmt::Write as _;

use crate::{Disc, Sectors, Text, TextField};

/// English, as CD-Text numbers it; cuetools does not know it by name.
const LANGUAGE: u8 = 9;

/// A TOC file of a disc whose sound is in the WAV `file_name`. Words must have passed [`cd_text`](crate::cd_text).
pub fn toc(disc: &Disc, file_name: &str) -> String {
    let mut toc = Toc::default();
    toc.line(0, "CD_DA");
    toc.line(0, "");
    if let Some(ean) = &disc.ean {
        toc.line(0, &format!("CATALOG \"{ean}\""));
    }
    let fields: Vec<TextField> =
        TextField::ALL.into_iter().filter(|&field| disc.says(field)).collect();
    if !fields.is_empty() {
        toc.line(0, "CD_TEXT {");
        toc.line(1, "LANGUAGE_MAP {");
        toc.line(2, &format!("0 : {LANGUAGE}"));
        toc.line(1, "}");
        toc.words(&disc.text, &fields);
        toc.line(0, "}");
    }
    for (index, track) in disc.tracks.iter().enumerate() {
        toc.line(0, "");
        toc.line(0, &format!("// Track {}", index + 1));
        toc.line(0, "TRACK AUDIO");
        toc.line(0, if track.copy_permitted { "COPY" } else { "NO COPY" });
        if let Some(isrc) = &track.isrc {
            toc.line(0, &format!("ISRC \"{isrc}\""));
        }
        if !fields.is_empty() {
            toc.line(0, "CD_TEXT {");
            toc.words(&track.text, &fields);
            toc.line(0, "}");
        }
        let (start, length) = (track.pause_start, disc.sound_end(index) - track.pause_start);
        toc.line(0, &format!("FILE {} {start} {length}", quoted(file_name)));
        if track.pause() > Sectors(0) {
            toc.line(0, &format!("START {}", track.pause()));
        }
        for &place in &track.indexes {
            toc.line(0, &format!("INDEX {}", place - track.start));
        }
    }
    toc.lines
}

#[derive(Default)]
struct Toc {
    lines: String,
}

impl Toc {
    fn line(&mut self, depth: usize, line: &str) {
        let indent = "  ".repeat(depth);
        writeln!(self.lines, "{indent}{line}").expect("a string takes everything");
    }

    /// A field that is there once must be there everywhere.
    fn words(&mut self, text: &Text, fields: &[TextField]) {
        self.line(1, "LANGUAGE 0 {");
        for &field in fields {
            let word = field.name().to_uppercase();
            self.line(2, &format!("{word} {}", quoted(text.get(field))));
        }
        self.line(1, "}");
    }
}

/// In double quotes; quotes and what ASCII lacks as octal bytes of ISO 8859-1 (of UTF-8 in the names of files).
fn quoted(string: &str) -> String {
    let mut out = String::from("\"");
    for letter in string.chars() {
        match (letter, u8::try_from(letter)) {
            ('"' | '\\', _) => write!(out, "\\{:03o}", u32::from(letter)),
            (' '..='~', _) => write!(out, "{letter}"),
            (_, Ok(byte)) => write!(out, "\\{byte:03o}"),
            (_, Err(_)) => write!(out, "{letter}"),
        }
        .expect("a string takes everything");
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Ean, Isrc, Track};

    #[test]
    fn a_track_of_the_table_begins_with_its_pause() {
        let disc = Disc {
            text: Text::titled("Rooms"),
            ean: Some(Ean::parse("4006381333931").unwrap()),
            tracks: vec![
                Track {
                    text: Text::titled("Run"),
                    isrc: Some(Isrc::parse("DEA122600001").unwrap()),
                    copy_permitted: true,
                    ..Track::default()
                },
                Track {
                    text: Text::titled("Äther"),
                    pause_start: Sectors(600),
                    start: Sectors(750),
                    indexes: vec![Sectors(825)],
                    ..Track::default()
                },
            ],
            end: Sectors(1200),
            ..Disc::default()
        };
        let expected = r#"CD_DA

CATALOG "4006381333931"
CD_TEXT {
  LANGUAGE_MAP {
    0 : 9
  }
  LANGUAGE 0 {
    TITLE "Rooms"
  }
}

// Track 1
TRACK AUDIO
COPY
ISRC "DEA122600001"
CD_TEXT {
  LANGUAGE 0 {
    TITLE "Run"
  }
}
FILE "rooms.wav" 00:00:00 00:08:00

// Track 2
TRACK AUDIO
NO COPY
CD_TEXT {
  LANGUAGE 0 {
    TITLE "\304ther"
  }
}
FILE "rooms.wav" 00:08:00 00:08:00
START 00:02:00
INDEX 00:01:00
"#;
        assert_eq!(toc(&disc, "rooms.wav"), expected);
    }
}
