//! Configurations in. The program is not a library: its own file is compiled here a second time.

#[path = "../../../cli/config/keys.rs"]
mod keys;

use clap::{Arg, ArgAction, Command};
use toml::Value;

use keys::{FOLDER, option, parse};

/// Any bytes as a configuration of a program with options of every kind.
///
/// What must hold: a refusal says why, and what was taken becomes words that the command line takes or refuses.
///
/// # Panics
/// When that does not hold.
pub fn config(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let command = command();
    let table = match parse(text, &command) {
        Ok(table) => table,
        Err(why) => {
            assert!(!why.is_empty());
            return;
        }
    };
    let folders = table.get(FOLDER).and_then(Value::as_table).into_iter().flatten();
    let layers = folders.filter_map(|(_, rule)| rule.as_table()).chain([&table]);
    for (key, value) in layers.flatten() {
        let words = ["acetate".into(), "suggest".into()].into_iter().chain(option(key, value));
        let _ = command.clone().try_get_matches_from(words);
    }
}

/// A flag, a number, a choice, a text, and one that may be repeated.
fn command() -> Command {
    let text = |name: &'static str| Arg::new(name).long(name);
    let suggest = Command::new("suggest")
        .arg(text("amount").value_parser(clap::value_parser!(f64)))
        .arg(text("seed").value_parser(clap::value_parser!(u64)))
        .arg(text("detail").value_parser(["broad", "medium", "fine"]))
        .arg(text("quiet").action(ArgAction::SetTrue))
        .arg(text("reference").action(ArgAction::Append))
        .arg(text("config"));
    Command::new("acetate").subcommand(suggest).subcommand(Command::new("check").arg(text("fail")))
}
