//! Renders hard signals and real music, and measures what was written: the true peak of every file against its ceiling, and
//! what the resonance tamer does to music that nobody asked it to change.
//!
//! `cargo run --release -p acetate-bench --bin render_checks -- ../shared/audio --json benches/results/render_checks.json`

#![allow(
    clippy::disallowed_methods,
    reason = "a bench renders nothing that must be the same bits everywhere"
)]

use std::f64::consts::TAU;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use acetate_analyzer::TruePeakMeter;
use acetate_audio::{Audio, PcmPlanes, Source};
use acetate_bench::provenance::Provenance;
use acetate_engine::render;
use acetate_engine::settings::{Bits, DitherKind, LimiterKind, Settings};
use acetate_files::{Existing, FileFormat, MEMORY_LIMIT_BYTES, PcmFormat, Writer};
use clap::Parser;
use serde::Serialize;

const RATE_HZ: u32 = 44_100;
const CEILING_DBTP: f64 = -1.0;
/// Drive into the limiter, so that music is limited throughout.
const DRIVE_DB: f64 = 8.0;
/// A change fainter than this, re the music, is none.
const CHANGED_DB: f64 = -80.0;

#[derive(Parser)]
struct Arguments {
    /// Folder of music; its subfolders `mixes` and `refs` are rendered.
    #[arg(default_value = "../shared/audio")]
    folder: PathBuf,
    /// Seconds of each file, from its middle.
    #[arg(long, default_value_t = 20.0)]
    seconds: f64,
    /// The limiters to check.
    #[arg(long, value_delimiter = ',', default_value = "transparent,fast,masked")]
    limiters: Vec<String>,
    /// Where to write the results as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(Serialize)]
struct Results {
    made_on: Provenance,
    ceiling_dbtp: f64,
    drive_db: f64,
    seconds: f64,
    ceilings: Vec<Ceiling>,
    resonance_tamer: Vec<Tamed>,
}

/// The highest true peak over all formats of one limiter on one sound.
#[derive(Serialize)]
struct Ceiling {
    sound: String,
    limiter: String,
    /// In 16 bit shaped, 24 bit, float: by the meter of the analyzer, and by BS.1770's own interpolator.
    true_peak_dbtp: [f64; 3],
    true_peak_bs1770_dbtp: [f64; 3],
    kept: bool,
}

/// What the resonance tamer changed in music at its defaults.
#[derive(Serialize)]
struct Tamed {
    sound: String,
    changed_share: f64,
    difference_db: Option<f64>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut sounds = hard_signals();
    let music = music(&arguments.folder, arguments.seconds);
    if music.is_empty() {
        println!("{}: no music, hard signals only", arguments.folder.display());
    }
    let resonance_tamer = music.iter().map(|(name, audio)| tamed(name, audio)).collect();
    sounds.extend(music);
    let folder = std::env::temp_dir().join(format!("render_checks-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let mut ceilings = Vec::new();
    for limiter in &arguments.limiters {
        for (name, audio) in &sounds {
            ceilings.push(ceiling(name, audio, limiter, &folder));
        }
    }
    std::fs::remove_dir_all(&folder).expect("the folder is ours");
    let kept = ceilings.iter().all(|ceiling| ceiling.kept);
    let results = Results {
        made_on: Provenance::here(),
        ceiling_dbtp: CEILING_DBTP,
        drive_db: DRIVE_DB,
        seconds: arguments.seconds,
        ceilings,
        resonance_tamer,
    };
    if let Some(path) = &arguments.json {
        let text = serde_json::to_string_pretty(&results).expect("results are plain data");
        std::fs::write(path, text + "\n").expect("the results can be written");
    }
    println!("{}", if kept { "every ceiling is kept" } else { "a ceiling is exceeded" });
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn hard_signals() -> Vec<(String, Audio)> {
    let from_fn = |f: &dyn Fn(f64) -> f64| {
        let plane: Vec<f32> = (0..5 * RATE_HZ).map(|n| f(f64::from(n)) as f32).collect();
        Audio::from_planes(RATE_HZ, vec![plane.clone(), plane])
    };
    let rate = f64::from(RATE_HZ);
    let sine = |freq_hz: f64, n: f64| (TAU * freq_hz / rate * n).sin();
    let swell = |n: f64| 0.6 + 0.4 * (n / 3000.0).sin();
    let step = |n: f64| sine(491.0, n) * if n > 2.0 * rate { 2.0 } else { 0.02 };
    let noise = |seed: u32| {
        let mut state = seed;
        (0..5 * RATE_HZ)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / 8_388_608.0 - 1.0
            })
            .collect()
    };
    let chirp = |n: f64| (TAU * 22_050.0 * n * n / (10.0 * rate * rate)).sin();
    vec![
        ("step of +40 dB".to_owned(), from_fn(&step)),
        ("tone of 19 kHz, swelling".to_owned(), from_fn(&|n| sine(19_000.0, n) * swell(n))),
        (
            "tones of 19 and 18.1 kHz".to_owned(),
            from_fn(&|n| sine(19_000.0, n) + sine(18_100.0, n)),
        ),
        ("tone of 21.5 kHz, swelling".to_owned(), from_fn(&|n| sine(21_500.0, n) * swell(n))),
        ("sweep to Nyquist".to_owned(), from_fn(&chirp)),
        (
            "full-scale white noise".to_owned(),
            Audio::from_planes(RATE_HZ, vec![noise(1), noise(2)]),
        ),
    ]
}

/// Excerpts from the middle of every file that decodes.
fn music(folder: &Path, seconds: f64) -> Vec<(String, Audio)> {
    let mut paths: Vec<PathBuf> = ["mixes", "refs"]
        .iter()
        .filter_map(|sub| std::fs::read_dir(folder.join(sub)).ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
        .collect();
    paths.sort();
    let excerpt = |path: &PathBuf| {
        let source = acetate_files::open(path, u64::MAX).ok()?;
        let audio = source.audio()?;
        let wanted = (seconds * f64::from(audio.spec().sample_rate_hz)) as usize;
        let start = audio.frames().saturating_sub(wanted) / 2;
        let end = audio.frames().min(start + wanted);
        let planes = audio.planes().iter().map(|plane| plane[start..end].to_vec()).collect();
        let name = path.file_stem()?.to_string_lossy().into_owned();
        Some((name, Audio::from_planes(audio.spec().sample_rate_hz, planes)))
    };
    paths.iter().filter_map(excerpt).collect()
}

fn ceiling(name: &str, audio: &Audio, limiter: &str, folder: &Path) -> Ceiling {
    let formats = [
        (Bits::Int16, DitherKind::Shaped),
        (Bits::Int24, DitherKind::Tpdf),
        (Bits::Float32, DitherKind::None),
    ];
    let peaks = formats.map(|(bits, dither)| {
        let mut settings = Settings { drive_db: DRIVE_DB, ..Settings::default() };
        settings.limiter.kind = kind(limiter);
        settings.limiter.ceiling_dbtp = CEILING_DBTP;
        settings.output.bits = bits;
        settings.output.dither = dither;
        written_peaks(audio, &settings, &folder.join("out.wav"))
    });
    let [true_peak_dbtp, true_peak_bs1770_dbtp] =
        [0, 1].map(|meter| peaks.map(|peaks: [f64; 2]| peaks[meter]));
    let highest = peaks.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
    let kept = highest <= CEILING_DBTP;
    println!(
        "{limiter:12} {name:28} {highest:8.4} dBTP at most{}",
        if kept { "" } else { "  OVER" }
    );
    Ceiling {
        sound: name.to_owned(),
        limiter: limiter.to_owned(),
        true_peak_dbtp,
        true_peak_bs1770_dbtp,
        kept,
    }
}

fn kind(name: &str) -> LimiterKind {
    match name {
        "transparent" => LimiterKind::Transparent,
        "fast" => LimiterKind::Fast,
        "masked" => LimiterKind::Masked,
        other => panic!("{other} is no limiter"),
    }
}

/// True peaks of the file that is written, decoded again.
fn written_peaks(audio: &Audio, settings: &Settings, path: &Path) -> [f64; 2] {
    let spec = audio.spec();
    let format = PcmFormat { file: FileFormat::Wav, samples: settings.output.bits.format(), spec };
    let mut writer = Writer::create(path, format, Existing::Replace).expect("the folder is ours");
    render(&Source::from_audio(audio.clone()), settings, &mut |block| writer.write(block))
        .expect("it can be rendered");
    writer.finish().expect("it can be written");
    let written = acetate_files::open(path, MEMORY_LIMIT_BYTES).expect("it was just written");
    let mut meter = TruePeakMeter::new(spec);
    meter.push(written.audio().expect("it fits into memory"));
    let peak = meter.finish().expect("there is sound");
    [peak.true_peak_dbtp, peak.bs1770_dbtp]
}

fn tamed(name: &str, audio: &Audio) -> Tamed {
    let mut settings = Settings::default();
    settings.limiter.kind = LimiterKind::Off;
    settings.output.bits = Bits::Float32;
    settings.dynamic_equalizer.resonance.enabled = true;
    let mut out: Vec<f32> = Vec::new();
    render(&Source::from_audio(audio.clone()), &settings, &mut |block| {
        if let PcmPlanes::Float(planes) = &block.planes {
            out.extend(&planes[0]);
        }
        Ok::<(), ()>(())
    })
    .expect("it can be rendered");
    // In blocks of a tenth of a second.
    let block = audio.spec().sample_rate_hz as usize / 10;
    let power = |x: &mut dyn Iterator<Item = f64>| x.map(|x| x * x).sum::<f64>();
    let (mut changed, mut count, mut difference, mut total) = (0, 0, 0.0, 0.0);
    for (before, after) in audio.channel(0).chunks(block).zip(out.chunks(block)) {
        let own = power(&mut before.iter().map(|x| f64::from(*x)));
        let gone = power(&mut before.iter().zip(after).map(|(x, y)| f64::from(y - x)));
        (count, difference, total) = (count + 1, difference + gone, total + own);
        changed += usize::from(gone > own * 10f64.powf(CHANGED_DB / 10.0));
    }
    let changed_share = f64::from(changed as u32) / f64::from(count.max(1));
    let difference_db = (difference > 0.0).then(|| 10.0 * (difference / total).log10());
    println!(
        "resonance    {name:28} {:5.1} % changed, {difference_db:.1?} dB",
        100.0 * changed_share
    );
    Tamed { sound: name.to_owned(), changed_share, difference_db }
}
