//! Temporary files beside their outputs: locked while they are written, so that one that a killed process left behind
//! can be told from one that another process is working on.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

/// How the names of temporary files begin: hidden, and never taken for sound.
const PREFIX: &str = ".acetate-";
/// How they end.
const SUFFIX: &str = ".tmp";
/// New names that are tried when another process takes each for abandoned before it is locked.
const TRIES: usize = 16;

/// A new empty file in `folder`, with the permissions that any new file gets, locked as long as it is open.
///
/// # Errors
/// When the folder takes no files.
pub fn temporary_in(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    // Not `tempfile_in`: its errors name a file that nobody knows, and its files are their owner's alone.
    let mut new = File::options();
    new.read(true).write(true).create_new(true);
    for _ in 0..TRIES {
        let file = builder.make_in(folder, |path| new.open(path))?;
        if is_kept(file.as_file(), file.path()) {
            return Ok(file);
        }
    }
    Err(io::Error::other("temporary files vanish as soon as they are made"))
}

/// Locks a new file. `false` when somebody who removes abandoned files was faster.
fn is_kept(file: &File, path: &Path) -> bool {
    // Locks bind other handles of the same process on Windows: there, nothing is locked and nothing swept.
    let taken = cfg!(unix) && matches!(file.try_lock(), Err(TryLockError::WouldBlock));
    !taken && path.exists()
}

/// Removes the temporary files in `folder` that no process works on any more; gives how many.
///
/// A file is abandoned when its lock can be had. Where the file system knows no locks, all of them stay.
pub fn remove_abandoned(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries.filter_map(Result::ok).filter(is_temporary).filter(|e| removed(&e.path())).count()
}

fn is_temporary(entry: &fs::DirEntry) -> bool {
    let name = entry.file_name();
    let named = name.to_str().is_some_and(|n| n.starts_with(PREFIX) && n.ends_with(SUFFIX));
    named && entry.file_type().is_ok_and(|kind| kind.is_file())
}

#[cfg(unix)]
fn removed(path: &Path) -> bool {
    // Not created anew, should it have been renamed meanwhile; held until it is gone.
    let Ok(file) = File::options().write(true).open(path) else { return false };
    file.try_lock().is_ok() && fs::remove_file(path).is_ok()
}

#[cfg(not(unix))]
fn removed(_: &Path) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn only_files_that_nobody_holds_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let held = temporary_in(folder.path()).unwrap();
        let abandoned = temporary_in(folder.path()).unwrap().into_temp_path();
        fs::write(folder.path().join("song.wav"), "sound").unwrap();
        fs::create_dir(folder.path().join(".acetate-folder.tmp")).unwrap();
        assert_eq!(remove_abandoned(folder.path()), 1);
        assert!(held.path().exists() && !abandoned.exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[test]
    fn an_error_does_not_name_a_file_that_nobody_knows() {
        let folder = tempfile::tempdir().unwrap();
        let error = temporary_in(&folder.path().join("missing")).unwrap_err();
        assert!(!error.to_string().contains(PREFIX), "{error}");
    }

    #[test]
    fn new_files_can_be_read_by_everybody_the_umask_allows() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let plain = folder.path().join("plain");
        fs::write(&plain, "").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(temporary_in(folder.path()).unwrap().path()), mode(&plain));
    }

    #[test]
    fn a_folder_that_is_swept_all_the_time_still_takes_files() {
        let folder = tempfile::tempdir().unwrap();
        let done = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    remove_abandoned(folder.path());
                }
            });
            for _ in 0..200 {
                let file = temporary_in(folder.path()).unwrap();
                let place = folder.path().join("kept");
                file.persist(&place).unwrap();
                fs::remove_file(place).unwrap();
            }
            done.store(true, std::sync::atomic::Ordering::Relaxed);
        });
    }
}
