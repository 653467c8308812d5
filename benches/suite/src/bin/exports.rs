//! Is an export what it says? Equaliser-only settings run by ffmpeg, by sox and as an impulse response, against our own
//! render of the same sound.
//!
//! The residual is the power of the difference against that of our render, over the whole and up to 5 kHz; programs that
//! are not installed are left out, and said so.

#![allow(
    clippy::disallowed_methods,
    reason = "a bench renders nothing that must be the same bits everywhere"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use acetate_audio::Audio;
use acetate_audio::units::power_to_db;
use acetate_bench::process::{acetate, run};
use acetate_bench::provenance::Provenance;
use acetate_files::MEMORY_LIMIT_BYTES;
use clap::Parser;
use realfft::RealFftPlanner;
use serde::Serialize;

/// Length of the pieces that a convolution works on.
const BLOCK: usize = 1 << 17;
/// Above this, bilinear filters are allowed to differ.
const LOW_HZ: f64 = 5_000.0;

const CASES: [(&str, &str); 3] = [
    (
        "bells and shelves below 4 kHz",
        r#"[ { "id": "a", "type": "low_shelf", "freq_hz": 100, "gain_db": 2, "q": 0.7 },
             { "id": "b", "type": "bell", "freq_hz": 300, "gain_db": -3, "q": 1 },
             { "id": "c", "type": "bell", "freq_hz": 3000, "gain_db": 2, "q": 1.4 } ]"#,
    ),
    (
        "a high shelf at 10 kHz",
        r#"[ { "id": "a", "type": "high_shelf", "freq_hz": 10000, "gain_db": 3, "q": 0.7 } ]"#,
    ),
    (
        "mid and side",
        r#"[ { "id": "a", "type": "bell", "channel": "mid", "freq_hz": 250, "gain_db": -2, "q": 1 },
             { "id": "b", "type": "bell", "channel": "side", "freq_hz": 2500, "gain_db": 3, "q": 0.8 } ]"#,
    ),
];

