//! `acetate report`: one self-contained page about a master or any file.

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use acetate_audio::Mono;
use acetate_audio::Tags;
use acetate_engine::{LimiterTrace, render};
use acetate_optimizer::SettingsDocument;
use clap::Args;

use crate::checking::codec::Lossy;
use crate::checking::{CodecPeak, Evidence, TargetCheck, check};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::global::{Global, print};
use crate::inputs::{Input, expand, is_sound};
use crate::lookup;
use crate::outputs::{Existing, Plan, plan, sidecar, write_text};
use crate::reading::{Track, because, measure};
use acetate_references::profile::plain_id;
use acetate_report::{Page, page};

use crate::excerpts::{SoundInPage, Sounding, listening};

/// One self-contained HTML page with charts and a player
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate report song.streaming.wav.settings.json what was done, before and after\n  acetate report song.wav                        what the file is like\n  acetate report song.wav -o page.html --audio none\n  acetate report song.cd.wav.settings.json --codec aac256,opus128"
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
    audio: SoundInPage,
    /// Also show the peaks after these codecs, if ffmpeg is installed
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    codec: Vec<String>,
    /// Write to this file; `-` is standard output [default: beside the input, .html]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the page if it exists
    #[arg(short = 'f')]
    replace: bool,
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
        let existing = if arguments.replace { Existing::Replace } else { Existing::Error };
        let piped = path.as_os_str() == "-";
        if !piped {
            // Known before the work: the page exists, or would replace its own input.
            plan(path.clone(), existing, &[Input::file(file)])?;
        }
        let html = if of_settings {
            about_settings(file, &codecs, arguments)?
        } else {
            about_sound(file, &codecs, arguments)?
        };
        if piped {
            print(&html)?;
        } else if let Plan::Write(path) = plan(path, existing, &[Input::file(file)])?
            && !global.dry_run
        {
            write_text(&path, &html, existing)?;
            global.progress().done("Wrote", &path.display().to_string());
        }
    }
    Ok(Exit::Done)
}

fn codecs(names: &[String]) -> Outcome<Vec<Lossy>> {
    let known = || Lossy::names().collect::<Vec<_>>().join(", ");
    let named = |name: &String| {
        Lossy::named(name).ok_or_else(|| {
            Failure::usage(format!("there is no codec \"{name}\""))
                .next(format!("there are {}", known()))
        })
    };
    names.iter().map(named).collect()
}

fn page_beside(file: &Path, of_settings: bool) -> PathBuf {
    if !of_settings {
        return sidecar(file, "html");
    }
    let name = file.to_string_lossy();
    let stem = name.strip_suffix(".settings.json").unwrap_or(name.trim_end_matches(".json"));
    PathBuf::from(format!("{stem}.html"))
}

/// A page about a finished master: its settings name the source, its own name the output.
fn about_settings(file: &Path, codecs: &[Lossy], asked: &ReportArguments) -> Outcome<String> {
    let document = lookup::settings(file)?;
    let source = source_beside(file, &document)?;
    let record = asked.reference.clone().or_else(|| record_beside(&source, &document));
    let record = record.map(|path| measure(&Input::file(path), 2)).transpose()?;
    let then = document.numbers.before.as_ref().and_then(|before| before.format.mono);
    let mono = then.unwrap_or(Mono::Dual);
    let before = measure(&Input::file(source), 2)?.heard(mono)?;
    let after =
        output_beside(file).map(|path| measure(&Input::file(path), 2)?.heard(mono)).transpose()?;
    let title = before.input.stem();
    let begin_s = document.settings.input.trim_start_s;
    let mut versions = vec![sounding("mix", &before, begin_s)];
    versions.extend(after.as_ref().map(|after| sounding("master", after, 0.0)));
    let shown = after.as_ref().unwrap_or(&before);
    let beside = record.as_ref().map(|record| sounding("record", record, 0.0));
    let heard = listening(&versions, beside.as_ref(), asked.audio)?;
    // What the limiter did is in no file: it is done again, and nothing kept.
    let trace = render(&before.source, &document.settings, &mut |_| Ok::<(), Infallible>(()))
        .map_err(|error| because(&error).about(file.display()))?;
    let aim = document.aim.aim();
    let analysis = |track: &Track| track.measured.analysis.clone();
    let verdict = after.as_ref().map(|after| {
        let mut verdict = document.verdict(&analysis(&before), &analysis(after));
        verdict.delivery = delivery(&document, after, &trace, &peaks(codecs, after));
        verdict
    });
    Ok(page(Page {
        title: &title,
        song: &song(&before),
        before: &before.measured,
        after: after.as_ref().map(|after| &after.measured),
        document: Some(&document),
        verdict: verdict.as_ref(),
        aim: Some(&aim),
        record: record.as_ref().map(|record| &record.measured),
        trace: Some(&trace),
        codecs: &peaks(codecs, shown),
        sound: heard.as_ref(),
    }))
}

