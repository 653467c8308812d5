//! `acetate compare`: what changed between two files.

use std::path::PathBuf;

use acetate_analyzer::Analysis;
use clap::Args;
use serde_json::json;

use crate::exit::Exit;
use crate::failure::Outcome;
use crate::global::{Global, print, print_json};
use crate::inputs::Input;
use crate::numbers::{frequency, number, signed};
use crate::reading::{Track, measure};
use crate::result::{CommandResult, FileResult};
use crate::table::{Align, Table};

/// What changed between two files
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate compare song.wav song.streaming.wav\n  acetate compare song.streaming.wav record.flac     how far from a record\n  acetate compare song.wav song.streaming.wav --json"
)]
pub(crate) struct CompareArguments {
    /// One file
    #[arg(value_name = "A")]
    first: PathBuf,
    /// The other
    #[arg(value_name = "B")]
    second: PathBuf,
}

pub(crate) fn run(arguments: &CompareArguments, global: &Global) -> Outcome<Exit> {
    let (first, second) = rayon::join(
        || measure(&Input::file(&arguments.first), 2),
        || measure(&Input::file(&arguments.second), 2),
    );
    let (first, second) = (first?, second?);
    let (a, b) = (&first.measured.analysis, &second.measured.analysis);
    let tone = tone_change(a, b);
    if global.wants_json() {
        let entry = |track: &Track| {
            FileResult::done(
                &track.input.name(),
                Exit::Done,
                json!({ "analysis": track.measured.analysis }),
            )
        };
        let mut result =
            serde_json::to_value(CommandResult::of("compare", vec![entry(&first), entry(&second)]))
                .unwrap_or_default();
        result["tone_change_db"] = json!(tone.iter().map(|change| change.1).collect::<Vec<_>>());
        result["tone_change_rms_db"] = json!(rms(&tone));
        print_json(&result)?;
        return Ok(Exit::Done);
    }
    print(&sheet(&first.input.name(), &second.input.name(), a, b, &tone))?;
    Ok(Exit::Done)
}

/// Third-octave levels of `b` over `a` at equal level: the mean difference is taken out.
fn tone_change(a: &Analysis, b: &Analysis) -> Vec<(f64, Option<f64>)> {
    let pairs: Vec<(f64, Option<f64>)> = a
        .spectrum
        .third_octave_hz
        .iter()
        .zip(a.spectrum.level_db.iter().zip(&b.spectrum.level_db))
        .map(|(&hz, (a, b))| (hz, a.zip(*b).map(|(a, b)| b - a)))
        .collect();
    let known: Vec<f64> = pairs.iter().filter_map(|pair| pair.1).collect();
    let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
    pairs.into_iter().map(|(hz, change)| (hz, change.map(|change| change - mean))).collect()
}

fn rms(tone: &[(f64, Option<f64>)]) -> f64 {
    let known: Vec<f64> = tone.iter().filter_map(|change| change.1).collect();
    (known.iter().map(|db| db * db).sum::<f64>() / known.len().max(1) as f64).sqrt()
}

fn sheet(
    first: &str,
    second: &str,
    a: &Analysis,
    b: &Analysis,
    tone: &[(f64, Option<f64>)],
) -> String {
    let mut table = Table::new(&[
        ("", Align::Left),
        ("A", Align::Right),
        ("B", Align::Right),
        ("change", Align::Right),
        ("", Align::Left),
    ]);
    for (name, a, b, decimals, unit) in measures(a, b) {
        let change = a.zip(b).map_or_else(|| "-".to_owned(), |(a, b)| signed(b - a, decimals));
        table.row([
            name.to_owned(),
            number(a, decimals),
            number(b, decimals),
            change,
            unit.to_owned(),
        ]);
    }
    let mut lines = vec![format!("A  {first}"), format!("B  {second}")];
    lines.extend(table.lines().into_iter().skip(1));
    lines.push(format!("  tone, B against A at equal level: {:.1} dB rms", rms(tone)));
    lines.extend(bars(tone));
    lines.join("\n") + "\n"
}

type Measure = (&'static str, Option<f64>, Option<f64>, usize, &'static str);

fn measures(a: &Analysis, b: &Analysis) -> [Measure; 12] {
    let (la, lb) = (&a.loudness, &b.loudness);
    let (sa, sb) = (&a.stereo, &b.stereo);
    [
        ("loudness", la.integrated_lufs, lb.integrated_lufs, 1, "LUFS"),
        ("loudness range", la.loudness_range_lu, lb.loudness_range_lu, 1, "LU"),
        ("loudest 3 s", la.short_term_max_lufs, lb.short_term_max_lufs, 1, "LUFS"),
        ("true peak", la.true_peak_dbtp, lb.true_peak_dbtp, 1, "dBTP"),
        ("peak to loudness", la.plr_db, lb.plr_db, 1, "dB"),
        ("crest factor", a.dynamics.crest_factor_db, b.dynamics.crest_factor_db, 1, "dB"),
        ("attacks", a.dynamics.attack_crest_db, b.dynamics.attack_crest_db, 1, "dB"),
        ("tilt", a.spectrum.tilt_db_per_octave, b.spectrum.tilt_db_per_octave, 1, "dB/octave"),
        ("width", sa.width, sb.width, 2, ""),
        ("correlation", sa.correlation, sb.correlation, 2, ""),
        ("balance", sa.balance_db, sb.balance_db, 1, "dB"),
        ("mono loss", sa.mono_loss_lu, sb.mono_loss_lu, 1, "LU"),
    ]
}

/// One bar a third octave, left of the middle for less, right for more; half a decibel a character.
fn bars(tone: &[(f64, Option<f64>)]) -> Vec<String> {
    const HALF: usize = 24;
    tone.iter()
        .filter_map(|(hz, change)| change.map(|change| (hz, change)))
        .map(|(&hz, change)| {
            let length = ((change.abs() * 2.0).round() as usize).min(HALF);
            let bar = "\u{2588}".repeat(length);
            let (left, right) =
                if change < 0.0 { (bar, String::new()) } else { (String::new(), bar) };
            format!("  {:>8} {:>6}  {left:>HALF$}|{right}", frequency(hz), signed(change, 1))
        })
        .collect()
}
