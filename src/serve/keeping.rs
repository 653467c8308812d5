//! Masters that are written into the folder: beside what is there, never over it.

use std::fs::File;

use super::files::Folder;
use super::visits::Made;
use crate::Error;
use crate::input::with_slashes;
use crate::output::naming::numbered;
use crate::output::pending::Pending;
use crate::output::publish::write_settings;
use crate::output::{IfExists, sidecar};

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
    write_settings(&settings_of(&path), &document, IfExists::Refuse)?;
    Ok(with_slashes(path.strip_prefix(&folder.root).unwrap_or(&path)))
}

fn copied(made: &Made, path: &std::path::Path) -> Result<(), Error> {
    let cannot = |reason| Error::Write { path: path.to_owned(), reason };
    let mut pending = Pending::in_folder(crate::output::folder_of(path)).map_err(cannot)?;
    pending.fill(&mut File::open(made.path()).map_err(cannot)?).map_err(cannot)?;
    pending.publish(path, false)
}
