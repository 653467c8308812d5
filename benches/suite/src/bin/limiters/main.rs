//! Limiters at equal loudness and equal true peak: what each does to the music.
//!
//! `limiters FOLDER [--lufs -11,-9,-8,-7] [--seconds 10] [--files NAME,..] [--only LIMITER,..] [--masked KEY=VALUE,..].. [--keep FOLDER] [--time] [--json FILE]`
//!
//! Each limiter is driven until its output, scaled so that the analyzer's true peak is exactly the ceiling, has the wanted integrated
//! loudness. Then the output is compared with its input. Programs that are not installed are left out.

#![allow(
    clippy::disallowed_methods,
    reason = "a bench renders nothing that must be the same bits everywhere"
)]

mod material;
mod peers;
mod report;
mod rivals;
mod settle;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Parser;
use rayon::prelude::*;

use acetate_audio::Audio;
use acetate_audio::units::db_to_amplitude;
use acetate_bench::masters::write_float;
use acetate_bench::metrics::quality;
use material::Goal;
use report::{Report, Row};
use rivals::{Rival, rivals};
use settle::settle;

#[derive(Parser)]
struct Arguments {
    /// Folder with `mixes` and `refs`.
    folder: PathBuf,
    /// Loudness to reach, LUFS.
    #[arg(long, value_delimiter = ',', allow_hyphen_values = true, default_value = "-11,-9,-8,-7")]
    lufs: Vec<f64>,
    /// True peak to keep, dBTP.
    #[arg(long, allow_hyphen_values = true, default_value_t = -1.0)]
    ceiling: f64,
    /// Length of the excerpt around the loudest part, s.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Files whose name contains one of these.
    #[arg(long, value_delimiter = ',')]
    files: Vec<String>,
    /// Limiters whose name contains one of these.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// A further masked limiter with another tuning: iterations, exponent, first, last, rising, relaxation, padding, onset,
    /// cut, merge, most, left, level, steady.
    #[arg(long)]
    masked: Vec<String>,
    /// Adds the constructed signals on which limiters fail; each has a goal of its own.
    #[arg(long)]
    adversaries: bool,
    /// Folder for the sounds themselves, `FILE.LIMITER.wav`, and for what `masked` got, `FILE.input.wav`, to be looked at.
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Also says how long a render takes on one thread, the fastest of three; nothing else runs beside it.
    #[arg(long)]
    time: bool,
    /// Where the result goes.
    #[arg(long)]
    json: Option<PathBuf>,
}

fn main() {
    let arguments = Arguments::parse();
    let mut pieces = material::load(&arguments.folder, &arguments.files, arguments.seconds);
    if arguments.adversaries {
        pieces.extend(material::adversaries(arguments.seconds));
    }
    let rivals: Vec<Box<dyn Rival>> = rivals(&arguments.masked)
        .into_iter()
        .filter(|rival| named(rival.name(), &arguments.only))
        .collect();
    let mut report = Report::new(arguments.ceiling, arguments.seconds);
    for piece in &pieces {
        let asked = arguments.lufs.iter().map(|&lufs| Goal::Lufs(lufs));
        let goals = piece.goal.map_or_else(|| asked.collect(), |goal| vec![goal]);
        for goal in goals {
            let measure = |rival: &dyn Rival| {
                let settled = settle(rival, &piece.audio, goal, arguments.ceiling)?;
                if let Some(folder) = &arguments.keep {
                    keep(folder, &format!("{}.{}", piece.name, rival.name()), &settled.output);
                    if rival.name() == "masked" {
                        keep(folder, &format!("{}.input", piece.name), &settled.driven);
                    }
                }
                let render_s = arguments.time.then(|| {
                    let ceiling = db_to_amplitude(arguments.ceiling) as f32;
                    fastest_s(|| rival.limit(&settled.driven, ceiling))
                });
                Some(Row {
                    file: piece.name.clone(),
                    goal,
                    limiter: rival.name().to_owned(),
                    drive_db: settled.drive_db,
                    lufs: settled.lufs,
                    renders: settled.renders,
                    render_s,
                    quality: quality(&settled.driven, &settled.output),
                })
            };
            let rows: Vec<Row> = if arguments.time {
                rivals.iter().filter_map(|rival| measure(rival.as_ref())).collect()
            } else {
                let rivals = rivals.par_iter().with_max_len(1);
                rivals.filter_map(|rival| measure(rival.as_ref())).collect()
            };
            report.print_group(&rows);
            report.rows.extend(rows);
        }
    }
    report.print_summary();
    if let Some(path) = arguments.json {
        report.write(&path);
    }
}

/// The fastest of three runs on one thread, s.
fn fastest_s<T: Send>(run: impl Fn() -> T + Sync) -> f64 {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let seconds = |_| {
        let begin = Instant::now();
        pool.install(&run);
        begin.elapsed().as_secs_f64()
    };
    (0..3).map(seconds).fold(f64::INFINITY, f64::min)
}

fn keep(folder: &Path, name: &str, audio: &Audio) {
    let path = folder.join(format!("{}.wav", name.replace(' ', "_")));
    write_float(audio, &path).expect("the folder can be written to");
}

/// Is the name asked for? Nothing asked for means everything.
fn named(name: &str, asked: &[String]) -> bool {
    asked.is_empty() || asked.iter().any(|part| name.contains(part.as_str()))
}
