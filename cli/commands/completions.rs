//! `acetate completions SHELL`: what a shell needs to ask this program for completions.

use clap::Args;
use clap_complete::Shell;
use clap_complete::env::Shells;

use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::global::print;

/// Let a shell complete commands, flags, targets, styles and the names of your library
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  source <(acetate completions bash)               in ~/.bashrc\n  source <(acetate completions zsh)                in ~/.zshrc\n  acetate completions fish | source                in ~/.config/fish/config.fish\n  acetate completions powershell | Out-String | Invoke-Expression"
)]
pub(crate) struct CompletionsArguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(arguments: &CompletionsArguments) -> Outcome<Exit> {
    let shells = Shells::builtins();
    let shell = arguments.shell.to_string();
    let completer = shells
        .completer(&shell)
        .ok_or_else(|| Failure::usage(format!("{shell} is not supported")))?;
    let mut script = Vec::new();
    completer
        .write_registration("COMPLETE", "acetate", "acetate", "acetate", &mut script)
        .map_err(|error| Failure::failed(format!("cannot make the script: {error}")))?;
    print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
