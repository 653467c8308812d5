//! The record's file, `album.toml`: what a person says of a record. Everything in it is optional.

use std::collections::{BTreeMap, HashMap};

use acetate_layouts::{CodeError, Ean, Isrc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::date::{is_date, written_date};
use super::file_error::AlbumFileError;

/// The value of [`AlbumFile::schema`].
pub const ALBUM_FILE_SCHEMA: &str = "acetate.album/1";

/// The furthest that a song may be asked to stay under the loudest, LU.
const LEVEL_LU_MIN: f64 = -24.0;
/// The longest silence before a song, seconds; more is a hidden track, which a pause cannot be.
const GAP_S_MAX: f64 = 600.0;
const CROSSFADE_S_MAX: f64 = 60.0;
const FADE_OUT_S_MAX: f64 = 120.0;

/// What a person says of a record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AlbumFile {
    /// `acetate.album/1`.
    pub schema: String,
    /// Title of the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artist: Option<String>,
    /// UPC or EAN of the product, 12 or 13 digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upc: Option<String>,
    /// Year or date of the release: `2026`, `2026-05` or `2026-05-31`, with or without quotes.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "written_date")]
    pub date: Option<String>,
    /// Kind of music, for the tags.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub genre: Option<String>,
    /// Picture for the tags, beside this file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cover: Option<String>,
    /// The label's number; master id of a DDP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalog: Option<String>,
    /// Any option of `master` and `album`, by its long name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    pub sound: BTreeMap<String, toml::Value>,
    /// The songs in their order; without any, all of the folder.
    #[serde(rename = "song", skip_serializing_if = "Vec::is_empty")]
    pub songs: Vec<SongEntry>,
}

/// What a person says of a song.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SongEntry {
    /// The mix, beside this file.
    pub file: String,
    /// Title; else that of the file's tags, else its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Who plays; else who made the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artist: Option<String>,
    /// Who wrote the words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub songwriter: Option<String>,
    /// Who wrote the music.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub composer: Option<String>,
    /// Who arranged it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arranger: Option<String>,
    /// Code of the recording, with or without dashes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isrc: Option<String>,
    /// LU against the loudest song, at most 0; beats the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level_lu: Option<f64>,
    /// Silence before this song.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap_s: Option<f64>,
    /// `gapless`: it goes on where the song before ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub join: Option<JoinWord>,
    /// The song before fades into this one over so long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crossfade_s: Option<f64>,
    /// Places in the song for the disc's indexes 2, 3 and so on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub index_s: Vec<f64>,
    /// A fade at its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fade_out_s: Option<f64>,
    /// Side of the vinyl or the cassette.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<char>,
    /// Title on the disc, where the title has letters that CD-Text lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cd_title: Option<String>,
    /// Whether the disc permits digital copies of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy: Option<bool>,
}

/// How a song follows the one before without a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum JoinWord {
    /// Two cuts of one recording.
    Gapless,
}

impl AlbumFile {
    /// Reads and checks the text of a file.
    ///
    /// # Errors
    /// When it is no such file, or says something that cannot be.
    pub fn parse(text: &str) -> Result<Self, AlbumFileError> {
        let file: Self =
            toml::from_str(text).map_err(|error| AlbumFileError::of_toml(text, &error))?;
        file.check()?;
        Ok(file)
    }

    /// As it is written for a person to fill in: what is known, and the other keys as comments.
    pub fn to_text(&self) -> String {
        let known = toml::to_string(self).expect("a file of plain values");
        let keys = "# The record: title, artist, upc, date, genre, cover, catalog.\n# [sound] takes any option of acetate master and album.\n# A song: title, artist, songwriter, composer, arranger, isrc, level_lu, gap_s, join = \"gapless\", crossfade_s,\n# index_s, fade_out_s, side, cd_title, copy. What is left out is decided and printed.\n\n";
        format!("{keys}{known}")
    }

