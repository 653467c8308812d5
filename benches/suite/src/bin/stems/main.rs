//! Stems as users master them: do the written stems add up to the written master, is the master the one that `acetate master` makes of
//! their sum, what does it cost?
//!
//! ```text
//! cargo run --release -p acetate-bench --bin stems -- FOLDER [--record FILE] [--only NAME] [--out FILE]
//! cargo run --release -p acetate-bench --bin stems -- FOLDER --balance [--planted DB] [--out FILE]
//! cargo run --release -p acetate-bench --bin stems -- FOLDER --long
//! ```
//!
//! FOLDER holds a folder of stems for each song. A file called `mix` in it is named with `--mix` in runs of its own. `--balance`
//! plants errors in one stem each, with the undamaged sum as the record, and looks at what is left of them. `--long` makes eight
//! stems of ten minutes of the first song, and looks at memory alone.

#![allow(
    clippy::disallowed_methods,
    reason = "a bench renders nothing that must be the same bits everywhere"
)]

mod balance;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use acetate_audio::{Audio, PcmBlock, PcmPlanes, SampleFormat};
use acetate_bench::process::{Run, acetate, run};
use acetate_bench::provenance::Provenance;
use acetate_files::{Existing, FileFormat, PcmFormat, Writer};
use clap::Parser;
use serde::Serialize;
use serde_json::json;

/// Masters the stems of every song in a folder.
#[derive(Parser)]
struct Arguments {
    /// A folder with a folder of stems for each song.
    folder: PathBuf,
    /// A record to lean to in the runs with all stages.
    #[arg(long)]
    record: Option<PathBuf>,
    /// Only songs, and runs, with this in their names.
    #[arg(long)]
    only: Option<String>,
    /// Eight stems of ten minutes of the first song: memory alone.
    #[arg(long)]
    long: bool,
    /// Errors planted in one stem: what is left of them with and without stems changed?
    #[arg(long)]
    balance: bool,
    /// Size of planted errors, dB. A stem is moved by 3 dB at most.
    #[arg(long, default_value_t = 4.0)]
    planted: f64,
    /// The program, where it is not beside the bench.
    #[arg(long)]
    program: Option<PathBuf>,
    /// Where the results go.
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Serialize)]
struct Results {
    provenance: Provenance,
    cases: Vec<Case>,
}

#[derive(Serialize)]
struct Case {
    name: String,
    stems: usize,
    /// Largest difference of the sum of the written stems from the written master, in steps of the master; of 24 bits for floats.
    difference_lsb: f64,
    /// Samples whose sum is not the master's, of floats after rounding it to floats.
    samples_off: u64,
    /// The same of instrumental and a cappella.
    versions_lsb: f64,
    /// Is the master, byte for byte, what `acetate master` makes of the sum? `None` with a mix.
    same_master: Option<bool>,
    wall_s: f64,
    peak_memory_mb: Option<f64>,
    /// Time over that of `acetate master` of the sum.
    times_master: Option<f64>,
    /// What is allowed: 1 + 0.35 a stem.
    times_allowed: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let program = acetate(arguments.program.as_deref())?;
    let songs = songs(&arguments.folder);
    if songs.is_empty() {
        println!("{}: no folders of stems; nothing is measured", arguments.folder.display());
        return Ok(());
    }
    if arguments.long {
        return long(&program, &songs[0]);
    }
    if arguments.balance {
        return balanced(&songs, &arguments);
    }
    let mut cases = Vec::new();
    for song in &songs {
        cases.extend(cases_of(&program, song, &arguments)?);
    }
    let off =
        cases.iter().filter(|case| case.difference_lsb >= 0.5 || case.same_master == Some(false));
    println!("{} runs, {} do not add up or have another master", cases.len(), off.count());
    if let Some(out) = &arguments.out {
        let results = Results { provenance: Provenance::here(), cases };
        fs::write(out, serde_json::to_string_pretty(&results)? + "\n")?;
    }
    Ok(())
}

/// What is left of planted errors.
fn balanced(songs: &[Song], arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let mut recovered = Vec::new();
    for song in songs {
        recovered.extend(balance::recover(song, arguments.only.as_ref(), arguments.planted)?);
    }
    if let Some(out) = &arguments.out {
        let results = json!({ "provenance": Provenance::here(), "recovered": recovered });
        fs::write(out, serde_json::to_string_pretty(&results)? + "\n")?;
    }
    Ok(())
}

/// A song: its stems, and its mix where there is one.
struct Song {
    name: String,
    stems: Vec<PathBuf>,
    mix: Option<PathBuf>,
}

