//! JSON documents from text and to text. What is wrong with one has its place: the path of the key.
//!
//! All that is read in this workspace is read here, and in one way: text becomes a value, and the value what it means. So what is wrong in a
//! document has its path everywhere. What may stand in a document, and what its values mean, is not known here.
//!
//! The page in WebAssembly is as large with this as with a reader for each kind of source (1.65 MB after brotli); with types described as trait objects, by
//! `erased-serde`, it was 1.73 MB.
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

use serde::de::DeserializeOwned;
use serde::ser::Serialize;
use serde_json::Value;

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

/// Reads one document, and nothing after it. Of a key that is there twice the last counts.
///
/// # Errors
/// When the text is no JSON, has something behind its end, or is not what `T` is made of.
pub fn from_text<T: DeserializeOwned>(json: &str) -> Result<T, Fault> {
    let value: Value = serde_json::from_str(json)
        .map_err(|error| Fault { path: "the text".into(), reason: error.to_string() })?;
    from_value(value)
}

/// Reads a document that was taken apart already.
///
/// # Errors
/// When it is not what `T` is made of.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, Fault> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        Fault { path, reason: error.into_inner().to_string() }
    })
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
    fn what_is_wrong_has_its_place() {
        assert_eq!(fault(r#"{"title": 7}"#), "title: invalid type: integer `7`, expected a string");
        assert_eq!(fault("{}"), "missing field `title`");
        assert_eq!(fault("{\n \"title\": }"), "the text: expected value at line 2 column 11");
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
        assert!(fault("{\"title\": \"\"} {}").starts_with("the text: trailing characters"));
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
