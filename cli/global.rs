//! Options every command has, and what follows from them.

use std::io::{IsTerminal, Write, stdout};
use std::path::PathBuf;

use acetate::optimizer::SettingsDocument;
use clap::{ArgAction, Args};

use crate::failure::{Failure, Outcome};
use crate::progress::{Progress, ProgressMode};
use crate::terminal::{ColorChoice, for_stderr, for_stdout};
use acetate::text::Paint;

/// Options every command has.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Global {
    /// One JSON document on standard output
    #[arg(long, global = true, conflicts_with = "jsonl")]
    pub(crate) json: bool,
    /// One line of JSON a file on standard output
    #[arg(long, global = true)]
    pub(crate) jsonl: bool,
    /// Say nothing but errors beside what was asked for: tables and numbers on standard output stay
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more; twice for more still
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// When to colour
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value_t,
        hide_default_value = true
    )]
    pub(crate) color: ColorChoice,
    /// How to show progress
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "HOW",
        default_value_t,
        hide_default_value = true
    )]
    pub(crate) progress: ProgressMode,
    /// Threads to use [default: all]
    #[arg(short, long, global = true, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// Options from this file instead of the nearest acetate.toml
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Folder of the reference library [default: the user's]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) library: Option<PathBuf>,
    /// Say what would be written, and write nothing
    #[arg(short = 'n', long, global = true)]
    pub(crate) dry_run: bool,
}

impl Global {
    /// Colours for standard output.
    pub(crate) fn paint(&self) -> Paint {
        for_stdout(self.color)
    }

    /// Status and progress lines on standard error.
    pub(crate) fn progress(&self) -> Progress {
        Progress::new(self.progress, self.quiet, for_stderr(self.color))
    }

    /// Is JSON wanted on standard output?
    pub(crate) fn wants_json(&self) -> bool {
        self.json || self.jsonl
    }

    /// How many files are worked on at once; after [`Global::start_threads`].
    pub(crate) fn workers(&self) -> usize {
        rayon::current_num_threads()
    }

    /// Lets `--jobs` hold for all work; without it for rayon's own choice, which `RAYON_NUM_THREADS` overrides.
    pub(crate) fn start_threads(&self) -> Outcome<()> {
        rayon::ThreadPoolBuilder::new()
            .num_threads(self.jobs.map_or(0, usize::from))
            .build_global()
            .map_err(|error| Failure::failed(format!("cannot start threads: {error}")))
    }
}

/// Writes text to standard output. A reader that has gone away (`| head`) is no error.
pub(crate) fn print(text: &str) -> Outcome<()> {
    let mut out = stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a document to standard output as indented JSON.
pub(crate) fn print_json(document: &impl serde::Serialize) -> Outcome<()> {
    let text = acetate::documents::readable(document)
        .map_err(|error| Failure::failed(format!("cannot write JSON: {error}")))?;
    print(&text)
}

/// A settings document as it is written.
///
/// # Errors
/// Never for documents that were read or made here.
pub(crate) fn json_text(document: &SettingsDocument) -> Outcome<String> {
    acetate::documents::settings_text(document)
        .map_err(|error| Failure::failed(format!("cannot write JSON: {error}")))
}

/// Writes a document to standard output as one line of JSON.
pub(crate) fn print_json_line(document: &impl serde::Serialize) -> Outcome<()> {
    let line = serde_json::to_string(document)
        .map_err(|error| Failure::failed(format!("cannot write JSON: {error}")))?;
    print(&(line + "\n"))
}

/// Is a person looking at standard output?
pub(crate) fn stdout_is_terminal() -> bool {
    stdout().is_terminal()
}