fn songs(folder: &Path) -> Vec<Song> {
    let sorted = |folder: &Path| {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        paths
    };
    let song = |folder: &PathBuf| {
        let sound = |path: &PathBuf| path.extension().is_some_and(|e| e == "flac" || e == "wav");
        let is_mix = |path: &PathBuf| path.file_stem().is_some_and(|stem| stem == "mix");
        let (mix, stems): (Vec<_>, Vec<_>) =
            sorted(folder).into_iter().filter(sound).partition(is_mix);
        let name = folder.file_name()?.to_string_lossy().into_owned();
        (stems.len() > 1).then(|| Song { name, stems, mix: mix.into_iter().next() })
    };
    sorted(folder).iter().filter_map(song).collect()
}

fn cases_of(
    program: &Path,
    song: &Song,
    arguments: &Arguments,
) -> Result<Vec<Case>, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let sum = folder.path().join("mix.wav");
    write_sum(&song.stems, &sum)?;
    let mut runs: Vec<(String, Vec<String>)> = Vec::new();
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    for lufs in [-14, -9, -7] {
        for limiter in ["masked", "transparent", "fast"] {
            let options = format!("--lufs {lufs} --limiter {limiter} --force");
            runs.push((format!("{lufs} {limiter}"), words(&options)));
        }
    }
    for bits in ["16", "32f"] {
        runs.push((
            format!("-9 masked {bits} bits"),
            words(&format!("--lufs -9 --bits {bits} --force")),
        ));
    }
    let mut all = words("--lufs -9 --saturation 30% --reverb 15% --force");
    if let Some(record) = &arguments.record {
        all.extend(["-r".to_owned(), record.display().to_string()]);
    }
    runs.push(("-9 masked, record, saturation, reverb".to_owned(), all));
    let mut cases = Vec::new();
    for (name, options) in runs {
        for mix in std::iter::once(None).chain(song.mix.iter().map(Some)) {
            let with = if mix.is_some() { ", with its mix" } else { "" };
            let name = format!("{} {name}{with}", song.name);
            if arguments.only.as_ref().is_none_or(|only| name.contains(only)) {
                cases.push(case(program, song, &name, &options, mix, &sum)?);
            }
        }
    }
    Ok(cases)
}

fn case(
    program: &Path,
    song: &Song,
    name: &str,
    options: &[String],
    mix: Option<&PathBuf>,
    sum: &Path,
) -> Result<Case, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().display().to_string();
    let last = song.stems.len() - 1;
    let lead = song.stems[last].file_stem().unwrap_or_default().to_string_lossy();
    let also = format!("--also=instrumental=-{lead},acapella={lead}");
    let mut words: Vec<String> = vec!["stems".into()];
    words.extend(song.stems.iter().map(|path| path.display().to_string()));
    words.extend(mix.iter().flat_map(|mix| ["--mix".into(), mix.display().to_string()]));
    words.extend(["-d".into(), out.clone(), also, "--json".into(), "--format=wav".into()]);
    words.extend(options.iter().cloned());
    let made = done(run(program, &words)?)?;
    let result: serde_json::Value = serde_json::from_slice(&made.stdout)?;
    let files = result["files"].as_array().ok_or("no files")?;
    let path =
        |file: &serde_json::Value| PathBuf::from(file["output"].as_str().unwrap_or_default());
    let (master, rest) = files.split_first().ok_or("no master")?;
    let (stems, versions) = rest.split_at(rest.len() - 2);
    let paths = |files: &[serde_json::Value]| files.iter().map(path).collect::<Vec<_>>();
    let (difference_lsb, samples_off) = difference(&path(master), &paths(stems))?;
    let (versions_lsb, _) = difference(&path(master), &paths(versions))?;
    let (mut same_master, mut times_master) = (None, None);
    if mix.is_none() {
        let alone_path = folder.path().join("alone.wav");
        let mut words: Vec<String> = vec!["master".into(), sum.display().to_string()];
        words.extend(["-o".into(), alone_path.display().to_string()]);
        words.extend(options.iter().cloned());
        let alone = done(run(program, &words)?)?;
        same_master = Some(fs::read(alone_path)? == fs::read(path(master))?);
        times_master = Some(made.wall_s / alone.wall_s);
    }
    let times_allowed = 1.0 + 0.35 * song.stems.len() as f64;
    let (wall_s, peak_memory_mb) = (made.wall_s, made.peak_memory_mb);
    let as_text =
        |number: Option<f64>| number.map_or("-".to_owned(), |number| format!("{number:.2}"));
    println!(
        "{name}: {difference_lsb} LSB ({samples_off} samples), versions {versions_lsb} LSB, same master {same_master:?}, {wall_s:.1} s, {} x master ({times_allowed:.2} allowed), {} MB",
        as_text(times_master),
        as_text(peak_memory_mb)
    );
    let (name, stems) = (name.to_owned(), song.stems.len());
    Ok(Case {
        name,
        stems,
        difference_lsb,
        samples_off,
        versions_lsb,
        same_master,
        wall_s,
        peak_memory_mb,
        times_master,
        times_allowed,
    })
}

