//! `acetate export`: settings for other programs.

use std::path::PathBuf;

use acetate::engine::export::{Export, Format, ImpulseResponse, export, impulse_response};
use acetate::output::{IfExists, plan, write_audio, write_text};
use acetate::{Input, Output};
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::global::{Global, print, stdout_is_terminal};
use crate::lookup;

/// Rate that settings without a source are written for.
const RATE_HZ: u32 = 48_000;

/// Write settings for another program
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate export song.wav.settings.json --to text\n  acetate export song.wav.settings.json --to apo -o config.txt\n  acetate export song.wav.settings.json --to ir -o song.ir.wav    for any convolver\n  ffmpeg -i song.wav -af \"$(acetate export song.wav.settings.json --to ffmpeg)\" out.wav"
)]
pub(crate) struct ExportArguments {
    /// Settings file, or - for standard input
    #[arg(value_name = "SETTINGS")]
    settings: PathBuf,
    /// The program or format
    #[arg(long, value_parser = formats(), value_name = "FORMAT")]
    to: Format,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(short = 'f')]
    replace: bool,
    /// Rate that an impulse response or a configuration is for [default: the source's]
    #[arg(long, value_name = "HZ", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(8000..=384_000))]
    rate: Option<u32>,
}

pub(crate) fn run(arguments: &ExportArguments, global: &Global) -> Outcome<Exit> {
    let document = lookup::settings(&arguments.settings)?;
    let source_rate = document.source.as_ref().map(|source| source.sample_rate_hz);
    let rate_hz = arguments
        .rate
        .or(source_rate.filter(|&hz| hz > 0))
        .or(document.settings.output.sample_rate_hz)
        .unwrap_or(RATE_HZ);
    let path = arguments.path(global)?;
    let remarks = match export(&document.settings, rate_hz, arguments.to) {
        Some(Export { text, not_carried }) => {
            match &path {
                Destination::Stdout => print(&text)?,
                Destination::File(path) => write_text(path, &text, arguments.existing())?,
                Destination::Nowhere => {}
            }
            not_carried
        }
        None => {
            let response =
                impulse_response(&document.settings, rate_hz).map_err(Failure::failed)?;
            arguments.write_response(&response, &path)?;
            response.remarks
        }
    };
    let progress = global.progress();
    for sentence in &remarks {
        progress.note("Note", sentence);
    }
    if let Destination::File(path) = &path {
        progress.done("Wrote", &path.display().to_string());
    }
    Ok(Exit::Done)
}

/// The formats, by their words.
fn formats() -> impl TypedValueParser<Value = Format> {
    let value = |format: Format| PossibleValue::new(format.id()).help(format.description());
    PossibleValuesParser::new(Format::ALL.map(value)).map(|word| {
        let is_named = |format: &Format| format.id() == word;
        Format::ALL.into_iter().find(is_named).expect("the parser lets no other word through")
    })
}

/// Where an export goes.
enum Destination {
    Stdout,
    File(PathBuf),
    /// It would go to a file, but this is a dry run.
    Nowhere,
}

impl ExportArguments {
    fn existing(&self) -> IfExists {
        if self.replace { IfExists::Replace } else { IfExists::Refuse }
    }

    fn path(&self, global: &Global) -> Outcome<Destination> {
        let Some(path) = self.output.as_deref().filter(|path| path.as_os_str() != "-") else {
            return Ok(Destination::Stdout);
        };
        let planned = plan(path.to_owned(), self.existing(), &[Input::file(&self.settings)])?;
        if global.dry_run {
            global.progress().done("Would", &format!("write {}", planned.path().display()));
            return Ok(Destination::Nowhere);
        }
        Ok(Destination::File(planned.path().to_owned()))
    }

    fn write_response(&self, response: &ImpulseResponse, to: &Destination) -> Outcome<()> {
        let output = match to {
            Destination::Nowhere => return Ok(()),
            Destination::Stdout if stdout_is_terminal() => {
                return Err(Failure::refused(
                    "an impulse response is sound, and this is a terminal",
                )
                .next("name a file with -o, or pipe it into something"));
            }
            Destination::Stdout => Output::stdout(),
            Destination::File(path) => Output::file(path).replace(self.replace),
        };
        write_audio(&response.audio, output)?;
        Ok(())
    }
}
