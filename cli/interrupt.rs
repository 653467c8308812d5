//! Ctrl-C: nothing is left half written.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};
use std::{env, fs};

use acetate_audio::temporary_prefix;
use tempfile::TempDir;

use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::global::say;

static TEMPORARY: LazyLock<Mutex<BTreeSet<PathBuf>>> = LazyLock::new(Mutex::default);

/// From now on Ctrl-C and termination remove the temporary files and leave with 130.
pub(crate) fn watch() -> Outcome<()> {
    ctrlc::set_handler(|| {
        // Held until the process ends: nobody can add a file while they are being removed.
        let temporary = TEMPORARY.lock();
        if let Ok(paths) = &temporary {
            for path in paths.iter() {
                let _ = fs::remove_file(path);
            }
        }
        sweep();
        say("acetate: interrupted; no unfinished file was left");
        std::process::exit(i32::from(Exit::Interrupted.code()));
    })
    .map_err(|error| Failure::failed(format!("cannot watch for Ctrl-C: {error}")))
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
pub(crate) fn temporary_folder() -> Outcome<TempDir> {
    tempfile::Builder::new()
        .prefix(&temporary_prefix())
        .tempdir()
        .map_err(|error| Failure::failed(format!("cannot make a temporary folder: {error}")))
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
