//! Documents: read from files, and written as people read them, objects indented and lists of numbers on one line.

use std::fs::{File, read_dir};
use std::io::{self, Read};
use std::path::Path;

use acetate_analyzer::Analysis;
pub use acetate_documents::{Fault, from_text, from_value};
use acetate_optimizer::SettingsDocument;
use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};

use crate::Error;

/// Documents larger than this are none.
pub const DOCUMENT_MAX_BYTES: u64 = 16 << 20;

/// Decimals of measured numbers in a settings document: a thousandth of a decibel says all there is to say.
const DECIMALS: i32 = 3;
/// Decimals of those that come by the dozen, band by band.
const DECIMALS_OF_BANDS: i32 = 1;
/// Digits that a small number keeps all the same.
const DIGITS: i32 = 2;
/// Longest line of a settings document; what is shorter stays on one.
const LINE: usize = 120;

/// The text of a document in a file.
///
/// # Errors
/// When it cannot be read, is not text, or is far too long (16 MB).
pub fn read_text(path: &Path) -> Result<String, Error> {
    let name = path.display().to_string();
    let mut file = File::open(path).map_err(|error| unreadable(&name, &error))?;
    read_text_from(&name, &mut file)
}

/// The text of a document in a stream.
///
/// # Errors
/// Those of [`read_text`].
pub fn read_text_from(name: &str, reader: &mut dyn Read) -> Result<String, Error> {
    let mut text = String::new();
    // Counted while it is read: a pipe or a device has no size.
    let mut limited = reader.take(DOCUMENT_MAX_BYTES + 1);
    limited.read_to_string(&mut text).map_err(|error| unreadable(name, &error))?;
    if text.len() as u64 > DOCUMENT_MAX_BYTES {
        let reason =
            format!("is far too long; documents have at most {} MB", DOCUMENT_MAX_BYTES >> 20);
        return Err(Error::Document { name: name.to_owned(), reason });
    }
    Ok(text)
}

fn unreadable(name: &str, error: &io::Error) -> Error {
    let reason = match error.kind() {
        io::ErrorKind::InvalidData => {
            "is not text in UTF-8; settings, targets and profiles are JSON".to_owned()
        }
        _ => format!("cannot read: {error}"),
    };
    Error::Document { name: name.to_owned(), reason }
}

/// The settings document in a file.
///
/// # Errors
/// When it cannot be read, or is not settings.
pub fn read_settings(path: &Path) -> Result<SettingsDocument, Error> {
    let name = path.display().to_string();
    if !path.exists() {
        let there = settings_beside(path);
        let reason = match there.is_empty() {
            true => "is not there, and no settings are beside it".to_owned(),
            false => format!("is not there; settings beside it: {}", there.join(", ")),
        };
        return Err(Error::Document { name, reason });
    }
    parse_settings(&name, &read_text(path)?)
}

/// Names of settings beside a file, the first few.
fn settings_beside(path: &Path) -> Vec<String> {
    const TOLD: usize = 5;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let entries = read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".settings.json")).collect();
    names.sort();
    names.truncate(TOLD);
    names
}

/// The settings document in a text; `name` is what errors call it.
///
/// # Errors
/// When it is not settings.
pub fn parse_settings(name: &str, text: &str) -> Result<SettingsDocument, Error> {
    // A page or a letter in place of settings: what a parser says of it helps nobody.
    let begins = text.trim_start().chars().next();
    if begins.is_some_and(|c| c != '{') && serde_json::from_str::<Value>(text).is_err() {
        let reason = "is no settings document: line 1 is not JSON".to_owned();
        return Err(Error::Document { name: name.to_owned(), reason });
    }
    SettingsDocument::parse(text)
        .map_err(|error| Error::Document { name: name.to_owned(), reason: error.to_string() })
}

