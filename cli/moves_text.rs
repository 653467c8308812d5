//! What is done and why, for people.

use acetate_analyzer::Severity;
use acetate_optimizer::{Move, SettingsDocument, Verdict};

use crate::analysis_text::findings;
use crate::numbers::{number, signed};
use crate::table::{WIDTH, wrap};
use crate::terminal::Paint;

/// Room of the first column.
const ID_COLUMN: usize = 9;

/// The settings as a table: each move with its reason under it, then what is better done in the mix.
pub(crate) fn sheet(document: &SettingsDocument, paint: Paint) -> String {
    let mut lines = vec![wrap(&format!("  {}", document.summary), WIDTH, "  ")];
    lines.extend(document.moves.iter().map(|step| move_text(step, paint)));
    let (mix, others): (Vec<_>, Vec<_>) =
        document.findings.iter().cloned().partition(|finding| finding.severity == Severity::Mix);
    let advice: Vec<String> =
        document.moves.iter().filter_map(|step| step.in_the_mix.clone()).collect();
    if !mix.is_empty() || !advice.is_empty() {
        lines.push(format!("  {}", paint.bold("Better in the mix, if you still can:")));
        lines.extend(findings(&mix, paint));
        lines.extend(advice.iter().map(|text| wrap(&format!("  - {text}"), WIDTH, "    ")));
    }
    if !others.is_empty() {
        lines.push(format!("  {}", paint.bold("About the source:")));
        lines.extend(findings(&others, paint));
    }
    lines.join("\n") + "\n"
}

fn move_text(step: &Move, paint: Paint) -> String {
    let indent = " ".repeat(ID_COLUMN + 2);
    let expected = change(step);
    let what_width = WIDTH - ID_COLUMN - 4 - expected.chars().count();
    let what = crate::table::fit(&step.what, what_width);
    let id = format!("{:<ID_COLUMN$}", step.id);
    let reason = wrap(&format!("{indent}{}", step.text), WIDTH, &indent);
    format!("  {}{what:<what_width$}  {expected}\n{}", paint.bold(&id), paint.dim(&reason))
}

/// `+2.4 -> +0.9 dB`; nothing for what no measure asked for.
fn change(step: &Move) -> String {
    if step.metric.is_empty() {
        return String::new();
    }
    let show = |value| if step.unit == "dB" { signed(value, 1) } else { number(Some(value), 1) };
    format!("{} -> {} {}", show(step.measured), show(step.expected), step.unit)
}

/// `-14.0 LUFS ok   -1.0 dBTP ok   tone within 1.1 dB of aim`
pub(crate) fn verdict_line(verdict: &Verdict, paint: Paint) -> String {
    let parts: Vec<String> = verdict
        .checks
        .iter()
        .map(|check| {
            let word = if check.met { paint.good("ok") } else { paint.bad("missed") };
            let value = number(check.measured, 1);
            match check.name.as_str() {
                "tone" => format!("tone within {value} dB of the aim"),
                _ if check.met => format!("{value} {} {word}", check.unit),
                _ => format!("{value} {} {word} ({})", check.unit, number(Some(check.aim), 1)),
            }
        })
        .collect();
    parts.join("   ")
}
