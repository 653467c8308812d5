//! A song's file at hand, with the hash of its bytes.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use acetate_files::DecodeError;
use acetate_optimizer::FileStamp;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use tempfile::TempPath;

use super::line::Stamp;
use crate::{Error, output};

/// How addresses of object stores begin.
const SCHEMES: [&str; 3] = ["s3://", "gs://", "az://"];
/// Read at once.
const PIECE_BYTES: usize = 256 << 10;

/// Is it the address of an object, and no path?
pub fn is_address(name: &str) -> bool {
    SCHEMES.iter().any(|scheme| name.starts_with(scheme))
}

/// A file that can be read.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) path: PathBuf,
    pub(super) sha256: String,
    pub(super) stamp: Stamp,
    /// Removes the copy of an object.
    pub(super) copy: Option<TempPath>,
}

impl Fetched {
    /// Is it a copy of an object?
    pub(super) fn is_copy(&self) -> bool {
        self.copy.is_some()
    }
}

/// Reads a song: a file where it is, an object into a temporary copy.
pub(super) fn fetch(song: &str) -> Result<Fetched, Error> {
    if !is_address(song) {
        return of_file(Path::new(song));
    }
    #[cfg(feature = "cloud")]
    return super::bucket::fetch(song);
    #[cfg(not(feature = "cloud"))]
    Err(Error::NoStores { address: song.to_owned() })
}

fn of_file(path: &Path) -> Result<Fetched, Error> {
    let cannot = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Error::read(path.display().to_string(), DecodeError::NotFound),
        _ => Error::read(path.display().to_string(), error),
    };
    if !fs::metadata(path).map_err(cannot)?.is_file() {
        return Err(Error::read(
            path.display().to_string(),
            DecodeError::NotAFile { kind: "a folder" },
        ));
    }
    // Before it is read: what is written to meanwhile has another one afterwards, and is mastered again.
    let stamp = stamp_of(path).ok_or_else(|| cannot(io::Error::other("has no size or time")))?;
    let sha256 = sha256_of(&mut File::open(path).map_err(cannot)?).map_err(cannot)?;
    Ok(Fetched { path: path.to_owned(), sha256, stamp, copy: None })
}

/// The stamp of a file; `None` where there is none.
pub(super) fn stamp_of(path: &Path) -> Option<Stamp> {
    let FileStamp { bytes, modified_ms } = output::stamp_of(path)?;
    Some(Stamp { bytes, modified_ms: Some(modified_ms), etag: None })
}

/// SHA-256 of everything that there is to read.
pub(super) fn sha256_of(reader: &mut dyn Read) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match reader.read(&mut piece) {
            Ok(0) => return Ok(HEXLOWER.encode(&hash.finalize())),
            Ok(count) => hash.update(&piece[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
