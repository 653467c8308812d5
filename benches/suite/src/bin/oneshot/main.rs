//! What a master without a record does to real sound: every mix with its sentence, bells planted in finished records, and a
//! second pass.

#![allow(
    clippy::disallowed_methods,
    reason = "a bench renders nothing that must be the same bits everywhere"
)]

mod picture;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use acetate_analyzer::{Analysis, Measured, analyze};
use acetate_audio::Source;
use acetate_bench::masters::{Master, master, named_files, open_or_leave_out, rendered};
use acetate_bench::provenance::Provenance;
use acetate_engine::Settings;
use acetate_engine::settings::{EqualizerBand, LimiterKind};
use acetate_optimizer::FitOptions;
use acetate_references::bands::THIRD_OCTAVE_HZ;
use acetate_references::oneshot::{Boldness, Signs};
use acetate_references::style::{Style, style};
use acetate_references::{Aim, target};
use clap::Parser;
use serde::Serialize;

use picture::{Drawn, picture};

/// Bells that are planted: frequency, gain and Q.
const BELLS: [[f64; 3]; 3] = [[200.0, 6.0, 0.7], [3_000.0, -6.0, 0.7], [8_000.0, 6.0, 0.7]];

/// Masters files without a record and prints what was done and why not.
#[derive(Parser)]
struct Arguments {
    /// Files, and folders of files.
    files: Vec<PathBuf>,
    /// Plant bells as well.
    #[arg(long)]
    bells: bool,
    /// The style that the files are said to be of.
    #[arg(long)]
    style: Option<String>,
    /// Where the JSON goes.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Where a picture of all files goes: each beside the records it is judged by.
    #[arg(long)]
    picture: Option<PathBuf>,
}

#[derive(Serialize)]
struct Report {
    made: Provenance,
    files: Vec<Heard>,
    bells: Vec<Bell>,
}

/// A file as it is.
#[derive(Serialize)]
struct Heard {
    file: String,
    duration_s: f64,
    tone_certainty_pct: Option<f64>,
    density_certainty_pct: Option<f64>,
    /// What was done, and what was not and why.
    told: Vec<String>,
    bands: usize,
    compressed: bool,
    /// Response of the equaliser over the third octaves, less its mean, dB.
    curve_db: Vec<f64>,
    /// Time of judging alone, median of nine, and of all of it: analysing, judging, fitting and rendering, ms.
    judging_ms: f64,
    master_ms: f64,
    /// Bands and compression of a second pass over the result.
    again_bands: usize,
    again_compressed: bool,
}

/// A bell in a file.
#[derive(Serialize)]
struct Bell {
    file: String,
    freq_hz: f64,
    gain_db: f64,
    tone_certainty_pct: Option<f64>,
    /// What is left of the bell, rms over the third octaves.
    left_pct: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let judge = match &arguments.style {
        Some(id) => Judge::Of(style(id).ok_or_else(|| format!("no style {id}"))?),
        None => Judge::All,
    };
    let mut report = Report { made: Provenance::here(), files: Vec::new(), bells: Vec::new() };
    let mut drawn = Vec::new();
    for path in named_files(&arguments.files) {
        let Some(source) = open_or_leave_out(&path) else { continue };
        let begun = Instant::now();
        let before = analyze(&source)?;
        let analysing_ms = ms_since(begun);
        if before.analysis.loudness.integrated_lufs.is_none() {
            continue;
        }
        let row = heard(&path, &source, &before, judge, analysing_ms)?;
        println!("{} ({:.0} s)", row.file, row.duration_s);
        row.told.iter().for_each(|told| println!("  {told}"));
        drawn.push(Drawn {
            name: row.file.clone(),
            tone_db: Signs::from_analysis(&before.analysis).map(|signs| signs.tone_db),
            curve_db: row.curve_db.clone(),
            told: in_short(&row),
        });
        report.files.push(row);
        for bell in BELLS.iter().filter(|_| arguments.bells) {
            let row = bell_in(&path, &source, *bell, judge)?;
            println!("  {:+.0} dB at {} Hz: {:.0} % left", row.gain_db, row.freq_hz, row.left_pct);
            report.bells.push(row);
        }
    }
    let worse = report.bells.iter().filter(|bell| bell.left_pct > 100.5).count();
    println!(
        "{} files, {} touched, {} touched again; {} bells, {worse} made worse",
        report.files.len(),
        report.files.iter().filter(|row| row.bands > 0 || row.compressed).count(),
        report.files.iter().filter(|row| row.again_bands > 0 || row.again_compressed).count(),
        report.bells.len()
    );
    let sum = |ms: fn(&Heard) -> f64| report.files.iter().map(ms).sum::<f64>();
    println!(
        "judging: {:.1} ms a file, {:.2} % of a master",
        sum(|row| row.judging_ms) / report.files.len() as f64,
        100.0 * sum(|row| row.judging_ms) / sum(|row| row.master_ms)
    );
    if let Some(out) = &arguments.out {
        std::fs::write(out, serde_json::to_string_pretty(&report)? + "\n")?;
    }
    if let Some(out) = &arguments.picture {
        std::fs::write(out, picture(&drawn))?;
    }
    Ok(())
}

