//! Files that are read in a run, and so never written: found under any of their names.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use crate::Input;

/// What two names of one file share.
#[cfg(unix)]
type Identity = (u64, u64);
#[cfg(not(unix))]
type Identity = std::path::PathBuf;

/// The inputs of a run. Finding one takes as long among a hundred thousand as among two.
#[derive(Debug)]
pub struct Protected<'a> {
    inputs: &'a [Input],
    by_path: HashMap<&'a Path, usize>,
    /// Looked up in the file system when the first output exists, and then once.
    by_identity: OnceLock<HashMap<Identity, usize>>,
}

impl<'a> Protected<'a> {
    /// These inputs.
    pub fn new(inputs: &'a [Input]) -> Self {
        let paths = inputs.iter().enumerate();
        let by_path = paths.filter_map(|(index, input)| Some((input.path()?, index))).collect();
        Self { inputs, by_path, by_identity: OnceLock::new() }
    }

    /// The input that `path` is, perhaps by a link or another spelling.
    pub fn find(&self, path: &Path) -> Option<&'a Input> {
        if let Some(&index) = self.by_path.get(path) {
            return self.inputs.get(index);
        }
        // What does not exist has one name at most.
        let wanted = identity(path)?;
        let all = self.by_identity.get_or_init(|| {
            let paths = self.by_path.iter();
            paths.filter_map(|(path, &index)| Some((identity(path)?, index))).collect()
        });
        all.get(&wanted).and_then(|&index| self.inputs.get(index))
    }

    /// Is `path` one of the inputs?
    pub fn holds(&self, path: &Path) -> bool {
        self.find(path).is_some()
    }
}

/// Do two names lead to one file that is there?
pub(crate) fn is_one_file(one: &Path, other: &Path) -> bool {
    identity(one).is_some_and(|file| identity(other) == Some(file))
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> Option<Identity> {
    fs::canonicalize(path).ok()
}
