//! Time for four minutes of real music, each program in its turn.

use std::error::Error;
use std::ffi::OsString;
use std::path::Path;
use std::time::Instant;

use acetate_audio::SampleFormat;
use acetate_bench::process::{children_cpu_s, run as run_program};
use acetate_files::FileFormat;
use serde::Serialize;

use super::material::{joined, median, sounds, write};
use super::peers::{LibEbur128, ffmpeg_arguments};

/// Four minutes at 44.1 kHz.
const FRAMES: u64 = 240 * 44_100;

/// Times of each program, with the ratios of the runs of one round.
#[derive(Serialize)]
pub(crate) struct Speed {
    /// What was measured.
    file: String,
    rounds: usize,
    programs: Vec<Program>,
    ratios: Vec<Ratio>,
}

#[derive(Serialize)]
struct Program {
    name: &'static str,
    wall_s_median: f64,
    wall_s_least: f64,
    cpu_s_median: f64,
    #[serde(skip)]
    times: Vec<[f64; 2]>,
}

/// How often the second takes what the first takes: medians over the rounds.
#[derive(Serialize)]
struct Ratio {
    what: &'static str,
    wall: f64,
    cpu: f64,
}

const ANALYZE: &str = "acetate analyze";
const ANALYZE_ONE: &str = "acetate analyze -j 1";
const DECODE: &str = "decode only";
const FFMPEG: &str = "ffmpeg ebur128=peak=true";
const LIBRARY: &str = "libebur128 I+LRA+TP, decoded sound from memory";

pub(crate) fn run(folder: &Path, acetate: &Path, rounds: usize) -> Result<Speed, Box<dyn Error>> {
    let temporary = tempfile::tempdir()?;
    let file = temporary.path().join("four-minutes.flac");
    write(&file, (FileFormat::Flac, SampleFormat::Int24), &joined(&sounds(folder)?)?, 0, FRAMES)?;
    let library = LibEbur128::build()?;
    let samples = match &library {
        Some(library) => Some(library.samples(&acetate_files::open(&file, u64::MAX)?)?),
        None => None,
    };
    let path = file.as_os_str().to_owned();
    let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
    let mut analyze = words(&["analyze", "--json", "--progress", "none"]);
    analyze.push(path.clone());
    let mut analyze_one = analyze.clone();
    analyze_one.extend(words(&["-j", "1"]));
    let mut decode = words(&["decode"]);
    decode.push(path);
    let myself = std::env::current_exe()?;
    let ffmpeg: Vec<OsString> = ffmpeg_arguments(&file).into_iter().map(Into::into).collect();
    let commands: [(&'static str, &Path, Vec<OsString>); 4] = [
        (ANALYZE, acetate, analyze),
        (ANALYZE_ONE, acetate, analyze_one),
        (DECODE, &myself, decode),
        (FFMPEG, Path::new("ffmpeg"), ffmpeg),
    ];
    let names = commands.iter().map(|command| command.0).chain(library.as_ref().map(|_| LIBRARY));
    let mut programs: Vec<Program> = names
        .map(|name| Program {
            name,
            wall_s_median: 0.0,
            wall_s_least: 0.0,
            cpu_s_median: 0.0,
            times: Vec::new(),
        })
        .collect();
    for _ in 0..rounds {
        for ((_, program, arguments), entry) in commands.iter().zip(&mut programs) {
            entry.times.push(timed(|| {
                let run = run_program(program, arguments)?;
                if run.status.success() { Ok(()) } else { Err(run.stderr.into()) }
            })?);
        }
        if let (Some(library), Some(samples), Some(entry)) =
            (&library, &samples, programs.iter_mut().find(|program| program.name == LIBRARY))
        {
            entry.times.push(timed(|| library.run(samples).map(drop))?);
        }
    }
    for program in &mut programs {
        program.wall_s_median = median(program.times.iter().map(|times| times[0]));
        program.wall_s_least = program.times.iter().map(|times| times[0]).fold(f64::MAX, f64::min);
        program.cpu_s_median = median(program.times.iter().map(|times| times[1]));
    }
    let ratios = [
        ("ffmpeg over analyze", FFMPEG, ANALYZE),
        ("libebur128 over analyze", LIBRARY, ANALYZE),
        ("one thread over two", ANALYZE_ONE, ANALYZE),
        ("analyze over decoding", ANALYZE, DECODE),
    ]
    .into_iter()
    .filter_map(|(what, slow, fast)| ratio(what, &programs, slow, fast))
    .collect();
    let speed =
        Speed { file: "240 s, 44.1 kHz, stereo, FLAC 24 bit".into(), rounds, programs, ratios };
    print(&speed);
    Ok(speed)
}

/// Time by the clock and of the processors.
fn timed(run: impl FnOnce() -> Result<(), Box<dyn Error>>) -> Result<[f64; 2], Box<dyn Error>> {
    let (clock, cpu) = (Instant::now(), children_cpu_s().unwrap_or(f64::NAN));
    run()?;
    Ok([clock.elapsed().as_secs_f64(), children_cpu_s().unwrap_or(f64::NAN) - cpu])
}

fn ratio(what: &'static str, programs: &[Program], slow: &str, fast: &str) -> Option<Ratio> {
    let times = |name: &str| programs.iter().find(|program| program.name == name);
    let (slow, fast) = (times(slow)?, times(fast)?);
    let of = |which: usize| {
        median(slow.times.iter().zip(&fast.times).map(|(slow, fast)| slow[which] / fast[which]))
    };
    Some(Ratio { what, wall: of(0), cpu: of(1) })
}

fn print(speed: &Speed) {
    println!("{}, {} rounds in turns", speed.file, speed.rounds);
    println!("{:>9} {:>9} {:>9}", "median s", "least s", "cpu s");
    for Program { name, wall_s_median, wall_s_least, cpu_s_median, .. } in &speed.programs {
        println!("{wall_s_median:>9.3} {wall_s_least:>9.3} {cpu_s_median:>9.2}  {name}");
    }
    for Ratio { what, wall, cpu } in &speed.ratios {
        println!("{what}: {wall:.2} by the clock, {cpu:.2} of the processors");
    }
}
