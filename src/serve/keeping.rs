//! Masters that are written into the folder: beside what is there, never over it.

use std::fs::File;

use super::files::Folder;
use super::visits::Made;
use crate::output::naming::numbered;
use crate::output::pending::Pending;
use crate::output::{IfExists, sidecar, write_text};
use crate::{Error, documents};

/// How often another may take the name that was free a moment ago.
const TRIES: usize = 16;

/// Writes a master and its settings; gives its name below the folder.
pub(super) fn keep(folder: &Folder, made: &Made) -> Result<String, Error> {
    let wanted = folder.for_masters(&made.inner)?.join(&made.name);
    let settings_of = |path: &_| sidecar(path, "settings.json");
    let mut tries = 0..TRIES;
    let path = loop {
        let path = numbered(&wanted, &|path| !path.exists() && !settings_of(path).exists())?;
        match copied(made, &path) {
            Err(Error::Exists { .. }) if tries.next().is_some() => {}
            done => break done.map(|()| path)?,
        }
    };
    let mut document = made.document.clone();
    if let Some(after) = &mut document.numbers.after {
        after.file = path.file_name().map(|name| name.to_string_lossy().into_owned());
    }
    let text = documents::settings_text(&document)
        .map_err(|error| Error::Document { name: made.name.clone(), reason: error.to_string() })?;
    write_text(&settings_of(&path), &text, IfExists::Refuse)?;
    let inner = path.strip_prefix(&folder.root).unwrap_or(&path);
    Ok(inner
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/"))
}

fn copied(made: &Made, path: &std::path::Path) -> Result<(), Error> {
    let cannot = |reason| Error::Write { path: path.to_owned(), reason };
    let mut pending = Pending::in_folder(crate::output::folder_of(path)).map_err(cannot)?;
    pending.fill(&mut File::open(made.path()).map_err(cannot)?).map_err(cannot)?;
    pending.publish(path, false)
}
