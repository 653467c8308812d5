//! Whether the assistant behaves: leaves good masters alone, does nothing twice, does more when asked for more, and gives the
//! loudness that was asked for or says truthfully what can be had.

#![allow(
    clippy::disallowed_methods,
    reason = "a bench renders nothing that must be the same bits everywhere"
)]

use std::error::Error;
use std::path::{Path, PathBuf};

use acetate_analyzer::{Measured, analyze};
use acetate_audio::Source;
use acetate_bench::masters::{Master, master, music_in, open};
use acetate_bench::provenance::Provenance;
use acetate_bench::tone::distance;
use acetate_engine::settings::LimiterKind;
use acetate_optimizer::{Amounts, FitOptions};
use acetate_references::bands::THIRD_OCTAVE_HZ;
use acetate_references::oneshot::Boldness;
use acetate_references::{Aim, Profile, References, target};
use clap::Parser;
use serde::Serialize;

/// Loudness that is asked for, LUFS.
const LOUDNESS_LUFS: [f64; 4] = [-16.0, -14.0, -11.0, -9.0];
/// Amounts in rising order, percent.
const AMOUNTS_PCT: [f64; 4] = [25.0, 50.0, 100.0, 150.0];

/// Masters masters and mixes and prints what the assistant did.
#[derive(Parser)]
struct Arguments {
    /// Folder with `refs/` (finished masters) and `mixes/`.
    folder: PathBuf,
    /// Only files with this in their name.
    #[arg(long)]
    only: Option<String>,
    /// Only this part: restraint, monotonic or loudness.
    #[arg(long)]
    part: Option<String>,
    /// Where the JSON goes.
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Serialize)]
struct Report {
    made: Provenance,
    restraint: Vec<Restraint>,
    monotonic: Vec<Monotonic>,
    loudness: Vec<Loudness>,
}

/// A finished master, mastered with `--style auto` and its loudness kept; then that once more.
#[derive(Serialize)]
struct Restraint {
    file: String,
    bands: usize,
    equalizer_rms_db: f64,
    again_bands: usize,
    again_equalizer_rms_db: f64,
    again_loudness_lu: f64,
}

/// Distance to a reference, third octaves in dB rms, at rising amounts.
#[derive(Serialize)]
struct Monotonic {
    file: String,
    reference: String,
    untouched: f64,
    at_amounts: Vec<f64>,
    /// Closer with every amount up to 100 %.
    holds: bool,
}

/// A loudness that was asked for.
#[derive(Serialize)]
struct Loudness {
    file: String,
    wanted_lufs: f64,
    measured_lufs: Option<f64>,
    true_peak_dbtp: Option<f64>,
    cannot: Option<String>,
    /// Renders that settled it.
    renders: usize,
    holds: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let music = |folder: &str| music_in(&arguments.folder.join(folder), arguments.only.as_deref());
    let masters = music("refs")?;
    let mixes = music("mixes")?;
    let mut report = Report {
        made: Provenance::here(),
        restraint: Vec::new(),
        monotonic: Vec::new(),
        loudness: Vec::new(),
    };
    let part = |name: &str| arguments.part.as_ref().is_none_or(|only| only == name);
    for path in masters.iter().filter(|_| part("restraint")) {
        let row = restraint(path)?;
        println!(
            "{:<22} {} bands, {:.2} dB rms; again {} bands, {:.2} dB rms, {:+.3} LU",
            row.file,
            row.bands,
            row.equalizer_rms_db,
            row.again_bands,
            row.again_equalizer_rms_db,
            row.again_loudness_lu
        );
        report.restraint.push(row);
    }
    for (path, reference) in mixes.iter().zip(&masters).filter(|_| part("monotonic")) {
        let row = monotonic(path, reference)?;
        println!("{:<22} {:.2} -> {:.2?} {}", row.file, row.untouched, row.at_amounts, row.holds);
        report.monotonic.push(row);
    }
    for path in mixes.iter().chain(&masters).filter(|_| part("loudness")) {
        for row in loudness(path)? {
            println!(
                "{:<22} {:>5.1} LUFS: {:.3?} LUFS {:.3?} dBTP in {} {} {}",
                row.file,
                row.wanted_lufs,
                row.measured_lufs,
                row.true_peak_dbtp,
                row.renders,
                if row.holds { "holds" } else { "FAILS" },
                row.cannot.as_deref().unwrap_or(""),
            );
            report.loudness.push(row);
        }
    }
    summarize(&report);
    if let Some(out) = &arguments.out {
        std::fs::write(out, serde_json::to_string_pretty(&report)? + "\n")?;
    }
    Ok(())
}

fn name(path: &Path) -> String {
    path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into())
}

fn options() -> FitOptions {
    FitOptions { limiter: LimiterKind::Transparent, force: true, ..FitOptions::default() }
}

/// Masters to the style found automatically, loudness kept.
fn kept(source: &Source, before: &Measured) -> Result<Master, Box<dyn Error>> {
    let aim =
        Aim::one_shot(&before.analysis, target("streaming").ok_or("no target")?, Boldness::Normal);
    let lufs = before.analysis.loudness.integrated_lufs;
    master(source, before, &aim, &FitOptions { lufs, ..options() })
}

