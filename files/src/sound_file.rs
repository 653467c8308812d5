//! Where the bytes of a sound file are.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file to read: on a disk, or in memory. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SoundFile {
    /// Under a name.
    OnDisk(Arc<Path>),
    /// One of several sound tracks of a file, counted from 0.
    Track(Arc<Path>, usize),
    /// All of its bytes.
    InMemory(Held),
}

/// The bytes of a file that is in memory, once however often it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held(Arc<Vec<u8>>);

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl SoundFile {
    /// Its name, where it has one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::OnDisk(path) | Self::Track(path, _) => Some(path),
            Self::InMemory(_) => None,
        }
    }
}

impl From<&Path> for SoundFile {
    fn from(path: &Path) -> Self {
        Self::OnDisk(path.into())
    }
}

impl From<&PathBuf> for SoundFile {
    fn from(path: &PathBuf) -> Self {
        Self::OnDisk(path.as_path().into())
    }
}

impl From<Vec<u8>> for SoundFile {
    fn from(bytes: Vec<u8>) -> Self {
        Self::InMemory(Held(Arc::new(bytes)))
    }
}