/// A document as JSON with a newline at the end: objects over several lines, lists on one.
///
/// # Errors
/// When it has keys that are no text.
pub fn readable(document: &impl Serialize) -> serde_json::Result<String> {
    let mut bytes = Vec::new();
    document.serialize(&mut Serializer::with_formatter(&mut bytes, Readable::default()))?;
    bytes.push(b'\n');
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A settings document as it is written: the settings exact, what was measured rounded, short things on one line.
///
/// # Errors
/// Never for documents that were read or made here.
pub fn settings_text(document: &SettingsDocument) -> serde_json::Result<String> {
    let mut document = document.clone();
    let numbers = &mut document.numbers;
    let all = [&mut numbers.before, &mut numbers.predicted, &mut numbers.after];
    for exact in all.into_iter().flatten() {
        *exact = brief(exact)?;
    }
    let mut text = String::new();
    lay_out(&serde_json::to_string(&document)?, 0, &mut text);
    text.push('\n');
    Ok(text)
}

/// The JSON Schema of a settings document, with the ranges of the engine's parameter table.
pub fn settings_schema() -> Value {
    let mut schema = schemars::schema_for!(SettingsDocument).to_value();
    schema["properties"]["settings"] = acetate_engine::settings_schema();
    without_unused(schema)
}

/// Without the definitions that nothing refers to: those of the settings have no ranges, and would be read for others.
fn without_unused(mut schema: Value) -> Value {
    loop {
        let text = schema.to_string();
        let Some(definitions) = schema.get_mut("$defs").and_then(Value::as_object_mut) else {
            return schema;
        };
        let before = definitions.len();
        definitions.retain(|name, _| text.contains(&format!("\"#/$defs/{name}\"")));
        if definitions.len() == before {
            return schema;
        }
    }
}

/// What a document keeps of an analysis: rounded, without the tables that only a fit reads.
fn brief(analysis: &Analysis) -> serde_json::Result<Analysis> {
    let mut analysis = analysis.clone();
    for band in &mut analysis.dynamics.bands {
        band.quick_level_std_db = None;
        band.side_level_std_db = None;
        band.mid_log_mean_db = None;
        band.side_log_mean_db = None;
    }
    analysis.dynamics.syllables = None;
    for band in &mut analysis.stereo.bands {
        band.balance_db = None;
        band.mono_loss_db = None;
    }
    let mut value = serde_json::to_value(&analysis)?;
    round(&mut value, DECIMALS);
    Ok(from_value(value).expect("an analysis stays one when its numbers are rounded"))
}

fn round(value: &mut Value, decimals: i32) {
    match value {
        Value::Number(number) if number.is_f64() => {
            let exact = number.as_f64().unwrap_or_default();
            let magnitude = libm::log10(exact.abs());
            let small = if exact == 0.0 { 0 } else { DIGITS - 1 - magnitude.floor() as i32 };
            let scale = 10f64.powi(decimals.max(small.min(9)));
            *value = Value::from((exact * scale).round() / scale);
        }
        Value::Array(entries) => entries.iter_mut().for_each(|v| round(v, DECIMALS_OF_BANDS)),
        Value::Object(fields) => fields.values_mut().for_each(|v| round(v, decimals)),
        _ => {}
    }
}

/// Writes a compact document `indent` columns in: what is short on one line, the rest member by member.
fn lay_out(compact: &str, indent: usize, text: &mut String) {
    let (Some(inner), true) =
        (inside(compact), indent == 0 || on_one_line(compact, indent).is_none())
    else {
        text.push_str(&on_one_line(compact, 0).unwrap_or_default());
        return;
    };
    let new_line = |columns: usize, text: &mut String| {
        text.push('\n');
        text.extend(std::iter::repeat_n(' ', columns));
    };
    text.push_str(&compact[..1]);
    for (index, member) in members(inner).into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        new_line(indent + 2, text);
        match member.strip_prefix('"').filter(|_| compact.starts_with('{')) {
            Some(_) => {
                let end = end_of_text(member);
                text.push_str(&member[..end]);
                text.push_str(": ");
                lay_out(&member[end + 1..], indent + 2, text);
            }
            None => lay_out(member, indent + 2, text),
        }
    }
    new_line(indent, text);
    text.push_str(&compact[compact.len() - 1..]);
}

