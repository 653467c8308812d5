//! The command as it is kept in documents: what decides the sound, and nothing else.

use std::sync::OnceLock;

use clap::{ArgMatches, Command};

/// Options that cannot change a sample.
const SILENT: [&str; 19] = [
    "json",
    "jsonl",
    "quiet",
    "verbose",
    "color",
    "progress",
    "jobs",
    "dry_run",
    "config",
    "output",
    "output_dir",
    "name",
    "existing",
    "replace",
    "strict",
    "report",
    "files",
    "files_from",
    "shard",
];

static INVOCATION: OnceLock<(String, String)> = OnceLock::new();

/// The one positional argument besides the inputs: `apply SETTINGS`.
const SETTINGS: &str = "settings";

/// Keeps the command line for documents that are made later.
pub(crate) fn remember(command: &Command, matches: &ArgMatches) {
    let Some((name, inner)) = matches.subcommand() else { return };
    let Some(inner_command) = command.find_subcommand(name) else { return };
    let mut options: Vec<String> = inner_command
        .get_arguments()
        .filter(|argument| !SILENT.contains(&argument.get_id().as_str()))
        .filter(|argument| !argument.is_positional())
        .filter_map(|argument| words(argument, inner))
        .collect();
    // Where an option stands in the code is nothing that a document should depend on.
    options.sort();
    let settings = inner.try_get_raw(SETTINGS).ok().flatten().into_iter().flatten();
    let settings = settings.map(|path| format!(" {}", quoted(path.to_string_lossy().into_owned())));
    let begin = settings.fold(name.to_owned(), |begin, path| begin + &path);
    // The first command of a process is the only one.
    let _ = INVOCATION.set((begin, options.concat()));
}

/// The words of one option, if it was given.
fn words(argument: &clap::Arg, matches: &ArgMatches) -> Option<String> {
    let id = argument.get_id().as_str();
    if matches.value_source(id) != Some(clap::parser::ValueSource::CommandLine) {
        return None;
    }
    let flag = format!(" --{}", argument.get_long()?);
    if !argument.get_action().takes_values() {
        return Some(flag);
    }
    let values = matches.get_raw(id)?.map(|value| value.to_string_lossy().into_owned());
    if argument.get_value_delimiter().is_some() {
        let list: Vec<String> = values.collect();
        return Some(format!("{flag} {}", quoted(list.join(","))));
    }
    Some(values.map(|value| format!("{flag} {}", quoted(value))).collect())
}

/// The command that makes the same of `input` again.
pub(crate) fn for_input(input: &str) -> String {
    let (name, options) = INVOCATION.get().cloned().unwrap_or_default();
    format!("acetate {name} {}{options}", quoted(input.to_owned()))
}

/// A word as a shell takes it.
pub(crate) fn quoted(word: String) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:,=%@+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn the_command_can_be_pasted_into_a_shell() {
        assert_eq!(quoted("a.wav".into()), "a.wav");
        assert_eq!(quoted("it's loud.wav".into()), r"'it'\''s loud.wav'");
    }
}
