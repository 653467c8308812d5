//! Reading and writing the JSON documents of this crate.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// What is wrong with a document, and where.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Path of the key in the document.
    pub(crate) path: String,
    /// What is wrong there.
    pub(crate) reason: String,
}

/// Reads one document and nothing after it.
pub(crate) fn parse<T: DeserializeOwned>(json: &str) -> Result<T, Fault> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let document = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        Fault { path, reason: error.into_inner().to_string() }
    })?;
    reader.end().map_err(|error| Fault { path: "its end".into(), reason: error.to_string() })?;
    Ok(document)
}

/// Reads a file and hands its text to `parse`; `unreadable` says that there is none.
pub(crate) fn from_file<T, E>(
    path: &Path,
    unreadable: fn(PathBuf, String) -> E,
    parse: fn(&str) -> Result<T, E>,
) -> Result<T, E> {
    let json =
        fs::read_to_string(path).map_err(|error| unreadable(path.to_owned(), error.to_string()))?;
    parse(&json)
}

/// A document as it is stored: indented, with a line feed at the end.
pub(crate) fn to_json(document: &impl Serialize) -> String {
    serde_json::to_string_pretty(document).expect("documents have no map keys to fail on") + "\n"
}
