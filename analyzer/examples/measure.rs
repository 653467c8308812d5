//! Measures a file and prints the document, or how long each kind of measuring takes.
//!
//! `cargo run --release -p acetate-analyzer --example measure -- FILE [--speed]`

#![allow(clippy::disallowed_methods, reason = "test signals and pictures")]

use std::path::Path;
use std::time::Instant;

use acetate_analyzer::{LevelMeter, LoudnessMeter, TruePeakMeter, analyze};
use acetate_audio::{Audio, Source};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(file) = arguments.first() else {
        eprintln!("usage: measure FILE [--speed]");
        std::process::exit(2);
    };
    let outcome = match arguments.get(1).map(String::as_str) {
        Some("--speed") => speed(Path::new(file)),
        _ => document(Path::new(file)),
    };
    if let Err(error) = outcome {
        eprintln!("measure: {error}");
        std::process::exit(1);
    }
}

fn document(file: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let measured = analyze(&acetate_files::open(file, 0)?)?;
    let text =
        serde_json::to_string_pretty(&measured.analysis).expect("the document is plain data");
    println!("{text}");
    Ok(())
}

/// Times of several rounds, interleaved so that a busy machine is busy for all.
fn speed(file: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let streamed = acetate_files::open(file, 0)?;
    let held = acetate_files::open(file, u64::MAX)?;
    for _ in 0..5 {
        timed("decode", || over(&streamed, |_| ()))?;
        timed("analyze, from the file", || analyze(&streamed).map(drop).map_err(Into::into))?;
        timed("analyze, from memory", || analyze(&held).map(drop).map_err(Into::into))?;
        let mut meter = LevelMeter::new(held.spec());
        timed("LevelMeter, from memory", || over(&held, |block| meter.push(block)))?;
        let mut meter = LoudnessMeter::new(held.spec());
        timed("LoudnessMeter, from memory", || over(&held, |block| meter.push(block)))?;
        let mut meter = TruePeakMeter::new(held.spec());
        timed("TruePeakMeter, from memory", || over(&held, |block| meter.push(block)))?;
        println!();
    }
    Ok(())
}

fn timed(
    name: &str,
    run: impl FnOnce() -> Result<(), Box<dyn std::error::Error>>,
) -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    run()?;
    println!("{:>8.1} ms  {name}", start.elapsed().as_secs_f64() * 1e3);
    Ok(())
}

fn over(source: &Source, mut each: impl FnMut(&Audio)) -> Result<(), Box<dyn std::error::Error>> {
    let mut pass = source.blocks()?;
    let mut block = Audio::silence(pass.spec(), 0);
    while pass.next_block(&mut block)? {
        each(&block);
    }
    Ok(())
}
