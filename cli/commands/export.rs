//! `acetate export`: settings for other programs.

use std::path::PathBuf;

use clap::Args;

use crate::exit::Exit;
use crate::export::{Export, Format, export};
use crate::failure::{Failure, Outcome};
use crate::global::{Global, print};
use crate::lookup;
use crate::outputs::{Existing, Plan, plan, write_text};

/// Rate that settings without a source are written for.
const RATE_HZ: u32 = 48_000;

/// Write settings for another program
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate export song.settings.json --to text\n  acetate export song.settings.json --to apo -o config.txt\n  ffmpeg -i song.wav -af \"$(acetate export song.settings.json --to ffmpeg)\" out.wav"
)]
pub(crate) struct ExportArguments {
    /// Settings file, or - for standard input
    #[arg(value_name = "SETTINGS")]
    settings: PathBuf,
    /// The program or format
    #[arg(long, value_enum, value_name = "FORMAT")]
    to: Format,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(short = 'f')]
    replace: bool,
}

pub(crate) fn run(arguments: &ExportArguments, global: &Global) -> Outcome<Exit> {
    let document = lookup::settings(&arguments.settings)?;
    let rate_hz = document
        .settings
        .output
        .sample_rate_hz
        .or(document.source.as_ref().map(|source| source.sample_rate_hz))
        .filter(|&hz| hz > 0)
        .unwrap_or(RATE_HZ);
    let Export { text, not_carried } = export(&document.settings, rate_hz, arguments.to);
    match arguments.output.as_deref().filter(|path| path.as_os_str() != "-") {
        None => print(&text)?,
        Some(path) => {
            let existing = if arguments.replace { Existing::Replace } else { Existing::Error };
            let inputs = [crate::inputs::Input::file(&arguments.settings)];
            match plan(path.to_owned(), existing, &inputs)? {
                Plan::Write(path) if !global.dry_run => write_text(&path, &text, existing)?,
                planned => return Err(Failure::usage(format!("would do {planned:?}"))),
            }
        }
    }
    let progress = global.progress();
    for sentence in &not_carried {
        progress.note("Note", sentence);
    }
    Ok(Exit::Done)
}
