//! How closely references are matched: our figures and, where present, those of peers, over the pairs of a folder.
//!
//! `quality FOLDER [--out FILE] [--limiter KIND] [--only SONG]`: FOLDER holds `pairs.json`.

#![allow(
    clippy::disallowed_methods,
    reason = "a bench renders nothing that must be the same bits everywhere"
)]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use acetate_analyzer::{Analysis, analyze};
use acetate_audio::{Audio, Source};
use acetate_bench::masters::{master, open, rendered};
use acetate_bench::metrics::{filter_match, level_match, noise_to_mask};
use acetate_bench::peers::Peer;
use acetate_bench::provenance::Provenance;
use acetate_bench::tone::{Distance, distance};
use acetate_engine::Settings;
use acetate_engine::settings::{Bits, LimiterKind};
use acetate_optimizer::{Detail, FitOptions, Match};
use acetate_references::{Aim, Profile, References, target};
use clap::Parser;
use serde::{Deserialize, Serialize};

/// Matches every mix of a folder to its reference and prints how close it came.
#[derive(Parser)]
struct Arguments {
    /// Folder with `pairs.json`.
    folder: PathBuf,
    /// Where the JSON goes.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Limiter: masked, transparent or fast.
    #[arg(long, default_value = "masked")]
    limiter: String,
    /// Only pairs whose mix or reference has this in its name.
    #[arg(long)]
    only: Option<String>,
    /// Only these, of acetate, max_eq_15, fine, peers; all when none is named.
    #[arg(long)]
    who: Vec<String>,
    /// Print third-octave differences too.
    #[arg(long)]
    verbose: bool,
    /// Another ceiling than the target's, dBTP.
    #[arg(long, allow_negative_numbers = true)]
    ceiling: Option<f64>,
    /// Another loudness than the reference's, LU relative to it.
    #[arg(long, allow_negative_numbers = true)]
    louder: Option<f64>,
    /// Print noise to mask of what is done before the limiter too.
    #[arg(long)]
    stages: bool,
}

/// Ours: name, detail, and bound on the sum of the curve in dB; the first is what a user gets without a flag.
const OURS: [(&str, Detail, f64); 3] = [
    ("acetate", Detail::Medium, 12.0),
    ("max_eq_15", Detail::Medium, 15.0),
    ("fine", Detail::Fine, 24.0),
];

#[derive(Deserialize)]
struct Pair {
    mix: String,
    reference: String,
    kind: String,
}

#[derive(Serialize)]
struct Report {
    made: Provenance,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    mix: String,
    reference: String,
    kind: String,
    who: String,
    distance: Option<Distance>,
    /// PEAQ's noise-to-mask ratio against the mix, every time-invariant filter of mid and side forgiven, dB; `None` when the
    /// output has another rate or length than the mix.
    noise_to_mask_db: Option<f64>,
    true_peak_dbtp: Option<f64>,
    bands: Option<usize>,
    renders: Option<usize>,
    /// That mix or reference is nearly mono was said.
    told_nearly_mono: bool,
    seconds: f64,
    note: Option<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let json = std::fs::read_to_string(arguments.folder.join("pairs.json"))?;
    let pairs: Vec<Pair> = serde_json::from_str(&json)?;
    let mut rows = Vec::new();
    println!(
        "{:<22} {:<22} {:<10} {:>5} {:>5} {:>6} {:>6} {:>6} {:>5} {:>6} {:>6} {:>5} {:>4} {:>6}",
        "mix",
        "reference",
        "who",
        "rms",
        "max",
        "S-M",
        "width",
        "crest",
        "std",
        "LU",
        "NMR",
        "bands",
        "rend",
        "s"
    );
    for pair in &pairs {
        let name = format!("{} {}", pair.mix, pair.reference);
        if arguments.only.as_ref().is_none_or(|only| name.contains(only.as_str())) {
            for row in compare(&arguments, pair)? {
                show(&row);
                rows.push(row);
            }
        }
    }
    summarize(&rows);
    if let Some(out) = &arguments.out {
        let report = Report { made: Provenance::here(), rows };
        std::fs::write(out, serde_json::to_string_pretty(&report)? + "\n")?;
    }
    Ok(())
}

