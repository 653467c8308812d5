//! A record: songs that are decided together, rendered on one time line, and laid out for every medium.
//!
//! ```no_run
//! use acetate::album::{Album, AlbumRequest};
//!
//! let album = Album::open(&["record".into()], &mut ())?;
//! let request = AlbumRequest::default();
//! let plan = album.plan(&request, &mut ())?;
//! let master = album.master(&plan, &request, "record/mastered".as_ref(), false, &mut ())?;
//! println!("{}", master.document.summary);
//! # Ok::<(), acetate::Error>(())
//! ```

mod before;
mod delivery;
mod disc;
mod document;
mod error;
mod frozen;
mod listing;
mod mended;
mod meters;
mod open;
mod page;
mod plan;
mod room;
mod settled;
mod sides;
mod songs;
mod staging;
mod takers;

use std::path::{Path, PathBuf};

pub use acetate_layouts::{Record, Speed, Tape};
pub use acetate_optimizer::album::{
    ALBUM_PLAN_SCHEMA, AlbumDocument, AlbumFile, AlbumSong, Anchor, Frozen, GapRule, LevelRule,
    RecordWishes, SongEntry, StartKind, SuggestedSong, ToneTogether,
};

pub use delivery::AlbumMaster;
pub use error::AlbumError;
pub use frozen::frozen;
pub use listing::FolderToWrite;
pub use open::{Album, Order, is_album_file};
pub use plan::AlbumPlan;

use crate::{Error, Observer, Request};

/// The file that says what a folder of songs is.
pub const ALBUM_FILE: &str = "album.toml";
/// The file that keeps what was decided.
pub const ALBUM_PLAN_FILE: &str = "album.acetate.json";
/// The page about a record, where nobody names another.
pub const ALBUM_PAGE_FILE: &str = "album.html";

/// What a record is laid out for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layout {
    /// A file a song, tagged.
    Streaming,
    /// A WAV of the whole disc with CUE, TOC and CD-Text.
    Cd,
    /// The same with samples without a header.
    Bin,
    /// A DDP 2.00 fileset.
    Ddp,
    /// A file a side for cutting.
    Vinyl,
    /// A file a side for tape.
    Cassette,
}

impl Layout {
    /// All there are.
    pub const ALL: [Self; 6] =
        [Self::Streaming, Self::Cd, Self::Bin, Self::Ddp, Self::Vinyl, Self::Cassette];

    /// The name of its folder.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Streaming => "streaming",
            Self::Cd => "cd",
            Self::Bin => "bin",
            Self::Ddp => "ddp",
            Self::Vinyl => "vinyl",
            Self::Cassette => "cassette",
        }
    }
}

/// Everything that can be asked of a record.
#[derive(Clone, Debug)]
pub struct AlbumRequest {
    /// What is asked of the sound of every song.
    pub request: Request,
    /// How songs stand against each other.
    pub wishes: RecordWishes,
    /// What is written.
    pub layouts: Vec<Layout>,
    /// The record for the layout `vinyl`.
    pub vinyl: Record,
    /// Sides of it; `None` is as few as hold the music.
    pub sides: Option<usize>,
    /// The tape for the layout `cassette`; `None` is the shortest that holds the music.
    pub tape: Option<Tape>,
    /// Ten seconds around every transition, as files of their own.
    pub preview: bool,
    /// Versions of joined songs with clean edges.
    pub singles: bool,
}

impl Default for AlbumRequest {
    fn default() -> Self {
        Self {
            request: Request::default(),
            wishes: RecordWishes::default(),
            layouts: vec![Layout::Streaming],
            vinyl: Record { inches: 12, speed: Speed::Rpm33 },
            sides: None,
            tape: None,
            preview: false,
            singles: false,
        }
    }
}

/// Reads, decides, renders, verifies and lays out a record: the files of `songs`, the songs of a folder, or an `album.toml`.
///
/// # Errors
/// When songs cannot be read or do not go together, what is said of them cannot be, or a layout exists or cannot be written.
pub fn album(
    songs: &[PathBuf],
    request: &AlbumRequest,
    folder: &Path,
    observer: &mut dyn Observer,
) -> Result<AlbumMaster, Error> {
    let album = Album::open(songs, observer)?.mended(request, observer)?;
    let plan = album.plan(request, observer)?;
    album.master(&plan, request, folder, false, observer)
}
