//! `acetate check`: pass or fail against targets, for people and for CI.

use std::path::{Path, PathBuf};

use acetate::audio::Mono;
use acetate::audio::numbers::{counted, number};
use acetate::check::codec::Lossy;
use acetate::check::{
    Baseline, CheckRequest, FileCheck, Outcome as RuleOutcome, csv, github, junit, own_targets,
    sarif,
};
use acetate::{Input, Target, in_order};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::completing;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::global::{Global, print, print_json};
use crate::inputs::InputArguments;
use crate::lookup;
use crate::mono::MonoArgument;
use crate::panic::guarded;
use crate::progress::Progress;
use crate::reading::{measure, warn};
use crate::result::{CommandResult, FileResult};
use crate::speech::say;
use crate::suggestion::did_you_mean;
use acetate::text::Paint;

/// Pass or fail against delivery rules
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate check song.master.wav -t spotify -t apple-music\n  acetate check masters/                       each by the target it was made for\n  acetate check masters/ -t ebu-r128 --format junit > check.xml\n  acetate check song.wav --codec aac256,mp3_320\n  acetate check masters/ --json > known.json; acetate check masters/ --baseline known.json"
)]
pub(crate) struct CheckArguments {
    #[command(flatten)]
    inputs: InputArguments,
    /// Delivery rules: an id or a target file; repeatable [default: those in the settings beside a master, or streaming]
    #[arg(short, long, visible_alias = "platform", value_name = "ID|FILE", add = completing::targets())]
    target: Vec<String>,
    /// No clipping after these lossy codecs: aac256, ogg160, opus128, mp3_320, ..., or none (needs ffmpeg) [default:
    /// aac256,ogg160, as warnings]
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = codec, add = completing::codecs())]
    codec: Option<Vec<CodecChoice>>,
    #[command(flatten)]
    mono: MonoArgument,
    /// Also measure with a second meter, which shares no code with ours, and say what differs
    #[arg(long)]
    witness: bool,
    /// How to report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: ReportFormat,
    /// What makes the exit code 3
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    fail_on: FailOn,
    /// A result of an earlier check (its JSON): what failed then does not count
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
}

/// How to report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    /// For people
    #[default]
    Text,
    /// The result envelope
    Json,
    /// JUnit XML
    Junit,
    /// GitHub annotations
    Github,
    /// SARIF 2.1.0
    Sarif,
    /// Comma-separated values, a row a rule
    Csv,
}

/// What makes the exit code 3.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A broken rule
    #[default]
    Fail,
    /// A broken rule, or one that could not be checked
    Unchecked,
    /// Nothing
    Never,
}

/// One word of `--codec`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodecChoice {
    None,
    Codec(Lossy),
}

pub(crate) fn codec(text: &str) -> Result<CodecChoice, String> {
    if text == "none" {
        return Ok(CodecChoice::None);
    }
    Lossy::named(text).map(CodecChoice::Codec).ok_or_else(|| {
        let known: Vec<&str> = Lossy::names().collect();
        format!("there are none, {}{}", known.join(", "), did_you_mean(text, Lossy::names()))
    })
}

/// The codecs among what was named.
pub(crate) fn chosen(choices: &[CodecChoice]) -> impl Iterator<Item = Lossy> {
    choices.iter().filter_map(|choice| match choice {
        CodecChoice::Codec(codec) => Some(*codec),
        CodecChoice::None => None,
    })
}

impl CheckArguments {
    /// The codecs that were named.
    fn asked(&self) -> Vec<Lossy> {
        chosen(self.codec.as_deref().unwrap_or_default()).collect()
    }
}

pub(crate) fn run(arguments: &CheckArguments, global: &Global) -> Outcome<Exit> {
    let mut inputs = arguments.inputs.expand()?;
    if inputs.list.len() > 1 {
        // A shell's pattern names them too.
        inputs.list.retain(|input| !input.is_companion());
    }
    let targets: Vec<Target> =
        arguments.target.iter().map(|name| lookup::target(name)).collect::<Outcome<_>>()?;
    let known =
        arguments.baseline.as_ref().map(|path| baseline(path)).transpose()?.unwrap_or_default();
    let workers = global.workers();
    let progress = global.progress();
    let mut files = Vec::new();
    in_order(
        &inputs.list,
        workers,
        |input| {
            guarded(|| one(input, &targets, arguments, workers, &progress))
                .unwrap_or_else(|failure| FileCheck::failed(&input.name(), &failure.to_string()))
        },
        |mut file| {
            known.forgive(&mut file);
            files.push(file);
        },
    );
    let results = files.iter().map(|file| result(file, arguments.fail_on)).collect();
    let result = CommandResult::of("check", results);
    let format = if global.json { ReportFormat::Json } else { arguments.format };
    match format {
        _ if global.jsonl => result.print(global.json, global.jsonl)?,
        ReportFormat::Json => print_json(&result)?,
        ReportFormat::Junit => print(&junit::render(&files))?,
        ReportFormat::Github => print(&github::render(&files))?,
        ReportFormat::Sarif => print_json(&sarif::render(&files))?,
        ReportFormat::Csv => print(&csv::render(&files))?,
        ReportFormat::Text if global.quiet => {}
        ReportFormat::Text => print(&text(&files, global.paint(), global.verbose))?,
    }
    for error in files.iter().filter_map(|file| file.error.as_ref()) {
        say(&format!("acetate: {error}"));
    }
    Ok(result.exit())
}

