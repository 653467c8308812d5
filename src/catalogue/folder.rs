//! A catalogue in a folder.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf, absolute};

use acetate_files::remove_abandoned;

use super::store::{Created, Journal, Store, stands};
use crate::Error;
use crate::output::folder_of;
use crate::output::pending::Pending;
use crate::output::render::Rendered;

/// The folder of the ledger.
pub(super) const LEDGER: &str = "ledger";

pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(super) fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn path(&self, name: &str) -> PathBuf {
        name.split('/').fold(self.root.clone(), |path, part| path.join(part))
    }

    /// Names below a folder, and the folders.
    fn walk(&self, folder: &str, found: &mut dyn FnMut(&str, bool)) -> Result<(), Error> {
        let path = if folder.is_empty() { self.root.clone() } else { self.path(folder) };
        let unlisted = |reason| Error::Unlisted { path: path.clone(), reason };
        let entries = match fs::read_dir(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            entries => entries.map_err(unlisted)?,
        };
        for entry in entries {
            let entry = entry.map_err(unlisted)?;
            let own = entry.file_name().to_string_lossy().into_owned();
            if own.starts_with('.') || (folder.is_empty() && own == LEDGER) {
                continue;
            }
            let name = if folder.is_empty() { own } else { format!("{folder}/{own}") };
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            found(&name, is_folder);
            if is_folder {
                self.walk(&name, found)?;
            }
        }
        Ok(())
    }
}

impl Store for Folder {
    fn has(&self, name: &str) -> Result<bool, Error> {
        Ok(self.path(name).exists())
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let path = self.path(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::Document {
                name: path.display().to_string(),
                reason: format!("cannot read: {error}"),
            }),
        }
    }

    fn list(&self, folder: &str) -> Result<HashSet<String>, Error> {
        let mut names = HashSet::new();
        self.walk(folder, &mut |name, is_folder| {
            if !is_folder {
                names.insert(name.to_owned());
            }
        })?;
        Ok(names)
    }

    fn create(&self, name: &str, mut bytes: &[u8]) -> Result<Created, Error> {
        let path = self.path(name);
        let cannot = |reason: io::Error| Error::Write { path: path.clone(), reason };
        make_folder(folder_of(&path))?;
        let mut file = Pending::in_folder(folder_of(&path)).map_err(cannot)?;
        file.fill(&mut bytes).map_err(cannot)?;
        created(file.publish(&path, false))
    }

    fn publish(&self, name: &str, rendered: Rendered) -> Result<Created, Error> {
        created(rendered.give_name(&self.path(name), false))
    }

    fn place(&self, name: &str) -> Option<PathBuf> {
        Some(self.path(name))
    }

    fn journal(&self, name: &str) -> Result<Box<dyn Journal>, Error> {
        let path = self.path(&format!("{name}.jsonl"));
        make_folder(folder_of(&path))?;
        let file = File::options().append(true).create_new(true).open(&path);
        let file = file.map_err(|reason| Error::Write { path: path.clone(), reason })?;
        Ok(Box::new(Lines { file, path }))
    }

    fn holds(&self, path: &Path) -> bool {
        let (Ok(root), Ok(path)) = (absolute(&self.root), absolute(path)) else { return false };
        path.starts_with(root)
    }

    fn sweep(&self) {
        // What cannot be listed has nothing to sweep, and says so when it is read.
        let _ = self.walk("", &mut |name, is_folder| {
            if is_folder {
                remove_abandoned(&self.path(name));
            }
        });
    }
}

/// Lines in a file. Each is written in one piece: of a killed worker the last one is there, or not.
struct Lines {
    file: File,
    path: PathBuf,
}

impl Journal for Lines {
    fn add(&mut self, line: &str) -> Result<(), Error> {
        let line = format!("{line}\n");
        let cannot = |reason| Error::Write { path: self.path.clone(), reason };
        self.file.write_all(line.as_bytes()).map_err(cannot)
    }
}

fn created(result: Result<(), Error>) -> Result<Created, Error> {
    match result {
        Ok(()) => Ok(Created::Made),
        Err(error) if stands(&error) => Ok(Created::Stood),
        Err(error) => Err(error),
    }
}

fn make_folder(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|reason| Error::Folder { path: folder.to_owned(), reason })
}
