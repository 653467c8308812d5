//! A record that is finished, for songs that come to it.

use std::path::Path;

use acetate_optimizer::album::{ALBUM_PLAN_SCHEMA, AlbumDocument, Frozen};

use super::ALBUM_PLAN_FILE;
use crate::Error;
use crate::documents::read_text;
use crate::output::MASTERED;

/// Reads what is known of a finished record: its `album.acetate.json`, or a folder that has it, or the folder of its mixes.
///
/// # Errors
/// When there is none, or it is no plan of a record.
pub fn frozen(path: &Path) -> Result<Frozen, Error> {
    let wrong =
        |path: &Path, reason: String| Error::Document { name: path.display().to_string(), reason };
    let mut found = path.to_owned();
    if path.is_dir() {
        let places = [path.join(ALBUM_PLAN_FILE), path.join(MASTERED).join(ALBUM_PLAN_FILE)];
        let there = places.into_iter().find(|place| place.is_file());
        let none = || format!("holds no {ALBUM_PLAN_FILE}, which a finished record has");
        found = there.ok_or_else(|| wrong(path, none()))?;
    }
    let document: AlbumDocument = acetate_documents::from_text(&read_text(&found)?)
        .map_err(|fault| wrong(&found, format!("is no plan of a record: {fault}")))?;
    if document.schema != ALBUM_PLAN_SCHEMA {
        let given = document.schema;
        return Err(wrong(&found, format!("schema {given:?} is not {ALBUM_PLAN_SCHEMA:?}")));
    }
    Ok(Frozen::from(&document))
}
