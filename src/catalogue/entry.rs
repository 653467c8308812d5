//! One row of a list: a song, and what is wished for it.

use std::sync::Arc;

use acetate_documents::Fault;
use serde_json::{Map, Value, json};

use crate::Wishes;

/// A song of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What it is called in the ledger, and which shard it falls into: its path as written, below a folder the path in that.
    pub name: String,
    /// Where it is: a path, or the address of an object (`s3://bucket/song.flac`).
    pub song: String,
    /// What is wished for it beside what holds for all.
    pub wishes: Arc<Wished>,
    /// What the row has beside that, to be found again in the song's line.
    pub tags: Map<String, Value>,
}

/// Wishes, and the text they were read from; rows that wish for the same share them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wished {
    pub(super) text: String,
    pub(super) wishes: Wishes,
}

/// A row of a list.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// A song.
    Song(Entry),
    /// A row that says none; the others are worked on all the same.
    Wrong(WrongRow),
}

/// A row that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongRow {
    /// The list and the row in it, counted from 1: `songs.jsonl:17`.
    pub place: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Entry {
    /// A song about which nothing else is said.
    pub fn plain(song: impl Into<String>) -> Self {
        let song = song.into();
        Self { name: song.clone(), song, wishes: Arc::default(), tags: Map::new() }
    }

    /// Was it found in a folder, and not named?
    pub(super) fn is_found(&self) -> bool {
        self.name != self.song
    }

    /// A row of a manifest: an object with `song`, and perhaps `name`, `references`, `target`, `tags` and other wishes.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fields = serde_json::from_str(text).map_err(|error| format!("is no JSON: {error}"))?;
        let Value::Object(fields) = fields else {
            return Err("is no JSON object".to_owned());
        };
        Self::of_fields(fields)
    }

    /// A row of a manifest by its fields.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of_fields(mut fields: Map<String, Value>) -> Result<Self, String> {
        let mut text = |field: &str| match fields.remove(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text)),
            Some(other) => Err(format!("{field} is {other}, and a name is wanted")),
        };
        let song = text("song")?.ok_or("has no song")?;
        let name = text("name")?.unwrap_or_else(|| song.clone());
        let tags = match fields.remove("tags") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(tags)) => tags,
            Some(other) => Map::from_iter([("tags".to_owned(), other)]),
        };
        fields.retain(|_, value| !value.is_null());
        if let Some(records) = fields.remove("references").or_else(|| fields.remove("reference")) {
            fields.insert("reference".to_owned(), records_of(records));
        }
        let wishes = wished(fields)?;
        Ok(Self { name, song, wishes: Arc::new(wishes), tags })
    }

    /// The row again, on one line.
    pub fn to_json(&self) -> String {
        let mut fields: Map<String, Value> =
            serde_json::from_str(&self.wishes.text).unwrap_or_default();
        fields.insert("song".to_owned(), json!(self.song));
        if self.name != self.song {
            fields.insert("name".to_owned(), json!(self.name));
        }
        if !self.tags.is_empty() {
            fields.insert("tags".to_owned(), json!(self.tags));
        }
        Value::Object(fields).to_string()
    }
}

fn wished(fields: Map<String, Value>) -> Result<Wished, String> {
    if fields.is_empty() {
        return Ok(Wished::default());
    }
    let text = Value::Object(fields).to_string();
    let wishes =
        acetate_documents::from_text(&text).map_err(|Fault { path, reason, .. }| {
            // Where in a text that nobody wrote, and what else there is: the guide has the list.
            let what = reason.split(" at line ").next().unwrap_or_default();
            let what = what.split(", expected one of `target`").next().unwrap_or_default();
            // An unknown field names itself.
            let names_itself = path == "." || what.starts_with("unknown field");
            if names_itself { what.to_owned() } else { format!("{path}: {what}") }
        })?;
    Ok(Wished { text, wishes })
}

/// A record, a list of records, or records with weights, as wishes have them.
fn records_of(records: Value) -> Value {
    let weighted = |record: Value| match record {
        Value::Object(fields) if fields.contains_key("record") => Value::Object(fields),
        record => json!({ "record": record }),
    };
    match records {
        Value::Array(records) => records.into_iter().map(weighted).collect(),
        record => json!([weighted(record)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_a_song_with_wishes_and_tags() {
        let row = r#"{"song":"a.wav","references":["r.flac",{"record":"s.flac","weight":2}],"target":"cd","lufs":-11,"tags":{"isrc":"X"}}"#;
        let entry = Entry::parse(row).unwrap();
        assert_eq!((entry.name.as_str(), entry.song.as_str()), ("a.wav", "a.wav"));
        assert_eq!(entry.wishes.wishes.reference.len(), 2);
        assert_eq!(entry.wishes.wishes.reference[1].weight, 2.0);
        assert_eq!(entry.wishes.wishes.lufs, Some(-11.0));
        assert_eq!(entry.tags["isrc"], "X");
        assert_eq!(Entry::parse(&entry.to_json()).unwrap(), entry);
        let single = Entry::parse(r#"{"song":"a.wav","reference":"r.flac"}"#).unwrap();
        assert_eq!(single.wishes.wishes.reference.len(), 1);
    }

    #[test]
    fn a_wrong_row_says_what_is_wrong() {
        for (row, said) in [
            ("song.wav", "is no JSON"),
            ("[1]", "is no JSON object"),
            ("{}", "has no song"),
            (r#"{"song":7}"#, "song is 7, and a name is wanted"),
            (r#"{"song":"a.wav","luf":-9}"#, "unknown field `luf`"),
            (r#"{"song":"a.wav","lufs":"loud"}"#, "lufs: invalid type: string \"loud\""),
        ] {
            let error = Entry::parse(row).unwrap_err();
            assert!(error.starts_with(said), "{row}: {error}");
            assert!(error.len() < 100, "{error}");
        }
    }
}