#[derive(Parser)]
struct Arguments {
    /// Sound to run through.
    #[arg(default_value = "examples/mix.flac")]
    file: PathBuf,
    /// The program; by default the one beside this bench.
    #[arg(long)]
    program: Option<PathBuf>,
    /// Where to write the results as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(Serialize)]
struct Results {
    made_on: Provenance,
    file: String,
    exports: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    settings: String,
    phase: String,
    export: String,
    residual_db: Option<f64>,
    residual_below_5_khz_db: Option<f64>,
    skipped: Option<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match measure(&arguments) {
        Ok(results) => {
            for row in &results.exports {
                let shown =
                    |db: Option<f64>| db.map_or_else(|| "-".into(), |db| format!("{db:7.1}"));
                let (whole, low) = (shown(row.residual_db), shown(row.residual_below_5_khz_db));
                let why = row.skipped.as_deref().unwrap_or_default();
                println!(
                    "{:<30} {:<8} {:<7} {whole} dB  below 5 kHz {low} dB  {why}",
                    row.settings, row.phase, row.export
                );
            }
            if let Some(path) = &arguments.json {
                let text = serde_json::to_string_pretty(&results).expect("plain data") + "\n";
                if let Err(error) = std::fs::write(path, text) {
                    eprintln!("{}: {error}", path.display());
                    return ExitCode::FAILURE;
                }
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

fn measure(arguments: &Arguments) -> Fallible<Results> {
    let program = acetate(arguments.program.as_deref())?;
    let folder = std::env::temp_dir().join(format!("acetate-exports-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let file = name(&arguments.file);
    let mut bench = Bench { program, input: arguments.file.clone(), folder, exports: Vec::new() };
    let done = CASES.iter().try_for_each(|(title, bands)| {
        ["minimum", "linear"].iter().try_for_each(|phase| bench.case(title, bands, phase))
    });
    std::fs::remove_dir_all(&bench.folder)?;
    done?;
    Ok(Results { made_on: Provenance::here(), file, exports: bench.exports })
}

struct Bench {
    program: PathBuf,
    input: PathBuf,
    folder: PathBuf,
    exports: Vec<Row>,
}

impl Bench {
    fn case(&mut self, title: &str, bands: &str, phase: &str) -> Fallible<()> {
        let settings = self.folder.join("settings.json");
        std::fs::write(
            &settings,
            format!(
                r#"{{ "schema": "acetate.settings/1", "settings": {{
                    "equalizer": {{ "phase": "{phase}", "bands": {bands} }},
                    "drive_db": -3, "limiter": {{ "kind": "off" }},
                    "output": {{ "format": "wav", "bits": "32f", "dither": "none" }} }} }}"#
            ),
        )?;
        let ours = self.folder.join("ours.wav");
        self.acetate(&[
            "apply".as_ref(),
            settings.as_ref(),
            self.input.as_ref(),
            "-o".as_ref(),
            ours.as_ref(),
            "-fq".as_ref(),
        ])?;
        let ours = acetate_files::open(&ours, MEMORY_LIMIT_BYTES)?;
        let ours = ours.audio().ok_or("the file is too long for this bench")?;
        let row = |export: &str, theirs: Fallible<Option<Audio>>| {
            let (residual, skipped) = match theirs {
                Ok(Some(theirs)) => (Some(residual_db(ours, &theirs)), None),
                Ok(None) => (None, Some("not installed".to_owned())),
                Err(error) => (None, Some(error.to_string())),
            };
            Row {
                settings: title.to_owned(),
                phase: phase.to_owned(),
                export: export.to_owned(),
                residual_db: residual.map(|pair| pair.0),
                residual_below_5_khz_db: residual.map(|pair| pair.1),
                skipped,
            }
        };
        let rows = [
            row("ffmpeg", self.ffmpeg(&settings)),
            row("sox", self.sox(&settings)),
            row("ir", self.impulse_response(&settings).map(Some)),
        ];
        self.exports.extend(rows);
        Ok(())
    }

    fn acetate(&self, arguments: &[&std::ffi::OsStr]) -> Fallible<(Vec<u8>, String)> {
        let run = run(&self.program, arguments)?;
        if run.status.success() { Ok((run.stdout, run.stderr)) } else { Err(run.stderr.into()) }
    }

    fn export(&self, settings: &Path, to: &str) -> Fallible<String> {
        let (text, _) =
            self.acetate(&["export".as_ref(), settings.as_ref(), "--to".as_ref(), to.as_ref()])?;
        Ok(String::from_utf8(text)?.trim().to_owned())
    }

    fn ffmpeg(&self, settings: &Path) -> Fallible<Option<Audio>> {
        let filters = self.export(settings, "ffmpeg")?;
        let output = self.folder.join("ffmpeg.wav");
        let input = self.input.as_os_str();
        let arguments = [
            "-v".as_ref(),
            "error".as_ref(),
            "-nostdin".as_ref(),
            "-y".as_ref(),
            "-i".as_ref(),
            input,
            "-af".as_ref(),
            filters.as_ref(),
            "-c:a".as_ref(),
            "pcm_f32le".as_ref(),
            output.as_os_str(),
        ];
        other_program("ffmpeg", &arguments, &output)
    }

    fn sox(&self, settings: &Path) -> Fallible<Option<Audio>> {
        let effects = self.export(settings, "sox")?;
        let output = self.folder.join("sox.wav");
        let mut arguments = vec![
            self.input.as_os_str(),
            "-e".as_ref(),
            "floating-point".as_ref(),
            "-b".as_ref(),
            "32".as_ref(),
            output.as_os_str(),
        ];
        arguments.extend(effects.split_whitespace().map(std::ffi::OsStr::new));
        other_program("sox", &arguments, &output)
    }

    fn impulse_response(&self, settings: &Path) -> Fallible<Audio> {
        let path = self.folder.join("ir.wav");
        let rate =
            acetate_files::open(&self.input, MEMORY_LIMIT_BYTES)?.spec().sample_rate_hz.to_string();
        let (_, said) = self.acetate(&[
            "export".as_ref(),
            settings.as_ref(),
            "--to".as_ref(),
            "ir".as_ref(),
            "--rate".as_ref(),
            rate.as_ref(),
            "-o".as_ref(),
            path.as_ref(),
            "-f".as_ref(),
        ])?;
        let word_after =
            |word: &str| said.split_once(word)?.1.split_whitespace().next()?.parse().ok();
        let delay: usize = word_after("delay: ").unwrap_or(0);
        let response = acetate_files::open(&path, MEMORY_LIMIT_BYTES)?;
        let input = acetate_files::open(&self.input, MEMORY_LIMIT_BYTES)?;
        let (response, input) = (response.audio(), input.audio());
        let (response, input) = response.zip(input).ok_or("the file is too long for this bench")?;
        let frames = input.frames();
        let path =
            |from: usize, index: usize| convolved(&input.planes()[from], &response.planes()[index]);
        let planes = match response.planes().len() {
            2 => vec![path(0, 0), path(1, 1)],
            _ => vec![sum(&path(0, 0), &path(1, 2)), sum(&path(0, 1), &path(1, 3))],
        };
        let planes =
            planes.into_iter().map(|plane| plane[delay..delay + frames].to_vec()).collect();
        Ok(Audio::from_planes(input.spec().sample_rate_hz, planes))
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// What another program made; `None` when it is not installed.
fn other_program(
    program: &str,
    arguments: &[&std::ffi::OsStr],
    output: &Path,
) -> Fallible<Option<Audio>> {
    let Ok(run) = run(program, arguments) else { return Ok(None) };
    if !run.status.success() {
        return Err(run.stderr.into());
    }
    let source = acetate_files::open(output, MEMORY_LIMIT_BYTES)?;
    Ok(Some(source.audio().ok_or("the file is too long for this bench")?.clone()))
}

fn sum(a: &[f32], b: &[f32]) -> Vec<f32> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

/// The whole convolution (overlap-add), `signal.len() + response.len() - 1` frames.
fn convolved(signal: &[f32], response: &[f32]) -> Vec<f32> {
    let mut planner = RealFftPlanner::<f64>::new();
    let size = (BLOCK + response.len()).next_power_of_two();
    let (forward, inverse) = (planner.plan_fft_forward(size), planner.plan_fft_inverse(size));
    let transformed = |samples: &[f32]| {
        let mut time: Vec<f64> = samples.iter().map(|&sample| f64::from(sample)).collect();
        time.resize(size, 0.0);
        let mut bins = forward.make_output_vec();
        forward.process(&mut time, &mut bins).expect("lengths come from the plan");
        bins
    };
    let filter = transformed(response);
    let mut out = vec![0.0f64; signal.len() + response.len() - 1 + size];
    for (index, block) in signal.chunks(BLOCK).enumerate() {
        let mut bins = transformed(block);
        for (bin, gain) in bins.iter_mut().zip(&filter) {
            *bin = *bin * gain / size as f64;
        }
        let mut time = inverse.make_output_vec();
        // Rounding leaves a trace in the imaginary parts of the ends, which the plan complains about.
        let last = bins.len() - 1;
        bins[0].im = 0.0;
        bins[last].im = 0.0;
        inverse.process(&mut bins, &mut time).expect("lengths come from the plan");
        for (sum, value) in out[index * BLOCK..].iter_mut().zip(&time) {
            *sum += value;
        }
    }
    out.truncate(signal.len() + response.len() - 1);
    out.into_iter().map(|value| value as f32).collect()
}

/// Power of the difference against the power of `ours`, over everything and up to [`LOW_HZ`].
fn residual_db(ours: &Audio, theirs: &Audio) -> (f64, f64) {
    let rate = f64::from(ours.spec().sample_rate_hz);
    let (mut difference, mut whole) = ([0.0; 2], [0.0; 2]);
    for (ours, theirs) in ours.planes().iter().zip(theirs.planes()) {
        let apart: Vec<f64> = ours
            .iter()
            .enumerate()
            .map(|(at, &sample)| {
                f64::from(sample) - f64::from(theirs.get(at).copied().unwrap_or(0.0))
            })
            .collect();
        let ours: Vec<f64> = ours.iter().map(|&sample| f64::from(sample)).collect();
        for (sums, signal) in [(&mut difference, apart), (&mut whole, ours)] {
            let [all, low] = powers(&signal, rate);
            sums[0] += all;
            sums[1] += low;
        }
    }
    (power_to_db(difference[0] / whole[0]), power_to_db(difference[1] / whole[1]))
}

/// Energy of a signal, over everything and up to [`LOW_HZ`].
fn powers(signal: &[f64], rate_hz: f64) -> [f64; 2] {
    let size = signal.len().next_power_of_two();
    let forward = RealFftPlanner::<f64>::new().plan_fft_forward(size);
    let mut time = signal.to_vec();
    time.resize(size, 0.0);
    let mut bins = forward.make_output_vec();
    forward.process(&mut time, &mut bins).expect("lengths come from the plan");
    let below = (LOW_HZ / rate_hz * size as f64) as usize;
    [
        bins.iter().map(|bin| bin.norm_sqr()).sum(),
        bins[..below].iter().map(|bin| bin.norm_sqr()).sum(),
    ]
}
