//! The folder that is served: what is offered from it, and nothing beside it.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use serde::Serialize;

use super::visits::Sound;
use crate::inputs::{in_folder, is_sound};
use crate::output::MASTERED;
use crate::{Error, Input};

/// Most files that are listed.
const LISTED_MAX: usize = 5_000;

/// A folder with songs.
#[derive(Debug)]
pub(super) struct Folder {
    /// Without links.
    pub(super) root: PathBuf,
    pub(super) read_only: bool,
}

/// A file that can be opened.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Offered {
    /// Its path below the folder, with `/` between the parts.
    pub(super) name: String,
    bytes: u64,
}

impl Folder {
    pub(super) fn open(path: PathBuf, read_only: bool) -> Result<Self, Error> {
        let unreadable = |reason| Error::Unlisted { path: path.clone(), reason };
        let root = path.canonicalize().map_err(unreadable)?;
        fs::read_dir(&root).map_err(unreadable)?;
        Ok(Self { root, read_only })
    }

    /// What people call it.
    pub(super) fn name(&self) -> String {
        self.root.file_name().unwrap_or(self.root.as_os_str()).to_string_lossy().into_owned()
    }

    /// The songs, and how many more there are.
    pub(super) fn list(&self) -> Result<(Vec<Offered>, usize), Error> {
        let inputs = in_folder(&self.root)?;
        let inside = inputs.iter().filter_map(|input| Some((input, self.inside(input.path()?)?)));
        let mut all: Vec<(&Input, PathBuf)> = inside.collect();
        let more = all.len().saturating_sub(LISTED_MAX);
        all.truncate(LISTED_MAX);
        let offered = |(input, path): (&Input, PathBuf)| {
            let bytes = fs::metadata(path).ok()?.len();
            Some(Offered { name: input.name_in_folder(), bytes })
        };
        Ok((all.into_iter().filter_map(offered).collect(), more))
    }

    /// A song by the name that the list gives it.
    pub(super) fn find(&self, name: &str) -> Option<Sound> {
        let relative = Path::new(name);
        let mut parts = relative.components();
        let is_plain = |part: Component<'_>| match part {
            Component::Normal(part) => part != MASTERED && !is_hidden(part),
            _ => false,
        };
        if !parts.all(is_plain) || !is_sound(relative) {
            return None;
        }
        let path = self.root.join(relative);
        self.inside(&path).filter(|path| path.is_file())?;
        let inner = relative.parent().unwrap_or(Path::new("")).to_owned();
        Some(Sound { name: name.to_owned(), path, inner, _upload: None })
    }

    /// Where a path leads, if that is below the folder.
    fn inside(&self, path: &Path) -> Option<PathBuf> {
        path.canonicalize().ok().filter(|path| path.starts_with(&self.root))
    }

    /// The folder for masters of songs in `inner`, made where it is not there; never outside, wherever links lead.
    pub(super) fn for_masters(&self, inner: &Path) -> Result<PathBuf, Error> {
        let mut folder = self.root.clone();
        let parts = Path::new(MASTERED).join(inner);
        for part in parts.components() {
            let next = folder.join(part);
            let cannot = |reason| Error::Folder { path: next.clone(), reason };
            match fs::create_dir(&next) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(cannot(error));
                }
                _ => {}
            }
            folder = self.inside(&next).filter(|folder| folder.is_dir()).ok_or_else(|| {
                cannot(io::Error::other("it leads out of the folder that is served"))
            })?;
        }
        Ok(folder)
    }
}

fn is_hidden(name: &OsStr) -> bool {
    name.to_string_lossy().starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn studio() -> (tempfile::TempDir, Folder) {
        let outer = tempfile::tempdir().unwrap();
        let root = outer.path().join("songs");
        for folder in ["songs", "songs/one", "songs/mastered", "songs/.hidden"] {
            fs::create_dir(outer.path().join(folder)).unwrap();
        }
        for name in
            ["a.wav", "one/b.flac", "mastered/a.wav", ".hidden/c.wav", "notes.txt", "../secret.wav"]
        {
            fs::write(root.join(name), name).unwrap();
        }
        let folder = Folder::open(root, false).unwrap();
        (outer, folder)
    }

    fn names(folder: &Folder) -> Vec<String> {
        folder.list().unwrap().0.into_iter().map(|one| one.name).collect()
    }

    #[test]
    fn what_is_listed_can_be_found_and_nothing_else() {
        let (_outer, folder) = studio();
        assert_eq!(names(&folder), ["a.wav", "one/b.flac"]);
        for name in names(&folder) {
            assert!(folder.find(&name).is_some(), "{name}");
        }
        let absolute = folder.root.join("a.wav").display().to_string();
        for name in [
            "../secret.wav",
            "one/../../secret.wav",
            "one/../a.wav",
            "./../songs/a.wav",
            absolute.as_str(),
            "mastered/a.wav",
            ".hidden/c.wav",
            "notes.txt",
            "gone.wav",
            "one",
            "",
            "..",
            "a.wav\0",
        ] {
            assert!(folder.find(name).is_none(), "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_that_lead_out_are_neither_read_nor_written_through() {
        use std::os::unix::fs::symlink;
        let (outer, folder) = studio();
        symlink(outer.path().join("secret.wav"), folder.root.join("link.wav")).unwrap();
        symlink(folder.root.join("a.wav"), folder.root.join("inner.wav")).unwrap();
        assert_eq!(names(&folder), ["a.wav", "inner.wav", "one/b.flac"]);
        assert!(folder.find("link.wav").is_none());
        symlink(outer.path(), folder.root.join("mastered/out")).unwrap();
        assert!(folder.for_masters(Path::new("out")).is_err());
        assert!(folder.for_masters(Path::new("out/deeper")).is_err());
        assert!(!outer.path().join("deeper").exists());
        let inner = folder.for_masters(Path::new("one")).unwrap();
        assert_eq!(inner, folder.root.join("mastered/one"));
    }
}
