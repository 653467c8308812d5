//! Speed of rendering as multiples of real time: the way of a file through the engine to a written file, and each stage
//! by itself, on one thread and on two.
//!
//! `cargo run --release -p acetate-bench --bin render_speed -- FILE --json benches/results/render_speed.json`
//!
//! Each figure is the best of several runs by the clock, and their mean by the processor time of all threads. The sound
//! of each case has a fingerprint, which must be the same on any number of threads.

#![allow(
    clippy::disallowed_methods,
    reason = "a bench renders nothing that must be the same bits everywhere"
)]

mod cases;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use acetate_analyzer::LevelMeter;
use acetate_audio::{AudioSpec, PcmBlock, PcmPlanes, SampleFormat, Source};
use acetate_bench::process::own_cpu_s;
use acetate_bench::provenance::Provenance;
use acetate_engine::{Settings, render};
use acetate_files::{Existing, FileFormat, PcmFormat, Writer};
use clap::Parser;
use serde::{Deserialize, Serialize};

#[derive(Parser)]
struct Arguments {
    /// Music, best as FLAC.
    file: PathBuf,
    /// Runs of each case.
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Only cases whose name holds this.
    #[arg(long)]
    only: Option<String>,
    /// Numbers of threads to measure on.
    #[arg(long, value_delimiter = ',', default_value = "1,2")]
    threads: Vec<usize>,
    /// Where to write the results as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Measure in this process and print rows as JSON: how the bench calls itself.
    #[arg(long, hide = true)]
    worker: bool,
}

#[derive(Serialize)]
struct Results {
    made_on: Provenance,
    load_average_at_start: f64,
    file: String,
    duration_s: f64,
    sample_rate_hz: u32,
    runs: usize,
    rows: Vec<Row>,
}

