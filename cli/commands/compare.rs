//! `acetate compare`: what differs between two files.

use std::path::PathBuf;

use acetate_analyzer::{Comparison, TimeAlignment, align, compare, null_db};
use clap::Args;
use serde_json::json;

use crate::comparison_text::sheet;
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::global::{Global, print, print_json, print_json_line};
use crate::inputs::Input;
use crate::reading::{Track, because, measure, warn};
use crate::result::{CommandResult, FileResult};

/// What changed between two files, or how far they are apart
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate compare song.wav song.streaming.wav\n  acetate compare song.streaming.wav record.flac     how far from a record\n  acetate compare song.wav song.flac --null          is it the same sound?\n  acetate compare song.wav song.streaming.wav --json"
)]
pub(crate) struct CompareArguments {
    /// One file
    #[arg(value_name = "A")]
    first: PathBuf,
    /// The other
    #[arg(value_name = "B")]
    second: PathBuf,
    /// Subtract B, aligned in time and level, from A: what is left, in dB below A
    #[arg(long)]
    null: bool,
}

/// How two versions of one sound lie against each other, and what is left when one is subtracted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Versions {
    pub(crate) alignment: TimeAlignment,
    pub(crate) delay_s: f64,
    /// With `--null`, and when the channels are as many.
    pub(crate) null_db: Option<f64>,
}

pub(crate) fn run(arguments: &CompareArguments, global: &Global) -> Outcome<Exit> {
    let (first, second) = rayon::join(
        || measure(&Input::file(&arguments.first), 2),
        || measure(&Input::file(&arguments.second), 2),
    );
    let (first, second) = (first?, second?);
    [&first, &second].into_iter().for_each(|track| warn(track, &global.progress()));
    let comparison = compare(&first.measured, &second.measured);
    let versions = versions(&first, &second, arguments.null)?;
    if global.wants_json() {
        let document = document(&first, &second, &comparison, versions.as_ref());
        if global.json {
            print_json(&document)?
        } else {
            print_json_line(&document)?
        };
    } else {
        let names = [first.input.name(), second.input.name()];
        print(&sheet(&names, &comparison, versions.as_ref(), arguments.null))?;
    }
    Ok(Exit::Done)
}

/// `None` when they are not versions of one sound at one rate.
fn versions(first: &Track, second: &Track, null: bool) -> Outcome<Option<Versions>> {
    let (a, b) = (&first.source, &second.source);
    let Some(alignment) = align(a, b).map_err(|error| because(&error))? else { return Ok(None) };
    let null_db =
        if null { null_db(a, b, &alignment).map_err(|error| because(&error))? } else { None };
    let delay_s = alignment.delay_frames as f64 / f64::from(a.spec().sample_rate_hz);
    Ok(Some(Versions { alignment, delay_s, null_db }))
}

/// The envelope, with the differences beside both analyses.
fn document(
    first: &Track,
    second: &Track,
    comparison: &Comparison,
    versions: Option<&Versions>,
) -> serde_json::Value {
    let entry = |track: &Track| {
        let fields = json!({ "analysis": track.measured.analysis });
        FileResult::done(&track.input.name(), Exit::Done, fields)
    };
    let result = CommandResult::of("compare", vec![entry(first), entry(second)]);
    let mut document = serde_json::to_value(result).unwrap_or_default();
    document["comparison"] = json!(comparison);
    document["alignment"] = versions.map_or(json!(null), |versions| {
        let Versions { alignment, delay_s, null_db } = versions;
        json!({
            "delay_frames": alignment.delay_frames,
            "delay_s": delay_s,
            "gain_db": alignment.gain_db,
            "inverted": alignment.inverted,
            "inverted_channels": alignment.inverted_channels.iter().map(|channel| channel + 1).collect::<Vec<_>>(),
            "correlation": alignment.correlation,
            "null_db": null_db,
        })
    });
    document
}
