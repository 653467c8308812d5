//! The envelope around what a command gives as JSON (`acetate.result/1`).

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::global::{print_json, print_json_line};

/// Name and version of the envelope.
pub(crate) const SCHEMA: &str = "acetate.result/1";

/// What a command did, for programs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct CommandResult {
    /// `acetate.result/1`.
    schema: String,
    /// The command, as typed after `acetate`.
    command: String,
    /// Was everything done and every target met?
    ok: bool,
    /// The exit code.
    #[schemars(with = "u8")]
    exit: Exit,
    /// Why the run as a whole stopped, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// One entry a file, in the order they were named.
    files: Vec<FileResult>,
}

/// What a command did with one file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct FileResult {
    /// The file as named, or `-`.
    pub(crate) input: String,
    /// Was it done, and every target met?
    pub(crate) ok: bool,
    /// The exit code this file alone would give.
    #[schemars(with = "u8")]
    pub(crate) exit: Exit,
    /// Why it failed, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    /// What the command gives for it; the fields depend on the command.
    #[serde(flatten)]
    pub(crate) fields: serde_json::Map<String, Value>,
}

impl FileResult {
    /// A file that was done, with what the command gives for it.
    pub(crate) fn done(input: &str, exit: Exit, fields: Value) -> Self {
        let fields = match fields {
            Value::Object(fields) => fields,
            _ => serde_json::Map::new(),
        };
        Self { input: input.to_owned(), ok: exit == Exit::Done, exit, error: None, fields }
    }

    /// A file that failed.
    pub(crate) fn failed(input: &str, failure: &Failure) -> Self {
        Self {
            input: input.to_owned(),
            ok: false,
            exit: failure.exit(),
            error: Some(failure.to_string()),
            fields: serde_json::Map::new(),
        }
    }
}

impl CommandResult {
    /// The result of a run over `files`.
    pub(crate) fn of(command: &str, files: Vec<FileResult>) -> Self {
        let exit = Exit::of_all(&files.iter().map(|file| file.exit).collect::<Vec<_>>());
        Self {
            schema: SCHEMA.into(),
            command: command.into(),
            ok: exit == Exit::Done,
            exit,
            error: None,
            files,
        }
    }

    /// A run that stopped before any file.
    pub(crate) fn stopped(command: &str, failure: &Failure) -> Self {
        Self {
            exit: failure.exit(),
            ok: false,
            error: Some(failure.to_string()),
            ..Self::of(command, Vec::new())
        }
    }

    /// How the run ended.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// Prints the envelope (`json`) or its files, one a line (`jsonl`), where a run that stopped is one line; nothing
    /// otherwise.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub(crate) fn print(&self, json: bool, jsonl: bool) -> Outcome<()> {
        if json {
            print_json(self)?;
        } else if jsonl {
            if self.error.is_some() {
                print_json_line(self)?;
            }
            for file in &self.files {
                print_json_line(file)?;
            }
        }
        Ok(())
    }
}
