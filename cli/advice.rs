//! Every command and option that a text of the program names can be typed: the parser that would get it says so.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{Command, CommandFactory};

use crate::arguments::Arguments;

/// Folders of sources whose texts are read by people.
const SOURCES: [&str; 9] = [
    "cli",
    "translation/src",
    "src",
    "analyzer/src",
    "optimizer/src",
    "engine/src",
    "references/src",
    "audio/src",
    "files/src",
];
/// What else people read; `docs/first-hour.md` quotes what somebody typed in error.
const PAGES: [&str; 4] = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"];
const QUOTING: &str = "first-hour.md";

/// Words that follow the name of the program in sentences about it, and that of the Python package in its first line.
const PROSE: [&str; 10] =
    ["and", "applies", "as", "find", "fits", "import", "measures", "reads", "stops", "that"];

/// Commands that are planned and not there: no advice may send anybody to them, with or without the name of the program.
const PLANNED: [&str; 1] = ["simulate"];

/// A file and its text; of a source, without its tests.
fn texts() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> = PAGES.iter().map(|page| root.join(page)).collect();
    for folder in SOURCES {
        collect(&root.join(folder), "rs", &mut files);
    }
    collect(&root.join("docs"), "md", &mut files);
    files.retain(|file| !file.ends_with(QUOTING) && !file.ends_with("cli/advice.rs"));
    let read = |file: PathBuf| {
        let text = fs::read_to_string(&file).unwrap();
        let shown = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
        (file, shown)
    };
    files.into_iter().map(read).collect()
}

fn collect(folder: &Path, extension: &str, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            collect(&entry, extension, files);
        } else if entry.extension().is_some_and(|ending| ending == extension) {
            files.push(entry);
        }
    }
}

fn acetate() -> Command {
    let mut command = Arguments::command();
    command.build();
    command
}

/// What follows the name of the program, each time it stands in a text as a word.
fn calls(text: &str) -> impl Iterator<Item = &str> {
    const NAME: &str = "acetate ";
    let begins_word = |at: usize| {
        // `cargo run -p acetate` names the package.
        if text[..at].trim_end().ends_with(" -p") {
            return false;
        }
        let before = text[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && !"_-".contains(c))
    };
    let found = text.match_indices(NAME).filter(move |(at, _)| begins_word(*at));
    found.map(|(at, _)| {
        let rest = &text[at + NAME.len()..];
        let ends =
            ["\n", "\\n", "`", "\"", ")", "|", " > ", ";", "&", "<", "  ", "#", "\\u", ". ", ", "];
        let end = ends.iter().filter_map(|end| rest.find(end)).min().unwrap_or(rest.len());
        rest[..end].trim_end_matches(['.', ',', ':', '\\'])
    })
}

/// Could a command line that begins so be typed?
fn is_possible(words: &[&str]) -> bool {
    let line = ["acetate"].iter().chain(words);
    match acetate().try_get_matches_from(line) {
        Ok(_) => true,
        // A table names an option without its value.
        Err(error) if error.kind() == ErrorKind::InvalidValue => {
            words.last().is_some_and(|word| word.starts_with('-'))
        }
        Err(error) => matches!(
            error.kind(),
            ErrorKind::MissingRequiredArgument
                | ErrorKind::MissingSubcommand
                | ErrorKind::DisplayHelp
                | ErrorKind::DisplayVersion
                | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        ),
    }
}

/// What is wrong with a call that a text makes: a command that is not there, or an option of it.
fn fault(call: &str) -> Option<String> {
    let words: Vec<&str> = call.split_whitespace().collect();
    let first = *words.first()?;
    let plain = |word: &str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    if !plain(first) || PROSE.contains(&first) {
        return None;
    }
    let program = acetate();
    let Some(command) =
        program.find_subcommand(first).or_else(|| first.starts_with('-').then_some(&program))
    else {
        return Some(format!("there is no command {first}"));
    };
    let takes_names = command.get_positionals().next().is_some();
    let acts = command.has_subcommands() && !takes_names;
    if let Some(action) = words.get(1).filter(|word| plain(word) && acts)
        && !action.starts_with('-')
        && command.find_subcommand(action).is_none()
    {
        return Some(format!("{first} has no {action}"));
    }
    // In a sentence more words follow; options belong to the command.
    let typed = (1..=words.len()).rev().find(|&count| is_possible(&words[..count]));
    let left = &words[typed.unwrap_or(0)..];
    left.iter().find(|word| word.starts_with('-')).map(|word| format!("{word} is not for {first}"))
}

/// All long options of all commands.
fn options(command: &Command, known: &mut BTreeSet<String>) {
    for argument in command.get_arguments() {
        let names = argument.get_long_and_visible_aliases().unwrap_or_default();
        known.extend(names.into_iter().map(str::to_owned));
    }
    for inner in command.get_subcommands() {
        options(inner, known);
    }
}

#[test]
fn every_command_that_a_text_names_can_be_typed() {
    let mut checked = 0;
    for (file, text) in texts() {
        for call in calls(&text) {
            let wrong = fault(call);
            assert_eq!(wrong, None, "{}: acetate {call}", file.display());
            checked += 1;
        }
    }
    assert!(checked > 100, "only {checked} commands were found");
}

#[test]
fn every_option_that_a_text_of_the_program_names_is_there() {
    let mut known = BTreeSet::new();
    options(&acetate(), &mut known);
    for (file, text) in texts() {
        if file.extension().is_none_or(|ending| ending != "rs") {
            continue;
        }
        for (at, _) in text.match_indices("--") {
            let before = text[..at].chars().next_back();
            let name: String = text[at + 2..]
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || *c == '-')
                .collect();
            let is_option = before.is_none_or(|c| !c.is_alphanumeric() && c != '-');
            if is_option && name.starts_with(|c: char| c.is_ascii_lowercase()) {
                assert!(known.contains(&name), "{}: --{name}", file.display());
            }
        }
    }
}

#[test]
fn no_advice_sends_anybody_to_a_command_that_is_only_planned() {
    let program = acetate();
    let planned = PLANNED.iter().filter(|name| program.find_subcommand(name).is_none());
    let missing: Vec<&str> = planned.copied().collect();
    let findings = texts().into_iter().filter(|(file, _)| {
        ["analyzer/src/findings.rs", "analyzer/src/explain.rs"]
            .iter()
            .any(|end| file.ends_with(end))
    });
    for (file, text) in findings {
        let words: BTreeSet<&str> = text.split(|c: char| !c.is_ascii_alphabetic()).collect();
        let named: Vec<&&str> = missing.iter().filter(|name| words.contains(**name)).collect();
        assert!(named.is_empty(), "{}: {named:?}", file.display());
    }
}

#[test]
fn a_command_that_is_not_there_is_found_out() {
    for (call, wrong) in [
        ("restore --restore repair can rebuild short tops", true),
        ("targets frobnicate", true),
        ("master song.wav --loudness 3", true),
        ("master song.wav -t spotify", false),
        ("targets list shows them all", false),
        ("explain lists everything", false),
        ("measures the mix", false),
    ] {
        assert_eq!(fault(call).is_some(), wrong, "{call}: {:?}", fault(call));
    }
}
