//! `acetate master`: analyze, fit, render, verify, in one go.

use std::path::PathBuf;

use acetate::System;
use acetate::output::{Destinations, unknown_source};
use clap::Args;

use super::simulate::system_of;
use crate::batch::each;
use crate::choosing::choose;
use crate::completing;
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::fit_arguments::FitArguments;
use crate::format_arguments::FormatArguments;
use crate::global::Global;
use crate::inputs::InputArguments;
use crate::lookup;
use crate::mastering::{Session, master};
use crate::output_arguments::OutputArguments;
use crate::restoring::RestoreArgument;
use crate::wishes::requests;

/// Analyze, fit, render, verify, in one go
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate master song.wav                         -14 LUFS, -1 dBTP: song.streaming.wav\n  acetate master song.wav --report                also a page with charts and a player\n  acetate master song.wav -t spotify -t cd        two deliveries from one analysis\n  acetate master song.wav -r record.flac          as loud, as bright, as wide as a record\n  acetate master album/ -t loud --existing update to album/mastered/, only what changed\n  acetate master song.wav --choices               three to pick from, blind: song.wav.choices/\n  cat song.wav | acetate master - -o - > out.wav"
)]
pub(crate) struct MasterArguments {
    #[command(flatten)]
    inputs: InputArguments,
    #[command(flatten)]
    fit: FitArguments,
    #[command(flatten)]
    output: OutputArguments,
    #[command(flatten)]
    format: FormatArguments,
    #[command(flatten)]
    restore: RestoreArgument,
    /// Also write a page with charts and a player, beside the master or to FILE
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = false, help_heading = "Output")]
    report: Option<Option<PathBuf>>,
    /// On the page also what is left of the master on these systems, to read and to hear: phone, car, ...
    #[arg(long, value_name = "LIST", value_delimiter = ',', requires = "report", value_parser = system_of, add = completing::systems(), help_heading = "Output")]
    on: Vec<System>,
    /// No master yet: three settings that differ audibly, and a page to pick one blind
    #[arg(long, conflicts_with_all = ["output", "name", "existing", "report", "strict"], help_heading = "Output")]
    choices: bool,
    /// A missed target is exit 3, not a warning
    #[arg(long)]
    strict: bool,
}

pub(crate) fn run(arguments: &MasterArguments, global: &Global) -> Outcome<Exit> {
    let mut inputs = arguments.inputs.expand()?;
    inputs.list.retain(|input| {
        let own = input.is_own_master();
        if own {
            global.progress().note("Skipped", &format!("{} is a master of acetate", input.name()));
        }
        !own
    });
    let file = arguments.format.wish();
    let mut requests = requests(&arguments.fit, &file)?;
    requests.iter_mut().for_each(|request| request.restore = arguments.restore.mode());
    if arguments.choices {
        return choose(&inputs.list, &requests, &arguments.output, global);
    }
    let outputs = inputs.list.len() * requests.len();
    arguments.output.expect_outputs(outputs)?;
    arguments.output.expect_page(arguments.report.as_ref(), outputs)?;
    arguments.output.expect_no_terminal()?;
    if let Some(named) = &arguments.output.output {
        // What the name and the options say against each other is wrong whatever the source is.
        file.output(Some(named), Some(requests[0].delivery()), &unknown_source())?;
    }
    let naming = arguments.output.naming();
    let session = Session {
        requests: &requests,
        output: &arguments.output,
        strict: arguments.strict,
        report: arguments.report.as_ref(),
        on: &arguments.on,
        record: arguments.fit.aim.reference.first().and_then(|text| lookup::sound_of(text)),
        dry_run: global.dry_run,
        destinations: Destinations::new(&naming, &inputs.list),
        progress: global.progress(),
        single: inputs.list.len() == 1 && !global.quiet,
        workers: if inputs.list.len() > 1 { global.workers() } else { 1 },
    };
    each("master", &inputs.list, session.workers, global, |input| master(input, &session))
}
