//! JSON documents from text and to text. What is wrong with one has its place: the path of the key.
//!
//! All that is read in this workspace is read here: one way, and one deserializer. Types are described to it as trait objects, so that the
//! code of a type's fields is there once and not once for each kind of text (a tenth of the page's WebAssembly was that). What may
//! stand in a document, and what its values mean, is not known here.
//!
//! ```
//! #[derive(Debug, serde::Deserialize)]
//! struct Band {
//!     gain_db: f64,
//! }
//! let bands: Vec<Band> = acetate_documents::from_text(r#"[{"gain_db": -2.5}]"#).unwrap();
//! assert_eq!(bands[0].gain_db, -2.5);
//! let fault = acetate_documents::from_text::<Vec<Band>>(r#"[{"gain_db": "loud"}]"#).unwrap_err();
//! assert_eq!(fault.path, "[0].gain_db");
//! ```

use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde::ser::Serialize;
use serde_json::Value;
use serde_path_to_error::Track;

/// What is wrong with a document, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Path of the key in the document; `.` is the whole of it.
    pub path: String,
    /// What is wrong there.
    pub reason: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "." => f.write_str(&self.reason),
            path => write!(f, "{path}: {}", self.reason),
        }
    }
}

impl std::error::Error for Fault {}

/// Reads one document, and nothing after it.
///
/// # Errors
/// When the text is no JSON, has something behind its end, or is not what `T` is made of.
pub fn from_text<T: DeserializeOwned>(json: &str) -> Result<T, Fault> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let document = read(&mut reader)?;
    reader.end().map_err(|error| Fault { path: "its end".into(), reason: error.to_string() })?;
    Ok(document)
}

/// Reads a document that was taken apart already.
///
/// # Errors
/// When it is not what `T` is made of.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, Fault> {
    read(value)
}

fn read<'de, T, D>(deserializer: D) -> Result<T, Fault>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let mut track = Track::new();
    let tracked = serde_path_to_error::Deserializer::new(deserializer, &mut track);
    let read = erased_serde::deserialize(&mut <dyn erased_serde::Deserializer>::erase(tracked));
    read.map_err(|error| Fault { path: track.path().to_string(), reason: error.to_string() })
}

/// A document as it is stored: indented, with a line feed at the end.
pub fn to_text(document: &impl Serialize) -> String {
    serde_json::to_string_pretty(document).expect("documents have no map keys to fail on") + "\n"
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Song {
        title: String,
        #[serde(default)]
        bands: Vec<Band>,
        #[serde(default)]
        more: BTreeMap<String, Option<f64>>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "kind", rename_all = "snake_case")]
    enum Band {
        Bell { gain_db: f64 },
        Off,
    }

    fn fault(json: &str) -> String {
        from_text::<Song>(json).unwrap_err().to_string()
    }

    #[test]
    fn what_is_wrong_has_its_place_and_its_line() {
        assert_eq!(
            fault("{\n \"title\": 7}"),
            "title: invalid type: integer `7`, expected a string at line 2 column 11"
        );
        assert_eq!(fault("{}"), "missing field `title` at line 1 column 2");
        let text = fault(r#"{"title": "", "more": {"x": [1]}}"#);
        assert!(text.starts_with("more.x: invalid type: sequence, expected f64"), "{text}");
        let text = fault(
            r#"{"title": "", "bands": [{"kind": "off"}, {"kind": "bell", "gain_db": true}]}"#,
        );
        assert!(text.starts_with("bands[1]"), "{text}");
        assert!(fault(r#"{"title": "", "tilte": ""}"#).contains("unknown field `tilte`, expected"));
    }

    #[test]
    fn nothing_stands_behind_a_document() {
        assert!(fault("{\"title\": \"\"} {}").starts_with("its end: trailing characters"));
    }

    #[test]
    fn text_and_value_read_the_same_to_the_last_bit() {
        let value = json!({
            "title": "ü", "bands": [{"kind": "bell", "gain_db": 0.1 + 0.2}, {"kind": "off"}], "more": {"a": null, "b": 1e-320}
        });
        let song: Song = from_value(value.clone()).unwrap();
        assert_eq!(from_text::<Song>(&to_text(&value)).unwrap(), song);
        assert_eq!(song.bands[0], Band::Bell { gain_db: 0.1 + 0.2 });
        assert_eq!(song.more["b"], Some(1e-320));
    }
}
