//! A file under a temporary name, until it is complete.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use acetate_audio::temporary_in;
use tempfile::NamedTempFile;

use crate::failure::{Failure, Outcome};
use crate::interrupt::Temporary;

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
    pub(crate) fn publish(self, path: &Path, replace: bool) -> Outcome<()> {
        let placed =
            if replace { self.file.persist(path) } else { self.file.persist_noclobber(path) };
        placed.map(|_| ()).map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => {
                Failure::refused(format!("{} exists", path.display())).next("-f replaces it")
            }
            _ => Failure::failed(format!("{}: cannot be written: {}", path.display(), error.error)),
        })
    }

    /// Sends it to a stream instead.
    ///
    /// # Errors
    /// When nobody reads any more.
    pub(crate) fn send(self, stream: &mut dyn Write) -> Outcome<()> {
        File::open(self.path())
            .and_then(|mut file| io::copy(&mut file, stream))
            .and_then(|_| stream.flush())
            .map_err(|error| Failure::failed(format!("cannot write to standard output: {error}")))
    }
}
