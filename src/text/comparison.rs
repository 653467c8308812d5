//! What differs between two sounds, for people.

use acetate_analyzer::{BandDifference, Comparison};

use crate::Versions;
use crate::text::table::{Align, Table};
use acetate_audio::numbers::{counted, frequency, number, signed};

/// A null below this is rounding: the last bit of 16 makes -96 dB.
const SAME_DB: f64 = -90.0;

/// Names of the measures as people write them, with decimals and unit.
const LABELS: &[(&str, &str, usize, &str)] = &[
    ("integrated_lufs", "loudness", 1, "LUFS"),
    ("short_term_max_lufs", "loudest 3 s", 1, "LUFS"),
    ("loudness_range_lu", "loudness range", 1, "LU"),
    ("true_peak_dbtp", "true peak", 1, "dBTP"),
    ("plr_db", "peak to loudness", 1, "dB"),
    ("psr_db", "the same in 3 s", 1, "dB"),
    ("crest_factor_db", "crest factor", 1, "dB"),
    ("attack_crest_db", "attacks", 1, "dB"),
    ("tilt_db_per_octave", "tilt", 1, "dB/octave"),
    ("width", "width", 2, ""),
    ("correlation", "correlation", 2, ""),
    ("balance_db", "balance", 1, "dB"),
    ("mono_loss_lu", "mono loss", 1, "LU"),
];

/// Everything on one screen.
pub fn sheet(
    names: &[String; 2],
    comparison: &Comparison,
    versions: Option<&Versions>,
    null: bool,
) -> String {
    let mut lines = vec![format!("A  {}", names[0]), format!("B  {}", names[1])];
    lines.extend(versions_lines(versions, null));
    lines.extend(measures(comparison));
    lines.extend(bands(&comparison.bands));
    lines.push(format!(
        "  apart, equally loud, dB: tone {}, width {}, spread {}, crest {}",
        number(comparison.tone_rms_db, 1),
        number(comparison.width_mean_db, 1),
        number(comparison.spread_mean_db, 1),
        number(comparison.crest_mean_db, 1),
    ));
    lines.extend(bars(&comparison.third_octave_hz, &comparison.tone_db));
    lines.join("\n") + "\n"
}

fn versions_lines(versions: Option<&Versions>, null: bool) -> Vec<String> {
    let Some(Versions { alignment, delay_s, null_db }) = versions else {
        let asked = if null { ": nothing to subtract" } else { "" };
        return vec![format!("  not versions of one sound{asked}")];
    };
    let time = match alignment.delay_frames {
        0 => "at the same time".to_owned(),
        frames => {
            let word = if frames > 0 { "later" } else { "earlier" };
            let frames = counted(frames.unsigned_abs() as usize, "frame");
            format!("{:.2} ms ({frames}) {word}", delay_s.abs() * 1e3)
        }
    };
    let channels: Vec<String> =
        alignment.inverted_channels.iter().map(|channel| (channel + 1).to_string()).collect();
    let polarity = match (alignment.inverted, channels.join(" and ")) {
        (true, _) => ", upside down".to_owned(),
        (false, channels) if channels.is_empty() => channels,
        (false, channels) => format!(", channel {channels} upside down"),
    };
    let mut lines = vec![format!(
        "  B is A {time}, {} dB{polarity}, correlation {:.3}",
        signed(-alignment.gain_db, 2),
        alignment.correlation
    )];
    if let Some(null_db) = null_db {
        let same = if *null_db < SAME_DB { ": the same sound" } else { "" };
        lines.push(format!("  A less B, aligned: {null_db:.1} dB re A{same}"));
    } else if null {
        lines.push("  A less B: the channels differ in number".to_owned());
    }
    lines
}

fn measures(comparison: &Comparison) -> Vec<String> {
    let mut table = Table::new(&[
        ("", Align::Left),
        ("A", Align::Right),
        ("B", Align::Right),
        ("change", Align::Right),
        ("", Align::Left),
    ]);
    for (name, label, decimals, unit) in LABELS {
        let found = comparison.measures.iter().find(|measure| measure.name == *name);
        let Some(measure) = found.filter(|measure| measure.a.or(measure.b).is_some()) else {
            continue;
        };
        table.row([
            (*label).to_owned(),
            number(measure.a, *decimals),
            number(measure.b, *decimals),
            measure.difference.map_or_else(|| "-".to_owned(), |change| signed(change, *decimals)),
            (*unit).to_owned(),
        ]);
    }
    table.lines()
}

/// Changes of dynamics and width in each band.
fn bands(bands: &[BandDifference]) -> Vec<String> {
    let heading = ["change in", "spread dB", "crest dB", "side-mid dB", "correlation"];
    let mut table = Table::new(&heading.map(|name| (name, Align::Right)));
    let change = |value: Option<f64>, decimals| {
        value.map_or("-".to_owned(), |value| signed(value, decimals))
    };
    for band in bands {
        table.row([
            format!("{} - {}", frequency(band.low_hz), frequency(band.high_hz)),
            change(band.level_std_db, 1),
            change(band.crest_factor_db, 1),
            change(band.side_minus_mid_db, 1),
            change(band.correlation, 2),
        ]);
    }
    if table.is_empty() { Vec::new() } else { table.lines() }
}

/// One bar a third octave, left of the middle for less, right for more; half a decibel a character.
fn bars(centres_hz: &[f64], tone_db: &[Option<f64>]) -> Vec<String> {
    const HALF: usize = 24;
    centres_hz
        .iter()
        .zip(tone_db)
        .filter_map(|(&hz, change)| change.map(|change| (hz, change)))
        .map(|(hz, change)| {
            let length = ((change.abs() * 2.0).round() as usize).min(HALF);
            let bar = "\u{2588}".repeat(length);
            let (left, right) =
                if change < 0.0 { (bar, String::new()) } else { (String::new(), bar) };
            format!("  {:>8} {:>6}  {left:>HALF$}|{right}", frequency(hz), signed(change, 1))
        })
        .collect()
}
