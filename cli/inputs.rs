//! The files a command works on: named, found in folders, matched by patterns, or standard input.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use acetate::Input;
use acetate::catalogue::{Shard, manifest};
use acetate::inputs::is_sound;
use acetate::output::MASTERED;
use clap::Args;

use crate::failure::{Failure, Outcome};
use crate::lookup::list;

/// What a command works on.
#[derive(Args, Clone, Debug)]
pub(crate) struct InputArguments {
    /// Files, folders, patterns, or - for standard input
    #[arg(required_unless_present = "files_from", value_name = "FILE|DIR|-")]
    files: Vec<PathBuf>,
    /// Also the files that this list names, a line each; - is standard input
    #[arg(long, value_name = "LIST|-")]
    files_from: Option<PathBuf>,
    /// Only part I of N, counted from 0: by a hash of each name, so that lists may grow
    #[arg(long, value_name = "I/N", default_value_t, hide_default_value = true)]
    shard: Shard,
}

impl InputArguments {
    /// Finds the files that are meant.
    ///
    /// # Errors
    /// Those of [`expand`], and when the list cannot be read.
    pub(crate) fn expand(&self) -> Outcome<Inputs> {
        let mut named = self.files.clone();
        if let Some(path) = &self.files_from {
            let names = list(path, |name, reader| manifest::read_names(name, reader, Shard::ALL))?;
            named.extend(names.into_iter().map(PathBuf::from));
        }
        let mut inputs = expand(&named)?;
        inputs.single &= self.files_from.is_none() && self.shard == Shard::ALL;
        inputs.list.retain(|input| self.shard.holds(&input.name_in_folder()));
        Ok(inputs)
    }
}

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
    // `song/*` of a shell names the folder of masters, too, which is no input of its own.
    let many = arguments.len() > 1;
    let named = |path: &&PathBuf| !(many && path.ends_with(MASTERED) && path.is_dir());
    for argument in arguments.iter().filter(named) {
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
    let files = acetate::inputs::in_folder(root)?;
    if files.is_empty() {
        return Err(Failure::usage(format!("{} holds no audio file", root.display()))
            .next("name files, or a folder with wav, aiff, flac, mp3, m4a or ogg in it"));
    }
    Ok(files)
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
    use std::fs;

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
        let all = ["a.FLAC", "b.wav", "mastered"].map(|name| folder.path().join(name));
        assert_eq!(names(&expand(&all).unwrap()), ["a.FLAC", "b.wav"], "as a shell expands `*`");
        let twice = expand(&[folder.path().join("b.wav"), folder.path().join("b.wav")]).unwrap();
        assert_eq!(twice.list.len(), 1);
    }

    #[test]
    fn an_empty_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(expand(&[folder.path().to_owned()]).is_err());
    }
}
