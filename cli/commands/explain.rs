//! `acetate explain`: the long text for a finding, a metric or a setting.

use acetate_engine::parameters::{Kind, PARAMETERS, Parameter};
use clap::{Args, CommandFactory};

use crate::arguments::Arguments;
use crate::completing;
use crate::exit::Exit;
use crate::explanations::EXPLANATIONS;
use crate::failure::{Failure, Outcome};
use crate::global::{Global, print, print_json};
use crate::suggestion::did_you_mean;
use crate::table::{Align, Table, WIDTH, wrap};

/// Long text for a finding, a metric or a setting
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate explain D101\n  acetate explain lufs\n  acetate explain limiter noise\n  acetate explain limiter.ceiling_dbtp\n  acetate explain            everything there is"
)]
pub(crate) struct ExplainArguments {
    /// Code, term or setting
    #[arg(value_name = "CODE|TERM", add = completing::terms())]
    term: Vec<String>,
}

pub(crate) fn run(arguments: &ExplainArguments, global: &Global) -> Outcome<Exit> {
    if arguments.term.is_empty() {
        return list(global);
    }
    // A label of several words needs no quotes.
    let term = arguments.term.join(" ");
    let text = find(&term).ok_or_else(|| {
        let known: Vec<String> = names().collect();
        let hint = did_you_mean(&term, known.iter().map(String::as_str));
        Failure::usage(format!("nothing is known about \"{term}\"{hint}"))
            .next("acetate explain lists everything")
    })?;
    if global.wants_json() {
        print_json(&serde_json::json!({ "term": term, "text": text }))?;
    } else {
        let paragraphs: Vec<String> = text.lines().map(|line| wrap(line, WIDTH, "")).collect();
        print(&(paragraphs.join("\n") + "\n"))?;
    }
    Ok(Exit::Done)
}

/// The text about a code, a term or a setting: a label as it is printed, with its unit or number or without.
fn find(term: &str) -> Option<String> {
    let wanted = term.strip_prefix("settings.").unwrap_or(term).trim();
    known(wanted).or_else(|| known(without_unit(wanted))).or_else(|| option(wanted))
}

fn known(wanted: &str) -> Option<String> {
    if let Some(knob) = PARAMETERS.iter().find(|knob| knob.key == wanted) {
        return Some(describe(knob));
    }
    let entry = EXPLANATIONS.iter().find(|entry| {
        entry.also.iter().chain([&entry.name]).any(|name| letters(name) == letters(wanted))
    });
    let text = acetate_analyzer::explain(wanted).or(entry.map(|entry| entry.text));
    let knobs: Vec<&Parameter> = PARAMETERS.iter().filter(|knob| is_about(knob, wanted)).collect();
    if text.is_none() && knobs.is_empty() {
        return None;
    }
    Some(
        text.map(str::to_owned)
            .into_iter()
            .chain(knobs.into_iter().map(describe))
            .collect::<Vec<_>>()
            .join("\n"),
    )
}

/// Is it the setting's last word, with its unit or without, or the stage that it belongs to?
fn is_about(knob: &Parameter, wanted: &str) -> bool {
    let (stage, name) = knob.key.rsplit_once('.').unwrap_or(("", knob.key));
    let wanted = letters(wanted);
    wanted == letters(name)
        || wanted == letters(stage)
        || wanted == letters(without_unit(&name.replace('_', " ")))
}

/// A label or a setting without its unit, or a move without its number: `crest dB`, `attack ms`, `eq1`.
fn without_unit(label: &str) -> &str {
    const UNITS: [&str; 13] = [
        "lufs", "lu", "dbtp", "dbfs", "dboctave", "dbrms", "dbremask", "db", "hz", "khz", "ms",
        "s", "pct",
    ];
    for (at, _) in label.match_indices([' ', ',']) {
        if UNITS.contains(&letters(&label[at..]).as_str()) {
            return &label[..at];
        }
    }
    label.trim_end_matches(|c: char| c.is_ascii_digit())
}

