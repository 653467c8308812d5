//! What is left of real songs elsewhere: what is said of each, how long that takes, and whether what is rendered agrees.
//!
//! `cargo run --release -p acetate-bench --bin translation -- ../shared/audio --json benches/results/translation.json`

#![allow(
    clippy::disallowed_methods,
    reason = "a bench renders nothing that must be the same bits everywhere"
)]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use acetate::translation::{OnSystem, Playback, System, systems};
use acetate::{SimulateRequest, Song};
use acetate_audio::Audio;
use acetate_bench::masters::music_in;
use acetate_bench::provenance::Provenance;
use acetate_engine::Stage;
use clap::Parser;
use serde::Serialize;

/// Seconds that times are quoted for.
const TIMED_S: f64 = 240.0;
/// Runs of which the fastest counts: others share the machine.
const RUNS: usize = 5;
/// Bands further below the strongest are not compared; those further below it A-weighted are not heard.
const TOP_DB: f64 = 50.0;

/// Says what is left of each song elsewhere.
#[derive(Parser)]
struct Arguments {
    /// Folder with `refs/` (finished masters) and `mixes/`.
    #[arg(default_value = "../shared/audio")]
    folder: PathBuf,
    /// Only files with this in their name.
    #[arg(long)]
    only: Option<String>,
    /// Where the JSON goes.
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(Serialize)]
struct Report {
    made: Provenance,
    songs: Vec<Row>,
    /// Of a song of four minutes: its analysis, and all systems beside that.
    analysis_s: f64,
    systems_s: f64,
    /// Rendering one system in memory, times real time.
    render_x_realtime: f64,
    /// Table against rendered sound, system by system: the song that agrees least.
    table_against_sound: Vec<Agreement>,
}

#[derive(Serialize)]
struct Row {
    file: String,
    loudness_lufs: Option<f64>,
    /// Bass line heard, percent: phone, laptop, bluetooth, car at 100 km/h; `null` without a line.
    bass_heard_pct: [Option<f64>; 4],
    cancelled_pct: Option<f64>,
    drowned_car130_pct: Option<f64>,
    centre_sii: Option<f64>,
    laptop_limiter_db: Option<f64>,
    as_most_records: Vec<String>,
    /// Code and sentence of each finding.
    said: Vec<String>,
}

#[derive(Serialize)]
struct Agreement {
    system: String,
    /// Over the bands within 50 dB of the strongest.
    rms_db: f64,
    worst_db: f64,
    worst_hz: f64,
    bands: usize,
    /// Over those within 50 dB of the strongest when they are A-weighted.
    heard_rms_db: f64,
    heard_bands: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    if !arguments.folder.is_dir() {
        println!("{} is not there: nothing was measured", arguments.folder.display());
        return Ok(());
    }
    let music = |folder: &str| music_in(&arguments.folder.join(folder), arguments.only.as_deref());
    let files: Vec<PathBuf> = music("mixes")?.into_iter().chain(music("refs")?).collect();
    let mut songs = Vec::new();
    for path in &files {
        let row = row(path)?;
        println!("{}", line(&row));
        row.said.iter().for_each(|sentence| println!("    {sentence}"));
        songs.push(row);
    }
    let first = files.first().ok_or("no music")?;
    let long = four_minutes(first)?;
    let (analysis_s, systems_s, render_x_realtime) = times(&long)?;
    println!(
        "{TIMED_S} s: analysis {analysis_s:.2} s, {} systems {systems_s:.3} s, one rendered {render_x_realtime:.0} x real time",
        systems().len()
    );
    let mut table_against_sound = Vec::new();
    for system in systems() {
        let mut worst: Option<Agreement> = None;
        for path in files.iter().take(4).chain(files.iter().rev().take(2)) {
            let found = agreement(&Song::open(path)?, system)?;
            if worst.as_ref().is_none_or(|worst| found.rms_db > worst.rms_db) {
                worst = Some(found);
            }
        }
        let found = worst.ok_or("no music")?;
        println!(
            "{:<12} table against sound {:.2} dB rms over {} bands, worst {:.2} dB at {:.0} Hz; {:.2} over {} that are heard",
            found.system,
            found.rms_db,
            found.bands,
            found.worst_db,
            found.worst_hz,
            found.heard_rms_db,
            found.heard_bands
        );
        table_against_sound.push(found);
    }
    let report = Report {
        made: Provenance::here(),
        songs,
        analysis_s,
        systems_s,
        render_x_realtime,
        table_against_sound,
    };
    if let Some(path) = &arguments.json {
        std::fs::write(path, serde_json::to_string_pretty(&report)? + "\n")?;
    }
    Ok(())
}

