//! The files a command works on: named, found in folders, matched by patterns, or standard input.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use acetate::Input;
use acetate::output::MASTERED;

use crate::failure::{Failure, Outcome};

/// File names that are taken for sound when a folder is searched. A file that is named is always tried.
const EXTENSIONS: [&str; 22] = [
    "wav", "wave", "bwf", "rf64", "w64", "aif", "aiff", "aifc", "caf", "flac", "mp3", "mp2", "m4a",
    "m4b", "mp4", "aac", "alac", "ogg", "oga", "opus", "mka", "webm",
];

/// What the arguments of a command stand for.
#[derive(Clone, Debug)]
pub(crate) struct Inputs {
    /// In the order named; the files of a folder or pattern sorted by path; each once.
    pub(crate) list: Vec<Input>,
    /// Was exactly one file named, and no folder or pattern? Then there is one result, not a list.
    pub(crate) single: bool,
}

/// Finds the files that `arguments` stand for.
///
/// # Errors
/// When a folder holds no sound, a pattern matches nothing, or standard input is named twice.
pub(crate) fn expand(arguments: &[PathBuf]) -> Outcome<Inputs> {
    let mut list = Vec::new();
    let mut seen = BTreeSet::new();
    let mut single = arguments.len() == 1;
    for argument in arguments {
        let found = if argument.as_os_str() == "-" {
            vec![Input::Stdin]
        } else if argument.is_dir() {
            single = false;
            in_folder(argument)?
        } else if !argument.exists() && is_pattern(argument) {
            single = false;
            matching(argument)?
        } else {
            vec![Input::file(argument)]
        };
        list.extend(found.into_iter().filter(|input| seen.insert(input.clone())));
    }
    Ok(Inputs { list, single })
}

/// The sound files under `root`, sorted by path.
fn in_folder(root: &Path) -> Outcome<Vec<Input>> {
    let mut files = Vec::new();
    walk(root, &mut files)?;
    files.sort();
    if files.is_empty() {
        return Err(Failure::usage(format!("{} holds no audio file", root.display()))
            .next("name files, or a folder with wav, aiff, flac, mp3, m4a or ogg in it"));
    }
    Ok(files.into_iter().map(|path| Input::File { path, root: Some(root.to_owned()) }).collect())
}

/// Symbolic links to folders are not followed, so that a loop ends; hidden and mastered folders are not entered.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Outcome<()> {
    let unreadable =
        |error| Failure::failed(format!("{}: cannot read the folder: {error}", folder.display()));
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        let hidden = name.to_string_lossy().starts_with('.');
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_dir() && !hidden && name != MASTERED {
            walk(&entry.path(), files)?;
        } else if !kind.is_dir() && !hidden && is_sound(&entry.path()) && entry.path().is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// Does the name look like sound?
pub(crate) fn is_sound(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known))
    })
}

fn is_pattern(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?'])
}

/// The files a pattern stands for, where the shell has not done it (Windows, quotes).
fn matching(pattern: &Path) -> Outcome<Vec<Input>> {
    let text = pattern.to_string_lossy();
    let visible = glob::MatchOptions { require_literal_leading_dot: true, ..Default::default() };
    let paths = glob::glob_with(&text, visible)
        .map_err(|error| Failure::usage(format!("{text} is not a pattern: {error}")))?;
    let found: Vec<Input> = paths
        .filter_map(Result::ok)
        .filter(|path| path.is_file() && is_sound(path))
        .map(Input::file)
        .collect();
    if found.is_empty() {
        return Err(Failure::usage(format!("{text} matches no audio file")));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(inputs: &Inputs) -> Vec<String> {
        inputs.list.iter().map(Input::short_name).collect()
    }

    #[test]
    fn a_folder_is_its_sound_files_sorted_without_what_was_mastered() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.wav", "a.FLAC", "notes.txt", ".hidden.wav", "sub/c.mp3", "mastered/b.wav"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let inputs = expand(&[folder.path().to_owned()]).unwrap();
        assert_eq!(names(&inputs), ["a.FLAC", "b.wav", "c.mp3"]);
        assert!(!inputs.single);

        let pattern = expand(&[folder.path().join("*.wav")]).unwrap();
        assert_eq!(names(&pattern), ["b.wav"]);
        let twice = expand(&[folder.path().join("b.wav"), folder.path().join("b.wav")]).unwrap();
        assert_eq!(twice.list.len(), 1);
    }

    #[test]
    fn an_empty_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(expand(&[folder.path().to_owned()]).is_err());
    }
}
