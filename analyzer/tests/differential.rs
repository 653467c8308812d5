//! Against the `ebur128` crate, another implementation of the same standards.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "test signals, and helpers that only tests call"
)]

mod signals;

use acetate_analyzer::{LevelMeter, Levels};
use acetate_audio::Audio;
use acetate_audio::units::amplitude_to_db;
use ebur128::{EbuR128, Mode};
use signals::{RATES_HZ, noise, sine};

/// Tones and noise whose level wanders over 25 dB.
fn wandering(rate: u32, channels: usize, seconds: usize) -> Audio {
    let frames = rate as usize * seconds;
    let planes = (0..channels)
        .map(|channel| {
            let tone = sine(rate, 330.0 * (channel + 1) as f64, 0.0, 0.2, frames);
            let hiss = noise(channel as u64 + 40, frames);
            (0..frames)
                .map(|n| {
                    let time = n as f64 / f64::from(rate);
                    let level_db = -12.5 + 12.5 * libm::sin(time * 0.7 + channel as f64);
                    let gain = acetate_audio::units::db_to_amplitude(level_db) as f32;
                    gain * (tone[n] + 0.4 * hiss[n])
                })
                .collect()
        })
        .collect();
    Audio::from_planes(rate, planes)
}

fn ours(audio: &Audio) -> Levels {
    let mut meter = LevelMeter::new(audio.spec());
    meter.push(audio);
    meter.finish()
}

fn theirs(audio: &Audio) -> EbuR128 {
    let spec = audio.spec();
    let mode = Mode::I | Mode::LRA | Mode::TRUE_PEAK;
    let mut meter = EbuR128::new(spec.channels as u32, spec.sample_rate_hz, mode).unwrap();
    let planes: Vec<&[f32]> = audio.planes().iter().map(Vec::as_slice).collect();
    meter.add_frames_planar_f32(&planes).unwrap();
    meter
}

#[track_caller]
fn check(name: &str, ours: f64, theirs: f64, tolerance: f64) {
    println!("{name}: {ours:.4} here, {theirs:.4} there");
    assert!((ours - theirs).abs() <= tolerance, "{name}: {ours} here, {theirs} there");
}

#[test]
fn integrated_loudness_agrees_to_a_hundredth() {
    for rate in RATES_HZ {
        for channels in [1, 2, 5] {
            let audio = wandering(rate, channels, 12);
            let name = format!("{channels} channels at {rate} Hz");
            let there = theirs(&audio).loudness_global().unwrap();
            check(&name, ours(&audio).integrated_lufs.unwrap(), there, 0.01);
        }
    }
}

#[test]
fn loudness_range_agrees_within_the_coarser_grid_of_the_other() {
    // ebur128 takes short-term loudness once a second, Tech 3342 asks for ten times.
    let audio = wandering(48_000, 2, 40);
    let there = theirs(&audio).loudness_range().unwrap();
    check("range", ours(&audio).loudness_range_lu.unwrap(), there, 0.3);
}

#[test]
fn true_peak_is_never_below_the_other_by_more_than_five_hundredths() {
    for rate in [44_100, 48_000] {
        for (name, audio) in [
            ("wandering", wandering(rate, 2, 4)),
            ("noise", Audio::from_planes(rate, vec![noise(5, 100_000), noise(6, 100_000)])),
        ] {
            let meter = theirs(&audio);
            let there = (0..2).map(|channel| meter.true_peak(channel).unwrap()).fold(0.0, f64::max);
            let (here, there) = (ours(&audio).true_peak_dbtp.unwrap(), amplitude_to_db(there));
            println!("{name} at {rate}: {here:.4} here, {there:.4} there");
            // Noise up to the Nyquist frequency: the longer interpolator reaches further up.
            assert!(here >= there - 0.05, "{name} at {rate}: {here} here, {there} there");
        }
    }
}
