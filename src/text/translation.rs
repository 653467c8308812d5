//! What is left of a song elsewhere, for people.

use acetate_analyzer::Analysis;
use acetate_audio::numbers::{clock, duration, frequency, number};
use acetate_translation::{AfterCodec, BassHeard, OnSystem, Translation, TranslationFinding};

use crate::text::Paint;
use crate::text::table::{Align, Table, WIDTH, wrap};

/// Losses smaller than this are not told of in the table.
const TOLD_PCT: f64 = 1.0;
const TOLD_DB: f64 = 0.5;
/// Intelligibility below this is told of, where another system has that much.
const POOR_SII: f64 = 0.45;
const GOOD_SII: f64 = 0.6;

/// One song in full.
pub fn sheet(name: &str, analysis: &Analysis, translation: &Translation, paint: Paint) -> String {
    let length = duration(analysis.format.duration_s);
    let loudness = number(analysis.loudness.integrated_lufs, 1);
    let mut lines = vec![format!("{}  {length}  {loudness} LUFS", paint.bold(name))];
    lines.extend(systems(&translation.systems));
    lines.extend(as_most(&translation.systems));
    lines.extend(codecs(&translation.codecs));
    for finding in &translation.findings {
        lines.extend(sentences(finding, paint));
    }
    lines.join("\n") + "\n"
}

/// A row for each system on which something is to be told.
fn systems(systems: &[OnSystem]) -> Vec<String> {
    let mut table =
        Table::new(&[("system", Align::Left), ("bass line", Align::Left), ("also", Align::Left)]);
    let best = systems.iter().filter_map(|system| system.centre).map(|centre| centre.sii);
    // Where the centre is weak everywhere, the song is made so.
    let has_centre = best.fold(0.0, f64::max) >= GOOD_SII;
    for system in systems.iter().filter(|system| !system.as_most_records) {
        let bass = system.bass.as_ref().map_or_else(|| "-".to_owned(), bass);
        table.row([system.name.clone(), bass, also(system, has_centre)]);
    }
    if table.is_empty() { Vec::new() } else { table.lines() }
}

/// `12 % heard (4 to 30)`.
fn bass(bass: &BassHeard) -> String {
    let [worst, best] = bass.heard_range_pct;
    let range = match libm::round(best) > libm::round(worst) {
        true => format!(" ({worst:.0} to {best:.0})"),
        false => String::new(),
    };
    format!("{:.0} % heard{range}", bass.heard_pct)
}

/// What else is lost, the rarest first.
fn also(system: &OnSystem, has_centre: bool) -> String {
    let mut parts = Vec::new();
    let mono = system.mono.as_ref();
    if let Some((mono, gone)) = mono.and_then(|mono| Some((mono, mono.cancelled_pct?)))
        && gone >= TOLD_PCT
    {
        let range = mono
            .range_hz
            .map_or_else(String::new, |[low, high]| format!(", {low:.0} to {high:.0} Hz"));
        parts.push(format!("{gone:.0} % cancels{range}"));
    }
    if let Some(cover) = system.cover.as_ref().filter(|cover| cover.drowned_pct >= TOLD_PCT) {
        parts.push(match cover.at_s.first() {
            Some([from, to]) if cover.at_s.len() == 1 => {
                format!("{} to {} covered", clock(*from), clock(*to))
            }
            _ => format!("{:.0} % of the time covered", cover.drowned_pct),
        });
    }
    if let Some(limiter) = system.limiter.filter(|limiter| limiter.mean_db >= TOLD_DB) {
        parts.push(format!("limiter {:.1} of {:.0} dB", limiter.mean_db, limiter.boost_db));
    }
    let gone = system.bands.iter().filter(|band| band.gone && !band.usual);
    parts.extend(
        gone.map(|band| format!("{} to {} gone", frequency(band.low_hz), frequency(band.high_hz))),
    );
    if let Some(centre) = system.centre.filter(|centre| has_centre && centre.sii < POOR_SII) {
        parts.push(format!("centre {:.2}", centre.sii));
    }
    // More would be cut off; the findings have it.
    parts.truncate(2);
    parts.join("; ")
}

/// The systems on which there is nothing to tell, in a line.
fn as_most(systems: &[OnSystem]) -> Option<String> {
    let names: Vec<&str> = systems
        .iter()
        .filter(|system| system.as_most_records)
        .map(|system| system.name.as_str())
        .collect();
    let line = format!("  as most records: {}", names.join(", "));
    (!names.is_empty()).then(|| wrap(&line, WIDTH, "    "))
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
