//! `acetate suggest`: what `master` would do, as settings to read, edit and apply.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::aiming::Wishes;
use crate::audio_format::FormatArguments;
use crate::curve;
use crate::delivering::{decide, expected_delivery, say_delivery};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::fit_arguments::FitArguments;
use crate::global::{Global, json_text, print, stdout_is_terminal};
use crate::inputs::{Input, expand};
use crate::moves_text::{cannot_lines, sheet};
use crate::outputs::{Existing, Plan, plan, sidecar, write_text};
use crate::reading::{measure, warn};

/// Settings as JSON; nothing is rendered
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate suggest song.wav                     a table, and song.wav.settings.json\n  acetate suggest song.wav -t spotify > s.json then edit it, and: acetate apply s.json song.wav\n  acetate suggest song.wav -r record.flac -v\n  acetate suggest song.wav --curve             how loud before it hurts"
)]
pub(crate) struct SuggestArguments {
    /// The mix, or - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    fit: FitArguments,
    #[command(flatten)]
    format: FormatArguments,
    /// Print what each loudness from -14 to -6 LUFS would cost, and no settings
    #[arg(long, conflicts_with_all = ["output", "replace"])]
    curve: bool,
    /// Write the settings to this file; `-` is standard output
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Replace the settings file if it exists
    #[arg(short = 'f', help_heading = "Output")]
    replace: bool,
}

pub(crate) fn run(arguments: &SuggestArguments, global: &Global) -> Outcome<Exit> {
    let inputs = expand(std::slice::from_ref(&arguments.file))?;
    if !inputs.single {
        return Err(Failure::usage("suggest takes one file").next("acetate master takes folders"));
    }
    let wishes = Wishes::new(&arguments.fit)?;
    let [target] = wishes.targets.as_slice() else {
        return Err(Failure::usage("suggest takes one target").next("give -t once"));
    };
    let input = &inputs.list[0];
    let destination = if arguments.curve { None } else { destination(arguments, input, global)? };
    let progress = global.progress();
    let track = measure(input, 1)?.heard(wishes.mono(target))?.hashed()?;
    warn(&track, &progress);
    let mut options = wishes.options().clone();
    options.output = arguments.format.output(None, Some(target), track.source.format())?;
    if arguments.curve {
        // The curve goes past every bound by itself.
        options.force = true;
        let decision = decide(&track, target, &wishes, options, &progress)?;
        return curve::run(&track, &decision, global);
    }
    let decision = decide(&track, target, &wishes, options, &progress)?;
    let json = json_text(&decision.document)?;
    match destination {
        None => print(&json)?,
        Some(path) => {
            print(&sheet(&decision.document, global.paint()))?;
            let expected = expected_delivery(&track, target, &decision.fit);
            say_delivery("Expected", &expected, &progress);
            if !global.dry_run {
                let existing = if arguments.replace { Existing::Replace } else { Existing::Error };
                write_text(&path, &json, existing)?;
                progress.done("Wrote", &path.display().to_string());
            }
        }
    }
    if let Some(cannot) = &decision.document.cannot {
        let (wanted, reached) = (cannot.wanted_lufs, cannot.reached_lufs);
        progress.note(
            "Missed",
            &format!("{reached:.1} LUFS is what these settings give, {wanted:.1} was asked for"),
        );
        cannot_lines(cannot, &progress);
    }
    if global.verbose > 0 {
        for term in &decision.fit.terms {
            progress.done(
                "Term",
                &format!("{:<24} {:.3} -> {:.3}", term.name, term.before, term.after),
            );
        }
        for (solver, why) in &decision.fit.stopped {
            progress.done("Stopped", &format!("{solver}: {why}"));
        }
    }
    Ok(Exit::Done)
}

/// The file the settings go to; `None` is standard output, which is the choice when it is a pipe.
fn destination(
    arguments: &SuggestArguments,
    input: &Input,
    global: &Global,
) -> Outcome<Option<PathBuf>> {
    let path = match (&arguments.output, input.path()) {
        (Some(path), _) if path.as_os_str() == "-" => return Ok(None),
        (Some(path), _) => path.clone(),
        (None, Some(path)) if stdout_is_terminal() && !global.wants_json() => {
            sidecar(path, "settings.json")
        }
        (None, _) => return Ok(None),
    };
    let existing = if arguments.replace { Existing::Replace } else { Existing::Error };
    let protected = [Input::file(Path::new(&arguments.file))];
    match plan(path, existing, &protected)? {
        Plan::Write(path) | Plan::Skip(path) | Plan::Update(path) => Ok(Some(path)),
    }
}
