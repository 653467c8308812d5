//! How long fitting takes: the search by itself, with its confirming renders, and `suggest` as its users run it.
//!
//! `cargo run --release -p acetate-bench --bin fit_speed -- MIX REFERENCE --program target/release/acetate`
//!
//! Each figure is the median of several rounds, all cases in turns.

#![allow(
    clippy::disallowed_methods,
    reason = "a bench renders nothing that must be the same bits everywhere"
)]

use std::error::Error;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::Instant;

use acetate_analyzer::analyze;
use acetate_bench::masters::open;
use acetate_bench::process::run;
use acetate_bench::provenance::Provenance;
use acetate_optimizer::{FitOptions, Surrogate, fit, implied_settings};
use acetate_references::{Aim, Profile, References, target};
use clap::Parser;
use serde::Serialize;

#[derive(Parser)]
struct Arguments {
    /// A mix of about four minutes.
    mix: PathBuf,
    /// A record to follow.
    reference: PathBuf,
    /// The program, to time `suggest` too.
    #[arg(long)]
    program: Option<PathBuf>,
    /// Rounds.
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// Where the JSON goes.
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(Serialize)]
struct Results {
    made: Provenance,
    duration_s: f64,
    rounds: usize,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    what: &'static str,
    median_ms: f64,
    fastest_ms: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let source = open(&arguments.mix)?;
    let mix = analyze(&source)?;
    let record = analyze(&open(&arguments.reference)?)?;
    let profile = Profile::from_analysis("record", &record.analysis);
    let delivery = target("streaming").ok_or("no target streaming")?;
    let by_record = Aim::from_references(&References::blended(&[(&profile, 1.0)]), delivery)?;
    let by_style =
        Aim::one_shot(&mix.analysis, delivery, acetate_references::oneshot::Boldness::Normal);
    let options = FitOptions::default();
    let surrogate = Surrogate::new(&mix);
    let settings = implied_settings(&mix, &record, &options)?;
    let predicted = || {
        surrogate.predict(&settings);
        Ok(())
    };
    let searched = || implied_settings(&mix, &record, &options).map(drop);
    let fitted = |aim: &Aim| fit(&source, &mix, aim, &options, &mut |_| {}).map(drop);
    let suggest = |more: &[&OsStr]| -> Result<(), Box<dyn Error>> {
        let Some(program) = &arguments.program else { return Ok(()) };
        let words = ["suggest".as_ref(), arguments.mix.as_os_str(), "-o".as_ref(), "-".as_ref()];
        let run = run(program, words.iter().chain(more))?;
        if run.status.success() { Ok(()) } else { Err(run.stderr.into()) }
    };
    type Case<'a> = (&'static str, Box<dyn Fn() -> Result<(), Box<dyn Error>> + 'a>);
    let mut cases: Vec<Case<'_>> = vec![
        ("one prediction", Box::new(predicted)),
        ("the search, after a record", Box::new(|| Ok(searched()?))),
        ("search and renders, after a record", Box::new(|| Ok(fitted(&by_record)?))),
        ("search and renders, style found", Box::new(|| Ok(fitted(&by_style)?))),
    ];
    if arguments.program.is_some() {
        let reference = [OsStr::new("-r"), arguments.reference.as_os_str()];
        cases.push(("suggest, style found", Box::new(|| suggest(&[]))));
        cases.push(("suggest, after a record", Box::new(move || suggest(&reference))));
    }
    let mut times_ms: Vec<Vec<f64>> = vec![Vec::new(); cases.len()];
    for _ in 0..arguments.rounds {
        for ((_, case), times_ms) in cases.iter().zip(&mut times_ms) {
            let started = Instant::now();
            case()?;
            times_ms.push(started.elapsed().as_secs_f64() * 1e3);
        }
    }
    let row = |((what, _), mut times_ms): (&Case<'_>, Vec<f64>)| {
        times_ms.sort_by(f64::total_cmp);
        let (fastest_ms, median_ms) = (times_ms[0], times_ms[times_ms.len() / 2]);
        println!("{what:<36} {median_ms:>8.1} ms (fastest {fastest_ms:.1})");
        Row { what, median_ms, fastest_ms }
    };
    let rows = cases.iter().zip(times_ms).map(row).collect();
    let duration_s = source.frames() as f64 / f64::from(source.spec().sample_rate_hz);
    let results = Results { made: Provenance::here(), duration_s, rounds: arguments.rounds, rows };
    if let Some(path) = &arguments.json {
        std::fs::write(path, serde_json::to_string_pretty(&results)? + "\n")?;
    }
    Ok(())
}
