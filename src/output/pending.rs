//! A file under a temporary name, until it is complete.

use std::io::{self, Read};
use std::path::Path;

use acetate_files::temporary_in;
use tempfile::NamedTempFile;

use crate::Error;
use crate::output::temporary::Temporary;

/// A file on its way to its name; dropped, or interrupted, it is removed.
#[derive(Debug)]
pub(crate) struct Pending {
    file: NamedTempFile,
    _watched: Temporary,
}

impl Pending {
    /// Begins a file in the folder where it is to stay, so that it can be renamed in one step.
    ///
    /// # Errors
    /// When the folder takes no file.
    pub(crate) fn in_folder(folder: &Path) -> io::Result<Self> {
        let file = temporary_in(folder)?;
        let watched = Temporary::watch(file.path());
        Ok(Self { file, _watched: watched })
    }

    /// Where it is for now.
    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }

    /// Writes everything that there is to read, down to the disk.
    ///
    /// # Errors
    /// When the disk is full or fails, or the reader does.
    pub(crate) fn fill(&mut self, reader: &mut dyn Read) -> io::Result<()> {
        io::copy(reader, &mut self.file)?;
        self.file.as_file().sync_all()
    }

    /// Gives it its name.
    ///
    /// # Errors
    /// When it cannot be renamed, or something of that name appeared and is not to be replaced.
    pub(crate) fn publish(self, path: &Path, replace: bool) -> Result<(), Error> {
        let placed =
            if replace { self.file.persist(path) } else { self.file.persist_noclobber(path) };
        placed.map(|_| ()).map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => Error::Exists { path: path.to_owned() },
            _ => Error::Write { path: path.to_owned(), reason: error.error },
        })
    }
}
