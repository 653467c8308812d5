//! EBU Tech 3342: the loudness range of the test signals that can be synthesised, at three rates.
//! Cases 5 and 6 are recorded programmes.

use acetate_analyzer::LoudnessMeter;

use super::reading::Reading;
use super::{RATES_HZ, Tone, tones};

/// Levels of 20 s each, and the loudness range that they have.
const CASES: [(&[f64], f64); 4] = [
    (&[-20.0, -30.0], 10.0),
    (&[-20.0, -15.0], 5.0),
    (&[-40.0, -20.0], 20.0),
    (&[-50.0, -35.0, -20.0, -35.0, -50.0], 15.0),
];

/// Case `number`, counted from 1. Tech 3342 allows 1 LU.
pub(crate) fn case(number: usize) -> Vec<Reading> {
    let (levels_dbfs, expected) = CASES[number - 1];
    let parts: Vec<Tone> = levels_dbfs.iter().map(|&level| Tone(level, 20.0)).collect();
    RATES_HZ
        .map(|rate_hz| {
            let audio = tones(rate_hz, &parts);
            let mut meter = LoudnessMeter::new(audio.spec());
            meter.push(&audio);
            let value = meter.finish_levels().loudness_range_lu.expect("longer than 3 s");
            let case = format!("3342-{number}");
            Reading { case, measure: "LRA", rate_hz, value, expected, tolerance: [1.0, 1.0] }
        })
        .to_vec()
}

/// Every case, in order.
pub(crate) fn every_case() -> Vec<Reading> {
    (1..=CASES.len()).flat_map(case).collect()
}
