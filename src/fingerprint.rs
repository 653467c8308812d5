//! What a document asks for, as a hash: it changes when what is to be done does.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use md5::{Digest, Md5};
use serde_json::{Value, json};

/// Keys that say where something comes from, and nothing of what is to be done.
const ORIGIN: [&str; 6] = ["schema", "name", "note", "source", "checked", "confidence"];

/// A hash of a document: without its origin and what is empty, keys in the order of the alphabet.
pub fn fingerprint(document: &Value) -> String {
    fn plain(value: &Value) -> Value {
        match value {
            Value::Array(entries) => entries.iter().map(plain).collect(),
            Value::Object(fields) => {
                let sorted: BTreeMap<&String, Value> = fields
                    .iter()
                    .filter(|(key, value)| !ORIGIN.contains(&key.as_str()) || value.is_object())
                    .map(|(key, value)| (key, plain(value)))
                    .filter(|(_, value)| !says_nothing(value))
                    .collect();
                json!(sorted)
            }
            other => other.clone(),
        }
    }
    HEXLOWER.encode(&Md5::digest(plain(document).to_string()))
}

/// What a field that is added later says of documents that know nothing of it.
fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(entries) => entries.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use acetate_references::Target;

    use super::*;

    /// The hash is what finished masters have in their settings: with another one, all of them are rendered again.
    #[test]
    fn a_rename_in_the_code_does_not_change_the_fingerprint() {
        let text = r#"{ "schema": "acetate.target/1", "id": "mine", "name": "Mine", "integrated_lufs": -12.0,
            "loudness_rule": "target", "tolerance_lu": 0.5, "true_peak_dbtp": -1.0, "source": "me",
            "checked": "2026-11-20", "confidence": "custom" }"#;
        let target = Target::parse(text).unwrap();
        let hash = |target: &Target| fingerprint(&json!([target, "auto"]));
        assert_eq!(hash(&target), "c26daa3134796718048fce11c306b0b6");
        let mut other = target.clone();
        other.checked = "2026-11-28".parse().unwrap();
        other.note = Some("looked up again".to_owned());
        assert_eq!(hash(&other), hash(&target), "nothing else is done");
        other.integrated_lufs = Some(-11.0);
        assert_ne!(hash(&other), hash(&target));
    }
}