    /// Holds what is said against the rules; whether files exist, and meet where they should, is not known here.
    ///
    /// # Errors
    /// The first thing that cannot be.
    pub fn check(&self) -> Result<(), AlbumFileError> {
        if self.schema != ALBUM_FILE_SCHEMA {
            return Err(AlbumFileError::Schema { given: self.schema.clone() });
        }
        if let Some(upc) = &self.upc {
            Ean::parse(upc).map_err(AlbumFileError::Upc)?;
        }
        if let Some(given) = self.date.clone().filter(|date| !is_date(date)) {
            return Err(AlbumFileError::Date { given });
        }
        let (mut files, mut isrcs) = (HashMap::new(), HashMap::new());
        for (index, entry) in self.songs.iter().enumerate() {
            let number = index + 1;
            if entry.file.is_empty() {
                return Err(AlbumFileError::NoFile { number });
            }
            let song = || entry.name(number);
            if let Some(other) = files.insert(&entry.file, number) {
                let file = entry.file.clone();
                return Err(AlbumFileError::FileTwice { song: song(), file, other });
            }
            if let Some(isrc) = entry.isrc()
                && let Some(other) = isrcs.insert(
                    isrc.map_err(|error| AlbumFileError::Isrc { song: song(), error })?,
                    number,
                )
            {
                let isrc = entry.isrc.clone().unwrap_or_default();
                let other = self.songs[other - 1].name(other);
                return Err(AlbumFileError::IsrcTwice { song: song(), isrc, other });
            }
            entry.check(number)?;
        }
        self.check_sides()
    }

    fn check_sides(&self) -> Result<(), AlbumFileError> {
        let mut before = 'A';
        for (entry, number) in self.songs.iter().zip(1..) {
            let Some(side) = entry.side else { continue };
            let side = side.to_ascii_uppercase();
            let next = char::from_u32(before as u32 + 1);
            if side != before && (number == 1 || Some(side) != next) {
                return Err(AlbumFileError::Sides { song: entry.name(number), side, before });
            }
            before = side;
        }
        Ok(())
    }
}

impl SongEntry {
    /// How messages call it: `song 3 "Slow Air"`.
    pub fn name(&self, number: usize) -> String {
        format!("song {number} {:?}", self.title.as_deref().unwrap_or(&self.file))
    }

    /// The code of the recording, read.
    ///
    /// # Errors
    /// When it is none.
    pub fn isrc(&self) -> Option<Result<Isrc, CodeError>> {
        self.isrc.as_deref().map(Isrc::parse)
    }

