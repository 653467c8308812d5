//! The analyzer against other meters, against the clock, and against planted faults.
//!
//! ```text
//! cargo build --release --workspace
//! target/release/measure differential ../shared/audio --json benches/results/measure_differential.json
//! target/release/measure speed ../shared/audio/mixes --json benches/results/measure_speed.json
//! target/release/measure findings ../shared/audio --json benches/results/measure_findings.json
//! target/release/measure tone-limits ../shared/data/commercial_tracks.csv ../shared/audio --json benches/results/tone_limits.json
//! target/release/measure long --json benches/results/measure_long.json    (6.4 GB in the temporary folder)
//! target/release/measure references ../shared/audio/refs --json benches/results/references_add.json
//! ```

#![allow(
    clippy::disallowed_methods,
    reason = "a bench renders nothing that must be the same bits everywhere"
)]

mod differential;
mod findings;
mod long;
mod material;
mod peers;
mod references;
mod speed;
mod tone_limits;

use std::error::Error;
use std::path::PathBuf;

use acetate_bench::provenance::Provenance;
use clap::{Parser, Subcommand};
use serde::Serialize;

/// The analyzer, measured.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Loudness, range and true peak of every file beside those of ffmpeg and libebur128
    Differential {
        /// Folder, searched through
        folder: PathBuf,
        /// Where the results go
        #[arg(long)]
        json: Option<PathBuf>,
    },
    /// `acetate analyze` against ffmpeg, libebur128 and decoding alone, in turns
    Speed {
        /// Folder of mixes; four minutes are made of those at 44.1 kHz
        folder: PathBuf,
        /// The program
        #[arg(long, default_value = "target/release/acetate")]
        acetate: PathBuf,
        /// Rounds
        #[arg(long, default_value_t = 15)]
        rounds: usize,
        /// Where the results go
        #[arg(long)]
        json: Option<PathBuf>,
    },
    /// Planted faults that are found, and findings where nothing was planted
    Findings {
        /// Folder with damaged/, refs/ and mixes/
        folder: PathBuf,
        /// Where the results go
        #[arg(long)]
        json: Option<PathBuf>,
    },
    /// Whether statistics of commercial records could tell planted equalisation
    ToneLimits {
        /// The table of records
        table: PathBuf,
        /// Folder with damaged/, refs/ and mixes/
        folder: PathBuf,
        /// Where the results go
        #[arg(long)]
        json: Option<PathBuf>,
    },
    /// Memory and time of ten hours
    Long {
        /// The program
        #[arg(long, default_value = "target/release/acetate")]
        acetate: PathBuf,
        /// Hours
        #[arg(long, default_value_t = 10.0)]
        hours: f64,
        /// Where the results go
        #[arg(long)]
        json: Option<PathBuf>,
    },
    /// `references add` of many files, on one thread and on all, against `analyze`
    References {
        /// Folder of records; pieces of them are the files
        folder: PathBuf,
        /// The program
        #[arg(long, default_value = "target/release/acetate")]
        acetate: PathBuf,
        /// Files
        #[arg(long, default_value_t = 200)]
        files: usize,
        /// Where the results go
        #[arg(long)]
        json: Option<PathBuf>,
    },
    /// Decodes a file and does nothing with it (`speed` runs this)
    Decode {
        /// The file
        file: PathBuf,
    },
}

fn main() -> Result<(), Box<dyn Error>> {
    match Arguments::parse().what {
        What::Differential { folder, json } => write(json, &differential::run(&folder)?),
        What::Speed { folder, acetate, rounds, json } => {
            write(json, &speed::run(&folder, &acetate, rounds)?)
        }
        What::Findings { folder, json } => write(json, &findings::run(&folder)?),
        What::ToneLimits { table, folder, json } => match tone_limits::run(&table, &folder)? {
            Some(limits) => write(json, &limits),
            None => Ok(()),
        },
        What::Long { acetate, hours, json } => write(json, &long::run(&acetate, hours)?),
        What::References { folder, acetate, files, json } => {
            write(json, &references::run(&folder, &acetate, files)?)
        }
        What::Decode { file } => material::decode(&file),
    }
}

/// Results with where they come from.
#[derive(Serialize)]
struct Document<'a, T> {
    made_by: Provenance,
    #[serde(flatten)]
    results: &'a T,
}

fn write(path: Option<PathBuf>, results: &impl Serialize) -> Result<(), Box<dyn Error>> {
    let Some(path) = path else { return Ok(()) };
    let document = Document { made_by: Provenance::here(), results };
    std::fs::write(&path, serde_json::to_string_pretty(&document)? + "\n")?;
    println!("{}", path.display());
    Ok(())
}
