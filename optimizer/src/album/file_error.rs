//! What can be wrong with a record's file.

use acetate_layouts::CodeError;
use thiserror::Error;

use super::file::ALBUM_FILE_SCHEMA;

/// What is wrong with a record's file. Each names the song, the value and the rule.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AlbumFileError {
    /// Not TOML, or a value of another kind.
    #[error("line {line}{}: {reason}", after_line(key))]
    Toml {
        /// The line, from 1.
        line: usize,
        /// The key on it; empty where there is none.
        key: String,
        /// What the parser says.
        reason: String,
    },
    /// A key that is not there.
    #[error("line {line}: there is no key {key:?}")]
    UnknownKey {
        /// The line, from 1.
        line: usize,
        /// The key.
        key: String,
        /// Those that are there.
        known: Vec<String>,
    },
    /// A date that is none.
    #[error("date {given:?} is none: it is 2026, 2026-05 or 2026-05-31")]
    Date {
        /// What was given.
        given: String,
    },
    /// Another document.
    #[error("schema {given:?} is not {ALBUM_FILE_SCHEMA:?}")]
    Schema {
        /// What was given.
        given: String,
    },
    /// The product's code.
    #[error("upc: {0}")]
    Upc(CodeError),
    /// A recording's code.
    #[error("{song}: {error}")]
    Isrc {
        /// The song.
        song: String,
        /// What is wrong.
        error: CodeError,
    },
    /// Two songs with one code.
    #[error("{song}: ISRC {isrc} belongs to {other} already, and a code belongs to one recording")]
    IsrcTwice {
        /// The later song.
        song: String,
        /// The code.
        isrc: String,
        /// The earlier song.
        other: String,
    },
    /// A song without a file.
    #[error("song {number} names no file")]
    NoFile {
        /// Its place, from 1.
        number: usize,
    },
    /// A file that is there twice.
    #[error("{song}: the file {file:?} is song {other} already; name every file once")]
    FileTwice {
        /// The later song.
        song: String,
        /// The file.
        file: String,
        /// The place of the earlier, from 1.
        other: usize,
    },
    /// A number that is out of its range.
    #[error("{song}: {key} = {value} is not within {min} and {max}")]
    OutOfRange {
        /// The song.
        song: String,
        /// The key.
        key: &'static str,
        /// What was given.
        value: f64,
        /// The least.
        min: f64,
        /// The most.
        max: f64,
    },
    /// Two ways to follow the song before.
    #[error("{song}: {first} and {second} exclude each other; keep one")]
    Exclusive {
        /// The song.
        song: String,
        /// One key.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// The first song follows none.
    #[error("{song}: {key} needs a song before it, and it is the first")]
    FirstFollows {
        /// The song.
        song: String,
        /// The key.
        key: &'static str,
    },
    /// Indexes that do not ascend.
    #[error("{song}: index_s = {value} does not come after {before}")]
    Indexes {
        /// The song.
        song: String,
        /// The place.
        value: f64,
        /// The place before it.
        before: f64,
    },
    /// Sides out of order.
    #[error(
        "{song}: side {side:?} cannot follow side {before:?}: sides are A, B, C in the order of the songs"
    )]
    Sides {
        /// The song.
        song: String,
        /// Its side.
        side: char,
        /// The side before.
        before: char,
    },
}

impl AlbumFileError {
    /// What the parser says of a text, with the line and the key.
    pub(super) fn of_toml(text: &str, error: &toml::de::Error) -> Self {
        let at = error.span().map_or(0, |span| span.start).min(text.len());
        let before = text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let reason = error.message().lines().next().unwrap_or_default();
        let reason = reason.replace("expected f64", "expected a number");
        let reason = reason.replace("expected a sequence", "expected a list in [ ]");
        // "unknown field `titel`, expected one of `schema`, `title`"
        let mut named = reason.split('`').skip(1).step_by(2).map(str::to_owned);
        if reason.starts_with("unknown field")
            && let Some(key) = named.next()
        {
            return Self::UnknownKey { line, key, known: named.collect() };
        }
        let written = text.lines().nth(line - 1).unwrap_or_default();
        let key = written.split_once('=').map_or("", |(key, _)| key.trim()).to_owned();
        Self::Toml { line, key, reason }
    }

    /// A key that is not there, and those that are.
    pub fn unknown_key(&self) -> Option<(&str, &[String])> {
        match self {
            Self::UnknownKey { key, known, .. } => Some((key, known)),
            _ => None,
        }
    }
}

fn after_line(key: &str) -> String {
    if key.is_empty() { String::new() } else { format!(", {key}") }
}