fn compare(arguments: &Arguments, pair: &Pair) -> Result<Vec<Row>, Box<dyn Error>> {
    let (mix_path, reference_path) =
        (arguments.folder.join(&pair.mix), arguments.folder.join(&pair.reference));
    let source = open(&mix_path)?;
    let before = analyze(&source)?;
    let reference = analyze(&open(&reference_path)?)?;
    let profile = Profile::from_analysis("reference", &reference.analysis);
    let delivery = target("streaming").ok_or("no target streaming")?;
    let aim = Aim::from_references(&References::blended(&[(&profile, 1.0)]), delivery)?;
    let row = |who: &str, after: Option<&Analysis>, seconds| Row {
        mix: stem(&pair.mix),
        reference: stem(&pair.reference),
        kind: pair.kind.clone(),
        who: who.to_owned(),
        distance: after.map(|after| distance(after, &reference.analysis, &before.analysis)),
        noise_to_mask_db: None,
        true_peak_dbtp: after.and_then(|after| after.loudness.true_peak_dbtp),
        bands: None,
        renders: None,
        told_nearly_mono: false,
        seconds,
        note: None,
    };
    let mut rows = vec![row("untouched", Some(&before.analysis), 0.0)];
    let limiter = limiter(&arguments.limiter)?;
    let wanted = |who: &str| arguments.who.is_empty() || arguments.who.iter().any(|one| one == who);
    for (who, detail, max_eq_db) in OURS {
        if !wanted(who) {
            continue;
        }
        let options = FitOptions {
            take: Match { loudness: true, ..Match::default() },
            detail,
            max_eq_db,
            limiter,
            ceiling_dbtp: arguments.ceiling,
            lufs: aim.reference_lufs.zip(arguments.louder).map(|(lufs, louder)| lufs + louder),
            ..FitOptions::default()
        };
        let start = Instant::now();
        let made = master(&source, &before, &aim, &options)?;
        let seconds = start.elapsed().as_secs_f64();
        if arguments.verbose {
            show_curve(&made.after.analysis, &reference.analysis);
            for band in &made.fit.settings.equalizer.bands {
                println!(
                    "   {:?} {:?} {} Hz {} dB Q {}",
                    band.channel, band.kind, band.freq_hz, band.gain_db, band.q
                );
            }
            println!("   {:?}", made.fit.settings.compressor.bands);
            println!("   drive {} {:?}", made.fit.settings.drive_db, made.fit.cannot);
        }
        if arguments.stages {
            show_stages(&source, &made.fit.settings)?;
        }
        rows.push(Row {
            told_nearly_mono: made.fit.moves.iter().any(|step| step.text.contains("nearly mono")),
            bands: Some(made.fit.settings.equalizer.bands.len()),
            renders: Some(made.fit.renders),
            noise_to_mask_db: noise_to_mask_db(&source, &made.sound),
            note: made.fit.cannot.map(|cannot| cannot.reason),
            ..row(who, Some(&made.after.analysis), seconds)
        });
    }
    for peer in Peer::ALL.into_iter().filter(|_| wanted("peers")) {
        let output = std::env::temp_dir().join(format!("acetate-peer-{}.wav", std::process::id()));
        let start = Instant::now();
        let result = peer.run(&mix_path, &reference_path, &output);
        let seconds = start.elapsed().as_secs_f64();
        rows.push(match result {
            Ok(()) => {
                let sound = open(&output)?;
                Row {
                    noise_to_mask_db: sound
                        .audio()
                        .and_then(|made| noise_to_mask_db(&source, made)),
                    ..row(peer.name(), Some(&analyze(&sound)?.analysis), seconds)
                }
            }
            Err(note) => Row { note: Some(note), ..row(peer.name(), None, seconds) },
        });
        std::fs::remove_file(&output).ok();
    }
    Ok(rows)
}

fn noise_to_mask_db(mix: &Source, made: &Audio) -> Option<f64> {
    let mix = mix.audio()?;
    let alike = mix.spec() == made.spec() && mix.frames() == made.frames();
    let (filtered, made) = alike.then(|| filter_match(mix, made))?;
    Some(noise_to_mask(&level_match(&filtered, &made), &made).mean_db)
}

