//! `acetate apply`: render with settings that exist, perhaps edited by hand.

use std::path::PathBuf;

use acetate::optimizer::Scaling;
use acetate::output::{Destinations, unknown_source};
use acetate::{Application, Input};
use clap::Args;

use crate::applying::{Session, apply};
use crate::batch::each;
use crate::completing;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::fit_arguments::{TasteArguments, lufs};
use crate::format_arguments::FormatArguments;
use crate::global::Global;
use crate::inputs::expand;
use crate::lookup;
use crate::mono::MonoArgument;
use crate::output_arguments::OutputArguments;
use crate::wishes::amounts;

/// Render with settings that exist, perhaps edited
#[derive(Args, Debug)]
#[command(
    mut_args(crate::format_arguments::as_the_settings),
    after_help = "Examples:\n  acetate apply song.wav.settings.json song.wav\n  acetate apply s.json song.wav --amount 70       less of everything, as loud as before\n  acetate apply s.json song.wav --skip eq2 --set limiter.ceiling_dbtp=-1.5\n  acetate apply s.json album/ -d mastered         the same settings for every file\n  acetate apply s.json radio-edit.wav --lufs -14  another file, as loud as asked for"
)]
pub(crate) struct ApplyArguments {
    /// Settings file, or - for standard input
    #[arg(value_name = "SETTINGS")]
    settings: PathBuf,
    /// The files to render
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    taste: TasteArguments,
    /// Only these moves and stages, besides drive and limiter
    #[arg(long, value_name = "ID,..", value_delimiter = ',', help_heading = "Taste")]
    only: Vec<String>,
    /// All but these moves and stages, such as eq2, stereo, de_esser, drive
    #[arg(long, value_name = "ID,..", value_delimiter = ',', help_heading = "Taste")]
    skip: Vec<String>,
    /// Change one setting, such as limiter.ceiling_dbtp=-1.5 or equalizer.bands.eq1.gain_db=-1
    #[arg(long, value_name = "PATH=VALUE", value_parser = assignment, add = completing::assignments(), help_heading = "Taste")]
    set: Vec<(String, String)>,
    /// Loudness in place of the settings', in LUFS: the drive is solved for it
    #[arg(long, value_name = "LUFS", allow_negative_numbers = true, value_parser = lufs, help_heading = "Aim")]
    lufs: Option<f64>,
    #[command(flatten)]
    mono: MonoArgument,
    /// Refuse files other than the one the settings were made for
    #[arg(long)]
    expect_hash: bool,
    #[command(flatten)]
    output: OutputArguments,
    #[command(flatten)]
    format: FormatArguments,
    /// Also write a page with charts and a player, beside the master or to FILE
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = false, help_heading = "Output")]
    report: Option<Option<PathBuf>>,
    /// A missed target is exit 3, not a warning
    #[arg(long)]
    strict: bool,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((path, value)) if !path.is_empty() => {
            let path = path.strip_prefix("settings.").unwrap_or(path);
            Ok((path.to_owned(), value.to_owned()))
        }
        _ => Err("it takes PATH=VALUE, such as limiter.ceiling_dbtp=-1.5".to_owned()),
    }
}

pub(crate) fn run(arguments: &ApplyArguments, global: &Global) -> Outcome<Exit> {
    let inputs = expand(&arguments.files)?;
    if arguments.settings.as_os_str() == "-" && inputs.list.contains(&Input::Stdin) {
        return Err(Failure::usage("settings and sound cannot both come from standard input"));
    }
    let planned = lookup::settings(&arguments.settings)?;
    let scaling = Scaling {
        amounts: amounts(&arguments.taste).amounts(),
        reverb_pct: arguments.taste.reverb,
        saturation_pct: arguments.taste.saturation,
        only: arguments.only.clone(),
        skip: arguments.skip.clone(),
        set: arguments.set.clone(),
    };
    if arguments.lufs.is_some() && scaling.decides_drive() {
        return Err(Failure::usage("--lufs solves the drive, which is given already")
            .next("leave out one of them"));
    }
    let name = arguments.settings.display().to_string();
    let mut application = Application::new(&name, planned, scaling, arguments.lufs)?;
    application.file = arguments.format.wish();
    application.mono = arguments.mono.asked();
    application.only_same_sound = arguments.expect_hash;
    arguments.output.expect_page(arguments.report.as_ref(), inputs.list.len())?;
    arguments.output.expect_outputs(inputs.list.len())?;
    arguments.output.expect_no_terminal()?;
    if let Some(named) = &arguments.output.output {
        application.file.output(Some(named), None, &unknown_source())?;
    }
    let mut protected = inputs.list.clone();
    protected.push(Input::file(&arguments.settings));
    let naming = arguments.output.naming();
    let session = Session {
        application: &application,
        report: arguments.report.as_ref(),
        says_done: false,
        output: &arguments.output,
        strict: arguments.strict,
        dry_run: global.dry_run,
        destinations: Destinations::new(&naming, &protected),
        progress: global.progress(),
        workers: if inputs.list.len() > 1 { global.workers() } else { 1 },
    };
    each("apply", &inputs.list, session.workers, global, |input| vec![apply(input, &session)])
}
