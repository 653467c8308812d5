//! `acetate listen`: level-matched comparison and blind test of any files.

use std::path::PathBuf;

use acetate::audio::Mono;
use acetate::output::{IfExists, Slot, plan, write_text};
use acetate::{Input, Song, System, listening_page};
use clap::Args;

use super::simulate::system_of;
use crate::completing;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::global::{Global, print};
use crate::master_page::AudioArgument;
use crate::reading::measure;

/// Most versions: the keys 1 to 9.
const VERSIONS_MAX: usize = 9;

/// Level-matched A/B page with a blind test
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate listen mix.wav master.wav\n  acetate listen master.wav --on phone,car       the master, and as it is heard there\n  acetate listen mine.wav theirs.wav -r record.flac -o listen.html"
)]
pub(crate) struct ListenArguments {
    /// Up to nine files of the same music
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Other music to hold them against: it goes on in a time of its own
    #[arg(short, long, value_name = "FILE")]
    reference: Option<PathBuf>,
    /// Also as the last file is heard on these systems: phone, car100, ...
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = system_of, add = completing::systems())]
    on: Vec<System>,
    /// Sound in the page: auto (the whole song while all versions fit into 64 MB), excerpts (three places of eight seconds), or full
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    audio: AudioArgument,
    /// Write to this file; `-` is standard output
    #[arg(short, long, value_name = "FILE", default_value = "listen.html")]
    output: PathBuf,
    /// Replace the page if it exists
    #[arg(short = 'f')]
    replace: bool,
}

pub(crate) fn run(arguments: &ListenArguments, global: &Global) -> Outcome<Exit> {
    let count =
        arguments.files.len() + arguments.on.len() + usize::from(arguments.reference.is_some());
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
    let existing = if arguments.replace { IfExists::Replace } else { IfExists::Refuse };
    let piped = arguments.output.as_os_str() == "-";
    if !piped {
        plan(arguments.output.clone(), existing, &inputs)?;
    }
    let read = |input| measure(input, inputs.len(), Mono::Dual, &global.progress());
    let songs: Vec<Song> = inputs.iter().map(read).collect::<Outcome<_>>()?;
    let (versions, record) = songs.split_at(arguments.files.len());
    let html = listening_page(versions, record.first(), &arguments.on, arguments.audio.wanted())?
        .ok_or_else(|| Failure::usage("there is nothing to listen to without sound"))?;
    if piped {
        print(&html)?;
    } else if let Slot::Write(path) = plan(arguments.output.clone(), existing, &inputs)?
        && !global.dry_run
    {
        write_text(&path, &html, existing)?;
        global.progress().done("Wrote", &path.display().to_string());
    }
    Ok(Exit::Done)
}