/// Noise to mask of filters alone, and of filters and compression, before any limiter.
fn show_stages(mix: &Source, settings: &Settings) -> Result<(), Box<dyn Error>> {
    let mut before = settings.clone();
    before.limiter.kind = LimiterKind::Off;
    before.drive_db = -20.0;
    before.output.bits = Bits::Float32;
    let compressed = noise_to_mask_db(mix, &rendered(mix, &before)?);
    before.compressor = Default::default();
    let filtered = noise_to_mask_db(mix, &rendered(mix, &before)?);
    println!("   noise to mask, dB: filters {filtered:.1?}, with compression {compressed:.1?}");
    Ok(())
}

fn limiter(name: &str) -> Result<LimiterKind, Box<dyn Error>> {
    match name {
        "masked" => Ok(LimiterKind::Masked),
        "transparent" => Ok(LimiterKind::Transparent),
        "fast" => Ok(LimiterKind::Fast),
        _ => Err(format!("no limiter is called {name}").into()),
    }
}

fn stem(path: &str) -> String {
    Path::new(path).file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}

fn show(row: &Row) {
    let Some(distance) = row.distance else {
        println!(
            "{:<22} {:<22} {:<10} {}",
            row.mix,
            row.reference,
            row.who,
            row.note.as_deref().unwrap_or("")
        );
        return;
    };
    let number = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.2}"));
    let count = |value: Option<usize>| value.map_or("-".to_owned(), |value| value.to_string());
    println!(
        "{:<22} {:<22} {:<10} {:>5.2} {:>5.2} {:>6} {:>6} {:>6} {:>5} {:>6} {:>6} {:>5} {:>4} {:>6.1} {}",
        row.mix,
        row.reference,
        row.who,
        distance.tone_rms_db,
        distance.tone_max_db,
        number(distance.side_minus_mid_db),
        number(distance.width_octaves_db),
        number(distance.crest_db),
        number(distance.level_std_db),
        number(distance.loudness_lu),
        number(row.noise_to_mask_db),
        count(row.bands),
        count(row.renders),
        row.seconds,
        row.note.as_deref().unwrap_or(""),
    );
}

fn show_curve(after: &Analysis, reference: &Analysis) {
    for part in 0..3 {
        let levels = |analysis: &Analysis| match part {
            0 => analysis.spectrum.level_db.clone(),
            1 => analysis.spectrum.mid_level_db.clone(),
            _ => analysis.spectrum.side_level_db.clone(),
        };
        let line: Vec<String> = levels(after)
            .iter()
            .zip(levels(reference))
            .map(|(after, reference)| {
                after.zip(reference).map_or("   .".to_owned(), |(a, r)| format!("{:>4.0}", a - r))
            })
            .collect();
        println!("   {}", line.join(""));
    }
}

fn summarize(rows: &[Row]) {
    let mut names: Vec<&str> = Vec::new();
    for row in rows {
        if !names.contains(&row.who.as_str()) {
            names.push(&row.who);
        }
    }
    println!();
    for who in names {
        let of_who = || rows.iter().filter(|row| row.who == who);
        let all: Vec<Distance> = of_who().filter_map(|row| row.distance).collect();
        let noise: Vec<f64> = of_who().filter_map(|row| row.noise_to_mask_db).collect();
        if all.is_empty() {
            continue;
        }
        let mean = |value: fn(&Distance) -> Option<f64>| {
            let values: Vec<f64> = all.iter().filter_map(value).collect();
            values.iter().sum::<f64>() / values.len().max(1) as f64
        };
        let worst = all.iter().map(|one| one.tone_rms_db).fold(0.0, f64::max);
        println!(
            "{who:<10} {} files: tone rms mean {:.2} worst {:.2} dB; S-M {:.2} dB; width {:.2} dB; crest {:.2} dB; std {:.2} dB; |LU| {:.2}; NMR {:.1} dB ({} files)",
            all.len(),
            mean(|one| Some(one.tone_rms_db)),
            worst,
            mean(|one| one.side_minus_mid_db),
            mean(|one| one.width_octaves_db),
            mean(|one| one.crest_db),
            mean(|one| one.level_std_db),
            mean(|one| one.loudness_lu.map(f64::abs)),
            noise.iter().sum::<f64>() / noise.len().max(1) as f64,
            noise.len(),
        );
    }
}
