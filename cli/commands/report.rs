//! `acetate report`: one self-contained page about a master or any file.

use std::path::{Path, PathBuf};

use acetate::audio::Mono;
use acetate::check::codec::{Lossy, codec_named};
use acetate::output::{IfExists, Slot, page_of, plan, write_text};
use acetate::page::record_beside;
use acetate::{Input, PageWish, SettingsDocument, Song, System};
use clap::Args;

use super::simulate::system_of;
use crate::completing;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::global::{Global, print};
use crate::inputs::expand;
use crate::lookup;
use crate::master_page::AudioArgument;
use crate::reading::measure;

/// One self-contained HTML page with charts and a player
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate report song.streaming.wav.settings.json what was done, before and after\n  acetate report song.wav                        what the file is like\n  acetate report song.wav -o page.html --audio none\n  acetate report song.wav --on phone,car         with what is left of it there\n  acetate report song.cd.wav.settings.json --codec aac256,opus128"
)]
pub(crate) struct ReportArguments {
    /// Settings beside a master, or sound files
    #[arg(required = true, value_name = "SETTINGS|FILE")]
    files: Vec<PathBuf>,
    /// The record, to hear and read beside the master [default: the file of its name beside the settings, if there]
    #[arg(short, long, value_name = "FILE")]
    reference: Option<PathBuf>,
    /// Sound in the page: auto (the whole song while all versions fit into 64 MB), none, excerpts (three places of eight
    /// seconds), or full
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    audio: AudioArgument,
    /// Also show the peaks after these codecs, if ffmpeg is installed
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    codec: Vec<String>,
    /// Also what is left of it on these systems, to read and to hear: phone, car100, ...
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = system_of, add = completing::systems())]
    on: Vec<System>,
    /// Write to this file; `-` is standard output [default: beside the input, .html]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the page if it exists
    #[arg(short = 'f')]
    replace: bool,
}

impl ReportArguments {
    fn wish<'a>(&'a self, record: Option<&'a Song>, codecs: &'a [Lossy]) -> PageWish<'a> {
        PageWish { record, codecs, systems: &self.on, sound: self.audio.wanted() }
    }
}

pub(crate) fn run(arguments: &ReportArguments, global: &Global) -> Outcome<Exit> {
    if arguments.files.len() > 1 && arguments.output.is_some() {
        return Err(Failure::usage("-o names one page, but several were asked for"));
    }
    let codecs = codecs(&arguments.codec)?;
    for file in &arguments.files {
        let of_settings = file.extension().is_some_and(|extension| extension == "json");
        let beside = page_beside(file, of_settings);
        let path = arguments.output.clone().unwrap_or(beside);
        let existing = if arguments.replace { IfExists::Replace } else { IfExists::Refuse };
        let piped = path.as_os_str() == "-";
        if !piped {
            // Known before the work: the page exists, or would replace its own input.
            plan(path.clone(), existing, &[Input::file(file)])?;
        }
        let html = if of_settings {
            about_settings(file, &codecs, arguments, global)?
        } else {
            about_sound(file, &codecs, arguments, global)?
        };
        if piped {
            print(&html)?;
        } else if let Slot::Write(path) = plan(path, existing, &[Input::file(file)])?
            && !global.dry_run
        {
            write_text(&path, &html, existing)?;
            global.progress().done("Wrote", &path.display().to_string());
        }
    }
    Ok(Exit::Done)
}

fn codecs(names: &[String]) -> Outcome<Vec<Lossy>> {
    Ok(names.iter().map(|name| codec_named(name)).collect::<Result<_, _>>()?)
}

fn page_beside(file: &Path, of_settings: bool) -> PathBuf {
    if !of_settings {
        return page_of(None, file);
    }
    let name = file.to_string_lossy();
    let stem = name.strip_suffix(".settings.json").unwrap_or(name.trim_end_matches(".json"));
    PathBuf::from(format!("{stem}.html"))
}

/// A page about a finished master: its settings name the source, its own name the output.
fn about_settings(
    file: &Path,
    codecs: &[Lossy],
    asked: &ReportArguments,
    global: &Global,
) -> Outcome<String> {
    let document = lookup::settings(file)?;
    let source = source_beside(file, &document)?;
    let record = asked.reference.clone().or_else(|| record_beside(&source, &document));
    let then = document.numbers.before.as_ref().and_then(|before| before.format.mono);
    let mono = then.unwrap_or(Mono::Dual);
    let progress = global.progress();
    let read = |path: PathBuf, mono| measure(&Input::file(path), 2, mono, &progress);
    let record = record.map(|path| read(path, Mono::Dual)).transpose()?;
    let before = read(source, mono)?;
    let after = output_beside(file).map(|path| read(path, mono)).transpose()?;
    let wish = asked.wish(record.as_ref(), codecs);
    Ok(before.page_of_settings(&document, after.as_ref(), wish)?)
}

fn about_sound(
    file: &Path,
    codecs: &[Lossy],
    asked: &ReportArguments,
    global: &Global,
) -> Outcome<String> {
    let inputs = expand(&[file.to_owned()])?;
    let [input] = inputs.list.as_slice() else {
        return Err(Failure::usage("a report is about one file at a time").next("name the files"));
    };
    let progress = global.progress();
    let song = measure(input, 1, Mono::Dual, &progress)?;
    let read = |path: &PathBuf| measure(&Input::file(path), 2, Mono::Dual, &progress);
    let record = asked.reference.as_ref().map(read).transpose()?;
    let wish = asked.wish(record.as_ref(), codecs);
    Ok(song.page(wish)?)
}

/// The source, by the name in the settings, in their folder or the one above (`mastered/`).
fn source_beside(file: &Path, document: &SettingsDocument) -> Outcome<PathBuf> {
    let Some(name) = document.source.as_ref().map(|source| source.name.clone()) else {
        return Err(Failure::usage(format!("{}: names no sound it is for", file.display()))
            .next("name the sound file in its place"));
    };
    // A name out of a document must not lead anywhere else.
    let name = Path::new(&name).file_name().unwrap_or_default();
    let folder = file.parent().unwrap_or(Path::new(""));
    [folder.join(name), folder.join("..").join(name)]
        .into_iter()
        .find(|path| !name.is_empty() && path.is_file())
        .ok_or_else(|| {
            Failure::failed(format!(
                "{}: the source {} is not beside it",
                file.display(),
                name.display()
            ))
            .next("put it there, or name a sound file")
        })
}

fn output_beside(file: &Path) -> Option<PathBuf> {
    let name = file.to_string_lossy();
    let output = PathBuf::from(name.strip_suffix(".settings.json")?);
    output.is_file().then_some(output)
}
