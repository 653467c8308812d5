//! Long and large files through the program: memory must not grow with length, time must grow in proportion to it.
//!
//! Generated sound, in this order: 3 hours as the measure of time, 10 hours (each analysed, matched to a reference and
//! mastered; beyond 4 GB these are RF64), 96 and 192 kHz, 8 channels, and short files with one worker, with two, and by
//! two programs at once, which share nothing but the machine: no number of workers is faster than those. Long files are
//! judged by processor time, which other programs disturb less; the short ones by the clock.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use acetate_audio::{AudioSpec, PcmBlock, PcmPlanes, SampleFormat};
use acetate_bench::process::{acetate, children_cpu_s, run};
use acetate_bench::provenance::Provenance;
use acetate_files::{Existing, FileFormat, PcmFormat, Writer};
use clap::{Parser, ValueEnum};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::Serialize;

/// Most memory that a run may take, however long the file.
const MEMORY_MB_MAX: f64 = 700.0;
/// How much more or less than in proportion to its length a file may take.
const LINEAR_SHARE: f64 = 0.1;
/// Files a second with two workers over files a second with one.
const TWO_WORKERS_MIN: f64 = 1.8;

/// Rate in Hz, channels, minutes: the longest file that is held in memory, high rates, many channels.
const FORMATS: [(u32, usize, u64); 4] =
    [(44_100, 2, 12), (96_000, 2, 10), (192_000, 2, 10), (48_000, 8, 10)];

#[derive(Parser)]
struct Arguments {
    /// What is measured; by default all of it.
    #[arg(long, value_delimiter = ',', default_value = "lengths,formats,folder")]
    only: Vec<Part>,
    /// Lengths in minutes; the first is the measure of time.
    #[arg(long, value_delimiter = ',', default_values_t = [180, 600])]
    minutes: Vec<u64>,
    /// What is done with the long files.
    #[arg(long, value_delimiter = ',', default_value = "analyze,match,master")]
    commands: Vec<LongCommand>,
    /// Sample rate of the long files, Hz: 10 hours at 44.1 kHz are 6.4 GB, at 32 kHz 4.6 GB, the master as much again.
    #[arg(long, default_value_t = 44_100)]
    rate_hz: u32,
    /// Short files in all.
    #[arg(long, default_value_t = 500)]
    files: u64,
    /// How often the short files are mastered, in turns.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Which limiter masters.
    #[arg(long, default_value = "masked")]
    limiter: String,
    /// Where the generated files go.
    #[arg(long)]
    scratch: Option<PathBuf>,
    /// The program; by default the one beside this bench.
    #[arg(long)]
    program: Option<PathBuf>,
    /// Where to write the results as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Part {
    /// Long files.
    Lengths,
    /// High rates and many channels.
    Formats,
    /// Many short files, with one worker, with two, and by two programs.
    Folder,
}

#[derive(Clone, Copy, PartialEq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
enum LongCommand {
    /// Measures.
    Analyze,
    /// Masters after a reference.
    Match,
    /// Masters to the default loudness.
    Master,
}

#[derive(Serialize)]
struct Results {
    made_on: Provenance,
    limiter: String,
    rows: Vec<Row>,
    short_files: Option<ShortFiles>,
}

/// Medians over the rounds.
#[derive(Serialize)]
struct ShortFiles {
    files: u64,
    rounds: usize,
    one_worker: Took,
    two_workers: Took,
    two_programs: Took,
    /// Files a second with two workers over files a second with one.
    two_workers_over_one: f64,
    /// What the machine gives at most: the same of two programs with half of the files each.
    two_programs_over_one: f64,
}

#[derive(Clone, Copy, Serialize)]
struct Took {
    wall_s: f64,
    cpu_s: f64,
}

#[derive(Serialize)]
struct Row {
    sound: String,
    command: LongCommand,
    wall_s: f64,
    /// Seconds of sound for a second of processor time.
    times_real_time: Option<f64>,
    /// Processor time a second of sound over that of the first length.
    against_first: Option<f64>,
    peak_memory_mb: Option<f64>,
    wrong: Vec<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match measure(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(3),
        Err(message) => {
            eprintln!("long: {message}");
            ExitCode::FAILURE
        }
    }
}

struct Bench {
    program: PathBuf,
    scratch: PathBuf,
    limiter: String,
}

