//! `acetate report`: one self-contained page about a master or any file.

use std::path::{Path, PathBuf};

use acetate_optimizer::SettingsDocument;
use clap::Args;

use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::global::{Global, print};
use crate::inputs::{Input, expand};
use crate::lookup;
use crate::outputs::{Existing, Plan, plan, write_text};
use crate::reading::{Track, measure};
use crate::report::{Page, Sounding, excerpts, page};

/// One self-contained HTML page with charts and a player
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate report song.streaming.settings.json    what was done, before and after\n  acetate report song.wav                        what the file is like\n  acetate report song.wav -o page.html --audio none"
)]
pub(crate) struct ReportArguments {
    /// Settings beside a master, or sound files
    #[arg(required = true, value_name = "SETTINGS|FILE")]
    files: Vec<PathBuf>,
    /// Sound in the page: none, or excerpts
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    audio: SoundInPage,
    /// Write to this file; `-` is standard output [default: beside the input, .html]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the page if it exists
    #[arg(short = 'f')]
    replace: bool,
}

/// How much sound a page carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum SoundInPage {
    /// Charts and numbers alone
    None,
    /// Three places of eight seconds
    #[default]
    Excerpts,
}

pub(crate) fn run(arguments: &ReportArguments, global: &Global) -> Outcome<Exit> {
    if arguments.files.len() > 1 && arguments.output.is_some() {
        return Err(Failure::usage("-o names one page, but several were asked for"));
    }
    for file in &arguments.files {
        let (html, beside) = if file.extension().is_some_and(|extension| extension == "json") {
            of_settings(file, arguments)?
        } else {
            of_sound(file, arguments)?
        };
        write(&html, beside, file, arguments, global)?;
    }
    Ok(Exit::Done)
}

fn write(
    html: &str,
    beside: PathBuf,
    file: &Path,
    arguments: &ReportArguments,
    global: &Global,
) -> Outcome<()> {
    let path = arguments.output.clone().unwrap_or(beside);
    if path.as_os_str() == "-" {
        return print(html);
    }
    let existing = if arguments.replace { Existing::Replace } else { Existing::Error };
    if let Plan::Write(path) = plan(path, existing, &[Input::file(file)])?
        && !global.dry_run
    {
        write_text(&path, html, existing)?;
        global.progress().done("Wrote", &path.display().to_string());
    }
    Ok(())
}

/// A page about a finished master: its settings name the source, its own name the output.
fn of_settings(file: &Path, arguments: &ReportArguments) -> Outcome<(String, PathBuf)> {
    let document = lookup::settings(file)?;
    let source = source_beside(file, &document)?;
    let before = measure(&Input::file(source), 2)?;
    let after = output_beside(file).map(|path| measure(&Input::file(path), 2)).transpose()?;
    let title = after.as_ref().unwrap_or(&before).input.stem();
    let mut versions = vec![sounding("mix", &before)];
    versions.extend(after.as_ref().map(|after| sounding("master", after)));
    let html = assemble(&title, &before, after.as_ref(), Some(&document), &versions, arguments)?;
    let name = file.to_string_lossy();
    let stem = name.strip_suffix(".settings.json").unwrap_or(name.trim_end_matches(".json"));
    Ok((html, PathBuf::from(format!("{stem}.html"))))
}

fn of_sound(file: &Path, arguments: &ReportArguments) -> Outcome<(String, PathBuf)> {
    let inputs = expand(&[file.to_owned()])?;
    let [input] = inputs.list.as_slice() else {
        return Err(Failure::usage("a report is about one file at a time").next("name the files"));
    };
    let track = measure(input, 1)?;
    let versions = [sounding("file", &track)];
    let html = assemble(&input.stem(), &track, None, None, &versions, arguments)?;
    Ok((html, file.with_extension("html")))
}

fn assemble(
    title: &str,
    before: &Track,
    after: Option<&Track>,
    document: Option<&SettingsDocument>,
    versions: &[Sounding<'_>],
    arguments: &ReportArguments,
) -> Outcome<String> {
    let measured = after.unwrap_or(before);
    let heard = match arguments.audio {
        SoundInPage::None => None,
        SoundInPage::Excerpts => Some(excerpts(versions, &measured.measured.series)?),
    };
    Ok(page(Page {
        title,
        before: &before.measured,
        after: after.map(|after| &after.measured),
        document,
        verdict: None,
        aim: None,
        trace: None,
        sound: heard.as_ref().map(|excerpts| (versions, excerpts)),
    }))
}

pub(crate) fn sounding<'a>(name: &str, track: &'a Track) -> Sounding<'a> {
    let lufs = track.measured.analysis.loudness.integrated_lufs;
    Sounding { name: name.to_owned(), lufs, source: &track.source }
}

/// The source, by the name in the settings, in their folder or the one above (`mastered/`).
fn source_beside(file: &Path, document: &SettingsDocument) -> Outcome<PathBuf> {
    let name = document.source.as_ref().map(|source| source.name.clone()).unwrap_or_default();
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
    let stem = name.strip_suffix(".settings.json")?;
    ["wav", "flac", "aiff"]
        .into_iter()
        .map(|end| PathBuf::from(format!("{stem}.{end}")))
        .find(|path| path.is_file())
}
