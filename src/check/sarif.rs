//! SARIF 2.1.0 (OASIS), which code hosts show as alerts.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{FileCheck, Outcome};

/// All files as one run.
pub fn render(files: &[FileCheck]) -> Value {
    let mut rules = BTreeMap::new();
    let mut results = Vec::new();
    for file in files {
        if let Some(error) = &file.error {
            rules.insert("D100".to_owned(), "file can be read".to_owned());
            results.push(result("error", "D100", error, &file.input));
        }
        for (level, outcome) in
            [("error", Outcome::Fail), ("warning", Outcome::Warn), ("note", Outcome::Notice)]
        {
            for (target, check) in file.with(outcome) {
                rules.insert(check.code.clone(), check.rule.clone());
                let text = format!("{target}: {}", check.text);
                results.push(result(level, &check.code, &text, &file.input));
            }
        }
    }
    let rules: Vec<Value> = rules
        .into_iter()
        .map(|(id, text)| json!({ "id": id, "shortDescription": { "text": text } }))
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [ {
            "tool": { "driver": {
                "name": "acetate", "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "results": results,
        } ],
    })
}

fn result(level: &str, code: &str, text: &str, file: &str) -> Value {
    json!({
        "ruleId": code,
        "level": level,
        "message": { "text": text },
        "locations": [ { "physicalLocation": { "artifactLocation": { "uri": uri(file) } } } ],
    })
}

/// A path as a relative URI (RFC 3986).
fn uri(path: &str) -> String {
    let mut text = String::new();
    for byte in path.replace('\\', "/").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}
