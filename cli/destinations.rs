//! Where the outputs of one run go: decided before work begins, no two to the same place.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use acetate_audio::remove_abandoned;
use acetate_optimizer::SettingsDocument;

use crate::failure::{Failure, Outcome};
use crate::global::json_text;
use crate::inputs::Input;
use crate::outputs::{
    Existing, OutputArguments, Plan, folder_of, numbered, place, plan_beside, sidecar, write_text,
};
use crate::protected::Protected;
use crate::writing::Rendered;

/// The outputs of one run.
#[derive(Debug)]
pub(crate) struct Destinations<'a> {
    arguments: &'a OutputArguments,
    /// Files that are read in this run, and so never written.
    protected: Protected<'a>,
    claimed: Mutex<BTreeSet<PathBuf>>,
    /// Folders that were rid of what killed runs left behind.
    swept: Mutex<BTreeSet<PathBuf>>,
}

impl<'a> Destinations<'a> {
    pub(crate) fn new(arguments: &'a OutputArguments, protected: &'a [Input]) -> Self {
        let protected = Protected::new(protected);
        Self { arguments, protected, claimed: Mutex::default(), swept: Mutex::default() }
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
        let mut planned = plan_beside(path.clone(), existing, &self.protected)?;
        let mut claimed = self.claimed.lock().expect("no worker panics");
        if existing == Existing::Number {
            // Free is what neither is there nor will be, and has no settings of another master beside it.
            let is_free = |path: &Path| {
                !path.exists()
                    && !sidecar(path, "settings.json").exists()
                    && !claimed.contains(path)
            };
            planned = Plan::Write(numbered(&path, &is_free)?);
        }
        let settings = sidecar(&path, "settings.json");
        if existing == Existing::Error && settings.exists() && !self.protected.holds(&settings) {
            return Err(Failure::refused(format!("{} exists", settings.display()))
                .next("-f replaces it, -o or -d writes elsewhere"));
        }
        self.sweep(&path);
        if claimed.insert(planned.path().to_owned()) {
            return Ok(Some(planned));
        }
        let other = format!("{}: {} is the output of another input", input.name(), path.display());
        Err(Failure::refused(other)
            .next("--existing number keeps both, or master them one by one with -o"))
    }

    /// Refuses a file beside the output that must not be written.
    ///
    /// # Errors
    /// When it exists and is to stay, or is read in this run.
    pub(crate) fn check_beside(&self, path: &Path) -> Outcome<()> {
        let existing = if self.replaces() { Existing::Replace } else { Existing::Error };
        plan_beside(path.to_owned(), existing, &self.protected).map(|_| ())
    }

    /// May the output take the place of one that exists?
    pub(crate) fn replaces(&self) -> bool {
        matches!(self.arguments.existing(), Existing::Replace | Existing::Update)
    }

    /// Removes what killed runs left in the folder of an output; once a folder.
    fn sweep(&self, output: &Path) {
        let folder = folder_of(output);
        if self.swept.lock().expect("no worker panics").insert(folder.to_owned()) {
            remove_abandoned(folder);
        }
    }

    /// Gives a master its name and writes its settings beside it; gives where these are.
    ///
    /// One process at a time does so in a folder, and old settings go first: whenever the run is killed, a master
    /// that has settings beside it is the one that they describe.
    ///
    /// # Errors
    /// When the name was taken meanwhile, or the folder refuses.
    pub(crate) fn publish(
        &self,
        rendered: Rendered,
        output: &Path,
        document: &SettingsDocument,
    ) -> Outcome<Option<PathBuf>> {
        let _turn = Turn::wait_for(folder_of(output));
        if self.replaces() {
            self.remove_settings(output)?;
        }
        rendered.publish()?;
        self.write_settings(output, document)
    }

    fn remove_settings(&self, output: &Path) -> Outcome<()> {
        let path = sidecar(output, "settings.json");
        if self.protected.holds(&path) {
            return Ok(());
        }
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(Failure::failed(format!("{}: cannot be replaced: {error}", path.display())))
            }
            _ => Ok(()),
        }
    }

    /// Writes the settings beside their output, unless they would replace what was read; gives where.
    ///
    /// # Errors
    /// When they cannot be written.
    fn write_settings(
        &self,
        output: &Path,
        document: &SettingsDocument,
    ) -> Outcome<Option<PathBuf>> {
        let path = sidecar(output, "settings.json");
        if self.protected.holds(&path) {
            return Ok(None);
        }
        write_text(&path, &json_text(document)?, Existing::Replace)?;
        Ok(Some(path))
    }
}

/// The right to give names in a folder: one process at a time has it.
struct Turn {
    _folder: Option<File>,
}

impl Turn {
    /// Waits for the other processes. Where the system cannot lock folders, nobody waits.
    fn wait_for(folder: &Path) -> Self {
        let folder = File::open(folder).ok().filter(|folder| folder.lock().is_ok());
        Self { _folder: folder }
    }
}
