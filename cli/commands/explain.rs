//! `acetate explain`: the long text for a finding, a metric or a setting.

use acetate_engine::parameters::{Kind, PARAMETERS, Parameter};
use clap::Args;

use crate::completing;
use crate::exit::Exit;
use crate::explanations::{EXPLANATIONS, Explanation};
use crate::failure::{Failure, Outcome};
use crate::global::{Global, print, print_json};
use crate::suggestion::did_you_mean;
use crate::table::{WIDTH, wrap};

/// Long text for a finding, a metric or a setting
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate explain D101\n  acetate explain lufs\n  acetate explain limiter.ceiling_dbtp\n  acetate explain            everything there is"
)]
pub(crate) struct ExplainArguments {
    /// Code, term or setting
    #[arg(value_name = "CODE|TERM", add = completing::terms())]
    term: Option<String>,
}

pub(crate) fn run(arguments: &ExplainArguments, global: &Global) -> Outcome<Exit> {
    let Some(term) = &arguments.term else {
        return list(global);
    };
    let text = find(term).ok_or_else(|| {
        let known: Vec<String> = names().collect();
        let hint = did_you_mean(term, known.iter().map(String::as_str));
        Failure::usage(format!("nothing is known about \"{term}\"{hint}"))
            .next("acetate explain lists everything")
    })?;
    if global.wants_json() {
        print_json(&serde_json::json!({ "term": term, "text": text }))?;
    } else {
        print(&(wrap(&text, WIDTH, "") + "\n"))?;
    }
    Ok(Exit::Done)
}

/// The text about a code, a term or a setting.
fn find(term: &str) -> Option<String> {
    let wanted = term.strip_prefix("settings.").unwrap_or(term);
    if let Some(text) = acetate_analyzer::explain(&wanted.to_uppercase()) {
        return Some(text.to_owned());
    }
    let explained = EXPLANATIONS.iter().find(|entry| {
        entry.name.eq_ignore_ascii_case(wanted)
            || entry.also.iter().any(|name| name.eq_ignore_ascii_case(wanted))
    });
    if let Some(Explanation { text, .. }) = explained {
        return Some((*text).to_owned());
    }
    let exact = PARAMETERS.iter().find(|knob| knob.key == wanted);
    let knob = exact.or_else(|| {
        let mut ending = PARAMETERS.iter().filter(|knob| knob.key.ends_with(&format!(".{wanted}")));
        ending.next()
    })?;
    Some(describe(knob))
}

/// A setting: what it does, its unit and range.
fn describe(knob: &Parameter) -> String {
    let unit = if knob.unit.is_empty() { String::new() } else { format!(" {}", knob.unit) };
    let values = match knob.kind {
        Kind::Number(range) => {
            format!("From {} to {}{unit}; {} by default.", range.min, range.max, range.default)
        }
        Kind::Optional(range) => {
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

fn list(global: &Global) -> Outcome<Exit> {
    let names: Vec<String> = names().collect();
    if global.wants_json() {
        print_json(&names)?;
    } else {
        print(&(names.join("\n") + "\n"))?;
    }
    Ok(Exit::Done)
}
