//! `acetate completions SHELL`: what a shell needs to complete commands and flags.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::global::print;

/// Print completions for a shell
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate completions bash > ~/.local/share/bash-completion/completions/acetate\n  acetate completions zsh  > ~/.zfunc/_acetate\n  acetate completions fish > ~/.config/fish/completions/acetate.fish"
)]
pub(crate) struct CompletionsArguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(arguments: &CompletionsArguments) -> Outcome<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "acetate", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