/// The same with spaces as people set them; `None` when the line would be too long.
fn on_one_line(compact: &str, indent: usize) -> Option<String> {
    let text = match inside(compact) {
        None => compact.strip_suffix(".0").unwrap_or(compact).to_owned(),
        Some("") => compact.to_owned(),
        Some(inner) => {
            let object = compact.starts_with('{');
            let spaced: Vec<String> = members(inner)
                .into_iter()
                .map(|member| {
                    let end = if object { end_of_text(member) + 1 } else { 0 };
                    let value = on_one_line(&member[end..], 0).unwrap_or_default();
                    if object { format!("{} {value}", &member[..end]) } else { value }
                })
                .collect();
            let joined = spaced.join(", ");
            if object { format!("{{ {joined} }}") } else { format!("[{joined}]") }
        }
    };
    // A list of numbers stays together, however long it is.
    let plain_list = compact.starts_with('[') && !compact.contains('{');
    (indent == 0 || plain_list || indent + text.len() <= LINE).then_some(text)
}

/// What is between the brackets of an object or a list.
fn inside(compact: &str) -> Option<&str> {
    compact.starts_with(['{', '[']).then(|| &compact[1..compact.len() - 1])
}

/// Splits at the commas that are in no text and no inner bracket.
fn members(inner: &str) -> Vec<&str> {
    let (mut found, mut begun, mut depth, mut at) = (Vec::new(), 0, 0usize, 0);
    let bytes = inner.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at += end_of_text(&inner[at..]) - 1,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            b',' if depth == 0 => {
                found.push(&inner[begun..at]);
                begun = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    if begun < inner.len() {
        found.push(&inner[begun..]);
    }
    found
}

/// Where a text that begins with its quote ends, its closing quote included.
fn end_of_text(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Writes objects over several lines and lists on one.
#[derive(Debug, Default)]
struct Readable {
    depth: usize,
    empty: bool,
}

impl Readable {
    fn new_line<W: ?Sized + io::Write>(&self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b"\n")?;
        (0..self.depth).try_for_each(|_| writer.write_all(b"  "))
    }
}

impl Formatter for Readable {
    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        self.empty = true;
        writer.write_all(b"{")
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        if !self.empty {
            self.new_line(writer)?;
        }
        self.empty = false;
        writer.write_all(b"}")
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        self.empty = false;
        self.new_line(writer)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_stay_on_a_line_and_everything_reads_back() {
        let value =
            serde_json::json!({ "a": [1, 2.5, null], "b": [ { "c": {} }, { "d": "x" } ], "e": [] });
        let text = readable(&value).unwrap();
        assert!(text.contains("\"a\": [1, 2.5, null],\n"), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn a_layout_changes_no_value_whatever_the_texts_hold() {
        let long = "x".repeat(200);
        let value = serde_json::json!({ "a": { "b": [1.5, 2.0, null, true], "c\"}": "say \"[{,:}]\" \\" },
            "empty": {}, "none": [], "long": [ { "text": long, "n": -0.5 }, { "e": 1e-7 } ] });
        let mut text = String::new();
        lay_out(&value.to_string(), 0, &mut text);
        let again: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(again["a"]["b"][1].as_f64(), Some(2.0));
        let as_floats = |text: &str| text.replace("2.0", "2");
        assert_eq!(as_floats(&again.to_string()), as_floats(&value.to_string()));
        assert!(text.contains("\n  \"a\": { \"b\": [1.5, 2, null, true],"), "{text}");
    }

    #[test]
    fn small_numbers_keep_two_digits() {
        let mut value =
            serde_json::json!({ "dc": 0.00253, "lufs": -14.00312, "list": [-48.123, 0.0312] });
        round(&mut value, DECIMALS);
        assert_eq!(
            value,
            serde_json::json!({ "dc": 0.0025, "lufs": -14.003, "list": [-48.1, 0.031] })
        );
    }

    #[test]
    fn settings_stay_exact() {
        let mut document = SettingsDocument::new(acetate_engine::Settings::default());
        document.settings.drive_db = 1.0 / 3.0;
        let read = SettingsDocument::parse(&settings_text(&document).unwrap()).unwrap();
        assert_eq!(read.settings.drive_db, 1.0 / 3.0);
    }
}
