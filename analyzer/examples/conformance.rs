//! Prints every reading of EBU Tech 3341 and 3342 beside its expectation, as docs/conformance.md holds it.
//!
//! `cargo run --release -p acetate-analyzer --example conformance > docs/conformance.md`

#![allow(clippy::disallowed_methods, unreachable_pub, reason = "test signals")]

#[path = "../tests/signals/mod.rs"]
mod signals;

use std::process::ExitCode;

use signals::reading::Reading;
use signals::{tech3341, tech3342};

fn main() -> ExitCode {
    let readings: Vec<Reading> =
        tech3341::every_case().into_iter().chain(tech3342::every_case()).collect();
    let passed = readings.iter().filter(|reading| reading.passes()).count();
    println!("# Conformance");
    println!();
    println!("Printed by `cargo run --release -p acetate-analyzer --example conformance`.");
    println!();
    println!(
        "Test signals of EBU Tech 3341 (v4, 2023) and Tech 3342, synthesised from their formulas at three rates:"
    );
    println!(
        "{passed} of {} readings pass. Loudness in LUFS, range in LU, peaks in dBTP. Cases 7 and 8 of Tech 3341",
        readings.len()
    );
    println!(
        "and 5 and 6 of Tech 3342 are recorded programmes and not here. Of cases 10, 11, 13 and 14, which have"
    );
    println!(
        "twenty segments, the worst is shown. In cases 20 to 23 the document leaves the low-pass"
    );
    println!("open; the one used here takes 0.09 dB of the peak that is asked to read 0.0.");
    println!();
    println!("| case | measure | rate, Hz | expected | allowed | reading | |");
    println!("|---|---|---:|---:|---|---:|---|");
    for reading in &readings {
        let [below, above] = reading.tolerance;
        println!(
            "| {} | {} | {} | {:.1} | -{below} / +{above} | {:.3} | {} |",
            reading.case,
            reading.measure,
            reading.rate_hz,
            reading.expected,
            reading.value,
            if reading.passes() { "pass" } else { "**fail**" }
        );
    }
    if passed == readings.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
