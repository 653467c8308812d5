//! `acetate analyze`: measure, change nothing.

use acetate::audio::Mono;
use acetate::{Input, Song, csv as measures_csv, in_order, series as over_time};
use clap::Args;
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::Outcome;
use crate::global::{Global, print, print_json_line};
use crate::inputs::InputArguments;
use crate::mono::MonoArgument;
use crate::reading::{measure_only, warn};
use crate::result::{CommandResult, FileResult};
use crate::speech::say;
use acetate::text::analysis::{overview, overview_row, sheet};
use acetate::text::over_time as series_text;
use acetate::text::table::Table;

/// Measure: loudness, peaks, dynamics, tone, stereo, faults
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate analyze song.wav\n  acetate analyze -v song.wav             with the spectrum and all bands\n  acetate analyze album/                  one line a file\n  acetate analyze song.wav --json | jq .files[0].analysis.loudness.integrated_lufs\n  acetate analyze album/ --csv > album.csv\n  acetate analyze song.wav --series --csv > over-time.csv"
)]
pub(crate) struct AnalyzeArguments {
    #[command(flatten)]
    inputs: InputArguments,
    /// Comma-separated values on standard output, a heading first
    #[arg(long, conflicts_with_all = ["json", "jsonl"])]
    csv: bool,
    /// Loudness, peak, width and correlation over time instead of the whole
    #[arg(long)]
    series: bool,
    #[command(flatten)]
    mono: MonoArgument,
}

/// What is printed of each file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// For people: a sheet of one file, a row each of several.
    Text,
    /// A row of measures, or with the series a row each tenth of a second.
    Csv,
    /// An envelope around the file or files.
    Json,
    /// A line each.
    JsonLines,
}

pub(crate) fn run(arguments: &AnalyzeArguments, global: &Global) -> Outcome<Exit> {
    let form = match (global.json, global.jsonl, arguments.csv) {
        (true, ..) => Form::Json,
        (_, true, _) => Form::JsonLines,
        (.., true) => Form::Csv,
        _ => Form::Text,
    };
    let series = arguments.series;
    let mono = arguments.mono.asked().unwrap_or_default();
    let inputs = arguments.inputs.expand()?;
    if form == Form::Csv {
        let heading = if series { over_time::HEADING.to_owned() } else { measures_csv::heading() };
        print(&heading)?;
    }
    if inputs.single {
        return one(&inputs.list[0], mono, form, series, global);
    }
    let mut several =
        Several { form, series, files: Vec::new(), table: overview(), printed: Ok(()) };
    in_order(
        &inputs.list,
        global.workers(),
        |input| (input.name(), measure_only(input, mono, &global.progress())),
        |(name, measured)| several.take(&name, &measured, global),
    );
    several.finish(global)
}

/// One file: a sheet for people; for programs what several give.
fn one(input: &Input, mono: Mono, form: Form, series: bool, global: &Global) -> Outcome<Exit> {
    let name = input.name();
    let track = match measure_only(input, mono, &global.progress()) {
        Err(failure) if global.wants_json() => {
            say(&format!("acetate: {failure}"));
            let file = FileResult::failed(&name, &failure);
            CommandResult::of("analyze", vec![file]).print(global.json, global.jsonl)?;
            return Ok(failure.exit());
        }
        measured => measured?,
    };
    warn(&track, &global.progress());
    let analysis = track.analysis();
    match (form, series) {
        (Form::Text, false) => print(&sheet(&name, analysis, global.paint(), global.verbose))?,
        (Form::Text, true) => print(&series_text::chart(&name, track.measured()))?,
        (Form::Csv, false) => print(&measures_csv::row(&name, analysis))?,
        (Form::Csv, true) => print(&over_time::rows(&name, &track.measured().series))?,
        (Form::Json | Form::JsonLines, series) => {
            let file = FileResult::done(&name, Exit::Done, document(&track, series));
            CommandResult::of("analyze", vec![file]).print(global.json, global.jsonl)?;
        }
    }
    Ok(Exit::Done)
}

/// What programs get of a file.
fn document(track: &Song, series: bool) -> Value {
    match series {
        true => json!({ "series": over_time::document(track.measured()) }),
        false => json!({ "analysis": track.analysis() }),
    }
}

/// Collects and prints several files, in the order they were named.
struct Several {
    form: Form,
    series: bool,
    files: Vec<FileResult>,
    table: Table,
    /// Whether standard output could be written so far.
    printed: Outcome<()>,
}

impl Several {
    fn take(&mut self, name: &str, measured: &Outcome<Song>, global: &Global) {
        let track = match measured {
            Ok(track) => track,
            Err(failure) => {
                say(&format!("acetate: {failure}"));
                self.keep(FileResult::failed(name, failure));
                return;
            }
        };
        warn(track, &global.progress());
        let analysis = track.analysis();
        match (self.form, self.series) {
            (Form::Text, false) => self.table.row(overview_row(name, analysis)),
            (Form::Text, true) => self.print(&series_text::chart(name, track.measured())),
            (Form::Csv, false) => self.print(&measures_csv::row(name, analysis)),
            (Form::Csv, true) => self.print(&over_time::rows(name, &track.measured().series)),
            (Form::Json | Form::JsonLines, _) => {}
        }
        self.keep(FileResult::done(name, Exit::Done, document(track, self.series)));
    }

    fn keep(&mut self, file: FileResult) {
        if self.form == Form::JsonLines && self.printed.is_ok() {
            self.printed = print_json_line(&file);
        }
        self.files.push(file);
    }

    fn print(&mut self, text: &str) {
        if self.printed.is_ok() {
            self.printed = print(text);
        }
    }

    fn finish(self, global: &Global) -> Outcome<Exit> {
        self.printed?;
        let result = CommandResult::of("analyze", self.files);
        if self.form == Form::Json {
            result.print(global.json, global.jsonl)?;
        }
        if !self.table.is_empty() {
            print(&(self.table.lines().join("\n") + "\n"))?;
        }
        Ok(result.exit())
    }
}
