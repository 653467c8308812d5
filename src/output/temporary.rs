//! What a run keeps under temporary names, so that it can be removed when the process is ended by force.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};
use std::{env, fs};

use acetate_files::temporary_prefix;
use tempfile::TempDir;

use crate::Error;

static TEMPORARY: LazyLock<Mutex<BTreeSet<PathBuf>>> = LazyLock::new(Mutex::default);

/// Removes every unfinished file of this process, then calls `leave`, which ends the process: for a handler of Ctrl-C. Nobody can
/// begin another file while they are being removed.
pub fn remove_unfinished(leave: impl FnOnce()) {
    let temporary = TEMPORARY.lock();
    if let Ok(paths) = &temporary {
        for path in paths.iter() {
            let _ = fs::remove_file(path).or_else(|_| fs::remove_dir_all(path));
        }
    }
    sweep();
    leave();
}

/// Removes what this process keeps in the system's temporary folder.
fn sweep() {
    let prefix = temporary_prefix();
    for entry in fs::read_dir(env::temp_dir()).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            let _ = fs::remove_file(entry.path()).or_else(|_| fs::remove_dir_all(entry.path()));
        }
    }
}

/// A temporary folder, removed when dropped and when the run is interrupted.
///
/// # Errors
/// When the system's temporary folder takes none.
pub fn temporary_folder() -> Result<TempDir, Error> {
    tempfile::Builder::new().prefix(&temporary_prefix()).tempdir().map_err(Error::Temporary)
}

/// A temporary file that an interruption removes, for as long as this lives.
#[derive(Debug)]
pub(crate) struct Temporary {
    path: PathBuf,
}

impl Temporary {
    /// Watches over `path`.
    pub(crate) fn watch(path: &Path) -> Self {
        if let Ok(mut paths) = TEMPORARY.lock() {
            paths.insert(path.to_owned());
        }
        Self { path: path.to_owned() }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Ok(mut paths) = TEMPORARY.lock() {
            paths.remove(&self.path);
        }
    }
}