/// What was decided, in a few words.
fn in_short(row: &Heard) -> String {
    let share = |what: &str, pct: Option<f64>| pct.map(|pct| format!("{what} wrong: {pct:.0} %"));
    let said = [share("tone", row.tone_certainty_pct), share("density", row.density_certainty_pct)];
    let said: Vec<String> = said.into_iter().flatten().collect();
    let done = if row.bands > 0 || row.compressed { "moved" } else { "left alone" };
    if said.is_empty() {
        format!("not judged, {done}")
    } else {
        format!("{}, {done}", said.join(", "))
    }
}

fn name(path: &Path) -> String {
    path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into())
}

/// By which records a file is judged.
#[derive(Clone, Copy)]
enum Judge {
    All,
    Of(&'static Style),
}

impl Judge {
    fn aim(self, mix: &Analysis) -> Aim {
        let delivery = target("streaming").expect("it is built in");
        match self {
            Self::All => Aim::one_shot(mix, delivery, Boldness::Normal),
            Self::Of(style) => Aim::one_shot_in(style, mix, delivery, Boldness::Normal),
        }
    }
}

fn ms_since(begun: Instant) -> f64 {
    1e3 * begun.elapsed().as_secs_f64()
}

/// How long judging takes, median of nine.
fn judging_ms(judge: Judge, mix: &Analysis) -> f64 {
    let mut times_ms: Vec<f64> = (0..9)
        .map(|_| {
            let begun = Instant::now();
            std::hint::black_box(judge.aim(mix));
            ms_since(begun)
        })
        .collect();
    times_ms.sort_by(f64::total_cmp);
    times_ms[4]
}

/// A master for streaming, its loudness kept: what limiting does is not looked at here.
fn made(source: &Source, before: &Measured, judge: Judge) -> Result<(Aim, Master), Box<dyn Error>> {
    let aim = judge.aim(&before.analysis);
    let options = FitOptions {
        lufs: before.analysis.loudness.integrated_lufs,
        limiter: LimiterKind::Transparent,
        force: true,
        ..FitOptions::default()
    };
    let made = master(source, before, &aim, &options)?;
    Ok((aim, made))
}

fn heard(
    path: &Path,
    source: &Source,
    before: &Measured,
    judge: Judge,
    analysing_ms: f64,
) -> Result<Heard, Box<dyn Error>> {
    let begun = Instant::now();
    let (aim, once) = made(source, before, judge)?;
    let master_ms = analysing_ms + ms_since(begun);
    let (_, again) = made(&Source::from_audio(once.sound.clone()), &once.after, judge)?;
    let hearing = aim.hearing.ok_or("a one-shot hears")?;
    let told = once.fit.moves.iter().filter(|step| {
        step.certainty_pct.is_some() || step.id == "tone" || step.id.starts_with("eq")
    });
    Ok(Heard {
        file: name(path),
        duration_s: before.analysis.format.duration_s,
        tone_certainty_pct: hearing.tone.as_ref().map(|doubt| doubt.certainty_pct),
        density_certainty_pct: hearing.density.as_ref().map(|doubt| doubt.certainty_pct),
        told: told.map(|step| step.text.clone()).collect(),
        bands: once.fit.settings.equalizer.bands.len(),
        compressed: !once.fit.settings.compressor.is_neutral(),
        curve_db: curve_db(&once.fit.settings, &once),
        judging_ms: judging_ms(judge, &before.analysis),
        master_ms,
        again_bands: again.fit.settings.equalizer.bands.len(),
        again_compressed: !again.fit.settings.compressor.is_neutral(),
    })
}

fn bell_in(
    path: &Path,
    source: &Source,
    [freq_hz, gain_db, q]: [f64; 3],
    judge: Judge,
) -> Result<Bell, Box<dyn Error>> {
    let mut settings = Settings::default();
    settings.limiter.kind = LimiterKind::Off;
    settings.drive_db = -8.0;
    settings.equalizer.bands =
        vec![EqualizerBand { freq_hz, gain_db, q, ..EqualizerBand::default() }];
    let bent = rendered(source, &settings)?;
    let bent = Source::from_audio(bent);
    let before = analyze(&bent)?;
    let (aim, made) = made(&bent, &before, judge)?;
    let planted = curve_db(&settings, &made);
    let left: Vec<f64> =
        curve_db(&made.fit.settings, &made).iter().zip(&planted).map(|(a, b)| a + b).collect();
    let rms = |values: &[f64]| values.iter().map(|db| db * db).sum::<f64>().sqrt();
    Ok(Bell {
        file: name(path),
        freq_hz,
        gain_db,
        tone_certainty_pct: aim.hearing.and_then(|hearing| Some(hearing.tone?.certainty_pct)),
        left_pct: 100.0 * rms(&left) / rms(&planted),
    })
}

/// Response of the equaliser over the third octaves, less its mean.
fn curve_db(settings: &Settings, made: &Master) -> Vec<f64> {
    let rate_hz = f64::from(made.sound.spec().sample_rate_hz);
    let response = |hz: f64| -> f64 {
        settings.equalizer.bands.iter().map(|band| band.response_db(hz, rate_hz)).sum()
    };
    let values: Vec<f64> = THIRD_OCTAVE_HZ.iter().map(|&hz| response(hz)).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter().map(|db| db - mean).collect()
}
