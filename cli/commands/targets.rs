//! `acetate targets`: the delivery rules that are known, and checking one's own.

use std::path::PathBuf;

use acetate::references::target::{ExtraRule, Target, TargetFinding, lint, target, targets};
use clap::{Args, Subcommand};

use crate::completing;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::global::{Global, print, print_json};
use crate::lookup;
use crate::today::today;
use acetate::audio::numbers::number;
use acetate::text::table::{Align, Table, WIDTH, wrap};

/// List, show and check delivery rules
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate targets list\n  acetate targets show spotify\n  acetate targets show spotify --json > mine.json   # a start for rules of your own\n  acetate targets check mine.json"
)]
pub(crate) struct TargetsArguments {
    #[command(subcommand)]
    action: Option<TargetsAction>,
}

/// What to do with the delivery rules.
#[derive(Subcommand, Debug)]
enum TargetsAction {
    /// All built-in targets
    List,
    /// One target in full
    Show {
        /// Id or target file
        #[arg(value_name = "ID|FILE", add = completing::targets())]
        target: String,
    },
    /// Look for mistakes and stale rules, in files or in the built-in targets
    Check {
        /// Target files [default: the built-in targets]
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

pub(crate) fn run(arguments: &TargetsArguments, global: &Global) -> Outcome<Exit> {
    match &arguments.action {
        None | Some(TargetsAction::List) => list(global),
        Some(TargetsAction::Show { target }) => show(target, global),
        Some(TargetsAction::Check { files }) => check(files, global),
    }
}

fn list(global: &Global) -> Outcome<Exit> {
    if global.wants_json() {
        print_json(&targets())?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&[
        ("id", Align::Left),
        ("LUFS", Align::Right),
        ("dBTP", Align::Right),
        ("trust", Align::Left),
        ("name", Align::Left),
    ]);
    for target in targets() {
        let lufs = target.integrated_lufs.map(|lufs| number(Some(lufs), 0));
        table.row([
            target.id.clone(),
            lufs.unwrap_or_else(|| "no rule".to_owned()),
            number(Some(target.true_peak_dbtp), 1),
            confidence(target),
            target.name.clone(),
        ]);
    }
    print(&(table.lines().join("\n") + "\n"))?;
    Ok(Exit::Done)
}

fn confidence(target: &Target) -> String {
    format!("{:?}", target.confidence).to_lowercase()
}

fn show(name: &str, global: &Global) -> Outcome<Exit> {
    let target = lookup::target(name)?;
    if global.wants_json() {
        print_json(&target)?;
        return Ok(Exit::Done);
    }
    let paint = global.paint();
    let mut lines = vec![format!("{}  {}", paint.bold(&target.id), target.name)];
    let loudness = target.integrated_lufs.map_or_else(
        || "no rule".to_owned(),
        |lufs| {
            let rule = format!("{:?}", target.loudness_rule).to_lowercase();
            format!("{lufs:.1} LUFS ±{:.1} LU ({rule})", target.tolerance_lu)
        },
    );
    lines.push(format!("  loudness   {loudness}"));
    lines.push(format!("  true peak  at most {:.1} dBTP", target.true_peak_dbtp));
    lines.extend(format_lines(&target));
    lines.extend(target.rules.iter().map(|rule| format!("  rule       {}", rule_text(rule))));
    lines.extend(
        target
            .note
            .iter()
            .map(|note| wrap(&format!("  note       {note}"), WIDTH, "             ")),
    );
    lines.push(format!("  source     {}", target.source));
    lines.push(format!("  checked    {} ({})", target.checked, confidence(&target)));
    print(&(lines.join("\n") + "\n"))?;
    Ok(Exit::Done)
}

fn format_lines(target: &Target) -> Vec<String> {
    let format = &target.format;
    let joined = |parts: Vec<String>| parts.join(", ");
    let mut lines = Vec::new();
    let containers = format.containers.iter().map(|c| format!("{c:?}").to_lowercase()).collect();
    let rates = format.sample_rates_hz.iter().map(|hz| format!("{hz} Hz")).collect();
    let bits = format.bits.iter().map(|bits| format!("{bits} bit")).collect();
    for (label, text) in
        [("format", joined(containers)), ("rate", joined(rates)), ("bits", joined(bits))]
    {
        if !text.is_empty() {
            lines.push(format!("  {label:<10} {text}"));
        }
    }
    lines
}

/// A rule as a sentence: its name in words, and its numbers.
fn rule_text(rule: &ExtraRule) -> String {
    let Ok(serde_json::Value::Object(mut fields)) = serde_json::to_value(rule) else {
        return String::new();
    };
    let name = fields.remove("rule").unwrap_or_default();
    let mut text = name.as_str().unwrap_or_default().replace('_', " ");
    for (key, value) in fields {
        text.push_str(&format!(
            ", {} {}",
            key.replace('_', " "),
            value.to_string().trim_matches('"')
        ));
    }
    text
}

fn check(files: &[PathBuf], global: &Global) -> Outcome<Exit> {
    let mut checked = Vec::new();
    for file in files {
        checked.push(acetate::target_file(file)?);
    }
    if files.is_empty() {
        checked.extend(targets().iter().cloned());
    }
    let today = today().ok_or_else(|| Failure::failed("the clock of this computer is not set"))?;
    let findings: Vec<String> = lint(&checked, today).iter().map(sentence).collect();
    let shadowing = checked.iter().filter(|mine| !files.is_empty() && target(&mine.id).is_some());
    let progress = global.progress();
    for mine in shadowing {
        progress.note("Note", &format!("{} is also the id of a built-in target", mine.id));
    }
    if global.wants_json() {
        print_json(&serde_json::json!({
            "schema": crate::result::SCHEMA, "command": "targets check", "ok": findings.is_empty(),
            "exit": if findings.is_empty() { Exit::Done } else { Exit::Missed }, "files": [], "findings": findings,
        }))?;
    } else {
        for finding in &findings {
            print(&format!("{finding}\n"))?;
        }
        progress
            .done("Checked", &format!("{} targets, {} to look at", checked.len(), findings.len()));
    }
    Ok(if findings.is_empty() { Exit::Done } else { Exit::Missed })
}

/// A remark of the linter as a sentence.
fn sentence(finding: &TargetFinding) -> String {
    match finding {
        TargetFinding::Stale { id, checked, days } => {
            format!("{id}: checked on {checked}, {days} days ago; look the rule up again")
        }
        TargetFinding::FromTheFuture { id, checked } => {
            format!("{id}: checked on {checked}, which has not come yet")
        }
        TargetFinding::DuplicateId { id } => format!("{id}: two targets have this id"),
        TargetFinding::AwkwardId { id } => {
            format!("{id}: an id has lower-case letters, digits and hyphens only")
        }
        TargetFinding::Unsourced { id } => {
            format!("{id}: said to be verified, but names no source")
        }
        TargetFinding::Contradiction { id, what } => format!("{id}: {what}"),
        other => format!("{other:?}"),
    }
}
