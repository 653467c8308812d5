//! Runs `acetate master` and does to it what happens to programs at night: it is killed, the disk fills up, the
//! folder is read-only, the input changes, two of them write to one name, somebody types Ctrl-C.
//!
//! What must hold, every time: under a final name there is a whole master or nothing, settings beside a master
//! describe it, no input is changed, and `--existing update` finishes what was begun and redoes nothing.

#![allow(clippy::disallowed_methods, reason = "test signals need not be the same bits everywhere")]

mod disk;
mod inputs;
mod kills;
mod rivals;
mod shop;

use std::path::PathBuf;
use std::process::ExitCode;

use acetate_bench::provenance::Provenance;
use clap::Parser;
use serde::Serialize;

use crate::shop::{Outcome, Shop};

#[derive(Parser)]
struct Arguments {
    /// Faults whose name holds this; by default all.
    #[arg(long, default_value = "")]
    only: String,
    /// How often a run over a folder is killed.
    #[arg(long, default_value_t = 200)]
    kills: usize,
    /// How often each of the other faults is made.
    #[arg(long, default_value_t = 20)]
    rounds: usize,
    /// Length of the file that is changed while it is read, in minutes: more than is held in memory.
    #[arg(long, default_value_t = 30)]
    minutes: u32,
    /// Where the moments of the faults are drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The program; by default the one beside this bench.
    #[arg(long)]
    program: Option<PathBuf>,
    /// Where to write the results as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// One kind of fault, made many times.
#[derive(Serialize)]
struct Row {
    fault: &'static str,
    /// How often it was made; `None` where this machine cannot make it.
    times: Option<usize>,
    /// What broke a promise, by round.
    broken: Vec<String>,
    /// What else was seen.
    seen: String,
}

#[derive(Serialize)]
struct Results {
    made_on: Provenance,
    seed: u64,
    faults: Vec<Row>,
}

/// A kind of fault: makes it, and says how often and what was seen.
type Fault = fn(&mut Shop, &Arguments) -> Outcome<Seen>;

/// What a fault showed when no promise was broken.
enum Seen {
    /// Made this often, with this to remark.
    Times(usize, String),
    /// This machine cannot make it, because of this.
    Skipped(String),
}

const FAULTS: [(&str, Fault); 10] = [
    ("kill -9, new outputs", kills::while_making),
    ("kill -9, outputs replaced", kills::while_replacing),
    ("Ctrl-C", kills::interrupted),
    ("full disk", disk::full),
    ("read-only folder", disk::read_only),
    ("output is a folder", disk::is_a_folder),
    ("input changed, short", inputs::changed_in_memory),
    ("input changed, long", inputs::changed_between_passes),
    ("two processes, one output, -f", rivals::replacing),
    ("two processes, one output", rivals::refusing),
];

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match measure(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(3),
        Err(message) => {
            eprintln!("faults: {message}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> Result<bool, String> {
    let mut rows = Vec::new();
    for (fault, make) in FAULTS.into_iter().filter(|(fault, _)| fault.contains(&arguments.only)) {
        let mut shop = Shop::new(arguments.program.as_deref(), arguments.seed)?;
        let row = match make(&mut shop, arguments) {
            Ok(Seen::Times(times, seen)) => Row { fault, times: Some(times), broken: vec![], seen },
            Ok(Seen::Skipped(why)) => {
                Row { fault, times: None, broken: vec![], seen: format!("skipped: {why}") }
            }
            Err(broken) => Row { fault, times: Some(0), broken: vec![broken], seen: String::new() },
        };
        let times = row.times.map_or("-".to_owned(), |times| times.to_string());
        println!("{fault:<32} {times:>4} times   {}{}", row.seen, row.broken.join("; "));
        rows.push(row);
    }
    let ok = rows.iter().all(|row| row.broken.is_empty());
    println!("{}", if ok { "all as promised" } else { "NOT all as promised" });
    if let Some(path) = &arguments.json {
        let results = Results { made_on: Provenance::here(), seed: arguments.seed, faults: rows };
        let text = serde_json::to_string_pretty(&results).expect("results are plain data");
        std::fs::write(path, text + "\n")
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(ok)
}