/// The rules that the settings were made for, judged on the file beside them.
fn delivery(
    document: &SettingsDocument,
    after: &Track,
    trace: &LimiterTrace,
    codecs: &[CodecPeak],
) -> Option<TargetCheck> {
    let target = document.aim.target.as_ref()?.target()?;
    let evidence = Evidence {
        warnings: after.source.warnings(),
        codecs,
        limiting_db: Some(trace.reduction_db_max()),
        ..Evidence::default()
    };
    Some(check(&after.measured.analysis, target, evidence))
}

fn about_sound(file: &Path, codecs: &[Lossy], asked: &ReportArguments) -> Outcome<String> {
    let inputs = expand(&[file.to_owned()])?;
    let [input] = inputs.list.as_slice() else {
        return Err(Failure::usage("a report is about one file at a time").next("name the files"));
    };
    let track = measure(input, 1)?;
    let record = asked.reference.as_ref().map(|path| measure(&Input::file(path), 2)).transpose()?;
    let beside = record.as_ref().map(|record| sounding("record", record, 0.0));
    let heard = listening(&[sounding("file", &track, 0.0)], beside.as_ref(), asked.audio)?;
    Ok(page(Page {
        title: &input.stem(),
        song: &song(&track),
        before: &track.measured,
        after: None,
        document: None,
        verdict: None,
        aim: None,
        record: record.as_ref().map(|record| &record.measured),
        trace: None,
        codecs: &peaks(codecs, &track),
        sound: heard.as_ref(),
    }))
}

/// What each codec does to the peaks of a file.
fn peaks(codecs: &[Lossy], track: &Track) -> Vec<CodecPeak> {
    let Some(path) = track.source.path() else { return Vec::new() };
    codecs.iter().map(|codec| codec.peak(path)).collect()
}

/// Artist and title, as far as the tags know them.
pub(crate) fn song(track: &Track) -> String {
    let Some(path) = track.source.path() else { return String::new() };
    let (tags, _) = Tags::read(path, track.source.spec().sample_rate_hz);
    let tag = |name: &str| tags.comments().iter().find(|(key, _)| key == name);
    let known = [tag("ARTIST"), tag("TITLE")].into_iter().flatten();
    known.map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(" \u{2013} ")
}

/// A version for the player; `begin_s` of its beginning are not in the other versions.
pub(crate) fn sounding<'a>(name: &str, track: &'a Track, begin_s: f64) -> Sounding<'a> {
    Sounding {
        name: name.to_owned(),
        lufs: track.measured.analysis.loudness.integrated_lufs,
        series: &track.measured.series,
        source: &track.source,
        begin_s,
    }
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

/// The record that the settings lean to: the sound file of its name beside the source, where there was just one record.
pub(crate) fn record_beside(source: &Path, document: &SettingsDocument) -> Option<PathBuf> {
    let [reference] = document.aim.references.as_slice() else { return None };
    let is_record = |path: &PathBuf| {
        let stem = path.file_stem().map(|stem| plain_id(&stem.to_string_lossy()));
        stem.as_deref() == Some(reference.id.as_str())
            && path.file_name() != source.file_name()
            && is_sound(path)
    };
    let folder = source.parent().filter(|folder| !folder.as_os_str().is_empty());
    let files = std::fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?;
    files.filter_map(|entry| Some(entry.ok()?.path())).filter(is_record).min()
}

fn output_beside(file: &Path) -> Option<PathBuf> {
    let name = file.to_string_lossy();
    let output = PathBuf::from(name.strip_suffix(".settings.json")?);
    output.is_file().then_some(output)
}
