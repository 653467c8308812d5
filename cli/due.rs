//! What is to be done about one output, before its input is read and after.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use acetate::optimizer::{MadeBy, SettingsDocument};
use acetate::output::{Destinations, Slot, State, is_same, state};
use acetate::{Error, Input, Song};
use serde_json::json;

use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::progress::Progress;
use crate::result::FileResult;

/// An output that is to be made, unless it turns out to be what it would become.
pub(crate) struct Due {
    path: Option<PathBuf>,
    /// What it was made with, where only the sound of the input tells whether that was the same.
    perhaps: Option<Box<SettingsDocument>>,
}

impl Due {
    /// Where it goes; `None` is standard output.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
}

/// What outputs of one run have in common.
#[derive(Clone, Copy)]
pub(crate) struct Dues<'a> {
    pub(crate) destinations: &'a Destinations<'a>,
    pub(crate) dry_run: bool,
    pub(crate) progress: &'a Progress,
}

/// Of an output that exists, all that can be done.
fn told(error: Error) -> Failure {
    let exists = matches!(error, Error::Exists { .. });
    let failure = Failure::from(error);
    match exists {
        true => failure.next("-f replaces it, --existing skip|number|update does otherwise"),
        false => failure,
    }
}

impl Dues<'_> {
    /// What is due for `input`; `name` is that of its output where none was given, `today` what would be written into its settings.
    ///
    /// # Errors
    /// When the output must not be written.
    pub(crate) fn of(
        self,
        input: &Input,
        name: impl FnOnce() -> Result<String, Error>,
        today: impl FnOnce() -> MadeBy,
    ) -> Outcome<ControlFlow<FileResult, Due>> {
        let slot = self.destinations.plan(input, name).map_err(told)?;
        let Some(slot) = slot else {
            return Ok(ControlFlow::Continue(Due { path: None, perhaps: None }));
        };
        let path = slot.path().to_owned();
        let done =
            |fields| Ok(ControlFlow::Break(FileResult::done(&input.name(), Exit::Done, fields)));
        if let Slot::Skip(path) = &slot {
            self.progress.note("Skipped", &format!("{} exists", path.display()));
            return done(json!({ "skipped": path }));
        }
        if self.dry_run {
            self.progress.done("Would", &format!("write {}", path.display()));
            return done(json!({ "would_write": path }));
        }
        let perhaps = match &slot {
            Slot::Update(path) => match state(path, input, &today()) {
                State::Current => return Ok(ControlFlow::Break(self.kept(input, path))),
                State::Unknown(document) => Some(document),
                State::Outdated => None,
            },
            _ => None,
        };
        Ok(ControlFlow::Continue(Due { path: Some(path), perhaps }))
    }

    fn kept(self, input: &Input, path: &Path) -> FileResult {
        self.progress.done("Kept", &format!("{} is up to date", path.display()));
        FileResult::done(&input.name(), Exit::Done, json!({ "up_to_date": path }))
    }

    /// The place to write `due` to, which is `None` for standard output, now that the sound is known.
    ///
    /// # Errors
    /// When the sound cannot be read again, or the settings beside the output not be written.
    pub(crate) fn place(
        self,
        due: Due,
        input: &Input,
        song: &Song,
    ) -> Outcome<ControlFlow<FileResult, Option<PathBuf>>> {
        let Due { path, perhaps } = due;
        if let (Some(path), Some(document)) = (&path, perhaps)
            && is_same(*document, path, song)?
        {
            return Ok(ControlFlow::Break(self.kept(input, path)));
        }
        Ok(ControlFlow::Continue(path))
    }
}
