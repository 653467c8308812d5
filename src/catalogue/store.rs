//! Where the masters of a catalogue are kept: create where there is nothing, never replace.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use acetate_files::EncodeError;

use super::fetch::is_address;
use super::folder::Folder;
use crate::Error;
use crate::output::render::{Placing, Rendered};

/// What came of creating something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Created {
    /// It was made.
    Made,
    /// Something of that name was there, and stays.
    Stood,
}

/// Does an error say that something of the name is there already?
pub(super) fn stands(error: &Error) -> bool {
    matches!(error, Error::Exists { .. } | Error::Encode { reason: EncodeError::Exists, .. })
}

/// A folder, or a place in an object store. Names have `/` between their parts, on every system.
pub(super) trait Store: Send + Sync {
    /// Is there something of this name?
    fn has(&self, name: &str) -> Result<bool, Error>;

    /// All of it; `None` where there is nothing of this name.
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Error>;

    /// Names of everything below a folder; `""` is everything there is but the ledger.
    fn list(&self, folder: &str) -> Result<HashSet<String>, Error>;

    /// Makes it in one step, unless something of this name is there.
    fn create(&self, name: &str, bytes: &[u8]) -> Result<Created, Error>;

    /// The same of a rendered file, made where [`Store::place`] said.
    fn publish(&self, name: &str, rendered: Rendered) -> Result<Created, Error>;

    /// Where a file is rendered that will have this name; `None` where only whole files can be sent.
    fn place(&self, name: &str) -> Option<PathBuf>;

    /// A new ledger of one worker.
    fn journal(&self, name: &str) -> Result<Box<dyn Journal>, Error>;

    /// Is this a file below it?
    fn holds(&self, path: &Path) -> bool {
        let _ = path;
        false
    }

    /// Removes what killed workers left.
    fn sweep(&self) {}
}

/// The ledger of one worker: lines are added, and each is there when [`Journal::add`] returns.
pub(super) trait Journal: Send {
    /// Adds a line.
    fn add(&mut self, line: &str) -> Result<(), Error>;
}

/// Where to render: beside the name, or in the temporary folder of the system.
pub(super) fn placing(path: Option<&PathBuf>) -> Placing<'_> {
    path.map_or(Placing::Temporary, |path| Placing::Beside { path, replace: false })
}

/// The store at a path, or at an address (`s3://bucket/masters`).
pub(super) fn open(place: &str) -> Result<Box<dyn Store>, Error> {
    if !is_address(place) {
        return Ok(Box::new(Folder::new(place)));
    }
    #[cfg(feature = "cloud")]
    return Ok(Box::new(super::bucket::Bucket::open(place)?));
    #[cfg(not(feature = "cloud"))]
    Err(Error::NoStores { address: place.to_owned() })
}
