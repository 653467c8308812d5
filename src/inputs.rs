//! Which files of a folder are sound.

use std::fs;
use std::path::{Path, PathBuf};

use crate::output::MASTERED;
use crate::{Error, Input};

/// Endings of names that are taken for sound when a folder is searched. A file that is named is always tried.
const EXTENSIONS: [&str; 22] = [
    "wav", "wave", "bwf", "rf64", "w64", "aif", "aiff", "aifc", "caf", "flac", "mp3", "mp2", "m4a",
    "m4b", "mp4", "aac", "alac", "ogg", "oga", "opus", "mka", "webm",
];

/// Does the name look like sound?
pub fn is_sound(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// The sound files under `root`, sorted by path; none where there are none.
///
/// Symbolic links to folders are not followed, so that a loop ends; hidden folders and those that hold masters are not entered.
///
/// # Errors
/// When a folder cannot be read.
pub fn in_folder(root: &Path) -> Result<Vec<Input>, Error> {
    in_folder_but(root, &|_| false)
}

/// The same without folders below it that are left out.
///
/// # Errors
/// When a folder cannot be read.
pub(crate) fn in_folder_but(
    root: &Path,
    is_left_out: &dyn Fn(&Path) -> bool,
) -> Result<Vec<Input>, Error> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in visible(&folder)? {
            let is_link = path.is_symlink();
            if path.is_dir() {
                if !is_link && !path.ends_with(MASTERED) && !is_left_out(&path) {
                    folders.push(path);
                }
            } else if is_sound(&path) && path.is_file() {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files.into_iter().map(|path| Input::File { path, root: Some(root.to_owned()) }).collect())
}

/// What a folder holds that is not hidden.
pub(crate) fn visible(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |reason| Error::Unlisted { path: folder.to_owned(), reason };
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    let paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>();
    let is_visible = |path: &PathBuf| {
        path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.'))
    };
    Ok(paths.map_err(unreadable)?.into_iter().filter(is_visible).collect())
}
