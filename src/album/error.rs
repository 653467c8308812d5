//! Why a record could not be made.

use std::path::PathBuf;

use acetate_layouts::{CassetteError, CdTextError, DdpError, DiscError, SidesError};
use acetate_optimizer::album::{AlbumFileError, RecordError};
use thiserror::Error;

use crate::nearest;

/// Why a record could not be made; each names the song, the value and the rule.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AlbumError {
    /// What is said of it cannot be.
    #[error("{}: {reason}{}", path.display(), near(reason))]
    File {
        /// The `album.toml`.
        path: PathBuf,
        /// What is wrong.
        reason: AlbumFileError,
    },
    /// A cover that is no picture.
    #[error("cover: {} is no picture that tags can hold; save it as JPEG or PNG", path.display())]
    Cover {
        /// The file.
        path: PathBuf,
    },
    /// A song that is named and is not there.
    #[error("{song}: there is no file {}", path.display())]
    Missing {
        /// The song.
        song: String,
        /// Where it should be.
        path: PathBuf,
    },
    /// An album of nothing.
    #[error("there are no songs")]
    Empty,
    /// A folder without songs.
    #[error("{} holds no audio file", path.display())]
    NoSongs {
        /// The folder.
        path: PathBuf,
    },
    /// A file that was named twice.
    #[error("{} is named twice; name every song once", path.display())]
    Twice {
        /// The file.
        path: PathBuf,
    },
    /// The songs do not go together.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The record is no disc.
    #[error("cd: {0}")]
    Disc(#[from] DiscError),
    /// Its words are no CD-Text.
    #[error("cd: {0}")]
    CdText(#[from] CdTextError),
    /// It is no DDP.
    #[error("ddp: {0}")]
    Ddp(#[from] DdpError),
    /// It does not fit on vinyl.
    #[error("vinyl: {0}")]
    Sides(#[from] SidesError),
    /// It does not fit on a tape.
    #[error("cassette: {0}")]
    Cassette(#[from] CassetteError),
    /// Repairs are wanted and were not made.
    #[error("the songs are not mended yet; Album::mended does it before a plan is made")]
    NotMended,
    /// A disc has two channels.
    #[error("{layout}: songs of {channels} channels do not go on it: it is stereo")]
    Channels {
        /// The layout.
        layout: &'static str,
        /// Channels of the record.
        channels: usize,
    },
}

/// The key that was meant, or those that there are.
fn near(reason: &AlbumFileError) -> String {
    let Some((key, known)) = reason.unknown_key() else { return String::new() };
    match nearest(key, known.iter().map(String::as_str)) {
        Some(near) => format!("; did you mean {near:?}?"),
        None => format!("; there are {}", known.join(", ")),
    }
}