fn done(run: Run) -> Result<Run, Box<dyn Error>> {
    if run.status.success() { Ok(run) } else { Err(run.stderr.into()) }
}

fn decoded(path: &Path) -> Result<Audio, Box<dyn Error>> {
    let source = acetate_files::open(path, u64::MAX)?;
    Ok(source.audio().ok_or("not in memory")?.clone())
}

/// Largest difference of a sum of files from the master, in steps, and how many samples differ.
fn difference(master: &Path, files: &[PathBuf]) -> Result<(f64, u64), Box<dyn Error>> {
    let bits = acetate_files::open(master, 0)?.format().bits.unwrap_or(24).min(24);
    let master = decoded(master)?;
    let mut sums: Vec<Vec<f64>> = vec![vec![0.0; master.frames()]; master.planes().len()];
    for file in files {
        for (sum, plane) in sums.iter_mut().zip(decoded(file)?.planes()) {
            assert_eq!(sum.len(), plane.len(), "{}", file.display());
            sum.iter_mut().zip(plane).for_each(|(sum, &x)| *sum += f64::from(x));
        }
    }
    let (mut largest, mut off) = (0.0_f64, 0);
    for (&sum, &x) in sums.iter().flatten().zip(master.planes().iter().flatten()) {
        largest = largest.max((sum - f64::from(x)).abs());
        off += u64::from(sum as f32 != x);
    }
    Ok((largest * f64::from(1u32 << (bits - 1)), off))
}

/// The sum of the stems as the program adds them: in double precision, then as a float.
fn write_sum(stems: &[PathBuf], path: &Path) -> Result<(), Box<dyn Error>> {
    let parts: Vec<Audio> = stems.iter().map(|stem| decoded(stem)).collect::<Result<_, _>>()?;
    let frames = parts.iter().map(Audio::frames).max().unwrap_or(0);
    let sample = |channel: usize, frame: usize| {
        let parts = parts.iter().filter_map(|part| part.channel(channel).get(frame));
        parts.map(|&x| f64::from(x)).sum::<f64>() as f32
    };
    let channels = parts[0].planes().len();
    let planes =
        (0..channels).map(|c| (0..frames).map(|frame| sample(c, frame)).collect()).collect();
    write(path, &Audio::from_planes(parts[0].spec().sample_rate_hz, planes))
}

fn write(path: &Path, audio: &Audio) -> Result<(), Box<dyn Error>> {
    let (spec, samples) = (audio.spec(), SampleFormat::Float32);
    let format = PcmFormat { file: FileFormat::Wav, samples, spec };
    let mut writer = Writer::create(path, format, Existing::Error)?;
    let mut block = PcmBlock::new(spec, samples);
    block.planes = PcmPlanes::Float(audio.planes().to_vec());
    writer.write(&block)?;
    Ok(writer.finish()?)
}

/// Eight stems of ten minutes: how much memory do they take?
fn long(program: &Path, song: &Song) -> Result<(), Box<dyn Error>> {
    const SECONDS: usize = 600;
    let folder = tempfile::tempdir()?;
    let mut words: Vec<String> = vec!["stems".into()];
    for index in 0..8 {
        let part = decoded(&song.stems[index % song.stems.len()])?;
        let frames = SECONDS * part.spec().sample_rate_hz as usize;
        let turned = |plane: &Vec<f32>| -> Vec<f32> {
            plane.iter().cycle().skip(index * 100_000).take(frames).map(|x| 0.5 * x).collect()
        };
        let planes = part.planes().iter().map(turned).collect();
        let path = folder.path().join(format!("stem{index}.wav"));
        write(&path, &Audio::from_planes(part.spec().sample_rate_hz, planes))?;
        words.push(path.display().to_string());
    }
    words.extend(["-t".to_owned(), "loud".to_owned()]);
    let made = done(run(program, &words)?)?;
    println!("{}", made.stderr);
    println!(
        "eight stems of {} minutes: {:.1} s, {:.0} MB",
        SECONDS / 60,
        made.wall_s,
        made.peak_memory_mb.unwrap_or_default()
    );
    Ok(())
}