fn one(
    input: &Input,
    named: &[Target],
    arguments: &CheckArguments,
    workers: usize,
    progress: &Progress,
) -> Outcome<FileCheck> {
    let targets = if named.is_empty() { own_targets(input) } else { named.to_vec() };
    let codecs = arguments.codec.as_ref().map(|_| arguments.asked());
    let song = measure(input, workers, Mono::Dual, progress)?;
    warn(&song, progress);
    let request =
        CheckRequest { targets, codecs, mono: arguments.mono.asked(), witness: arguments.witness };
    Ok(song.check(&request, &mut progress.watching(&input.name(), None))?)
}

fn result(file: &FileCheck, fail_on: FailOn) -> FileResult {
    if let Some(error) = &file.error {
        return FileResult::failed(&file.input, &Failure::failed(error));
    }
    let has = |wanted: RuleOutcome| {
        file.targets.iter().flat_map(|target| &target.checks).any(|check| check.outcome == wanted)
    };
    let fails = match fail_on {
        FailOn::Never => false,
        FailOn::Fail => has(RuleOutcome::Fail),
        FailOn::Unchecked => has(RuleOutcome::Fail) || has(RuleOutcome::NotChecked),
    };
    let exit = if fails { Exit::Missed } else { Exit::Done };
    FileResult::done(
        &file.input,
        exit,
        json!({ "targets": file.targets, "codecs": file.codecs, "witness": file.witness }),
    )
}

/// What failed in an earlier result.
fn baseline(path: &Path) -> Outcome<Baseline> {
    let document: Value = serde_json::from_str(&lookup::document(path)?)
        .map_err(|error| Failure::usage(format!("{}: not JSON: {error}", path.display())))?;
    if document["schema"] != crate::result::SCHEMA || document["command"] != "check" {
        return Err(Failure::usage(format!("{}: not the result of a check", path.display()))
            .next("acetate check ... --json > baseline.json makes one"));
    }
    Ok(Baseline::of_result(&document))
}

/// One line a file and target, the broken rules under it, with `-v` all rules; at the end of several files their totals.
fn text(files: &[FileCheck], paint: Paint, verbose: u8) -> String {
    let mut lines = Vec::new();
    for file in files.iter().filter(|file| file.error.is_none()) {
        for target in &file.targets {
            let word = if target.ok { paint.good("pass") } else { paint.bad("fail") };
            lines.push(format!("{word}  {}  {}", file.input, paint.bold(&target.target)));
            for check in &target.checks {
                let (shown, word) = match check.outcome {
                    RuleOutcome::Pass => (verbose > 0, paint.good("ok")),
                    RuleOutcome::Fail => (true, paint.bad("fail")),
                    RuleOutcome::Warn => (true, paint.warn("warning")),
                    RuleOutcome::Notice => (true, paint.dim("notice")),
                    RuleOutcome::Known => (true, paint.warn("known")),
                    RuleOutcome::NotChecked => (true, paint.dim("not checked")),
                };
                if shown {
                    lines.push(format!("      {}  {word}  {}", check.code, check.text));
                }
            }
        }
    }
    for file in files {
        for (name, measure) in file.witness.iter().flat_map(|opinion| opinion.measures()) {
            let word = if measure.agrees() { paint.good("agrees") } else { paint.bad("differs") };
            let [here, witness] = [measure.here, measure.witness].map(|value| number(value, 2));
            lines.push(format!("      {name}  {here}, by a second meter {witness}  {word}"));
        }
    }
    if files.len() > 1 {
        lines.push(totals(files));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// `12 files: 10 pass, 1 fails, 1 cannot be read`
fn totals(files: &[FileCheck]) -> String {
    let unreadable = files.iter().filter(|file| file.error.is_some()).count();
    let failed = files.iter().filter(|file| file.targets.iter().any(|target| !target.ok)).count();
    let passed = files.len() - failed - unreadable;
    let mut text = format!("{}: {passed} pass, {failed} fail", counted(files.len(), "file"));
    if unreadable > 0 {
        text.push_str(&format!(", {unreadable} cannot be read"));
    }
    text
}