/// One case on one number of threads.
#[derive(Serialize, Deserialize)]
struct Row {
    case: String,
    threads: usize,
    best_ms: f64,
    processor_ms: f64,
    times_real_time: f64,
    fingerprint: String,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.worker {
        let rows = measure(&arguments);
        println!("{}", serde_json::to_string(&rows).expect("rows are plain data"));
        return ExitCode::SUCCESS;
    }
    let load_average_at_start = load_average();
    let mut rows = Vec::new();
    for &threads in &arguments.threads {
        rows.extend(in_own_process(&arguments, threads));
    }
    let source =
        acetate_files::open(&arguments.file, u64::MAX).expect("a file that can be decoded");
    let results = Results {
        made_on: Provenance::here(),
        load_average_at_start,
        file: arguments.file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        duration_s: source.duration_s(),
        sample_rate_hz: source.spec().sample_rate_hz,
        runs: arguments.runs,
        rows,
    };
    print_table(&results);
    if let Some(path) = &arguments.json {
        let text = serde_json::to_string_pretty(&results).expect("results are plain data");
        std::fs::write(path, text + "\n").expect("the results can be written");
    }
    if same_sound(&results.rows) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The number of threads is set once a process.
fn in_own_process(arguments: &Arguments, threads: usize) -> Vec<Row> {
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.arg(&arguments.file).arg("--worker").arg("--runs").arg(arguments.runs.to_string());
    command.arg("--threads").arg(threads.to_string());
    command.args(arguments.only.iter().flat_map(|only| ["--only", only]));
    let output = command.output().expect("the bench can call itself");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the worker prints rows")
}

fn measure(arguments: &Arguments) -> Vec<Row> {
    let threads = arguments.threads[0];
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().expect("the first pool");
    let source =
        acetate_files::open(&arguments.file, u64::MAX).expect("a file that can be decoded");
    let folder = std::env::temp_dir().join(format!("render_speed-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let wanted =
        |name: &str| arguments.only.as_ref().is_none_or(|only| name.contains(only.as_str()));
    let mut rows = Vec::new();
    let mut row = |name: &str, run: &mut dyn FnMut(), fingerprint: String| {
        let cost = cost_of(arguments.runs, run);
        rows.push(Row {
            case: name.to_owned(),
            threads,
            best_ms: cost.best_ms,
            processor_ms: cost.processor_ms,
            times_real_time: source.duration_s() * 1000.0 / cost.best_ms,
            fingerprint,
        });
    };
    let mut meter = LevelMeter::new(source.spec());
    meter.push(source.audio().expect("it is held in memory"));
    let lufs = meter.finish().integrated_lufs.unwrap_or(-14.0);
    for (name, settings) in cases::whole(lufs) {
        if wanted(name) {
            let path = folder.join("out.wav");
            let mut run = || from_file_to_file(&arguments.file, &settings, &path);
            row(name, &mut run, fingerprint(&source, &settings));
        }
    }
    if wanted("decode") {
        let open =
            || drop(acetate_files::open(&arguments.file, u64::MAX).expect("it was decoded before"));
        row("decode into memory", &mut { open }, String::new());
    }
    if wanted("write WAV 24") {
        let (spec, blocks) = rendered(&source);
        let path = folder.join("out.wav");
        row("write WAV 24", &mut || write(&path, spec, &blocks), String::new());
    }
    for (name, settings) in cases::stages() {
        if wanted(name) {
            let mut run = || {
                render(&source, &settings, &mut |_| Ok::<(), ()>(())).expect("settings are valid");
            };
            row(name, &mut run, fingerprint(&source, &settings));
        }
    }
    std::fs::remove_dir_all(&folder).expect("the folder is ours");
    rows
}

/// Exactly what a user waits for: decode, chain, file.
fn from_file_to_file(file: &Path, settings: &Settings, path: &Path) {
    let source = acetate_files::open(file, u64::MAX).expect("it was decoded before");
    let mut writer = wav_24(path, source.spec());
    render(&source, settings, &mut |block| writer.write(block)).expect("it can be rendered");
    drop(writer.close().expect("it can be written"));
}

fn wav_24(path: &Path, spec: AudioSpec) -> Writer {
    let format = PcmFormat { file: FileFormat::Wav, samples: SampleFormat::Int24, spec };
    Writer::create(path, format, Existing::Replace).expect("the folder takes files")
}

fn write(path: &Path, spec: AudioSpec, blocks: &[PcmBlock]) {
    let mut writer = wav_24(path, spec);
    blocks.iter().for_each(|block| writer.write(block).expect("it can be written"));
    drop(writer.close().expect("it can be written"));
}

fn rendered(source: &Source) -> (AudioSpec, Vec<PcmBlock>) {
    let mut blocks = Vec::new();
    render(source, &cases::dithered(), &mut |block| {
        blocks.push(block.clone());
        Ok::<(), ()>(())
    })
    .expect("settings are valid");
    (source.spec(), blocks)
}

/// A hash (FNV-1a) of each channel that comes out, however it is cut into blocks.
fn fingerprint(source: &Source, settings: &Settings) -> String {
    let mut hashes = vec![0xcbf2_9ce4_8422_2325u64; source.spec().channels];
    let add = |hash: &mut u64, bits| {
        *hash = (*hash ^ u64::from(bits)).wrapping_mul(0x0000_0100_0000_01b3)
    };
    render(source, settings, &mut |block| {
        match &block.planes {
            PcmPlanes::Int(planes) => {
                for (hash, plane) in hashes.iter_mut().zip(planes) {
                    plane.iter().for_each(|x| add(hash, *x as u32));
                }
            }
            PcmPlanes::Float(planes) => {
                for (hash, plane) in hashes.iter_mut().zip(planes) {
                    plane.iter().for_each(|x| add(hash, x.to_bits()));
                }
            }
        }
        Ok::<(), ()>(())
    })
    .expect("settings are valid");
    hashes.iter().map(|hash| format!("{hash:016x}")).collect::<Vec<_>>().join(" ")
}

struct Cost {
    best_ms: f64,
    processor_ms: f64,
}

fn cost_of(runs: usize, run: &mut dyn FnMut()) -> Cost {
    let mut best_ms = f64::INFINITY;
    let processor = own_cpu_s().unwrap_or(0.0);
    for _ in 0..runs {
        let start = Instant::now();
        run();
        best_ms = best_ms.min(start.elapsed().as_secs_f64() * 1000.0);
    }
    Cost { best_ms, processor_ms: (own_cpu_s().unwrap_or(0.0) - processor) * 1000.0 / runs as f64 }
}

fn load_average() -> f64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(0.0)
}

/// Whether each case sounds the same on any number of threads; says so where it does not.
fn same_sound(rows: &[Row]) -> bool {
    let mut same = true;
    for row in rows {
        let other = rows.iter().find(|other| other.case == row.case).expect("at least itself");
        if other.fingerprint != row.fingerprint {
            println!("{}: other samples on {} threads", row.case, row.threads);
            same = false;
        }
    }
    same
}

fn print_table(results: &Results) {
    let made_on = &results.made_on;
    println!("commit {}, {}, {}", made_on.commit, made_on.rustc, made_on.cpu);
    println!(
        "{} of {:.1} s, {} Hz; load average at the start {:.1}",
        results.file, results.duration_s, results.sample_rate_hz, results.load_average_at_start
    );
    println!("{:45} {:>7} {:>9} {:>12} {:>12}", "", "threads", "ms", "processor ms", "x real time");
    for row in &results.rows {
        let Row { case, threads, best_ms, processor_ms, times_real_time, .. } = row;
        println!("{case:45} {threads:7} {best_ms:9.1} {processor_ms:12.1} {times_real_time:12.0}");
    }
    for row in results.rows.iter().filter(|row| row.case.contains("masked")) {
        let other = row.case.replace("masked", "transparent");
        let same = |other_row: &&Row| other_row.case == other && other_row.threads == row.threads;
        if let Some(transparent) = results.rows.iter().find(same) {
            let ratio = row.processor_ms / transparent.processor_ms;
            println!("{} on {}: {ratio:.2} times transparent", row.case, row.threads);
        }
    }
}
