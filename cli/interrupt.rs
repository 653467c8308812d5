//! Ctrl-C: nothing is left half written.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

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
        say("acetate: interrupted; no unfinished file was left");
        std::process::exit(i32::from(Exit::Interrupted.code()));
    })
    .map_err(|error| Failure::failed(format!("cannot watch for Ctrl-C: {error}")))
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
