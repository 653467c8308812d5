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

/// Cases 20 to 23 of Tech 3341: a sine of a sixth of the rate and half amplitude, which holds a single period of a
/// quarter of the rate and full amplitude, continuous in phase; made at four times the rate, filtered and reduced to
/// every fourth sample from `offset` on.
pub(crate) fn loud_period(rate: u32, offset: usize) -> Audio {
    /// Samples of a period at four times the rate.
    const QUIET: usize = 24;
    const LOUD: usize = 16;
    /// Periods on either side.
    const AROUND: usize = 200;
    let sine = |n: usize, period: usize| {
        libm::sin(std::f64::consts::TAU * (n % period) as f64 / period as f64)
    };
    let quiet = || (0..AROUND * QUIET).map(|n| 0.5 * sine(n, QUIET));
    let mut fine: Vec<f64> =
        quiet().chain((0..LOUD).map(|n| sine(n, LOUD))).chain(quiet()).collect();
    let (count, fade) = (fine.len(), 10 * QUIET);
    for (n, sample) in fine.iter_mut().enumerate() {
        *sample *= n.min(count - 1 - n).min(fade) as f64 / fade as f64;
    }
    let taps = anti_alias();
    let padded: Vec<f64> = std::iter::repeat_n(0.0, taps.len() / 2)
        .chain(fine)
        .chain(std::iter::repeat_n(0.0, taps.len() / 2))
        .collect();
    let filtered = padded.windows(taps.len()).skip(offset).step_by(4);
    let plane: Vec<f32> = filtered
        .map(|near| near.iter().zip(&taps).map(|(sample, tap)| sample * tap).sum::<f64>() as f32)
        .collect();
    Audio::from_planes(rate, vec![plane.clone(), plane])
}

/// A low-pass for a quarter of the rate: a sinc under a Kaiser window, 100 dB down from 0.5 of the lower rate on and
/// flat up to 0.45 (Kaiser's formulas: beta 10.06, 515 taps). The standard leaves the filter open.
fn anti_alias() -> Vec<f64> {
    const HALF: i32 = 257;
    const CUT: f64 = 0.475 / 4.0;
    let bessel = |x: f64| {
        let (mut sum, mut term) = (1.0, 1.0);
        for k in 1..60 {
            term *= (x / (2.0 * f64::from(k))).powi(2);
            sum += term;
        }
        sum
    };
    let taps: Vec<f64> = (-HALF..=HALF)
        .map(|n| {
            let angle = std::f64::consts::TAU * CUT * f64::from(n);
            let sinc = if n == 0 { 1.0 } else { libm::sin(angle) / angle };
            let along = f64::from(n) / f64::from(HALF);
            sinc * bessel(10.06 * libm::sqrt(1.0 - along * along))
        })
        .collect();
    let sum: f64 = taps.iter().sum();
    taps.into_iter().map(|tap| tap / sum).collect()
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
