//! `acetate compare`: what differs between two files.

use std::path::PathBuf;

use acetate::analyzer::Comparison;
use acetate::audio::Mono;
use acetate::{Compared, Input, Song, Versions};
use clap::Args;
use serde_json::json;

use crate::exit::Exit;
use crate::failure::Outcome;
use crate::global::{Global, print, print_json, print_json_line};
use crate::reading::{measure, warn};
use crate::result::{CommandResult, FileResult};
use acetate::text::comparison::sheet;

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

pub(crate) fn run(arguments: &CompareArguments, global: &Global) -> Outcome<Exit> {
    let progress = global.progress();
    let read = |path| measure(&Input::file(path), 2, Mono::Dual, &progress);
    let (first, second) = rayon::join(|| read(&arguments.first), || read(&arguments.second));
    let (first, second) = (first?, second?);
    [&first, &second].into_iter().for_each(|song| warn(song, &progress));
    let Compared { comparison, versions } = first.compare(&second, arguments.null)?;
    if global.wants_json() {
        let document = document(&first, &second, &comparison, versions.as_ref());
        if global.json {
            print_json(&document)?
        } else {
            print_json_line(&document)?
        };
    } else {
        let names = [first.name().to_owned(), second.name().to_owned()];
        print(&sheet(&names, &comparison, versions.as_ref(), arguments.null))?;
    }
    Ok(Exit::Done)
}

/// The envelope, with the differences beside both analyses.
fn document(
    first: &Song,
    second: &Song,
    comparison: &Comparison,
    versions: Option<&Versions>,
) -> serde_json::Value {
    let entry = |song: &Song| {
        let fields = json!({ "analysis": song.analysis() });
        FileResult::done(song.name(), Exit::Done, fields)
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
