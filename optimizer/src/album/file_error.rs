//! What can be wrong with a record's file.

use acetate_layouts::CodeError;
use thiserror::Error;

use super::file::ALBUM_FILE_SCHEMA;

/// What is wrong with a record's file. Each names the song, the value and the rule.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AlbumFileError {
    /// Not TOML, or a key that does not exist.
    #[error("{}", first_line(.0))]
    Toml(#[from] toml::de::Error),
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

/// The first line of what the parser says, with the place.
fn first_line(error: &toml::de::Error) -> String {
    let message = error.message().lines().next().unwrap_or_default().to_owned();
    let line = error.to_string().lines().next().unwrap_or_default().to_owned();
    if line.contains(&message) { line } else { format!("{line}: {message}") }
}
