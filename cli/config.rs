//! `acetate.toml`: options that need not be typed, from the nearest folder upward.
//!
//! A key is the long name of an option; a table named like a command holds keys for that command alone, and
//! `[folder."NAME"]` holds both for the files in one folder beside the configuration. What is typed wins over the
//! folder's rules, those of the innermost folder; in each, the command's table wins over the rest.

mod keys;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, fs};

use clap::parser::ValueSource;
use clap::{ArgMatches, Command};
use toml::{Table, Value};

use crate::failure::{Failure, Outcome};
use crate::lookup::document;
use keys::{FOLDER, option, parse};

/// Name of the file.
pub(crate) const FILE_NAME: &str = "acetate.toml";

/// Commands that read no configuration.
const WITHOUT: [&str; 5] = ["config", "completions", "man", "doctor", "schema"];

/// A configuration file that was found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Config {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// What it says.
    pub(crate) table: Table,
}

impl Config {
    /// The file that was named, or the nearest from the working folder upward; `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read, is not TOML, or has a key nobody reads.
    pub(crate) fn find(named: Option<&Path>, command: &Command) -> Outcome<Option<Self>> {
        let path = match named {
            Some(path) => Some(path.to_owned()),
            None => env::current_dir().ok().and_then(|folder| nearest(&folder)),
        };
        let Some(path) = path else { return Ok(None) };
        let wrong = |what: String| Failure::usage(format!("{}: {what}", path.display()));
        let text = document(&path)?;
        let table = parse(&text, command).map_err(wrong)?;
        Ok(Some(Self { path, table }))
    }

    /// The folders with rules of their own, as absolute paths.
    fn folders(&self) -> impl Iterator<Item = (PathBuf, &Table)> {
        let base = absolute(self.path.parent().unwrap_or(Path::new("")));
        let rules = self.table.get(FOLDER).and_then(Value::as_table).into_iter().flatten();
        rules.filter_map(move |(name, rule)| Some((base.join(name), rule.as_table()?)))
    }

    /// The rules of the innermost folder that all the inputs of a run are in.
    ///
    /// # Errors
    /// When they are under different rules: one run has one set of options.
    fn rule(&self, matches: &ArgMatches) -> Outcome<Option<&Table>> {
        let mut found: Option<(PathBuf, Option<&Table>)> = None;
        for input in inputs(matches) {
            let path = absolute(&input);
            if let Some((inner, _)) =
                self.folders().find(|(f, _)| f.starts_with(&path) && *f != path)
            {
                return Err(Failure::usage(format!(
                    "{}: holds {}, which has rules of its own in {}",
                    input.display(),
                    inner.display(),
                    self.path.display()
                ))
                .next("name the folders one by one"));
            }
            let containing = self.folders().filter(|(folder, _)| path.starts_with(folder));
            let rule = containing.max_by_key(|(folder, _)| folder.components().count());
            let rule = rule.map(|(_, rule)| rule);
            match &found {
                Some((other, known)) if *known != rule => {
                    return Err(Failure::usage(format!(
                        "{} and {} are under different rules of {}",
                        other.display(),
                        input.display(),
                        self.path.display()
                    ))
                    .next("run them one by one"));
                }
                _ => found = Some((input, rule)),
            }
        }
        Ok(found.and_then(|(_, rule)| rule))
    }

    /// The words that say on the command line what the file says, less what was typed.
    fn words(&self, name: &str, inner: &Command, matches: &ArgMatches) -> Outcome<Vec<OsString>> {
        let mut words = Vec::new();
        let layers: Vec<&Table> = [self.rule(matches)?, Some(&self.table)]
            .into_iter()
            .flatten()
            .flat_map(|table| [table.get(name).and_then(Value::as_table), Some(table)])
            .flatten()
            .collect();
        for argument in inner.get_arguments() {
            let Some(long) = argument.get_long() else { continue };
            let id = argument.get_id().as_str();
            let typed = matches.value_source(id) == Some(ValueSource::CommandLine);
            let flag = |id: &str| matches.try_get_one::<bool>(id).ok().flatten() == Some(&true);
            let replaced = long == "existing" && flag("replace");
            let value = layers.iter().find_map(|layer| layer.get(long));
            if let (false, false, Some(value)) = (typed, replaced, value) {
                words.extend(option(long, value));
            }
        }
        Ok(words)
    }
}

/// The files and folders that were named.
fn inputs(matches: &ArgMatches) -> Vec<PathBuf> {
    let many = matches.try_get_many::<PathBuf>("files").ok().flatten();
    let one = matches.try_get_one::<PathBuf>("file").ok().flatten();
    many.into_iter().flatten().chain(one).cloned().collect()
}

/// The path without links and dots where it exists, else from the root.
fn absolute(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    fs::canonicalize(path).or_else(|_| std::path::absolute(path)).unwrap_or(path.to_owned())
}

fn nearest(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file())
}

/// The command line with what the configuration adds, and the file that added it.
///
/// # Errors
/// When there is a configuration that cannot be used.
pub(crate) fn extended(
    command: &Command,
    matches: &ArgMatches,
    typed: &[OsString],
) -> Outcome<Option<(Vec<OsString>, PathBuf)>> {
    let Some((name, inner_matches)) = matches.subcommand() else { return Ok(None) };
    let Some(inner) = command.find_subcommand(name).filter(|_| !WITHOUT.contains(&name)) else {
        return Ok(None);
    };
    let named = inner_matches.get_one::<PathBuf>("config").map(PathBuf::as_path);
    let Some(config) = Config::find(named, command)? else { return Ok(None) };
    let words = config.words(name, inner, inner_matches)?;
    let Some(at) = typed.iter().position(|word| word == name).filter(|_| !words.is_empty()) else {
        return Ok(None);
    };
    let mut line = typed.to_vec();
    line.splice(at + 1..at + 1, words);
    Ok(Some((line, config.path)))
}
