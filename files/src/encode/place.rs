//! Where a file is written: a temporary name in the folder of the output, moved in one step at the end.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

use crate::{EncodeError, temporary_in};

/// What to do when the output exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Refuse; also when it appears while we write.
    Error,
    /// Replace it, in one step.
    Replace,
}

/// The temporary file, and the name it is to have.
#[derive(Debug)]
pub(super) struct Place {
    temporary: NamedTempFile,
    path: PathBuf,
    existing: Existing,
}

impl Place {
    pub(super) fn new(path: &Path, existing: Existing) -> Result<Self, EncodeError> {
        let folder = folder_of(path);
        if path.is_dir() || path.file_name().is_none() {
            return Err(EncodeError::IsFolder);
        }
        if !folder.is_dir() {
            return Err(EncodeError::NoFolder);
        }
        // A dangling link counts as existing, too.
        if existing == Existing::Error && path.symlink_metadata().is_ok() {
            return Err(EncodeError::Exists);
        }
        let temporary = temporary_in(folder).map_err(EncodeError::Create)?;
        Ok(Self { temporary, path: path.to_path_buf(), existing })
    }

    /// The temporary file, to be read and written.
    pub(super) fn open(&self) -> Result<File, EncodeError> {
        File::options()
            .read(true)
            .write(true)
            .open(self.temporary.path())
            .map_err(EncodeError::Create)
    }

    pub(super) fn temporary_path(&self) -> &Path {
        self.temporary.path()
    }

    /// Waits until the file's bytes are on the disk.
    pub(super) fn sync(&self) -> Result<(), EncodeError> {
        self.temporary.as_file().sync_all().map_err(EncodeError::Write)
    }

    pub(super) fn publish(self) -> Result<(), EncodeError> {
        let moved = match self.existing {
            Existing::Replace => self.temporary.persist(&self.path),
            Existing::Error => self.temporary.persist_noclobber(&self.path),
        };
        moved.map_err(|failed| match failed.error.kind() {
            io::ErrorKind::AlreadyExists => EncodeError::Exists,
            io::ErrorKind::IsADirectory => EncodeError::IsFolder,
            _ => EncodeError::Publish(failed.error),
        })?;
        sync_folder(folder_of(&self.path));
        Ok(())
    }
}

/// How the names of this process's files in the system's temporary folder begin: whoever ends the process by force can
/// find and remove them.
pub fn temporary_prefix() -> String {
    format!("acetate-{}-", std::process::id())
}

/// A temporary file that goes to a stream once it is complete.
pub(super) struct Spool {
    temporary: TempPath,
    stream: Box<dyn Write + Send>,
}

impl std::fmt::Debug for Spool {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Spool").field(&self.temporary).finish()
    }
}

impl Spool {
    pub(super) fn new(stream: Box<dyn Write + Send>) -> Result<Self, EncodeError> {
        let temporary = tempfile::Builder::new().prefix(&temporary_prefix()).tempfile();
        let temporary = temporary.map_err(EncodeError::Create)?.into_temp_path();
        Ok(Self { temporary, stream })
    }

    pub(super) fn open(&self) -> Result<File, EncodeError> {
        File::options().read(true).write(true).open(&self.temporary).map_err(EncodeError::Create)
    }

    pub(super) fn path(&self) -> &Path {
        &self.temporary
    }

    pub(super) fn send(mut self) -> Result<(), EncodeError> {
        io::copy(&mut self.open()?, &mut self.stream).map_err(EncodeError::Write)?;
        self.stream.flush().map_err(EncodeError::Write)
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes the new name itself durable, where the system allows it; the file is complete either way.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}
