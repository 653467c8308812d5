//! Comma-separated values (RFC 4180): a row for each rule of each target and file.

use super::{FileCheck, RuleCheck};
use crate::csv::{cell, quoted};

/// All files as one table.
pub fn render(files: &[FileCheck]) -> String {
    let mut text = String::from("file,target,code,rule,outcome,measured,low,high,unit,text\n");
    for file in files {
        if let Some(error) = &file.error {
            let fields = [&file.input, "", "D100", "read", "error", "", "", "", "", error];
            text.push_str(&row(&fields));
        }
        for target in &file.targets {
            for check in &target.checks {
                text.push_str(&checked(&file.input, &target.target, check));
            }
        }
    }
    text
}

fn checked(file: &str, target: &str, check: &RuleCheck) -> String {
    let outcome = serde_json::to_value(check.outcome).unwrap_or_default();
    let [low, high] = check.limits.map(cell);
    let (code, rule, unit, text) = (&check.code, &check.rule, &check.unit, &check.text);
    let outcome = outcome.as_str().unwrap_or_default();
    row(&[file, target, code, rule, outcome, &cell(check.measured), &low, &high, unit, text])
}

fn row(fields: &[&str; 10]) -> String {
    fields.map(quoted).join(",") + "\n"
}
