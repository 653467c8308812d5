//! What is done and why, for people.

use acetate_analyzer::Severity;
use acetate_optimizer::{Check, Move, SettingsDocument, Verdict};

use crate::text::Paint;
use crate::text::analysis::findings;
use crate::text::table::{WIDTH, wrap};
use acetate_audio::numbers::{frequency, number, signed};

/// Room of the first column.
const ID_COLUMN: usize = 9;

/// The settings as a table: each move with its reason under it, then what is better done in the mix.
pub fn sheet(document: &SettingsDocument, paint: Paint) -> String {
    let mut lines = vec![wrap(&format!("  {}", document.summary), WIDTH, "  ")];
    let (mix, others): (Vec<_>, Vec<_>) =
        document.findings.iter().cloned().partition(|finding| finding.severity == Severity::Mix);
    if !mix.is_empty() {
        // What is certain comes first.
        lines.push(format!("  {}", paint.bold("Certain, and better mended in the mix:")));
        lines.extend(findings(&mix, paint));
    }
    lines.extend(document.moves.iter().map(|step| move_text(step, paint)));
    let advice: Vec<String> =
        document.moves.iter().filter_map(|step| step.in_the_mix.clone()).collect();
    if !advice.is_empty() {
        lines.push(format!("  {}", paint.bold("Better in the mix, if you still can:")));
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
    // An id that needs more room takes it from the next column.
    let id_width = ID_COLUMN.max(step.id.chars().count() + 2);
    let what_width = WIDTH.saturating_sub(id_width + 4 + expected.chars().count());
    let what = crate::text::table::fit(&step.what, what_width);
    let id = format!("{:<id_width$}", step.id);
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

/// `-14.0 LUFS ok   -1.0 dBTP ok   tone 7.6 -> 3.1 dB, worst 50 Hz -10.2 dB (good to 2.5 dB)`
pub fn verdict_line(verdict: &Verdict, paint: Paint) -> String {
    let parts: Vec<String> = verdict.checks.iter().map(|check| check_text(check, paint)).collect();
    parts.join("   ")
}

fn check_text(check: &Check, paint: Paint) -> String {
    let word = if check.met { paint.good("ok") } else { paint.bad("missed") };
    let value = number(check.measured, 1);
    match check.name.as_str() {
        "tone" => tone_text(check, paint),
        _ if check.met => format!("{value} {} {word}", check.unit),
        _ => format!("{value} {} {word} ({})", check.unit, number(Some(check.aim), 1)),
    }
}

/// From where to where the tone went, where it is worst, and whether that is good enough.
fn tone_text(check: &Check, paint: Paint) -> String {
    let from = check.before.map_or_else(String::new, |db| format!("{db:.1} -> "));
    let worst = check.worst.map_or_else(String::new, |worst| {
        format!(", worst {} {} dB", frequency(worst.freq_hz), signed(worst.excess_db, 1))
    });
    let told = format!("tone {from}{} dB{worst}", number(check.measured, 1));
    let good = number(Some(check.tolerance), 1);
    match (check.met, check.advisory) {
        (true, _) => format!("{told} {}", paint.good("ok")),
        (false, true) => format!("{told} (the style varies by {good})"),
        (false, false) => format!("{told} {} (within {good})", paint.bad("missed")),
    }
}
