//! Runs the program as a musician would on every pair of a folder of test music, and measures what it wrote.
//!
//! For each pair: `master MIX -r REFERENCE`, `-t streaming` and `-t loud`. Then, on one file: the same bytes
//! from `suggest` and `apply` as from `master`, with one and two threads; and the time and memory of each
//! command on the longest file.

#![allow(
    clippy::disallowed_methods,
    reason = "a bench renders nothing that must be the same bits everywhere"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use acetate_analyzer::{Analysis, analyze};
use acetate_bench::closeness::{side_minus_mid_error_db, third_octave_error_db};
use acetate_bench::pairs::{Pair, pairs};
use acetate_bench::process::{Run, acetate, run};
use acetate_bench::provenance::Provenance;
use clap::Parser;
use serde::Serialize;

/// A loudness further than this from its target is a miss, LU.
const LOUDNESS_TOLERANCE_LU: f64 = 0.05;

#[derive(Parser)]
struct Arguments {
    /// Folder with `pairs.json`.
    #[arg(default_value = "../shared/audio")]
    folder: PathBuf,
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
    masters: Vec<Master>,
    same_bytes: Vec<SameBytes>,
    costs: Vec<Cost>,
}

/// One run of `master`.
#[derive(Serialize)]
struct Master {
    pair: String,
    aim: String,
    exit: Option<i32>,
    wanted_lufs: Option<f64>,
    measured_lufs: Option<f64>,
    ffmpeg_lufs: Option<f64>,
    ceiling_dbtp: f64,
    true_peak_dbtp: Option<f64>,
    third_octave_error_before_db: Option<f64>,
    third_octave_error_after_db: Option<f64>,
    side_minus_mid_error_after_db: Option<f64>,
    wall_s: f64,
    ok: bool,
    said: String,
}

#[derive(Serialize)]
struct SameBytes {
    what: String,
    same: bool,
}

#[derive(Serialize)]
struct Cost {
    command: String,
    wall_s: f64,
    times_real_time: f64,
    peak_memory_mb: Option<f64>,
}

