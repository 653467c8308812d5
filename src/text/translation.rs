//! What is left of a song elsewhere, for people.

use acetate_analyzer::Analysis;
use acetate_audio::numbers::{clock, duration, number};
use acetate_translation::{AfterCodec, BassHeard, OnSystem, Translation, TranslationFinding};

use crate::simulate::{heard_at, rows};
use crate::text::Paint;
use crate::text::table::{Align, Table, WIDTH, wrap};

/// One song in full.
pub fn sheet(name: &str, analysis: &Analysis, translation: &Translation, paint: Paint) -> String {
    let length = duration(analysis.format.duration_s);
    let loudness = number(analysis.loudness.integrated_lufs, 1);
    let mut lines = vec![format!("{}  {length}  {loudness} LUFS", paint.bold(name))];
    if translation.is_nothing() {
        lines.push("  nothing to measure: silence, or less than 0.4 s of sound".to_owned());
        return lines.join("\n") + "\n";
    }
    lines.extend(systems(&translation.systems));
    lines.extend(as_most(&translation.systems));
    lines.extend(few_notes(&translation.systems));
    lines.extend(stems_heard(&translation.systems));
    lines.extend(codecs(&translation.codecs));
    lines.extend(players(analysis));
    for finding in &translation.findings {
        lines.extend(sentences(finding, paint));
    }
    lines.extend(answers(translation));
    lines.join("\n") + "\n"
}

/// So few systems were asked about one by one: each gets its row.
const ONE_BY_ONE: usize = 3;

/// A row for each system on which something is to be told.
fn systems(systems: &[OnSystem]) -> Vec<String> {
    let mut table =
        Table::new(&[("system", Align::Left), ("bass line", Align::Left), ("also", Align::Left)]);
    let told = systems.iter().zip(rows(systems));
    let told = told.filter(|(system, _)| has_row(system, systems));
    told.for_each(|(_, row)| table.row(row));
    if table.is_empty() { Vec::new() } else { table.wrapped_lines() }
}

fn has_row(system: &OnSystem, of: &[OnSystem]) -> bool {
    !system.as_most_records || of.len() <= ONE_BY_ONE
}

/// The systems on which there is nothing to tell, in a line.
fn as_most(systems: &[OnSystem]) -> Option<String> {
    let names: Vec<&str> = systems
        .iter()
        .filter(|system| !has_row(system, systems))
        .map(|system| system.name.as_str())
        .collect();
    let line = format!("  as most records: {}", names.join(", "));
    (!names.is_empty()).then(|| wrap(&line, WIDTH, "    "))
}

/// Why nothing is said of a short bass line.
fn few_notes(systems: &[OnSystem]) -> Option<String> {
    let bass = systems.iter().find_map(|system| system.bass.as_ref())?;
    let line = format!(
        "  bass line: {:.1} s of steady notes are too little to judge it by; {:.0} s would do",
        bass.steady_s(),
        BassHeard::steady_min_s()
    );
    bass.is_few().then(|| wrap(&line, WIDTH, "    "))
}

/// That stems were looked at, where none disappears.
fn stems_heard(systems: &[OnSystem]) -> Option<String> {
    let count = systems.iter().map(|system| system.stems.len()).max().unwrap_or(0);
    let gone = systems.iter().flat_map(|system| &system.stems).any(|stem| stem.gone);
    (count > 0 && !gone)
        .then(|| format!("  stems: none of {count} loses three quarters of its loudness"))
}

fn codecs(codecs: &[AfterCodec]) -> Vec<String> {
    let mut table = Table::new(&[
        ("codec", Align::Left),
        ("dBTP", Align::Right),
        ("overs", Align::Right),
        ("first", Align::Right),
        ("noise re mask", Align::Right),
        ("", Align::Left),
    ]);
    for codec in codecs {
        let overs = codec.overs.map_or_else(|| "-".to_owned(), |overs| overs.to_string());
        table.row([
            codec.codec.clone(),
            number(codec.true_peak_dbtp, 1),
            overs,
            codec.first_over_s.map_or_else(|| "-".to_owned(), clock),
            codec.nmr_db.map_or_else(|| "-".to_owned(), |db| format!("{db:.1} dB")),
            codec.not_tried.clone().unwrap_or_default(),
        ]);
    }
    if table.is_empty() { Vec::new() } else { table.lines() }
}

/// How loud the players of most listeners make it.
fn players(analysis: &Analysis) -> Option<String> {
    let heard = heard_at(&analysis.loudness);
    let line = format!("  played at: {}", heard.join("; "));
    (!heard.is_empty()).then(|| wrap(&line, WIDTH, "    "))
}

/// A finding, what to do in the mix, and what mastering can do.
fn sentences(finding: &TranslationFinding, paint: Paint) -> Vec<String> {
    let text = wrap(&format!("  {}  {}", finding.code, finding.text), WIDTH, "        ");
    let mut lines = vec![text.replacen(&finding.code, &paint.warn(&finding.code), 1)];
    let mut more = |label: &str, text: &str| {
        if !text.is_empty() {
            lines.push(wrap(&format!("        {label}: {text}"), WIDTH, "        "));
        }
    };
    more("In the mix", &finding.in_the_mix);
    more("Here", finding.in_mastering.as_deref().unwrap_or_default());
    lines
}

/// What mastering can do for the systems that were asked for, where no finding has said it.
fn answers(translation: &Translation) -> Vec<String> {
    let is_said = |text: &str| {
        let mut said = translation.findings.iter().filter_map(|f| f.in_mastering.as_deref());
        said.any(|said| said == text)
    };
    let answers = translation.answers.iter().filter(|answer| !is_said(&answer.text));
    let lines = answers.map(|answer| {
        let line = format!("  for {}: {}", answer.systems.join(", "), answer.text);
        wrap(&line, WIDTH, "    ")
    });
    lines.collect()
}
