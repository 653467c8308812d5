//! EBU Tech 3342: the loudness range of the test signals that can be synthesised, at three rates.
//! Cases 5 and 6 are recorded programmes.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "test signals, and helpers that only tests call"
)]

mod signals;

use acetate_analyzer::LoudnessMeter;
use signals::{RATES_HZ, Tone, tones};

/// Tech 3342 allows 1 LU.
#[track_caller]
fn check(case: u32, levels_dbfs: &[f64], expected_lu: f64) {
    for rate in RATES_HZ {
        let parts: Vec<Tone> = levels_dbfs.iter().map(|&level| Tone(level, 20.0)).collect();
        let audio = tones(rate, &parts);
        let mut meter = LoudnessMeter::new(audio.spec());
        meter.push(&audio);
        let range = meter.finish_levels().loudness_range_lu.expect("longer than 3 s");
        println!("3342 case {case} at {rate:>6} Hz: {range:7.3} for {expected_lu:5.1}");
        assert!((range - expected_lu).abs() <= 1.0, "case {case} at {rate} Hz: {range}");
    }
}

#[test]
fn case_1_ten_decibels_apart() {
    check(1, &[-20.0, -30.0], 10.0);
}

#[test]
fn case_2_five_decibels_apart() {
    check(2, &[-20.0, -15.0], 5.0);
}

#[test]
fn case_3_twenty_decibels_apart() {
    check(3, &[-40.0, -20.0], 20.0);
}

#[test]
fn case_4_the_relative_gate_leaves_out_the_quietest_of_five() {
    check(4, &[-50.0, -35.0, -20.0, -35.0, -50.0], 15.0);
}
