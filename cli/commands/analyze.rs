//! `acetate analyze`: measure, change nothing.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::analysis_text::{overview, overview_row, sheet};
use crate::batch::in_order;
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::global::{Global, print, print_json, print_json_line, say};
use crate::inputs::{Input, expand};
use crate::reading::{Track, measure, warn};
use crate::result::{CommandResult, FileResult};
use crate::table::Table;

/// Measure: loudness, peaks, dynamics, tone, stereo, faults
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate analyze song.wav\n  acetate analyze -v song.wav             with the spectrum and all bands\n  acetate analyze album/                  one line a file\n  acetate analyze song.wav --json | jq .loudness.integrated_lufs"
)]
pub(crate) struct AnalyzeArguments {
    /// Files, folders, patterns, or - for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub(crate) fn run(arguments: &AnalyzeArguments, global: &Global) -> Outcome<Exit> {
    let inputs = expand(&arguments.files)?;
    if inputs.single {
        return one(&inputs.list[0], global);
    }
    let workers = global.workers();
    let mut files = Vec::new();
    let mut table = overview();
    let mut outcome = Ok(());
    in_order(
        &inputs.list,
        workers,
        |input| (input.name(), measure(input, workers)),
        |(name, measured)| {
            match &measured {
                Ok(track) => collect(track, &name, &mut files, &mut table, global),
                Err(failure) => {
                    say(&format!("acetate: {failure}"));
                    files.push(FileResult::failed(&name, failure));
                }
            }
            if let (true, Some(file), Ok(())) = (global.jsonl, files.last(), &outcome) {
                outcome = print_json_line(file);
            }
        },
    );
    outcome?;
    finish(CommandResult::of("analyze", files), &table, global)
}

/// One file is one document; several are an envelope.
fn one(input: &Input, global: &Global) -> Outcome<Exit> {
    let track = measure(input, 1)?;
    warn(&track, &global.progress());
    let analysis = &track.measured.analysis;
    if global.json {
        print_json(analysis)?;
    } else if global.jsonl {
        print_json_line(analysis)?;
    } else {
        print(&sheet(&input.name(), analysis, global.paint(), global.verbose))?;
    }
    Ok(Exit::Done)
}

fn collect(
    track: &Track,
    name: &str,
    files: &mut Vec<FileResult>,
    table: &mut Table,
    global: &Global,
) {
    warn(track, &global.progress());
    let analysis = &track.measured.analysis;
    table.row(overview_row(name, analysis));
    files.push(FileResult::done(name, Exit::Done, json!({ "analysis": analysis })));
}

fn finish(result: CommandResult, table: &Table, global: &Global) -> Outcome<Exit> {
    if global.json {
        result.print(global)?;
    } else if !global.jsonl && !table.is_empty() {
        print(&(table.lines().join("\n") + "\n"))?;
    }
    Ok(result.exit())
}
