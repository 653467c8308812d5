//! Whole layouts or none: everything is made in a folder without a name, and gets its own when it is complete.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::Error;
use crate::output::temporary::Temporary;

/// What unfinished folders are called.
const PREFIX: &str = ".acetate-record-";
/// A file in them that is locked for as long as somebody works there.
const LOCK: &str = "lock";

/// Folders on their way to their names; dropped, everything is removed.
pub(super) struct Staging {
    folder: PathBuf,
    names: Vec<String>,
    replace: bool,
    made: TempDir,
    _watched: Temporary,
    _lock: File,
}

impl Staging {
    /// Begins folders of these names inside `folder`.
    ///
    /// # Errors
    /// When one exists and is not to be replaced, or `folder` cannot be written to.
    pub(super) fn begin(folder: &Path, names: &[&str], replace: bool) -> Result<Self, Error> {
        for name in names {
            let path = folder.join(name);
            if !replace && path.exists() {
                return Err(Error::Exists { path });
            }
        }
        let cannot = |reason| Error::Folder { path: folder.to_owned(), reason };
        fs::create_dir_all(folder).map_err(cannot)?;
        remove_abandoned(folder);
        let made = tempfile::Builder::new().prefix(PREFIX).tempdir_in(folder).map_err(cannot)?;
        let watched = Temporary::watch(made.path());
        let lock = File::create_new(made.path().join(LOCK)).map_err(cannot)?;
        // Where the file system knows no locks, nothing is ever taken for abandoned.
        let _ = lock.try_lock();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        for name in &names {
            fs::create_dir(made.path().join(name)).map_err(cannot)?;
        }
        let folder = folder.to_owned();
        Ok(Self { folder, names, replace, made, _watched: watched, _lock: lock })
    }

    /// Where a folder is for now.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.made.path().join(name)
    }

    /// An error with the name that a file was to get, in place of the one it has for now.
    pub(super) fn in_its_place(&self, error: Error) -> Error {
        let shown = |path: PathBuf| match path.strip_prefix(self.made.path()) {
            Ok(rest) => self.folder.join(rest),
            Err(_) => path,
        };
        match error {
            Error::Write { path, reason } => Error::Write { path: shown(path), reason },
            Error::Encode { name, reason } => {
                Error::Encode { name: shown(name.into()).display().to_string(), reason }
            }
            other => other,
        }
    }

    /// Writes a file that gets its name with the folders, after them.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn file(&mut self, name: &str, text: &str) -> Result<(), Error> {
        let path = self.path(name);
        let written = File::create_new(&path).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        written.map_err(|reason| Error::Write { path: self.folder.join(name), reason })?;
        self.names.push(name.to_owned());
        Ok(())
    }

    /// Gives everything its name; what was there goes.
    ///
    /// # Errors
    /// When the system refuses; what was there is then as it was.
    pub(super) fn publish(self) -> Result<Vec<PathBuf>, Error> {
        let mut published: Vec<(&String, PathBuf)> = Vec::new();
        for name in &self.names {
            let to = self.folder.join(name);
            if let Err(reason) = self.swap(name, &to) {
                published.iter().rev().for_each(|(name, to)| self.swap_back(name, to));
                return Err(Error::Folder { path: to, reason });
            }
            published.push((name, to));
        }
        Ok(published.into_iter().map(|(_, to)| to).collect())
    }

    fn old(&self, name: &str) -> PathBuf {
        self.made.path().join(format!("old-{name}"))
    }

    fn swap(&self, name: &str, to: &Path) -> io::Result<()> {
        if self.replace && to.exists() {
            fs::rename(to, self.old(name))?;
        }
        fs::rename(self.path(name), to).inspect_err(|_| {
            let _ = fs::rename(self.old(name), to);
        })
    }

    fn swap_back(&self, name: &str, to: &Path) {
        let _ = fs::rename(to, self.path(name));
        let _ = fs::rename(self.old(name), to);
    }
}

/// Removes unfinished folders that nobody works on any more: those of runs that were killed.
fn remove_abandoned(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let named = entry.file_name().to_string_lossy().starts_with(PREFIX);
        // Locks bind other handles of the same process on Windows: there, nothing is swept.
        if !cfg!(unix) || !named {
            continue;
        }
        let lock = File::options().write(true).open(entry.path().join(LOCK));
        if lock.is_ok_and(|lock| lock.try_lock().is_ok()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_have_their_names_all_at_the_end_or_never() {
        let folder = tempfile::tempdir().unwrap();
        let names = |folder: &Path| -> Vec<String> {
            let entries = fs::read_dir(folder).unwrap().flatten();
            let mut names: Vec<String> =
                entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
            names.sort();
            names
        };
        let staging = Staging::begin(folder.path(), &["cd", "streaming"], false).unwrap();
        fs::write(staging.path("cd").join("a"), "new").unwrap();
        drop(staging);
        assert_eq!(names(folder.path()), [""; 0]);
        let staging = Staging::begin(folder.path(), &["cd", "streaming"], false).unwrap();
        fs::write(staging.path("cd").join("a"), "new").unwrap();
        staging.publish().unwrap();
        assert_eq!(names(folder.path()), ["cd", "streaming"]);
        assert!(matches!(Staging::begin(folder.path(), &["cd"], false), Err(Error::Exists { .. })));
        let staging = Staging::begin(folder.path(), &["cd"], true).unwrap();
        fs::write(staging.path("cd").join("b"), "newer").unwrap();
        staging.publish().unwrap();
        assert_eq!(names(&folder.path().join("cd")), ["b"]);
        assert_eq!(names(folder.path()), ["cd", "streaming"]);
    }

    #[test]
    fn what_cannot_be_named_leaves_everything_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["old", "new"] {
            let mut staging = Staging::begin(folder.path(), &["cd"], true).unwrap();
            fs::write(staging.path("cd").join("a"), text).unwrap();
            staging.file("plan.json", text).unwrap();
            if text == "new" {
                // Somebody takes it away while it is made.
                fs::remove_file(staging.path("plan.json")).unwrap();
            }
            assert_eq!(staging.publish().is_ok(), text == "old");
            for name in ["cd/a", "plan.json"] {
                assert_eq!(fs::read_to_string(folder.path().join(name)).unwrap(), "old");
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_a_killed_run_left_goes_and_what_another_works_on_stays() {
        let folder = tempfile::tempdir().unwrap();
        let working = Staging::begin(folder.path(), &["cd"], false).unwrap();
        let killed = folder.path().join(format!("{PREFIX}killed"));
        fs::create_dir(&killed).unwrap();
        fs::write(killed.join(LOCK), "").unwrap();
        let other = Staging::begin(folder.path(), &["ddp"], false).unwrap();
        assert!(!killed.exists());
        working.publish().unwrap();
        other.publish().unwrap();
    }
}
