//! `acetate man [DIR]`: the manual pages.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Command};

use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::global::print;

/// Print the manual page, or write one page a command into a folder
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate man | man -l -\n  acetate man ~/.local/share/man/man1"
)]
pub(crate) struct ManArguments {
    /// Write acetate.1, acetate-master.1, ... here
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

pub(crate) fn run(arguments: &ManArguments, mut command: Command) -> Outcome<Exit> {
    command.build();
    match &arguments.folder {
        None => print(&String::from_utf8_lossy(&page(&command, "acetate")?))?,
        Some(folder) => {
            write_page(folder, "acetate", &command)?;
            for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
                write_page(folder, &format!("acetate-{}", inner.get_name()), inner)?;
            }
        }
    }
    Ok(Exit::Done)
}

fn write_page(folder: &Path, title: &str, command: &Command) -> Outcome<()> {
    let path = folder.join(format!("{title}.1"));
    let text = page(command, title)?;
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&path, text))
        .map_err(|error| Failure::failed(format!("{}: cannot write: {error}", path.display())))
}

fn page(command: &Command, title: &str) -> Outcome<Vec<u8>> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command.clone())
        .title(title)
        .render(&mut text)
        .map_err(|error| Failure::failed(format!("cannot make the manual page: {error}")))?;
    Ok(text)
}
