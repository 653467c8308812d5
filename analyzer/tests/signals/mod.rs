//! Test signals, made from their formulas.

#![allow(dead_code, reason = "each test program uses its own part")]

pub(crate) mod reading;
pub(crate) mod tech3341;
pub(crate) mod tech3342;

use acetate_audio::Audio;
use acetate_audio::units::db_to_amplitude;

/// The rates at which every case is run.
pub(crate) const RATES_HZ: [u32; 3] = [44_100, 48_000, 96_000];

/// A part of a tone: level in dBFS (a full-scale sine is 0), and seconds.
#[derive(Clone, Copy)]
pub(crate) struct Tone(pub(crate) f64, pub(crate) f64);

/// A pause.
pub(crate) fn silence(seconds: f64) -> Tone {
    Tone(f64::NEG_INFINITY, seconds)
}

/// A continuous 1 kHz sine in both channels whose level follows `parts`.
pub(crate) fn tones(rate: u32, parts: &[Tone]) -> Audio {
    let mut plane = Vec::new();
    let mut end_s = 0.0;
    for Tone(level_db, seconds) in parts {
        end_s += seconds;
        let amplitude = if level_db.is_finite() { db_to_amplitude(*level_db) } else { 0.0 };
        let end = (end_s * f64::from(rate)).round() as usize;
        plane.extend(
            (plane.len()..end).map(|n| (amplitude * sine_at(n, 1_000.0, rate, 0.0)) as f32),
        );
    }
    Audio::from_planes(rate, vec![plane.clone(), plane])
}

/// Half a second of a sine in both channels.
pub(crate) fn sine_stereo(rate: u32, freq_hz: f64, phase_deg: f64, amplitude: f64) -> Audio {
    let plane = sine(rate, freq_hz, phase_deg, amplitude, rate as usize / 2);
    Audio::from_planes(rate, vec![plane.clone(), plane])
}

/// A transient whose peak of 1.0 lies `offset` of a sample after a sample: a cosine of a sixth of the rate under
/// a Hann window of sixty samples, which leaves nothing above the Nyquist frequency.
pub(crate) fn transient(rate: u32, offset: f64) -> Audio {
    const HALF: f64 = 30.0;
    let plane: Vec<f32> = (0..400)
        .map(|n| {
            let from_peak = f64::from(n) - 200.0 - offset;
            let along = (from_peak.abs() / HALF).min(1.0);
            let window = 0.5 + 0.5 * libm::cos(std::f64::consts::PI * along);
            (window * libm::cos(std::f64::consts::TAU * from_peak / 6.0)) as f32
        })
        .collect();
    Audio::from_planes(rate, vec![plane.clone(), plane])
}

/// `frames` of a sine, faded in and out over a tenth each so that its ends do not ring.
pub(crate) fn sine(
    rate: u32,
    freq_hz: f64,
    phase_deg: f64,
    amplitude: f64,
    frames: usize,
) -> Vec<f32> {
    let fade = (frames / 10) as f64;
    (0..frames)
        .map(|n| {
            let from_end = (n.min(frames - 1 - n) as f64 / fade).min(1.0);
            let gain = 0.5 - 0.5 * libm::cos(std::f64::consts::PI * from_end);
            (amplitude * gain * sine_at(n, freq_hz, rate, phase_deg.to_radians())) as f32
        })
        .collect()
}

fn sine_at(n: usize, freq_hz: f64, rate: u32, phase: f64) -> f64 {
    // The remainder keeps the argument small, so that long tones stay exact.
    let turns = (n as f64 * freq_hz / f64::from(rate)).fract();
    libm::sin(std::f64::consts::TAU * turns + phase)
}

/// Noise between -1 and 1 from a seed (xorshift).
pub(crate) fn noise(seed: u64, frames: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..frames)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
        })
        .collect()
}