fn measure(arguments: &Arguments) -> Result<bool, String> {
    let parent = arguments.scratch.clone().unwrap_or_else(std::env::temp_dir);
    let bench = Bench {
        program: acetate(arguments.program.as_deref())?,
        scratch: parent.join(format!("acetate-long-{}", std::process::id())),
        limiter: arguments.limiter.clone(),
    };
    fs::create_dir_all(&bench.scratch).map_err(|error| error.to_string())?;
    let measured = bench.all(arguments);
    fs::remove_dir_all(&bench.scratch).map_err(|error| error.to_string())?;
    let (rows, short_files) = measured?;
    let ok = rows.iter().all(|row| row.wrong.is_empty())
        && short_files.as_ref().is_none_or(|it| it.two_workers_over_one >= TWO_WORKERS_MIN);
    println!("{}", if ok { "all as promised" } else { "NOT all as promised" });
    if let Some(path) = &arguments.json {
        let limiter = arguments.limiter.clone();
        let results = Results { made_on: Provenance::here(), limiter, rows, short_files };
        let text = serde_json::to_string_pretty(&results).expect("results are plain data");
        fs::write(path, text + "\n").map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(ok)
}

impl Bench {
    fn all(&self, arguments: &Arguments) -> Result<(Vec<Row>, Option<ShortFiles>), String> {
        let stereo = AudioSpec::new(arguments.rate_hz, 2);
        let reference = self.scratch.join("reference.wav");
        write_sound(&reference, stereo, 60, 99)?;
        let mut rows: Vec<Row> = Vec::new();
        let wanted = |part| arguments.only.contains(&part);
        for &minutes in arguments.minutes.iter().filter(|_| wanted(Part::Lengths)) {
            let path = self.scratch.join("long.wav");
            write_sound(&path, stereo, minutes * 60, 1)?;
            for &command in &arguments.commands {
                let sound = format!("{minutes} min, {} Hz, 2 channels", stereo.sample_rate_hz);
                let first = rows.iter().find(|row| row.command == command);
                let first = first.and_then(|row| row.times_real_time);
                rows.push(self.row(sound, command, &path, minutes * 60, first)?);
            }
            fs::remove_file(&path).map_err(|error| error.to_string())?;
        }
        for (sample_rate_hz, channels, minutes) in
            FORMATS.into_iter().filter(|_| wanted(Part::Formats))
        {
            let path = self.scratch.join("format.wav");
            write_sound(&path, AudioSpec::new(sample_rate_hz, channels), minutes * 60, 2)?;
            let sound = format!("{minutes} min, {sample_rate_hz} Hz, {channels} channels");
            rows.push(self.row(sound, LongCommand::Master, &path, minutes * 60, None)?);
            fs::remove_file(&path).map_err(|error| error.to_string())?;
        }
        let short = wanted(Part::Folder).then(|| self.short(arguments.files, arguments.rounds));
        Ok((rows, short.transpose()?))
    }

    fn row(
        &self,
        sound: String,
        command: LongCommand,
        path: &Path,
        seconds: u64,
        first: Option<f64>,
    ) -> Result<Row, String> {
        let output = self.scratch.join("out.wav");
        let (path, output) = (text(path), text(&output));
        let reference = text(&self.scratch.join("reference.wav"));
        let master = ["master", &path, "-o", &output, "-f", "-q", "--bits", "16", "--limiter"];
        let master = [&master[..], &[&self.limiter]].concat();
        let words = match command {
            LongCommand::Analyze => vec!["analyze", &path, "--json"],
            LongCommand::Match => [&master[..], &["-r", &reference]].concat(),
            LongCommand::Master => master,
        };
        let before = children_cpu_s();
        let run = run(&self.program, words).map_err(|error| error.to_string())?;
        let cpu_s = children_cpu_s().zip(before).map(|(after, before)| after - before);
        let times_real_time = cpu_s.map(|cpu_s| seconds as f64 / cpu_s);
        let against_first = first.zip(times_real_time).map(|(first, times)| first / times);
        let mut wrong = Vec::new();
        if !run.status.success() {
            wrong.push(format!("{}: {}", run.status, run.stderr.trim()));
        }
        if run.peak_memory_mb.is_some_and(|mb| mb > MEMORY_MB_MAX) {
            wrong.push("too much memory".to_owned());
        }
        if against_first.is_some_and(|ratio| (ratio - 1.0).abs() > LINEAR_SHARE) {
            wrong.push("time is not in proportion to length".to_owned());
        }
        // Not beside the next one: the disk holds one master at a time.
        let _ = fs::remove_file(&output);
        let row = Row {
            sound,
            command,
            wall_s: run.wall_s,
            times_real_time,
            against_first,
            peak_memory_mb: run.peak_memory_mb,
            wrong,
        };
        println!(
            "{:<32} {:<8} {:>8.1} s {:>6.0}x of CPU {:>6} {:>6.0} MB  {}",
            row.sound,
            row.command.to_possible_value().expect("no command is hidden").get_name(),
            row.wall_s,
            row.times_real_time.unwrap_or(f64::NAN),
            row.against_first.map_or("-".into(), |ratio| format!("{ratio:.2}")),
            row.peak_memory_mb.unwrap_or(0.0),
            row.wrong.join("; ")
        );
        Ok(row)
    }

    /// Two folders of short files, mastered in three ways by turns.
    fn short(&self, files: u64, rounds: usize) -> Result<ShortFiles, String> {
        let folders = ["even", "odd"].map(|name| self.scratch.join(name));
        for folder in &folders {
            fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        }
        for number in 0..files {
            let spec = AudioSpec::new(44_100, 2);
            let folder = &folders[(number % 2) as usize];
            write_sound(&folder.join(format!("{number:03}.wav")), spec, 5, number)?;
        }
        let [even, odd] = &folders.map(|folder| text(&folder));
        let both = [even.as_str(), odd.as_str()];
        let ways: [&[(&str, &[&str])]; 3] =
            [&[("1", &both)], &[("2", &both)], &[("1", &[even]), ("1", &[odd])]];
        let mut took: [Vec<Took>; 3] = Default::default();
        for _ in 0..rounds.max(1) {
            for (took, programs) in took.iter_mut().zip(ways) {
                took.push(self.at_once(programs)?);
            }
        }
        let [one, two, programs] = took.map(|mut took| {
            took.sort_by(|a, b| a.wall_s.total_cmp(&b.wall_s));
            took[took.len() / 2]
        });
        let over_one = |other: Took| one.wall_s / other.wall_s;
        let (workers_ratio, programs_ratio) = (over_one(two), over_one(programs));
        for (way, took, ratio) in [
            ("one worker", one, 1.0),
            ("two workers", two, workers_ratio),
            ("two programs", programs, programs_ratio),
        ] {
            let Took { wall_s, cpu_s } = took;
            println!(
                "{files} files of 5 s, {way}: {wall_s:.1} s, {cpu_s:.1} s of CPU, {ratio:.2}x"
            );
        }
        Ok(ShortFiles {
            files,
            rounds,
            one_worker: one,
            two_workers: two,
            two_programs: programs,
            two_workers_over_one: workers_ratio,
            two_programs_over_one: programs_ratio,
        })
    }

    /// Masters folders by one program each, all of them at once: workers and folders of each.
    fn at_once(&self, programs: &[(&str, &[&str])]) -> Result<Took, String> {
        let (begun, before) = (Instant::now(), children_cpu_s());
        let master = |&(jobs, folders): &(&str, &[&str])| {
            let words = ["master", "-f", "-q", "-j", jobs, "--limiter", &self.limiter];
            let run = run(&self.program, words.iter().chain(folders)).map_err(|e| e.to_string())?;
            let said = run.stderr.trim();
            if run.status.success() { Ok(()) } else { Err(format!("-j {jobs}: {said}")) }
        };
        thread::scope(|scope| {
            let running: Vec<_> =
                programs.iter().map(|program| scope.spawn(move || master(program))).collect();
            running.into_iter().try_for_each(|run| run.join().expect("nothing panics"))
        })?;
        let cpu_s = children_cpu_s().zip(before).map_or(f64::NAN, |(after, before)| after - before);
        Ok(Took { wall_s: begun.elapsed().as_secs_f64(), cpu_s })
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Half a minute of falling noise in bursts, over and over: generated as fast as the disk takes it.
fn write_sound(path: &Path, spec: AudioSpec, seconds: u64, seed: u64) -> Result<(), String> {
    let format = PcmFormat { file: FileFormat::Wav, samples: SampleFormat::Int16, spec };
    let cannot = |error: acetate_files::EncodeError| error.to_string();
    let mut writer = Writer::create(path, format, Existing::Replace).map_err(cannot)?;
    let rate = spec.sample_rate_hz as usize;
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut pieces = Vec::new();
    for _ in 0..30.min(seconds) {
        let loudness: f64 = random.gen_range(1000.0..6000.0);
        let planes = (0..spec.channels).map(|_| {
            let mut slow = 0.0;
            (0..rate)
                .map(|frame| {
                    slow += 0.1 * (random.gen_range(-1.0..1.0) - slow);
                    let beat = 1.0 / (1.0 + (frame % (rate / 2)) as f64 / (rate as f64 / 20.0));
                    (loudness * slow * (0.3 + 3.0 * beat)).clamp(-32_000.0, 32_000.0) as i32
                })
                .collect()
        });
        let mut block = PcmBlock::new(spec, SampleFormat::Int16);
        block.planes = PcmPlanes::Int(planes.collect());
        pieces.push(block);
    }
    for piece in pieces.iter().cycle().take(seconds as usize) {
        writer.write(piece).map_err(cannot)?;
    }
    writer.finish().map_err(cannot)
}
