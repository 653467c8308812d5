//! JUnit XML: a suite a file, a case a rule of a target.

use std::fmt::Write;

use super::{FileCheck, Outcome, RuleCheck};

/// All files as one document.
pub fn render(files: &[FileCheck]) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"acetate check\">\n",
    );
    for file in files {
        suite(&mut text, file);
    }
    text.push_str("</testsuites>\n");
    text
}

fn suite(text: &mut String, file: &FileCheck) {
    let checks = || file.targets.iter().flat_map(|target| &target.checks);
    let failures = file.failures().count();
    let skipped = checks().filter(|check| check.outcome == Outcome::NotChecked).count();
    let errors = usize::from(file.error.is_some());
    let _ = writeln!(
        text,
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\">",
        escape(&file.input),
        checks().count() + errors
    );
    if let Some(error) = &file.error {
        let _ = writeln!(
            text,
            "    <testcase name=\"read\"><error message=\"{}\"/></testcase>",
            escape(error)
        );
    }
    for target in &file.targets {
        for check in &target.checks {
            case(text, &target.target, check);
        }
    }
    text.push_str("  </testsuite>\n");
}

fn case(text: &mut String, target: &str, check: &RuleCheck) {
    let name = escape(&format!("{} {}", check.code, check.rule));
    let message = escape(&check.text);
    let inner = match check.outcome {
        Outcome::Pass | Outcome::Known => String::new(),
        Outcome::Notice => format!("<system-out>notice: {message}</system-out>"),
        Outcome::Warn => format!("<system-out>warning: {message}</system-out>"),
        Outcome::Fail => format!("<failure message=\"{message}\"/>"),
        Outcome::NotChecked => format!("<skipped message=\"{message}\"/>"),
    };
    let _ = writeln!(
        text,
        "    <testcase classname=\"{}\" name=\"{name}\">{inner}</testcase>",
        escape(target)
    );
}

/// Text inside an attribute of XML 1.0, which has no control characters at all.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other if other.is_control() || ('\u{fffe}'..='\u{ffff}').contains(&other) => {
                escaped.push('\u{fffd}');
            }
            other => escaped.push(other),
        }
    }
    escaped
}
