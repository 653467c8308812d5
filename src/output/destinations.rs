//! Where the outputs of one run go: decided before work begins, no two to the same place.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use acetate_files::remove_abandoned;

use crate::output::Output;
use crate::output::naming::{
    IfExists, Naming, Slot, folder_of, numbered, place, plan_beside, sidecar,
};
use crate::output::protected::Protected;
use crate::{Error, Input};

/// The outputs of one run.
#[derive(Debug)]
pub struct Destinations<'a> {
    naming: &'a Naming,
    /// Files that are read in this run, and so never written.
    protected: Protected<'a>,
    claimed: Mutex<BTreeSet<PathBuf>>,
    /// Folders that were rid of what killed runs left behind.
    swept: Mutex<BTreeSet<PathBuf>>,
}

impl<'a> Destinations<'a> {
    /// Nothing is claimed yet; `protected` are never written.
    pub fn new(naming: &'a Naming, protected: &'a [Input]) -> Self {
        let protected = Protected::new(protected);
        Self { naming, protected, claimed: Mutex::default(), swept: Mutex::default() }
    }

    /// What to do about the output of `input`; `None` is standard output. `name` is asked for unless the file is named.
    ///
    /// # Errors
    /// When the output must not be written.
    pub fn plan(
        &self,
        input: &Input,
        name: impl FnOnce() -> Result<String, Error>,
    ) -> Result<Option<Slot>, Error> {
        if self.naming.to_stdout() {
            return Ok(None);
        }
        let path = match &self.naming.file {
            Some(path) => path.clone(),
            None => place(input, &name()?, self.naming.folder.as_deref()),
        };
        let existing = self.naming.if_exists;
        let mut planned = plan_beside(path.clone(), existing, &self.protected)?;
        let mut claimed = self.claimed.lock().expect("no worker panics");
        if existing == IfExists::Number {
            // Free is what neither is there nor will be, and has no settings of another master beside it.
            let is_free = |path: &Path| {
                !path.exists()
                    && !sidecar(path, "settings.json").exists()
                    && !claimed.contains(path)
            };
            planned = Slot::Write(numbered(&path, &is_free)?);
        }
        let settings = sidecar(&path, "settings.json");
        if existing == IfExists::Refuse && settings.exists() && !self.protected.holds(&settings) {
            return Err(Error::Exists { path: settings });
        }
        self.sweep(&path);
        if claimed.insert(planned.path().to_owned()) {
            return Ok(Some(planned));
        }
        Err(Error::Claimed { input: input.name(), path })
    }

    /// Refuses a file beside the output that must not be written.
    ///
    /// # Errors
    /// When it exists and is to stay, or is read in this run.
    pub fn check_beside(&self, path: &Path) -> Result<(), Error> {
        let existing = if self.replaces() { IfExists::Replace } else { IfExists::Refuse };
        plan_beside(path.to_owned(), existing, &self.protected).map(|_| ())
    }

    /// May the output take the place of one that exists?
    pub fn replaces(&self) -> bool {
        matches!(self.naming.if_exists, IfExists::Replace | IfExists::Update)
    }

    /// Removes what killed runs left in the folder of an output; once a folder.
    fn sweep(&self, output: &Path) {
        let folder = folder_of(output);
        if self.swept.lock().expect("no worker panics").insert(folder.to_owned()) {
            remove_abandoned(folder);
        }
    }

    /// The output at `path`, with its settings beside it unless these are read in this run.
    pub fn output(&self, path: &Path) -> Output {
        let settings = !self.protected.holds(&sidecar(path, "settings.json"));
        Output::file(path).replace(self.replaces()).settings_beside(settings)
    }
}