/// What counts of a name: `True peak` is `true_peak`.
fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// What the help says about a command, or an option of the commands that have it.
fn option(wanted: &str) -> Option<String> {
    let wanted = wanted.trim_start_matches('-').replace(['_', ' '], "-").to_lowercase();
    let program = Arguments::command();
    if let Some(command) = program.find_subcommand(&wanted) {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        return Some(format!("acetate {wanted}: {about}. acetate help {wanted} says more."));
    }
    let has =
        |command: &&clap::Command| command.get_arguments().any(|o| o.get_long() == Some(&wanted));
    let commands: Vec<&clap::Command> = program.get_subcommands().filter(has).collect();
    let owner = commands.first().copied().or_else(|| Some(&program).filter(has))?;
    let help = owner.get_arguments().find(|o| o.get_long() == Some(&wanted))?.get_help()?;
    let names: Vec<&str> = commands.iter().map(|command| command.get_name()).collect();
    let whose = if names.is_empty() { "every command".to_owned() } else { names.join(", ") };
    Some(format!("--{wanted} ({whose}): {help}."))
}

/// A setting: what it does, its unit and range.
fn describe(knob: &Parameter) -> String {
    let unit = if knob.unit.is_empty() { String::new() } else { format!(" {}", knob.unit) };
    let values = match knob.kind {
        Kind::Number(range) | Kind::Numbers(range) => {
            format!("From {} to {}{unit}; {} by default.", range.min, range.max, range.default)
        }
        Kind::Optional(range) | Kind::OptionalOr(range, _) => {
            format!("From {} to {}{unit}, or null for off.", range.min, range.max)
        }
        Kind::Choice { options, default } => {
            format!("One of {}; {default} by default.", options.join(", "))
        }
        Kind::Switch { default } => format!("true or false; {default} by default."),
        Kind::Text => "Any text.".to_owned(),
        Kind::List { entries_max } => format!("A list of at most {entries_max}."),
    };
    let doc = knob.doc.trim_end_matches('.');
    format!("settings.{}: {doc}. {values}", knob.key)
}

pub(crate) fn names() -> impl Iterator<Item = String> {
    acetate_analyzer::explained()
        .map(str::to_owned)
        .chain(EXPLANATIONS.iter().map(|entry| entry.name.to_owned()))
        .chain(PARAMETERS.iter().map(|knob| knob.key.to_owned()))
}

/// Every word with the beginning of what is said about it; codes come last.
fn list(global: &Global) -> Outcome<Exit> {
    let mut names: Vec<String> = names().collect();
    names.sort_by_key(|name| (is_code(name), name.contains('.')));
    if global.wants_json() {
        print_json(&names)?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&[("word", Align::Left), ("what it is", Align::Left)]);
    for name in names {
        let text = find(&name).unwrap_or_default();
        let own = format!("settings.{name}: ");
        let text = text.strip_prefix(&own).unwrap_or(&text);
        let first = text.split(['\n']).next().unwrap_or_default().to_owned();
        table.row([name, first]);
    }
    print(&(table.lines().join("\n") + "\n"))?;
    Ok(Exit::Done)
}

/// `S204`, `D101`.
fn is_code(name: &str) -> bool {
    name.len() == 4 && name[1..].bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_explained_by_its_key_its_name_and_its_stage() {
        for knob in PARAMETERS {
            let (stage, name) = knob.key.rsplit_once('.').unwrap_or(("drive", knob.key));
            for word in [knob.key, name, &name.replace('_', " "), stage] {
                assert!(find(word).is_some(), "{word}");
            }
        }
    }

    #[test]
    fn labels_are_explained_with_their_units_and_numbers() {
        for label in ["Limiter noise", "Tone error", "crest dB", "attacks", "drive", "eq1", "comp2"]
        {
            assert!(find(label).is_some(), "{label}");
        }
        assert!(find("--max-eq").is_some_and(|text| text.contains("master")));
        assert!(find("nonsense").is_none());
    }
}