fn row(path: &Path) -> Result<Row, Box<dyn Error>> {
    let song = Song::open(path)?;
    let found = song.simulate(&SimulateRequest::default(), &mut ())?;
    let on = |id: &str| found.systems.iter().find(|system| system.id == id);
    let bass = |id: &str| Some(on(id)?.bass.as_ref()?.heard_pct.round());
    let tenth = |value: f64| (10.0 * value).round() / 10.0;
    let is_usual = |system: &&OnSystem| system.as_most_records;
    Ok(Row {
        file: song.stem().to_owned(),
        loudness_lufs: song.analysis().loudness.integrated_lufs.map(tenth),
        bass_heard_pct: ["phone", "laptop", "bluetooth", "car100"].map(bass),
        cancelled_pct: on("mono").and_then(|s| s.mono.as_ref()?.cancelled_pct).map(tenth),
        drowned_car130_pct: on("car130").and_then(|s| Some(tenth(s.cover.as_ref()?.drowned_pct))),
        centre_sii: on("laptop").and_then(|s| Some((100.0 * s.centre?.sii).round() / 100.0)),
        laptop_limiter_db: on("laptop").and_then(|s| Some(tenth(s.limiter?.mean_db))),
        as_most_records: found.systems.iter().filter(is_usual).map(|s| s.id.clone()).collect(),
        said: found.findings.iter().map(|f| format!("{} {}", f.code, f.text)).collect(),
    })
}

fn line(row: &Row) -> String {
    let number = |value: &Option<f64>| value.map_or("-".to_owned(), |value| format!("{value}"));
    let bass: Vec<String> = row.bass_heard_pct.iter().map(number).collect();
    format!(
        "{:<24} bass {:<16} drowned {:>5} cancels {:>4} centre {:>4} limiter {:>4}",
        row.file,
        bass.join(" / "),
        number(&row.drowned_car130_pct),
        number(&row.cancelled_pct),
        number(&row.centre_sii),
        number(&row.laptop_limiter_db)
    )
}

/// A song, repeated until it has four minutes.
fn four_minutes(path: &Path) -> Result<Audio, Box<dyn Error>> {
    let song = Song::open(path)?;
    let excerpt = song.excerpt(0.0, TIMED_S)?.audio;
    let rate_hz = excerpt.spec().sample_rate_hz;
    let frames = (TIMED_S * f64::from(rate_hz)) as usize;
    let repeat = |plane: &Vec<f32>| plane.iter().copied().cycle().take(frames).collect();
    Ok(Audio::from_planes(rate_hz, excerpt.planes().iter().map(repeat).collect()))
}

fn fastest<T>(mut work: impl FnMut() -> T) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..RUNS {
        let begun = Instant::now();
        std::hint::black_box(work());
        best = best.min(begun.elapsed().as_secs_f64());
    }
    best
}

fn times(audio: &Audio) -> Result<(f64, f64, f64), Box<dyn Error>> {
    let rate_hz = audio.spec().sample_rate_hz;
    let song = Song::from_samples("timed", rate_hz, audio.planes().to_vec())?;
    let analysis_s = fastest(|| acetate::analyze(song.source()));
    let request = SimulateRequest::default();
    let systems_s = fastest(|| song.simulate(&request, &mut ()));
    let phone = systems().first().ok_or("no systems")?;
    let render_s = fastest(|| render(audio, phone));
    Ok((analysis_s, systems_s, audio.duration_s() / render_s))
}

fn render(audio: &Audio, system: &System) -> Option<Audio> {
    let mut playback = Playback::new(system, audio.spec())?;
    let mut out = Audio::silence(audio.spec(), 0);
    playback.push(audio, &mut out);
    playback.finish(&mut out);
    Some(out)
}

/// The mean spectrum that the table says a system plays, against that of the rendered sound, both in bands of the table.
fn agreement(song: &Song, system: &System) -> Result<Agreement, Box<dyn Error>> {
    let excerpt = song.excerpt(0.0, 40.0)?.audio;
    let rendered = render(&excerpt, system).ok_or("more than two channels")?;
    let rate_hz = excerpt.spec().sample_rate_hz;
    let measure = |audio: Audio| Song::from_samples("sound", rate_hz, audio.planes().to_vec());
    let (source, rendered) = (measure(excerpt)?, measure(rendered)?);
    let said = acetate::translation::field(&source.measured().tables.energy, system);
    let energy = &rendered.measured().tables.energy;
    let heard = acetate::translation::field(energy, &acetate::translation::at_home());
    let edges = &energy.edges_hz;
    let hz: Vec<f64> = edges.windows(2).map(|edge| (edge[0] * edge[1]).sqrt()).collect();
    let weights: Vec<f64> = hz.iter().map(|&hz| acetate::translation::a_weight_db(hz)).collect();
    let errors = |weights: Option<&[f64]>| -> Vec<(f64, f64)> {
        let level = |band: usize| {
            10.0 * said[band].max(1e-30).log10() + weights.map_or(0.0, |weights| weights[band])
        };
        let top = (0..said.len()).map(level).fold(f64::MIN, f64::max);
        let near = (0..said.len()).filter(|&band| level(band) > top - TOP_DB);
        near.map(|band| (hz[band], 10.0 * (heard[band].max(1e-30) / said[band]).log10())).collect()
    };
    let rms = |errors: &[(f64, f64)]| {
        let square: f64 = errors.iter().map(|(_, error)| error * error).sum();
        (square / errors.len().max(1) as f64).sqrt()
    };
    let (all, heard) = (errors(None), errors(Some(&weights)));
    let worst = all
        .iter()
        .copied()
        .fold((0.0, 0.0f64), |worst, one| if one.1.abs() > worst.1.abs() { one } else { worst });
    Ok(Agreement {
        system: system.id.clone(),
        rms_db: rms(&all),
        worst_db: worst.1,
        worst_hz: worst.0,
        bands: all.len(),
        heard_rms_db: rms(&heard),
        heard_bands: heard.len(),
    })
}
