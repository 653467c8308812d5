//! The JSON documents of this crate, from text and to text.

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

/// A document as it is stored: indented, with a line feed at the end.
pub(crate) fn to_json(document: &impl Serialize) -> String {
    serde_json::to_string_pretty(document).expect("documents have no map keys to fail on") + "\n"
}
