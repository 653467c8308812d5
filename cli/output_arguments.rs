//! Options about where results go.

use std::path::PathBuf;

use acetate::output::{IfExists, Naming};
use clap::{Args, ValueEnum};

use crate::failure::{Failure, Outcome};
use crate::global::stdout_is_terminal;

/// What to do when the output exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum IfExistsArgument {
    /// Refuse, exit 5
    #[default]
    Error,
    /// Leave it and go on
    Skip,
    /// Replace it
    Replace,
    /// Write beside it: name-2, name-3, ...
    Number,
    /// Render again only if the input, the settings or the version of the sound changed
    Update,
}

/// Options about where results go.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArguments {
    /// Write to this file; `-` is standard output
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["output_dir", "name"])]
    pub(crate) output: Option<PathBuf>,
    /// Write into this folder
    #[arg(short = 'd', long, value_name = "DIR")]
    pub(crate) output_dir: Option<PathBuf>,
    /// Name of the output, from {stem} {target} {reference} {ext} [default: {stem}.{target}.{ext}, after a record {stem}.{reference}.{target}.{ext}]
    #[arg(long, value_name = "TEMPLATE")]
    pub(crate) name: Option<String>,
    /// What to do when the output exists
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    existing: IfExistsArgument,
    /// Replace what exists (never the input)
    #[arg(short = 'f', conflicts_with = "existing")]
    pub(crate) replace: bool,
}

impl OutputArguments {
    /// The same as the library has it.
    pub(crate) fn naming(&self) -> Naming {
        let if_exists = match self.existing {
            _ if self.replace => IfExists::Replace,
            IfExistsArgument::Error => IfExists::Refuse,
            IfExistsArgument::Skip => IfExists::Skip,
            IfExistsArgument::Replace => IfExists::Replace,
            IfExistsArgument::Number => IfExists::Number,
            IfExistsArgument::Update => IfExists::Update,
        };
        let (file, folder, template) =
            (self.output.clone(), self.output_dir.clone(), self.name.clone());
        Naming { file, folder, template, if_exists }
    }

    /// Does everything go to standard output?
    pub(crate) fn to_stdout(&self) -> bool {
        self.output.as_deref().is_some_and(|path| path.as_os_str() == "-")
    }

    /// `-o` names one file: is there one to write?
    ///
    /// # Errors
    /// When there are several.
    pub(crate) fn expect_outputs(&self, count: usize) -> Outcome<()> {
        match &self.output {
            Some(path) if count > 1 => Err(Failure::usage(format!(
                "-o {} names one file, but there are {count} to write",
                path.display()
            ))
            .next("use -d DIR or --name TEMPLATE")),
            _ => Ok(()),
        }
    }

    /// A page is about one master that was written: is there one?
    ///
    /// # Errors
    /// When the master goes to standard output, or one page is named for several.
    pub(crate) fn expect_page(
        &self,
        report: Option<&Option<PathBuf>>,
        count: usize,
    ) -> Outcome<()> {
        match report {
            Some(_) if self.to_stdout() => {
                Err(Failure::usage("--report is about a written file, and -o - writes none")
                    .next("name a file with -o"))
            }
            Some(Some(page)) if count > 1 => Err(Failure::usage(format!(
                "--report {} names one page, but there are {count} to write",
                page.display()
            ))
            .next("--report alone writes each beside its master")),
            _ => Ok(()),
        }
    }

    /// Sound is not written to a terminal.
    ///
    /// # Errors
    /// When it would be.
    pub(crate) fn expect_no_terminal(&self) -> Outcome<()> {
        if self.to_stdout() && stdout_is_terminal() {
            return Err(Failure::refused("-o - would write sound to the terminal")
                .next("pipe it into something, or name a file"));
        }
        Ok(())
    }
}
