//! A finished master gets its name, and its settings beside it.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use acetate_optimizer::SettingsDocument;

use crate::Error;
use crate::documents::settings_text;
use crate::output::naming::{IfExists, folder_of, sidecar, write_text};
use crate::output::render::Rendered;
use crate::output::{Output, Place};

/// What became of a rendered file.
#[derive(Debug)]
pub(crate) struct Published {
    /// Where the settings are.
    pub(crate) settings: Option<PathBuf>,
    /// The file, when it was made in memory.
    pub(crate) bytes: Option<Vec<u8>>,
}

/// Gives a master its name and writes its settings beside it.
///
/// One process at a time does so in a folder, and old settings go first: whenever the run is killed, a master that has
/// settings beside it is the one that they describe.
pub(crate) fn publish(
    rendered: Rendered,
    output: Output,
    document: &SettingsDocument,
) -> Result<Published, Error> {
    let path = match output.place {
        Place::File(path) => path,
        Place::Stream(stream) => {
            rendered.send(stream)?;
            return Ok(Published { settings: None, bytes: None });
        }
        Place::Memory => {
            let bytes = Some(rendered.into_bytes()?);
            return Ok(Published { settings: None, bytes });
        }
    };
    let _turn = Turn::wait_for(folder_of(&path));
    let settings = output.settings_beside.then(|| sidecar(&path, "settings.json"));
    if let (Some(settings), true) = (&settings, output.replace) {
        remove(settings)?;
    }
    rendered.give_name(&path, output.replace)?;
    if let Some(settings) = &settings {
        write_settings(settings, document, IfExists::Replace)?;
    }
    Ok(Published { settings, bytes: None })
}

/// Writes a settings document in one step.
pub(crate) fn write_settings(
    path: &Path,
    document: &SettingsDocument,
    existing: IfExists,
) -> Result<(), Error> {
    let text = settings_text(document).map_err(|error| Error::Document {
        name: path.display().to_string(),
        reason: error.to_string(),
    })?;
    write_text(path, &text, existing)
}

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(reason) if reason.kind() != ErrorKind::NotFound => {
            Err(Error::Write { path: path.to_owned(), reason })
        }
        _ => Ok(()),
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
