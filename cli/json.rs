//! Documents as people read them: objects indented, lists of numbers on one line.

use std::io;

use acetate_analyzer::Analysis;
use acetate_optimizer::SettingsDocument;
use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};

/// Decimals of measured numbers in a settings document: a thousandth of a decibel says all there is to say.
const DECIMALS: i32 = 3;

/// A document as JSON with a newline at the end.
pub(crate) fn readable(document: &impl Serialize) -> serde_json::Result<String> {
    let mut bytes = Vec::new();
    document.serialize(&mut Serializer::with_formatter(&mut bytes, Readable::default()))?;
    bytes.push(b'\n');
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A settings document as it is written: the settings exact, what was measured rounded.
pub(crate) fn settings_document(document: &SettingsDocument) -> serde_json::Result<String> {
    let mut document = document.clone();
    let numbers = &mut document.numbers;
    let all = [&mut numbers.before, &mut numbers.predicted, &mut numbers.after];
    for exact in all.into_iter().flatten() {
        *exact = rounded(exact)?;
    }
    readable(&document)
}

fn rounded(analysis: &Analysis) -> serde_json::Result<Analysis> {
    let mut value = serde_json::to_value(analysis)?;
    round(&mut value);
    serde_json::from_value(value)
}

fn round(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() => {
            let scale = 10f64.powi(DECIMALS);
            let exact = number.as_f64().unwrap_or_default();
            *value = Value::from((exact * scale).round() / scale);
        }
        Value::Array(entries) => entries.iter_mut().for_each(round),
        Value::Object(fields) => fields.values_mut().for_each(round),
        _ => {}
    }
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
    fn settings_stay_exact() {
        let mut document = SettingsDocument::new(acetate_engine::Settings::default());
        document.settings.drive_db = 1.0 / 3.0;
        let read = SettingsDocument::parse(&settings_document(&document).unwrap()).unwrap();
        assert_eq!(read.settings.drive_db, 1.0 / 3.0);
    }
}
