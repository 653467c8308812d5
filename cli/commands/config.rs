//! `acetate config`: options that need not be typed.

use std::env;
use std::path::Path;

use clap::{Args, Command, Subcommand};

use crate::config::{Config, FILE_NAME};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::global::{Global, print};
use acetate::output::{IfExists, Slot, plan, write_text};

/// What a new file says.
const TEMPLATE: &str =
    "# Options of acetate that need not be typed: the long name of an option, and its value.
# The nearest acetate.toml from the working folder upward counts; what is typed wins.

# target = [\"spotify\"]
# amount = 80
# max-eq = 4
# existing = \"update\"

# A table for one command alone:
# [check]
# format = \"github\"

# Rules for the files in one folder beside this file:
# [folder.\"podcasts\"]
# target = [\"podcast\"]
";

/// Options that need not be typed, in acetate.toml
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate config init\n  acetate config show --origin\n  acetate config path"
)]
pub(crate) struct ConfigArguments {
    #[command(subcommand)]
    action: Action,
}

/// What to do about the configuration.
#[derive(Subcommand, Debug)]
enum Action {
    /// What is set
    Show {
        /// And by which file
        #[arg(long)]
        origin: bool,
    },
    /// The file that counts here
    Path,
    /// Write a file to begin with
    Init,
}

pub(crate) fn run(
    arguments: &ConfigArguments,
    mut command: Command,
    global: &Global,
) -> Outcome<Exit> {
    command.build();
    let find = || Config::find(global.config.as_deref(), &command);
    match &arguments.action {
        Action::Show { origin } => {
            let Some(config) = find()? else {
                global.progress().note("Note", "there is no acetate.toml here or above");
                return Ok(Exit::Done);
            };
            let text = toml::to_string(&config.table).map_err(Failure::failed)?;
            let from =
                if *origin { format!("  # {}", config.path.display()) } else { String::new() };
            for line in text.lines() {
                let ends = if line.contains('=') { from.as_str() } else { "" };
                print(&format!("{line}{ends}\n"))?;
            }
        }
        Action::Path => match find()? {
            Some(config) => print(&format!("{}\n", config.path.display()))?,
            None => global.progress().note("Note", "there is no acetate.toml here or above"),
        },
        Action::Init => {
            let folder = env::current_dir().unwrap_or_default();
            let path = folder.join(FILE_NAME);
            if let Slot::Write(path) = plan(path, IfExists::Refuse, &[])?
                && !global.dry_run
            {
                write_text(&path, TEMPLATE, IfExists::Refuse)?;
                global.progress().done("Wrote", &Path::new(FILE_NAME).display().to_string());
            }
        }
    }
    Ok(Exit::Done)
}