struct Bench {
    folder: PathBuf,
    program: PathBuf,
    scratch: PathBuf,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match measure(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(3),
        Err(message) => {
            eprintln!("end_to_end: {message}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> Result<bool, String> {
    let list = pairs(&arguments.folder)?;
    let bench = Bench::new(arguments)?;
    let mut masters = Vec::new();
    println!(
        "{:<38} {:<10} exit   LUFS  wanted  ffmpeg   dBTP  tone before > after",
        "pair", "aim"
    );
    for pair in &list {
        for aim in ["reference", "streaming", "loud"] {
            let master = bench.master(pair, aim)?;
            println!("{}", master.line());
            masters.push(master);
        }
    }
    let same_bytes = bench.same_bytes(&list[0])?;
    for check in &same_bytes {
        println!("{}: {}", check.what, if check.same { "same bytes" } else { "DIFFERENT" });
    }
    let costs = bench.costs()?;
    for cost in &costs {
        println!("{}", cost.line());
    }
    let ok = masters.iter().all(|m| m.ok) && same_bytes.iter().all(|c| c.same);
    println!("{}", if ok { "all as promised" } else { "NOT all as promised" });
    std::fs::remove_dir_all(&bench.scratch).map_err(|error| error.to_string())?;
    if let Some(path) = &arguments.json {
        let results = Results { made_on: Provenance::here(), masters, same_bytes, costs };
        let text = serde_json::to_string_pretty(&results).expect("results are plain data");
        std::fs::write(path, text + "\n")
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(ok)
}

impl Bench {
    fn new(arguments: &Arguments) -> Result<Self, String> {
        let program = acetate(arguments.program.as_deref())?;
        let scratch =
            std::env::temp_dir().join(format!("acetate-end-to-end-{}", std::process::id()));
        std::fs::create_dir_all(&scratch).map_err(|error| error.to_string())?;
        Ok(Self { folder: arguments.folder.clone(), program, scratch })
    }

    fn run(&self, arguments: &[&str]) -> Result<Run, String> {
        run(&self.program, arguments)
            .map_err(|error| format!("{}: {error}", self.program.display()))
    }

    fn master(&self, pair: &Pair, aim: &str) -> Result<Master, String> {
        let mix = self.folder.join(&pair.mix);
        let reference = self.folder.join(&pair.reference);
        let written = self.scratch.join("master.wav");
        let (mix_text, reference_text, written_text) =
            (text(&mix), text(&reference), text(&written));
        let mut words = vec!["master", &mix_text, "-o", &written_text, "-f", "-q"];
        match aim {
            "reference" => words.extend(["-r", &reference_text]),
            target => words.extend(["-t", target]),
        }
        let run = self.run(&words)?;
        let before = measured(&mix)?;
        let wanted = measured(&reference)?;
        let after = if run.status.code() == Some(0) { Some(measured(&written)?) } else { None };
        let wanted_lufs = match aim {
            "reference" => wanted.loudness.integrated_lufs,
            "loud" => Some(-9.0),
            _ => Some(-14.0),
        };
        let measured_lufs = after.as_ref().and_then(|a| a.loudness.integrated_lufs);
        let true_peak_dbtp = after
            .as_ref()
            .and_then(|a| Some(a.loudness.true_peak_dbtp?.max(a.loudness.true_peak_bs1770_dbtp?)));
        let ceiling_dbtp = -1.0;
        let loud_enough = matches!((wanted_lufs, measured_lufs),
            (Some(a), Some(b)) if (a - b).abs() <= LOUDNESS_TOLERANCE_LU);
        // A truthful "cannot" is in the settings beside the master, and is shown beside the row.
        let said = cannot(&written).unwrap_or_else(|| run.stderr.trim().to_owned());
        let ok = run.status.code() == Some(0)
            && true_peak_dbtp.is_some_and(|peak| peak <= ceiling_dbtp)
            && (loud_enough || !said.is_empty());
        let is_reference = aim == "reference";
        Ok(Master {
            pair: pair.name(),
            aim: aim.to_owned(),
            exit: run.status.code(),
            wanted_lufs,
            measured_lufs,
            ffmpeg_lufs: ffmpeg_loudness(&written),
            ceiling_dbtp,
            true_peak_dbtp,
            third_octave_error_before_db: is_reference
                .then(|| third_octave_error_db(&before, &wanted))
                .flatten(),
            third_octave_error_after_db: after
                .as_ref()
                .filter(|_| is_reference)
                .and_then(|after| third_octave_error_db(after, &wanted)),
            side_minus_mid_error_after_db: after
                .as_ref()
                .filter(|_| is_reference)
                .and_then(|after| side_minus_mid_error_db(after, &wanted)),
            wall_s: run.wall_s,
            ok,
            said,
        })
    }

    /// `suggest` and `apply` against `master`, with one and with two threads.
    fn same_bytes(&self, pair: &Pair) -> Result<Vec<SameBytes>, String> {
        let mix = text(&self.folder.join(&pair.mix));
        let path = |name: &str| text(&self.scratch.join(name));
        let (first, settings) = (path("first.wav"), path("suggested.json"));
        self.run(&["master", &mix, "-t", "spotify", "-o", &first, "-f", "-q", "-j", "1"])?;
        let suggestion = self.run(&["suggest", &mix, "-t", "spotify", "-q"])?;
        std::fs::write(&settings, &suggestion.stdout).map_err(|error| error.to_string())?;
        let wanted = std::fs::read(&first).map_err(|error| format!("{first}: {error}"))?;
        let mut checks = Vec::new();
        for (what, words) in [
            ("master again, two threads", vec!["master", &mix, "-t", "spotify", "-j", "2"]),
            ("suggest and apply, one thread", vec!["apply", &settings, &mix, "-j", "1"]),
            ("suggest and apply, two threads", vec!["apply", &settings, &mix, "-j", "2"]),
        ] {
            let again = path("again.wav");
            let mut words = words;
            words.extend(["-o", &again, "-f", "-q"]);
            self.run(&words)?;
            let got = std::fs::read(&again).map_err(|error| format!("{again}: {error}"))?;
            checks.push(SameBytes { what: what.to_owned(), same: got == wanted });
        }
        Ok(checks)
    }

    /// Time and memory of each command on the longest mix or reference.
    fn costs(&self) -> Result<Vec<Cost>, String> {
        let (longest, seconds) = self.longest()?;
        let song = text(&longest);
        let path = |name: &str| text(&self.scratch.join(name));
        let (out, settings) = (path("cost.wav"), path("cost.json"));
        let suggestion = self.run(&["suggest", &song, "-q"])?;
        std::fs::write(&settings, &suggestion.stdout).map_err(|error| error.to_string())?;
        let commands: [(&str, Vec<&str>); 6] = [
            ("analyze --json", vec!["analyze", &song, "--json"]),
            ("suggest", vec!["suggest", &song, "-q"]),
            (
                "master --limiter transparent",
                vec!["master", &song, "--limiter", "transparent", "-o", &out, "-f", "-q"],
            ),
            ("master", vec!["master", &song, "-o", &out, "-f", "-q"]),
            ("master -t loud", vec!["master", &song, "-t", "loud", "-o", &out, "-f", "-q"]),
            ("apply", vec!["apply", &settings, &song, "-o", &out, "-f", "-q"]),
        ];
        commands
            .iter()
            .map(|(command, words)| {
                let run = self.run(words)?;
                Ok(Cost {
                    command: (*command).to_owned(),
                    wall_s: run.wall_s,
                    times_real_time: seconds / run.wall_s,
                    peak_memory_mb: run.peak_memory_mb,
                })
            })
            .collect()
    }

    fn longest(&self) -> Result<(PathBuf, f64), String> {
        let mut files = Vec::new();
        for part in ["mixes", "refs"] {
            let folder = self.folder.join(part);
            let entries = std::fs::read_dir(&folder)
                .map_err(|error| format!("{}: {error}", folder.display()))?;
            files.extend(entries.filter_map(|entry| Some(entry.ok()?.path())));
        }
        files
            .into_iter()
            .filter_map(|path| {
                let source = acetate_files::open(&path, 0).ok()?;
                Some((path, source.duration_s()))
            })
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .ok_or_else(|| "no music in the folder".to_owned())
    }
}

impl Master {
    fn line(&self) -> String {
        let number = |value: Option<f64>| value.map_or("-".to_owned(), |v| format!("{v:.2}"));
        let mark = if self.ok { "" } else { "  MISSED" };
        let said = if self.said.is_empty() { "" } else { "  (it says why)" };
        format!(
            "{:<38} {:<10} {:>4} {:>6} {:>7} {:>7} {:>6}  {} > {}{mark}{said}",
            self.pair,
            self.aim,
            self.exit.map_or("-".to_owned(), |code| code.to_string()),
            number(self.measured_lufs),
            number(self.wanted_lufs),
            number(self.ffmpeg_lufs),
            number(self.true_peak_dbtp),
            number(self.third_octave_error_before_db),
            number(self.third_octave_error_after_db),
        )
    }
}

impl Cost {
    fn line(&self) -> String {
        let memory = self.peak_memory_mb.map_or("-".to_owned(), |mb| format!("{mb:.0} MB"));
        format!(
            "{:<30} {:>6.2} s {:>6.0}x real time {memory:>8}",
            self.command, self.wall_s, self.times_real_time
        )
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn measured(path: &Path) -> Result<Analysis, String> {
    let source = acetate_files::open(path, u64::MAX)
        .map_err(|error| format!("{}: {error}", path.display()))?;
    let measured = analyze(&source).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(measured.analysis)
}

/// Why the settings beside a master say that the loudness was not to be had.
fn cannot(master: &Path) -> Option<String> {
    let beside = std::fs::read_to_string(format!("{}.settings.json", master.display())).ok()?;
    let settings: serde_json::Value = serde_json::from_str(&beside).ok()?;
    Some(settings["cannot"]["reason"].as_str()?.to_owned())
}

/// Integrated loudness as ffmpeg's ebur128 reads it (to 0.1 LU); `None` when there is no ffmpeg.
fn ffmpeg_loudness(path: &Path) -> Option<f64> {
    let path = text(path);
    let words = ["-hide_banner", "-nostats", "-i", &path, "-af", "ebur128", "-f", "null", "-"];
    let said = run("ffmpeg", words).ok()?.stderr;
    let summary = said.rsplit_once("Summary:")?.1;
    let line = summary.lines().find(|line| line.trim_start().starts_with("I:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
