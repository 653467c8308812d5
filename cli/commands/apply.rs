//! `acetate apply`: render with settings that exist, perhaps edited by hand.

use std::path::PathBuf;

use acetate_optimizer::{Scaling, scale};
use clap::Args;

use crate::aiming::amounts;
use crate::applying::{Application, apply};
use crate::audio_format::{FormatArguments, unknown_source};
use crate::batch::each;
use crate::completing;
use crate::destinations::Destinations;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::fit_arguments::TasteArguments;
use crate::global::Global;
use crate::inputs::{Input, expand};
use crate::lookup;
use crate::outputs::OutputArguments;

/// Render with settings that exist, perhaps edited
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate apply song.settings.json song.wav\n  acetate apply s.json song.wav --amount 70       less of everything, as loud as before\n  acetate apply s.json song.wav --skip eq2 --set limiter.ceiling_dbtp=-1.5\n  acetate apply s.json album/ -d mastered         the same settings for every file"
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
    /// Only these moves
    #[arg(long, value_name = "ID,..", value_delimiter = ',', help_heading = "Taste")]
    only: Vec<String>,
    /// All but these moves
    #[arg(long, value_name = "ID,..", value_delimiter = ',', help_heading = "Taste")]
    skip: Vec<String>,
    /// Change one setting, such as limiter.ceiling_dbtp=-1.5 or equalizer.bands.eq1.gain_db=-1
    #[arg(long, value_name = "PATH=VALUE", value_parser = assignment, add = completing::assignments(), help_heading = "Taste")]
    set: Vec<(String, String)>,
    /// Refuse files other than the one the settings were made for
    #[arg(long)]
    expect_hash: bool,
    #[command(flatten)]
    output: OutputArguments,
    #[command(flatten)]
    format: FormatArguments,
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
    let mut document = lookup::settings(&arguments.settings)?;
    let scaling = Scaling {
        amounts: amounts(&arguments.taste),
        only: arguments.only.clone(),
        skip: arguments.skip.clone(),
        set: arguments.set.clone(),
    };
    document.settings = scale(&document, &scaling)
        .map_err(|error| Failure::usage(error).about(arguments.settings.display()))?;
    arguments.output.expect_outputs(inputs.list.len())?;
    arguments.output.expect_no_terminal()?;
    if let Some(named) = &arguments.output.output {
        arguments.format.output(Some(named), None, &unknown_source())?;
    }
    let mut protected = inputs.list.clone();
    protected.push(Input::file(&arguments.settings));
    let application = Application {
        document: &document,
        scaling: &scaling,
        output: &arguments.output,
        format: &arguments.format,
        expect_hash: arguments.expect_hash,
        strict: arguments.strict,
        dry_run: global.dry_run,
        destinations: Destinations::new(&arguments.output, &protected),
        progress: global.progress(),
        workers: if inputs.list.len() > 1 { global.workers() } else { 1 },
    };
    each("apply", &inputs.list, application.workers, global, |input| {
        vec![apply(input, &application)]
    })
}