    fn check(&self, number: usize) -> Result<(), AlbumFileError> {
        let song = || self.name(number);
        let ranges = [
            ("level_lu", self.level_lu, LEVEL_LU_MIN, 0.0),
            ("gap_s", self.gap_s, 0.0, GAP_S_MAX),
            ("crossfade_s", self.crossfade_s, 0.01, CROSSFADE_S_MAX),
            ("fade_out_s", self.fade_out_s, 0.0, FADE_OUT_S_MAX),
        ];
        for (key, value, min, max) in ranges {
            if let Some(value) = value.filter(|value| !(min..=max).contains(value)) {
                return Err(AlbumFileError::OutOfRange { song: song(), key, value, min, max });
            }
        }
        let follows = [
            ("gap_s", self.gap_s.is_some()),
            ("join", self.join.is_some()),
            ("crossfade_s", self.crossfade_s.is_some()),
        ];
        let mut said = follows.into_iter().filter(|(_, said)| *said).map(|(key, _)| key);
        let (first, second) = (said.next(), said.next());
        if let Some((first, second)) = first.zip(second) {
            return Err(AlbumFileError::Exclusive { song: song(), first, second });
        }
        if let Some(key) = first.filter(|_| number == 1) {
            return Err(AlbumFileError::FirstFollows { song: song(), key });
        }
        let mut before = 0.0;
        for &value in &self.index_s {
            if !value.is_finite() || value <= before {
                return Err(AlbumFileError::Indexes { song: song(), value, before });
            }
            before = value;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said about a record whose file goes on like this.
    fn error(songs: &str) -> String {
        let text = format!("schema = \"acetate.album/1\"\n{songs}");
        AlbumFile::parse(&text).unwrap_err().to_string()
    }

    fn two(second: &str) -> String {
        format!(
            "[[song]]\nfile = \"a.wav\"\nisrc = \"DEA122600001\"\n[[song]]\nfile = \"b.wav\"\n{second}"
        )
    }

    #[test]
    fn the_example_of_the_guide_is_read() {
        let text = r#"
            schema = "acetate.album/1"
            title = "Eight Rooms"
            artist = "The Test Band"
            upc = "4006381333931"
            date = "2026"
            cover = "cover.jpg"
            catalog = "TTB-001"
            [sound]
            target = "streaming"
            levels = "natural"
            [[song]]
            file = "01 Run.wav"
            title = "Run"
            isrc = "DEA122600001"
            level_lu = -1.5
            index_s = [62.5]
            fade_out_s = 8
            side = "A"
            cd_title = "Run"
            [[song]]
            file = "02 Air.wav"
            join = "gapless"
            side = "B"
        "#;
        let file = AlbumFile::parse(text).unwrap();
        assert_eq!(file.songs[0].level_lu, Some(-1.5));
        assert_eq!(file.songs[1].join, Some(JoinWord::Gapless));
        assert_eq!(file.sound["target"].as_str(), Some("streaming"));
        let again = AlbumFile::parse(&toml::to_string(&file).unwrap()).unwrap();
        assert_eq!(again, file);
    }

    #[test]
    fn wrong_codes_are_named_with_song_and_rule() {
        assert!(error("upc = \"4006381333930\"").contains("its check digit is 1"));
        let text = error(&two("isrc = \"DEA12260001\""));
        assert!(text.starts_with("song 2 \"b.wav\": ISRC \"DEA12260001\" has 11"), "{text}");
        let text = error(&two("isrc = \"de-a12-26-00001\""));
        assert!(text.contains("belongs to song 1 \"a.wav\" already"), "{text}");
    }

    #[test]
    fn a_file_is_named_once() {
        let text = error("[[song]]\nfile = \"a.wav\"\n[[song]]\ntitle = \"Two\"\nfile = \"a.wav\"");
        assert_eq!(
            text,
            "song 2 \"Two\": the file \"a.wav\" is song 1 already; name every file once"
        );
        assert_eq!(error("[[song]]\ntitle = \"One\""), "song 1 names no file");
    }

    #[test]
    fn numbers_have_ranges() {
        assert_eq!(
            error(&two("level_lu = 1.5")),
            "song 2 \"b.wav\": level_lu = 1.5 is not within -24 and 0"
        );
        assert!(error(&two("gap_s = -1")).contains("gap_s = -1"));
        assert!(error(&two("crossfade_s = nan")).contains("crossfade_s"));
        assert!(error(&two("index_s = [10, 5]")).contains("5 does not come after 10"));
    }

    #[test]
    fn there_is_one_way_to_follow_a_song() {
        let text = error(&two("gap_s = 1\njoin = \"gapless\""));
        assert!(text.contains("gap_s and join exclude each other"), "{text}");
        let text = error("[[song]]\nfile = \"a.wav\"\njoin = \"gapless\"");
        assert!(text.contains("it is the first"), "{text}");
    }

    #[test]
    fn sides_follow_each_other() {
        assert!(error(&two("side = \"C\"")).contains("side 'C' cannot follow side 'A'"));
        let text = format!("schema = \"acetate.album/1\"\n{}", two("side = \"B\""));
        assert!(AlbumFile::parse(&text).is_ok());
    }

    #[test]
    fn a_mistyped_key_is_named_with_its_line() {
        let wrong = |text| AlbumFile::parse(&format!("schema = \"acetate.album/1\"\n{text}"));
        let unknown = wrong("titel = \"Rooms\"").unwrap_err();
        let (key, known) = unknown.unknown_key().unwrap();
        assert!(key == "titel" && known.iter().any(|name| name == "title"), "{known:?}");
        assert_eq!(unknown.to_string(), "line 2: there is no key \"titel\"");
        assert_eq!(
            error("[[song]]\nfile = \"a.wav\"\nlevel_lu = \"loud\""),
            "line 4, level_lu: invalid type: string \"loud\", expected a number"
        );
    }

    #[test]
    fn a_date_is_a_year_a_month_or_a_day_with_or_without_quotes() {
        let date = |text: &str| {
            let file = AlbumFile::parse(&format!("schema = \"acetate.album/1\"\ndate = {text}"));
            file.map(|file| file.date.unwrap()).map_err(|error| error.to_string())
        };
        for text in ["2026", "2026-05-31", "\"2026-05\"", "\"2026\""] {
            assert_eq!(date(text), Ok(text.trim_matches('"').to_owned()));
        }
        let wrong = "date \"31.5.2026\" is none: it is 2026, 2026-05 or 2026-05-31";
        assert_eq!(date("\"31.5.2026\"").unwrap_err(), wrong);
        assert!(date("true").unwrap_err().contains("line 2, date: true is no year"));
    }

    #[test]
    fn another_schema_is_refused() {
        let text = AlbumFile::parse("schema = \"acetate.settings/1\"").unwrap_err().to_string();
        assert!(text.contains("is not \"acetate.album/1\""), "{text}");
    }
}
