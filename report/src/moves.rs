//! What was done, as cards, and what is better done elsewhere.

use acetate_analyzer::{Finding, Severity};
use acetate_optimizer::{Confidence, Mark, Move, SettingsDocument, capital};

use crate::figure::folding;
use crate::html::{escape, number, signed, words};
use acetate_audio::numbers::clock;

/// Most places of a finding that are named.
const PLACES_SHOWN: usize = 8;

/// Why the mix is the better place.
const NOTE: &str =
    "<p class=\"soft\">If you still can: what is solved there needs no move here.</p>";

/// What was done, as cards in the order of processing.
pub(crate) fn moves(document: &SettingsDocument) -> String {
    let body = if document.moves.is_empty() {
        "<p>Nothing: the mix is where it should be.</p>".to_owned()
    } else {
        let cards: String = document.moves.iter().map(card).collect();
        format!(
            "<ul class=\"cards strip\" tabindex=\"0\" aria-label=\"What was done, in the order of processing\">{cards}</ul>"
        )
    };
    format!("<section><h2>What was done</h2>{body}</section>\n")
}

fn card(step: &Move) -> String {
    let show = |value| if step.unit == "dB" { signed(value, 1) } else { number(Some(value), 1) };
    let sure = match step.confidence {
        Confidence::High => "clear",
        Confidence::Medium => "likely",
        Confidence::Low => "a matter of taste",
    };
    let sure = match step.mark {
        Mark::Suggested => sure,
        Mark::Edited => "edited",
        Mark::LeftOut => "left out",
    };
    let begin = format!(
        "<li><p class=\"id\"><code>{}</code> <span class=\"soft\">{sure}</span></p><h3>{}</h3><p>{}</p>",
        escape(&step.id),
        capital(&words(&step.what)),
        words(&step.text),
    );
    // What nothing was done for has nothing to show.
    if step.metric.is_empty() || (step.measured == step.aim && step.tolerance == 0.0) {
        return format!("{begin}</li>\n");
    }
    let unit = escape(&step.unit);
    format!(
        "{begin}{}<dl><div><dt>before</dt><dd>{} {unit}</dd></div><div><dt>expected</dt><dd>{} {unit}</dd></div><div><dt>aim</dt><dd>{} \u{b1} {}</dd></div></dl></li>\n",
        meter(step),
        show(step.measured),
        show(step.expected),
        show(step.aim),
        number(Some(step.tolerance), if step.tolerance < 0.1 { 2 } else { 1 }),
    )
}

/// From where to where a measure goes, and the zone where it is good. The numbers stand below it.
fn meter(step: &Move) -> String {
    const WIDTH: f64 = 240.0;
    const EDGE: f64 = 10.0;
    let (good_from, good_to) = (step.aim - step.tolerance, step.aim + step.tolerance);
    let ends = [step.measured, step.expected, good_from, good_to];
    if ends.iter().any(|value| !value.is_finite()) {
        return String::new();
    }
    let low = ends.into_iter().fold(f64::INFINITY, f64::min);
    let high = ends.into_iter().fold(f64::NEG_INFINITY, f64::max);
    let span = (high - low).max(1e-6);
    let at = |value: f64| EDGE + (value - low) / span * (WIDTH - 2.0 * EDGE);
    let (from, to) = (at(step.measured), at(step.expected));
    format!(
        r#"<svg class="meter" viewBox="0 0 {WIDTH} 20" aria-hidden="true"><path class="grid" d="M{EDGE} 10H{}"/><rect class="zone" x="{:.1}" y="3" width="{:.1}" height="14" rx="3"/><path class="way" d="M{from:.1} 10H{to:.1}"/><circle class="dot before" cx="{from:.1}" cy="10" r="4.5"/><circle class="dot after" cx="{to:.1}" cy="10" r="4.5"/></svg>"#,
        WIDTH - EDGE,
        at(good_from) - 2.0,
        at(good_to) - at(good_from) + 4.0,
    )
}

/// What is better done in the mix, and what is to be known of the source.
pub(crate) fn advice(findings: &[Finding], moves: &[Move]) -> String {
    let (mix, others): (Vec<&Finding>, Vec<&Finding>) =
        findings.iter().partition(|finding| finding.severity == Severity::Mix);
    let mut in_the_mix: Vec<String> = mix.into_iter().map(finding).collect();
    in_the_mix.extend(moves.iter().filter_map(|step| {
        let text = step.in_the_mix.as_ref()?;
        Some(remark("info", &step.id, &capital(&words(text)), ""))
    }));
    let about: Vec<String> = others.into_iter().map(finding).collect();
    let list = |heading: &str, note: &str, items: Vec<String>| {
        if items.is_empty() {
            return String::new();
        }
        folding(heading, &format!("{note}<ul class=\"remarks\">{}</ul>", items.concat()))
    };
    let lists = list("Better in the mix", NOTE, in_the_mix) + &list("About the source", "", about);
    if lists.is_empty() { lists } else { format!("<section class=\"two\">{lists}</section>\n") }
}

fn finding(finding: &Finding) -> String {
    let places: Vec<String> =
        finding.at_s.iter().take(PLACES_SHOWN).map(|&at_s| clock(at_s)).collect();
    let more = finding.at_s.len().saturating_sub(PLACES_SHOWN);
    let at = match (places.is_empty(), more) {
        (true, _) => String::new(),
        (false, 0) => format!(" At {}.", places.join(", ")),
        (false, more) => format!(" At {} and {more} more.", places.join(", ")),
    };
    let class = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Mix | Severity::Info => "info",
    };
    let text = format!("{}.{at}", capital(&words(finding.text.trim_end_matches('.'))));
    remark(class, &finding.code, &text, &capital(&words(&finding.advice)))
}

fn remark(class: &str, code: &str, text: &str, advice: &str) -> String {
    let advice =
        if advice.is_empty() { String::new() } else { format!("<p class=\"soft\">{advice}</p>") };
    format!(
        "<li class=\"{class}\"><code>{}</code><div><p>{text}</p>{advice}</div></li>",
        escape(code)
    )
}
