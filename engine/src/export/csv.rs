//! Every parameter, one a line: path, value, unit.

use crate::Settings;
use crate::parameters::PARAMETERS;
use serde_json::Value;

use super::Export;

pub(super) fn export(settings: &Settings) -> Export {
    let mut lines = vec!["parameter,value,unit".to_owned()];
    let value = serde_json::to_value(settings).unwrap_or_default();
    walk("", "", &value, &mut lines);
    Export { text: lines.join("\n") + "\n", not_carried: Vec::new() }
}

/// Goes down to the leaves; `key` is the path as the parameter table writes it, without indices.
fn walk(path: &str, key: &str, value: &Value, lines: &mut Vec<String>) {
    let joined = |base: &str, name: &str| {
        if base.is_empty() { name.to_owned() } else { format!("{base}.{name}") }
    };
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                walk(&joined(path, name), &joined(key, name), inner, lines);
            }
        }
        Value::Array(entries) => {
            for (index, inner) in entries.iter().enumerate() {
                let list = if inner.is_object() { format!("{key}[]") } else { key.to_owned() };
                walk(&format!("{path}[{index}]"), &list, inner, lines);
            }
        }
        Value::Null => {}
        leaf => {
            let unit = PARAMETERS.iter().find(|knob| knob.key == key).map_or("", |knob| knob.unit);
            lines.push(format!("{path},{},{unit}", cell(leaf)));
        }
    }
}

/// A value as a CSV cell (RFC 4180).
fn cell(value: &Value) -> String {
    match value {
        Value::String(text) if text.contains([',', '"', '\n', '\r']) => {
            format!("\"{}\"", text.replace('"', "\"\""))
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
