//! What is known to fail, so that only what fails newly counts.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{FileCheck, Outcome, TargetCheck};

/// Failures of an earlier check: file, target, code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    failures: BTreeSet<[String; 3]>,
}

impl Baseline {
    /// Those in a result as JSON (`acetate.result/1` of a check): its `files`, their `targets`, their `checks`.
    pub fn of_result(document: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let mut failures = BTreeSet::new();
        for file in list(&document["files"]) {
            for target in list(&file["targets"]) {
                for check in list(&target["checks"]) {
                    if check["outcome"] == "fail" || check["outcome"] == "known" {
                        let names = [&file["input"], &target["target"], &check["code"]];
                        failures.insert(names.map(text));
                    }
                }
            }
        }
        Self { failures }
    }

    /// Marks what failed then as known.
    pub fn forgive(&self, file: &mut FileCheck) {
        for target in &mut file.targets {
            for check in &mut target.checks {
                let key = [file.input.clone(), target.target.clone(), check.code.clone()];
                if check.outcome == Outcome::Fail && self.failures.contains(&key) {
                    check.outcome = Outcome::Known;
                }
            }
            *target = TargetCheck::of(&target.target, target.checks.clone());
        }
    }
}
