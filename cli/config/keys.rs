//! What a configuration may say, and the words it stands for.

use std::ffi::OsString;

use clap::Command;
use toml::{Table, Value};

use crate::suggestion::did_you_mean;

/// Options that make no sense in a file.
const NEVER: [&str; 5] = ["config", "help", "version", "output", "dry-run"];

/// The table with the rules of folders.
pub(crate) const FOLDER: &str = "folder";

/// Reads a configuration for `command`.
///
/// # Errors
/// When it is not TOML, or has a key nobody reads.
pub(crate) fn parse(text: &str, command: &Command) -> Result<Table, String> {
    let table: Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
    check_keys(&table, command)?;
    Ok(table)
}

/// One option as it would be typed; lists repeat it.
pub(crate) fn option(long: &str, value: &Value) -> Vec<OsString> {
    match value {
        Value::Boolean(true) => vec![format!("--{long}").into()],
        Value::Boolean(false) | Value::Table(_) => Vec::new(),
        Value::Array(list) => list.iter().flat_map(|value| option(long, value)).collect(),
        Value::String(text) => vec![format!("--{long}={text}").into()],
        other => vec![format!("--{long}={other}").into()],
    }
}

/// Every key is an option of some command, a command, or at the top the rules of folders.
fn check_keys(table: &Table, command: &Command) -> Result<(), String> {
    let mut rest = table.clone();
    match rest.remove(FOLDER) {
        None => {}
        Some(Value::Table(rules)) => {
            for (name, rule) in &rules {
                let wrong = |what: String| format!("[folder.\"{name}\"] {what}");
                let rule = rule.as_table().ok_or_else(|| wrong("is a table".to_owned()))?;
                check_options(rule, command).map_err(wrong)?;
            }
        }
        Some(_) => return Err("folder is a table: [folder.\"NAME\"]".to_owned()),
    }
    check_options(&rest, command)
}

fn check_options(table: &Table, command: &Command) -> Result<(), String> {
    let all: Vec<&str> = command.get_subcommands().flat_map(longs).collect();
    for (key, value) in table {
        if let (Some(inner), Value::Table(section)) = (command.find_subcommand(key), value) {
            let known: Vec<&str> = longs(inner).collect();
            for key in section.keys() {
                check_key(key, &known).map_err(|what| format!("[{}] {what}", inner.get_name()))?;
            }
        } else {
            let commands = command.get_subcommands().map(Command::get_name);
            let known: Vec<&str> = all.iter().copied().chain(commands).collect();
            check_key(key, &if value.is_table() { known } else { all.clone() })?;
        }
    }
    Ok(())
}

fn check_key(key: &str, known: &[&str]) -> Result<(), String> {
    if known.contains(&key) {
        return Ok(());
    }
    Err(format!("unknown key \"{key}\"{}", did_you_mean(key, known.iter().copied())))
}

fn longs(command: &Command) -> impl Iterator<Item = &str> {
    command.get_arguments().filter_map(clap::Arg::get_long).filter(|long| !NEVER.contains(long))
}
