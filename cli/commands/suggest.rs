//! `acetate suggest`: what `master` would do, as settings to read, edit and apply.

use std::path::{Path, PathBuf};

use acetate::output::{IfExists, Slot, plan, sidecar, write_text};
use acetate::{Input, made_by};
use clap::Args;

use crate::curve;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::fit_arguments::FitArguments;
use crate::format_arguments::FormatArguments;
use crate::global::{Global, json_text, print, stdout_is_terminal};
use crate::inputs::expand;
use crate::invocation;
use acetate::text::moves::sheet;

use crate::reading::{measure, warn};
use crate::restoring::RestoreArgument;
use crate::saying::{cannot_lines, say_delivery};
use crate::wishes::requests;

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
    #[command(flatten)]
    restore: RestoreArgument,
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
    let mut requests = requests(&arguments.fit, &arguments.format.wish())?;
    requests.iter_mut().for_each(|request| request.restore = arguments.restore.mode());
    let [request] = requests.as_slice() else {
        return Err(Failure::usage("suggest takes one target").next("give -t once"));
    };
    let input = &inputs.list[0];
    let destination = if arguments.curve { None } else { destination(arguments, input, global)? };
    let progress = global.progress();
    let song = measure(input, 1, request.mono(), &progress)?;
    warn(&song, &progress);
    let mut watching = progress.watching(&input.name(), None);
    if arguments.curve {
        let mut request = request.clone();
        // The curve goes past every bound by itself.
        request.options.force = true;
        let plan = song.suggest(&request, &mut watching)?;
        return curve::run(&song, &plan, global);
    }
    let mut decision = song.suggest(request, &mut watching)?;
    drop(watching);
    let command = invocation::for_input(&input.short_name());
    let document = &mut decision.document;
    document.made_by = Some(made_by(Some(command), request.options.seed, &request.md5()));
    let json = json_text(&decision.document)?;
    match destination {
        None => print(&json)?,
        Some(path) => {
            print(&sheet(&decision.document, global.paint()))?;
            let expected = decision.expected_delivery(&song);
            say_delivery("Expected", &expected, &progress);
            if !global.dry_run {
                let existing = if arguments.replace { IfExists::Replace } else { IfExists::Refuse };
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
        for term in &decision.fit().terms {
            progress.done(
                "Term",
                &format!("{:<24} {:.3} -> {:.3}", term.name, term.before, term.after),
            );
        }
        for (solver, why) in &decision.fit().stopped {
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
    let existing = if arguments.replace { IfExists::Replace } else { IfExists::Refuse };
    let protected = [Input::file(Path::new(&arguments.file))];
    match plan(path, existing, &protected)? {
        Slot::Write(path) | Slot::Skip(path) | Slot::Update(path) => Ok(Some(path)),
    }
}
