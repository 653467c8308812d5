//! `acetate listen`: level-matched comparison and blind test of any files.

use std::path::PathBuf;

use clap::Args;

use super::report::sounding;
use crate::excerpts::{SoundInPage, Sounding, listening};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::global::{Global, print};
use crate::inputs::Input;
use crate::outputs::{Existing, Plan, plan, write_text};
use crate::reading::{Track, measure};
use acetate_report::listening_page;

/// Most versions: the keys 1 to 9.
const VERSIONS_MAX: usize = 9;

/// Level-matched A/B page with a blind test
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate listen mix.wav master.wav\n  acetate listen mine.wav theirs.wav -r record.flac -o listen.html"
)]
pub(crate) struct ListenArguments {
    /// Up to nine files of the same music
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Other music to hold them against: it goes on in a time of its own
    #[arg(short, long, value_name = "FILE")]
    reference: Option<PathBuf>,
    /// Sound in the page: auto (the whole song while all versions fit into 64 MB), excerpts (three places of eight seconds), or full
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    audio: SoundInPage,
    /// Write to this file; `-` is standard output
    #[arg(short, long, value_name = "FILE", default_value = "listen.html")]
    output: PathBuf,
    /// Replace the page if it exists
    #[arg(short = 'f')]
    replace: bool,
}

pub(crate) fn run(arguments: &ListenArguments, global: &Global) -> Outcome<Exit> {
    let count = arguments.files.len() + usize::from(arguments.reference.is_some());
    if count < 2 {
        return Err(Failure::usage("one file alone has nothing to be compared with")
            .next("name another version of it, or other music with -r"));
    }
    if count > VERSIONS_MAX {
        return Err(Failure::usage(format!(
            "{count} files are more than {VERSIONS_MAX}, the keys 1 to 9"
        )));
    }
    let inputs: Vec<Input> =
        arguments.files.iter().chain(&arguments.reference).map(Input::file).collect();
    let existing = if arguments.replace { Existing::Replace } else { Existing::Error };
    let piped = arguments.output.as_os_str() == "-";
    if !piped {
        plan(arguments.output.clone(), existing, &inputs)?;
    }
    let tracks: Vec<Track> =
        inputs.iter().map(|input| measure(input, inputs.len())).collect::<Outcome<_>>()?;
    let versions: Vec<Sounding<'_>> =
        tracks.iter().map(|track| sounding(&track.input.stem(), track, 0.0)).collect();
    let (song, record) = versions.split_at(arguments.files.len());
    let heard = listening(song, record.first(), arguments.audio)?
        .ok_or_else(|| Failure::usage("there is nothing to listen to without sound"))?;
    let measured: Vec<_> = tracks.iter().map(|track| &track.measured).collect();
    let html = listening_page(&heard, &measured);
    if piped {
        print(&html)?;
    } else if let Plan::Write(path) = plan(arguments.output.clone(), existing, &inputs)?
        && !global.dry_run
    {
        write_text(&path, &html, existing)?;
        global.progress().done("Wrote", &path.display().to_string());
    }
    Ok(Exit::Done)
}
