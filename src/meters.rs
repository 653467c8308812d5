//! A test of the meters that anyone can run: sounds whose measures are known from the standards' formulas.

use std::f64::consts::TAU;

use acetate_analyzer::{analyze, second_opinion};
use acetate_audio::units::db_to_amplitude;
use acetate_audio::{Audio, Source};

/// What a meter says of a sound whose measure is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeterReading {
    /// The measure.
    pub what: &'static str,
    /// What was measured.
    pub measured: Option<f64>,
    /// What a second meter reads, which shares no code with ours (the `ebur128` crate).
    pub witness: Option<f64>,
    /// What is right.
    pub expected: f64,
    /// How far below and above a meter may read.
    pub tolerance: [f64; 2],
    /// Unit of all of them.
    pub unit: &'static str,
}

impl MeterReading {
    /// Is it right?
    pub fn ok(&self) -> bool {
        let [below, above] = self.tolerance;
        let range = self.expected - below..=self.expected + above;
        self.measured.is_some_and(|value| range.contains(&value))
    }
}

/// Measures the sounds of EBU Tech 3341 that a processor which computes otherwise would measure otherwise.
pub fn test_meters() -> Vec<MeterReading> {
    // Case 1: a stereo sine of 1 kHz at -23 dBFS for 20 s reads -23.0 LUFS.
    let sine = measured(1000.0, 20, db_to_amplitude(-23.0), 0.0);
    // Case 16: a sine at a quarter of the rate, 45 degrees: samples 3 dB below its peak of -6 dBTP.
    let between = measured(12_000.0, 2, 0.5, TAU / 8.0);
    let reading = |what, [measured, witness]: Both, expected, tolerance, unit| MeterReading {
        what,
        measured,
        witness,
        expected,
        tolerance,
        unit,
    };
    vec![
        reading("loudness", sine[0], -23.0, [0.1; 2], "LUFS"),
        reading("true peak", between[1], -6.0, [0.4, 0.2], "dBTP"),
    ]
}

/// A measure by our meter and by the second one.
type Both = [Option<f64>; 2];

/// Loudness and true peak of a stereo sine.
fn measured(freq_hz: f64, seconds: u32, amplitude: f64, phase: f64) -> [Both; 2] {
    const RATE_HZ: u32 = 48_000;
    let plane: Vec<f32> = (0..seconds * RATE_HZ)
        .map(|frame| {
            let angle = TAU * freq_hz * f64::from(frame) / f64::from(RATE_HZ) + phase;
            (amplitude * libm::sin(angle)) as f32
        })
        .collect();
    let source = Source::from_audio(Audio::from_planes(RATE_HZ, vec![plane.clone(), plane]));
    let ours = analyze(&source).expect("sound in memory can be read").analysis.loudness;
    let other = second_opinion(&source).expect("sound in memory can be read");
    [
        [ours.integrated_lufs, other.integrated_lufs.witness],
        [ours.true_peak_dbtp, other.true_peak_dbtp.witness],
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_meters_are_right() {
        for reading in test_meters() {
            assert!(reading.ok(), "{reading:?}");
            assert!(MeterReading { measured: reading.witness, ..reading }.ok(), "{reading:?}");
        }
    }
}