fn restraint(path: &Path) -> Result<Restraint, Box<dyn Error>> {
    let source = open(path)?;
    let before = analyze(&source)?;
    let once = kept(&source, &before)?;
    let again = kept(&Source::from_audio(once.sound.clone()), &once.after)?;
    let lufs = |measured: &Measured| measured.analysis.loudness.integrated_lufs.unwrap_or(-70.0);
    Ok(Restraint {
        file: name(path),
        bands: once.fit.settings.equalizer.bands.len(),
        equalizer_rms_db: equalizer_rms_db(&once),
        again_bands: again.fit.settings.equalizer.bands.len(),
        again_equalizer_rms_db: equalizer_rms_db(&again),
        again_loudness_lu: lufs(&again.after) - lufs(&once.after),
    })
}

/// Size of the equaliser's response over the third octaves, less its mean, dB rms.
fn equalizer_rms_db(made: &Master) -> f64 {
    let rate_hz = f64::from(made.sound.spec().sample_rate_hz);
    let response = |hz: f64| -> f64 {
        made.fit.settings.equalizer.bands.iter().map(|band| band.response_db(hz, rate_hz)).sum()
    };
    let values: Vec<f64> = THIRD_OCTAVE_HZ.iter().map(|&hz| response(hz)).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    (values.iter().map(|db| (db - mean) * (db - mean)).sum::<f64>() / values.len() as f64).sqrt()
}

fn monotonic(path: &Path, reference: &Path) -> Result<Monotonic, Box<dyn Error>> {
    let source = open(path)?;
    let before = analyze(&source)?;
    let wanted = analyze(&open(reference)?)?;
    let profile = Profile::from_analysis("reference", &wanted.analysis);
    let delivery = target("streaming").ok_or("no target")?;
    let aim = Aim::from_references(&References::blended(&[(&profile, 1.0)]), delivery)?;
    let distance = |measured: &Measured| {
        distance(&measured.analysis, &wanted.analysis, &before.analysis).tone_rms_db
    };
    let at = |all: f64| -> Result<f64, Box<dyn Error>> {
        let amounts = Amounts { all, ..Amounts::default() };
        let made = master(&source, &before, &aim, &FitOptions { amounts, ..options() })?;
        Ok(distance(&made.after))
    };
    let at_amounts = AMOUNTS_PCT.iter().map(|&amount| at(amount)).collect::<Result<Vec<_>, _>>()?;
    let untouched = distance(&before);
    let up_to_whole: Vec<f64> = [untouched].into_iter().chain(at_amounts[..3].to_vec()).collect();
    Ok(Monotonic {
        file: name(path),
        reference: name(reference),
        untouched,
        holds: up_to_whole.windows(2).all(|pair| pair[1] <= pair[0] + 0.02),
        at_amounts,
    })
}

fn loudness(path: &Path) -> Result<Vec<Loudness>, Box<dyn Error>> {
    let source = open(path)?;
    let before = analyze(&source)?;
    let delivery = target("streaming").ok_or("no target")?;
    let aim = Aim::one_shot(&before.analysis, delivery, Boldness::Normal);
    let mut rows = Vec::new();
    for wanted_lufs in LOUDNESS_LUFS {
        let options = FitOptions { lufs: Some(wanted_lufs), ..FitOptions::default() };
        let made = master(&source, &before, &aim, &options)?;
        let measured_lufs = made.after.analysis.loudness.integrated_lufs;
        let near = |lufs: f64| measured_lufs.is_some_and(|got| (got - lufs).abs() <= 0.05);
        let holds =
            made.fit.cannot.as_ref().map_or(near(wanted_lufs), |cannot| near(cannot.reached_lufs));
        rows.push(Loudness {
            file: name(path),
            wanted_lufs,
            measured_lufs,
            true_peak_dbtp: made.after.analysis.loudness.true_peak_dbtp,
            renders: made.fit.renders,
            cannot: made.fit.cannot.map(|cannot| cannot.reason),
            holds,
        });
    }
    Ok(rows)
}

fn summarize(report: &Report) {
    let rows = &report.restraint;
    let worst = |value: &dyn Fn(&Restraint) -> f64| rows.iter().map(value).fold(0.0, f64::max);
    println!(
        "\nrestraint: {} of {} masters get no band; equaliser {:.2} dB rms at most; again {:.2} dB rms and {:.3} LU at most",
        rows.iter().filter(|row| row.bands == 0).count(),
        rows.len(),
        worst(&|row| row.equalizer_rms_db),
        worst(&|row| row.again_equalizer_rms_db),
        worst(&|row| row.again_loudness_lu.abs()),
    );
    let holds = report.monotonic.iter().filter(|row| row.holds).count();
    println!("monotonic: {holds} of {}", report.monotonic.len());
    let holds = report.loudness.iter().filter(|row| row.holds).count();
    let cannot = report.loudness.iter().filter(|row| row.cannot.is_some()).count();
    let renders = report.loudness.iter().map(|row| row.renders);
    println!(
        "loudness: {holds} of {count} hold, {cannot} of them as a \"cannot\"; renders: {:.1} on average, {} at most",
        renders.clone().sum::<usize>() as f64 / report.loudness.len().max(1) as f64,
        renders.max().unwrap_or(0),
        count = report.loudness.len()
    );
}
