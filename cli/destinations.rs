//! Where the outputs of one run go: decided before work begins, no two to the same place.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use acetate_optimizer::SettingsDocument;

use crate::failure::{Failure, Outcome};
use crate::global::json_text;
use crate::inputs::Input;
use crate::outputs::{
    Existing, OutputArguments, Plan, is_one_of, place, plan, sidecar, write_text,
};

/// The outputs of one run.
#[derive(Debug)]
pub(crate) struct Destinations<'a> {
    arguments: &'a OutputArguments,
    /// Files that are read in this run, and so never written.
    protected: &'a [Input],
    claimed: Mutex<BTreeSet<PathBuf>>,
}

impl<'a> Destinations<'a> {
    pub(crate) fn new(arguments: &'a OutputArguments, protected: &'a [Input]) -> Self {
        Self { arguments, protected, claimed: Mutex::default() }
    }

    /// What to do about the output of `input`; `None` is standard output. `name` is asked for unless `-o` names the file.
    ///
    /// # Errors
    /// When the output must not be written.
    pub(crate) fn plan(
        &self,
        input: &Input,
        name: impl FnOnce() -> Outcome<String>,
    ) -> Outcome<Option<Plan>> {
        if self.arguments.to_stdout() {
            return Ok(None);
        }
        let path = match &self.arguments.output {
            Some(path) => path.clone(),
            None => place(input, &name()?, self.arguments.output_dir.as_deref()),
        };
        let existing = self.arguments.existing();
        let planned = plan(path.clone(), existing, self.protected)?;
        let settings = sidecar(&path, "settings.json");
        if existing == Existing::Error && settings.exists() && !is_one_of(&settings, self.protected)
        {
            return Err(Failure::refused(format!("{} exists", settings.display()))
                .next("-f replaces it, -o or -d writes elsewhere"));
        }
        if self.claimed.lock().expect("no worker panics").insert(path.clone()) {
            return Ok(Some(planned));
        }
        let other = format!("{}: {} is the output of another input", input.name(), path.display());
        Err(Failure::refused(other).next("master them one by one with -o"))
    }

    /// Refuses a file beside the output that must not be written.
    ///
    /// # Errors
    /// When it exists and is to stay, or is read in this run.
    pub(crate) fn check_beside(&self, path: &Path) -> Outcome<()> {
        let existing = if self.replaces() { Existing::Replace } else { Existing::Error };
        plan(path.to_owned(), existing, self.protected).map(|_| ())
    }

    /// May the output take the place of one that exists?
    pub(crate) fn replaces(&self) -> bool {
        matches!(self.arguments.existing(), Existing::Replace | Existing::Update)
    }

    /// Writes the settings beside their output, unless they would replace what was read; gives where.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(crate) fn write_settings(
        &self,
        output: &Path,
        document: &SettingsDocument,
    ) -> Outcome<Option<PathBuf>> {
        let path = sidecar(output, "settings.json");
        if is_one_of(&path, self.protected) {
            return Ok(None);
        }
        write_text(&path, &json_text(document)?, Existing::Replace)?;
        Ok(Some(path))
    }
}
