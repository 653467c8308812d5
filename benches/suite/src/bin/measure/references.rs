//! `references add` of many files.

use std::error::Error;
use std::ffi::OsString;
use std::path::Path;
use std::time::Instant;

use acetate_audio::SampleFormat;
use acetate_bench::process::{children_cpu_s, run as run_program};
use acetate_files::FileFormat;
use serde::Serialize;

use super::material::{joined, median, sounds, write};

/// Length of each file: half a minute.
const SECONDS: u64 = 30;
/// Rounds in turns.
const ROUNDS: usize = 3;

/// What adding took.
#[derive(Serialize)]
pub(crate) struct Added {
    files: usize,
    seconds_each: u64,
    add_wall_s: f64,
    add_cpu_s: f64,
    add_one_thread_wall_s: f64,
    analyze_wall_s: f64,
    analyze_cpu_s: f64,
    /// One thread over all.
    speed_up: f64,
    /// Adding over `analyze` of the same files.
    against_analyze: f64,
}

pub(crate) fn run(folder: &Path, acetate: &Path, files: usize) -> Result<Added, Box<dyn Error>> {
    let temporary = tempfile::tempdir()?;
    let records = temporary.path().join("records");
    std::fs::create_dir(&records)?;
    let sound = joined(&sounds(folder)?)?;
    for index in 0..files {
        let path = records.join(format!("record-{index:03}.flac"));
        let start = index * sound.frames() / files;
        write(&path, (FileFormat::Flac, SampleFormat::Int24), &sound, start, SECONDS * 44_100)?;
        if (index + 1) % 50 == 0 {
            println!("{} of {files} files are written", index + 1);
        }
    }
    let mut times: [Vec<[f64; 2]>; 3] = Default::default();
    for round in 0..ROUNDS {
        let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
        let commands: [&[&str]; 3] =
            [&["references", "add"], &["references", "add", "-j", "1"], &["analyze", "--jsonl"]];
        for (which, command) in commands.into_iter().enumerate() {
            let library = temporary.path().join(format!("library-{round}-{which}"));
            let mut arguments = words(command);
            arguments.push(records.clone().into());
            if which < 2 {
                arguments.extend([OsString::from("--library"), library.into()]);
            }
            let (clock, cpu) = (Instant::now(), children_cpu_s().unwrap_or(f64::NAN));
            let run = run_program(acetate, &arguments)?;
            if !run.status.success() {
                return Err(run.stderr.into());
            }
            let cpu_s = children_cpu_s().unwrap_or(f64::NAN) - cpu;
            let wall_s = clock.elapsed().as_secs_f64();
            println!("round {} of {ROUNDS}: {} {wall_s:.2} s", round + 1, command.join(" "));
            times[which].push([wall_s, cpu_s]);
        }
    }
    let middle = |which: usize, what: usize| median(times[which].iter().map(|times| times[what]));
    let ratio = |over: usize, under: usize| {
        median(times[over].iter().zip(&times[under]).map(|(over, under)| over[0] / under[0]))
    };
    let added = Added {
        files,
        seconds_each: SECONDS,
        add_wall_s: middle(0, 0),
        add_cpu_s: middle(0, 1),
        add_one_thread_wall_s: middle(1, 0),
        analyze_wall_s: middle(2, 0),
        analyze_cpu_s: middle(2, 1),
        speed_up: ratio(1, 0),
        against_analyze: ratio(0, 2),
    };
    println!(
        "{files} files of {SECONDS} s: add {:.2} s ({:.2} s of the processors), one thread {:.2} s ({:.2} times), \
         analyze {:.2} s (add takes {:.2} of it)",
        added.add_wall_s,
        added.add_cpu_s,
        added.add_one_thread_wall_s,
        added.speed_up,
        added.analyze_wall_s,
        added.against_analyze
    );
    Ok(added)
}
