//! True peak by a witness: long windowed sincs in double precision beside the meter of the analyzer, and over what the limiters
//! let through.
//!
//! `cargo run --release -p acetate-bench --bin true_peak -- ../shared/audio --json benches/results/true_peak.json`

#![allow(
    clippy::disallowed_methods,
    reason = "a bench renders nothing that must be the same bits everywhere"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use acetate_analyzer::{LevelMeter, Levels, TruePeakMeter};
use acetate_audio::units::amplitude_to_db;
use acetate_audio::{Audio, Source};
use acetate_bench::metrics::{LongSinc, SINC_1025, SINC_4097};
use acetate_bench::provenance::Provenance;
use acetate_engine::render;
use acetate_engine::settings::{Bits, DitherKind, LimiterKind, Settings};
use acetate_files::{Existing, FileFormat, MEMORY_LIMIT_BYTES, PcmFormat, Writer};
use clap::Parser;
use rayon::prelude::*;
use serde::Serialize;

const CEILING_DBTP: f64 = -1.0;
/// Trial renders that bring the loudness near to the one wanted.
const TRIALS: usize = 3;

#[derive(Parser)]
struct Arguments {
    /// Folder of music: what its subfolders hold is measured, what `mixes` holds is limited.
    #[arg(default_value = "../shared/audio")]
    folder: PathBuf,
    /// Seconds of each mix to limit, from its middle.
    #[arg(long, default_value_t = 20.0)]
    seconds: f64,
    /// Integrated loudness, LUFS.
    #[arg(long, value_delimiter = ',', allow_hyphen_values = true, default_value = "-14,-9,-7")]
    lufs: Vec<f64>,
    /// The limiters to check.
    #[arg(long, value_delimiter = ',', default_value = "masked,transparent,fast")]
    limiters: Vec<String>,
    /// Only signals made here, and files whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Leave the meter alone.
    #[arg(long)]
    no_meter: bool,
    /// Where to write the results as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(Serialize)]
struct Results {
    made_on: Provenance,
    ceiling_dbtp: f64,
    seconds: f64,
    meter: Vec<Reading>,
    limited: Vec<Limited>,
}

/// What the meter and the witnesses say of one sound.
#[derive(Serialize)]
struct Reading {
    sound: String,
    true_peak_dbtp: f64,
    sinc_1025_dbtp: f64,
    sinc_4097_dbtp: f64,
    /// The meter less the sinc of 1025 taps.
    difference_db: f64,
}

/// The highest true peak of the written files of one limiter on one sound at one loudness, in 16 bit, 24 bit, float and at
/// another rate.
#[derive(Serialize)]
struct Limited {
    sound: String,
    limiter: String,
    lufs: f64,
    drive_db: f64,
    sinc_1025_dbtp: [f64; 4],
    sinc_4097_dbtp: [f64; 4],
    meter_dbtp: [f64; 4],
    kept: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let made = made_here();
    let files = files(&arguments.folder, &arguments.only);
    let mut meter = Vec::new();
    if !arguments.no_meter {
        meter.extend(made.iter().map(|(name, audio)| reading(name, audio)));
        let opened = |path: &PathBuf| Some((stem(path), open(path)?));
        meter.extend(files.iter().filter_map(opened).map(|(name, audio)| reading(&name, &audio)));
    }
    let mixes = files.iter().filter(|path| path.parent().is_some_and(|p| p.ends_with("mixes")));
    let mut sounds = made;
    sounds.extend(
        mixes.filter_map(|path| Some((stem(path), middle(&open(path)?, arguments.seconds)))),
    );
    let folder = std::env::temp_dir().join(format!("true_peak-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let mut limited = Vec::new();
    for limiter in &arguments.limiters {
        for (name, audio) in &sounds {
            for &lufs in &arguments.lufs {
                limited.push(limit(name, audio, limiter, lufs, &folder));
            }
        }
    }
    std::fs::remove_dir_all(&folder).expect("the folder is ours");
    let kept = limited.iter().all(|limited| limited.kept);
    let farthest = meter.iter().map(|reading| reading.difference_db.abs()).fold(0.0, f64::max);
    let made_on = Provenance::here();
    let (ceiling_dbtp, seconds) = (CEILING_DBTP, arguments.seconds);
    let results = Results { made_on, ceiling_dbtp, seconds, meter, limited };
    if let Some(path) = &arguments.json {
        let text = serde_json::to_string_pretty(&results).expect("results are plain data");
        std::fs::write(path, text + "\n").expect("the results can be written");
    }
    println!("meter and witness differ by at most {farthest:.4} dB");
    println!("{}", if kept { "every ceiling is kept" } else { "a ceiling is exceeded" });
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn open(path: &Path) -> Option<Audio> {
    acetate_files::open(path, u64::MAX).ok()?.audio().cloned()
}

/// Music in the subfolders, by name.
fn files(folder: &Path, only: &str) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = ["mixes", "refs", "real", "damaged"]
        .iter()
        .filter_map(|sub| std::fs::read_dir(folder.join(sub)).ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
        .filter(|path| path.to_string_lossy().contains(only))
        .collect();
    paths.sort();
    paths
}

fn middle(audio: &Audio, seconds: f64) -> Audio {
    let wanted = (seconds * f64::from(audio.spec().sample_rate_hz)) as usize;
    let start = audio.frames().saturating_sub(wanted) / 2;
    let end = audio.frames().min(start + wanted);
    let planes = audio.planes().iter().map(|plane| plane[start..end].to_vec()).collect();
    Audio::from_planes(audio.spec().sample_rate_hz, planes)
}

/// Uniform noise in -1 to 1.
fn noise(seed: u32) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / 8_388_608.0 - 1.0
    }
}

/// Sounds that ring between their samples: noise up to Nyquist as it is and clipped, distorted guitars with drums, clicks.
fn made_here() -> Vec<(String, Audio)> {
    let stereo = |rate: u32, f: &dyn Fn(u32, usize) -> Vec<f32>| {
        let frames = 6 * rate as usize;
        Audio::from_planes(rate, vec![f(1, frames), f(2, frames)])
    };
    let white = |seed: u32, frames: usize| -> Vec<f32> {
        let mut next = noise(seed);
        (0..frames).map(|_| (0.5 * next()) as f32).collect()
    };
    let clipped = |seed: u32, frames: usize| -> Vec<f32> {
        let mut next = noise(seed);
        (0..frames).map(|_| (2.0 * next()).clamp(-0.5, 0.5) as f32).collect()
    };
    vec![
        ("white noise, 44.1 kHz".to_owned(), stereo(44_100, &white)),
        ("white noise, 48 kHz".to_owned(), stereo(48_000, &white)),
        ("clipped noise".to_owned(), stereo(44_100, &clipped)),
        ("rock".to_owned(), stereo(44_100, &rock)),
        ("castanets".to_owned(), stereo(44_100, &castanets)),
    ]
}

/// Power chords through a clipper that nothing smooths, so that they reach Nyquist, over a kick and a snare of noise.
fn rock(seed: u32, frames: usize) -> Vec<f32> {
    use std::f64::consts::TAU;
    let mut next = noise(seed);
    (0..frames)
        .map(|n| {
            let t = n as f64 / 44_100.0;
            let root =
                [82.4, 98.0, 110.0, 73.4][(t * 2.0) as usize % 4] * (1.0 + 0.001 * f64::from(seed));
            let strings: f64 =
                [1.0, 1.498, 2.0, 2.997].iter().map(|ratio| (TAU * root * ratio * t).sin()).sum();
            let guitar = (6.0 * strings).clamp(-1.0, 1.0) * 0.25;
            let beat = (t * 4.0).fract() / 4.0;
            let kick = (TAU * 55.0 * beat).sin() * (-beat * 18.0).exp() * 0.5;
            let snare =
                if (t * 4.0) as usize % 2 == 1 { next() * (-beat * 30.0).exp() } else { 0.0 };
            (guitar + kick + 0.5 * snare + 0.02 * next()) as f32
        })
        .collect()
}

/// Bursts of a millisecond with the whole band in them.
fn castanets(seed: u32, frames: usize) -> Vec<f32> {
    let mut next = noise(seed);
    (0..frames)
        .map(|n| {
            let since = (n % 5513) as f64;
            (0.9 * next() * (-since / 60.0).exp() + 0.001 * next()) as f32
        })
        .collect()
}

fn peak_dbtp(audio: &Audio, sinc: LongSinc) -> f64 {
    let peaks: Vec<f64> = audio.planes().par_iter().map(|plane| sinc.peak(plane)).collect();
    amplitude_to_db(peaks.into_iter().fold(0.0, f64::max))
}

fn reading(name: &str, audio: &Audio) -> Reading {
    let mut meter = TruePeakMeter::new(audio.spec());
    meter.push(audio);
    let true_peak_dbtp = meter.finish().map_or(f64::NEG_INFINITY, |peak| peak.true_peak_dbtp);
    let [sinc_1025_dbtp, sinc_4097_dbtp] =
        [SINC_1025, SINC_4097].map(|sinc| peak_dbtp(audio, sinc));
    let difference_db = true_peak_dbtp - sinc_1025_dbtp;
    println!(
        "meter        {name:44} {true_peak_dbtp:8.4} dBTP, {difference_db:+.4} dB beside 1025 taps, {:+.4} dB beside 4097",
        true_peak_dbtp - sinc_4097_dbtp
    );
    Reading {
        sound: name.to_owned(),
        true_peak_dbtp,
        sinc_1025_dbtp,
        sinc_4097_dbtp,
        difference_db,
    }
}

fn settings(limiter: &str, bits: Bits, rate: Option<u32>, drive_db: f64) -> Settings {
    let mut settings = Settings { drive_db, ..Settings::default() };
    settings.limiter.kind = match limiter {
        "transparent" => LimiterKind::Transparent,
        "fast" => LimiterKind::Fast,
        "masked" => LimiterKind::Masked,
        other => panic!("{other} is no limiter"),
    };
    settings.limiter.ceiling_dbtp = CEILING_DBTP;
    settings.output.bits = bits;
    settings.output.dither = DitherKind::Shaped;
    settings.output.sample_rate_hz = rate;
    settings
}

fn limit(name: &str, audio: &Audio, limiter: &str, lufs: f64, folder: &Path) -> Limited {
    let levels = |audio: &Audio| -> Levels {
        let mut meter = LevelMeter::new(audio.spec());
        meter.push(audio);
        meter.finish()
    };
    let missing = |audio: &Audio| lufs - levels(audio).integrated_lufs.expect("there is sound");
    let path = folder.join("out.wav");
    let mut drive_db = missing(audio);
    for _ in 1..TRIALS {
        let trial = written(audio, &settings(limiter, Bits::Float32, None, drive_db), &path);
        drive_db = (drive_db + missing(&trial)).min(30.0);
    }
    let rate = if audio.spec().sample_rate_hz == 44_100 { 48_000 } else { 44_100 };
    let formats = [
        (Bits::Int16, None),
        (Bits::Int24, None),
        (Bits::Float32, None),
        (Bits::Int16, Some(rate)),
    ];
    let peaks = formats.map(|(bits, rate)| {
        let audio = written(audio, &settings(limiter, bits, rate, drive_db), &path);
        let meter = levels(&audio).true_peak_dbtp.expect("there is sound");
        [peak_dbtp(&audio, SINC_1025), peak_dbtp(&audio, SINC_4097), meter]
    });
    let [sinc_1025_dbtp, sinc_4097_dbtp, meter_dbtp] =
        [0, 1, 2].map(|witness| peaks.map(|peaks: [f64; 3]| peaks[witness]));
    let highest = peaks.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
    let kept = highest <= CEILING_DBTP;
    println!(
        "{limiter:12} {name:28} {lufs:5.1} LUFS, drive {drive_db:5.1} dB: {highest:8.4} dBTP at most{}",
        if kept { "" } else { "  OVER" }
    );
    Limited {
        sound: name.to_owned(),
        limiter: limiter.to_owned(),
        lufs,
        drive_db,
        sinc_1025_dbtp,
        sinc_4097_dbtp,
        meter_dbtp,
        kept,
    }
}

/// What is written, decoded again.
fn written(audio: &Audio, settings: &Settings, path: &Path) -> Audio {
    let mut spec = audio.spec();
    spec.sample_rate_hz = settings.output.sample_rate_hz.unwrap_or(spec.sample_rate_hz);
    let format = PcmFormat { file: FileFormat::Wav, samples: settings.output.bits.format(), spec };
    let mut writer = Writer::create(path, format, Existing::Replace).expect("the folder is ours");
    render(&Source::from_audio(audio.clone()), settings, &mut |block| writer.write(block))
        .expect("it can be rendered");
    writer.finish().expect("it can be written");
    let source = acetate_files::open(path, MEMORY_LIMIT_BYTES).expect("it was just written");
    source.audio().expect("it fits into memory").clone()
}
