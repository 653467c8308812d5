//! True peak against signals whose peak is known.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "test signals, and helpers that only tests call"
)]

mod signals;

use acetate_analyzer::{TruePeak, TruePeakMeter};
use acetate_audio::Audio;
use acetate_audio::units::amplitude_to_db;
use signals::{noise, sine};

fn measured(plane: &[f32]) -> TruePeak {
    let audio = Audio::from_planes(44_100, vec![plane.to_vec()]);
    let mut meter = TruePeakMeter::new(audio.spec());
    meter.push(&audio);
    meter.finish().expect("the signals are not silent")
}

#[test]
fn sines_up_to_0_45_of_the_rate_read_within_two_hundredths() {
    let mut worst = [0.0f64; 2];
    for step in 1..=45 {
        for phase_deg in [0.0, 13.0, 45.0, 71.0] {
            // Off the simple fractions of the rate, so that every distance between peak and sample occurs.
            let freq_hz = 44_100.0 * (f64::from(step) * 0.01 - 0.000_37);
            let reading = measured(&sine(44_100, freq_hz, phase_deg, 0.8, 8_000));
            let error = reading.true_peak_dbtp - amplitude_to_db(0.8);
            worst = [worst[0].min(error), worst[1].max(error)];
        }
    }
    println!("worst readings: {:+.4} and {:+.4} dB", worst[0], worst[1]);
    assert!(worst[0] >= -0.02 && worst[1] <= 0.01, "{worst:?}");
}

/// The largest value of a sinc of 1025 taps and more under Kaiser's window, at every sixty-fourth of a sample near the largest ones.
fn long_sinc_peak_db(plane: &[f32], half: usize) -> f64 {
    let i0 = |x: f64| {
        (1..60)
            .fold((1.0, 1.0), |(sum, term), k| {
                let term = term * (x / f64::from(2 * k)).powi(2);
                (sum + term, term)
            })
            .0
    };
    let row = |phase: usize| -> Vec<f64> {
        let weight = |k: usize| {
            let t = k as f64 - (half as f64 - 1.0) - phase as f64 / 64.0;
            let angle = std::f64::consts::PI * t;
            let sinc = if t == 0.0 { 1.0 } else { angle.sin() / angle };
            sinc * i0(8.0 * (1.0 - (t / half as f64).powi(2)).max(0.0).sqrt()) / i0(8.0)
        };
        (0..2 * half).map(weight).collect()
    };
    let rows: Vec<Vec<f64>> = (0..64).map(row).collect();
    let mut padded = vec![0.0; 2 * half];
    padded.extend(plane.iter().map(|&x| f64::from(x)));
    padded.resize(padded.len() + 2 * half, 0.0);
    let mut peak = 0.0f64;
    for around in padded.windows(2 * half) {
        let value = |phase: usize| {
            rows[phase].iter().zip(around).map(|(weight, x)| weight * x).sum::<f64>().abs()
        };
        let coarse = [0, 16, 32, 48].map(value).into_iter().fold(around[half].abs(), f64::max);
        if coarse > 0.92 * peak {
            peak = (0..64).map(value).fold(peak, f64::max);
        }
    }
    amplitude_to_db(peak)
}

#[test]
fn noise_up_to_nyquist_reads_as_sincs_of_1025_taps_and_more_read_it() {
    for seed in 1..4 {
        for clip in [1.0f32, 0.3] {
            let plane: Vec<f32> =
                noise(seed, 20_000).iter().map(|x| x.clamp(-clip, clip)).collect();
            for half in [513, 1024] {
                let error = measured(&plane).true_peak_dbtp - long_sinc_peak_db(&plane, half);
                println!("seed {seed}, clipped at {clip}, {} taps: {error:+.4} dB", 2 * half);
                assert!(error.abs() < 0.1, "seed {seed}, {} taps: {error}", 2 * half);
            }
        }
    }
}

#[test]
fn a_tone_at_0_49_of_the_rate_reads_its_level() {
    let mut plane = sine(44_100, 0.49 * 44_100.0 + 1.3, 20.0, 0.6, 40_000);
    let fade = |n: usize| (n.min(39_999 - n) as f64 / 15_000.0).min(1.0);
    for (n, sample) in plane.iter_mut().enumerate() {
        *sample *= (0.5 - 0.5 * libm::cos(std::f64::consts::PI * fade(n))) as f32;
    }
    let error = measured(&plane).true_peak_dbtp - amplitude_to_db(0.6);
    assert!(error.abs() < 0.01, "{error}");
}

#[test]
fn a_sine_at_a_quarter_of_the_rate_peaks_between_its_samples() {
    for phase_deg in [0.0, 10.0, 22.5, 45.0] {
        let reading = measured(&sine(44_100, 11_025.0, phase_deg, 0.5, 8_000));
        assert!((reading.true_peak_dbtp - amplitude_to_db(0.5)).abs() < 0.005, "{reading:?}");
    }
}

#[test]
fn the_place_of_the_peak_is_found() {
    let mut plane = vec![0.0f32; 4_000];
    // A band-limited pulse whose top lies 0.3 of a sample after sample 1234.
    for (n, sample) in plane.iter_mut().enumerate() {
        let x = std::f64::consts::PI * 0.8 * (n as f64 - 1_234.3);
        let window = libm::exp(-(n as f64 - 1_234.3).powi(2) / 800.0);
        *sample = (0.7 * window * if x == 0.0 { 1.0 } else { libm::sin(x) / x }) as f32;
    }
    let reading = measured(&plane);
    assert!((reading.at_frame - 1_234.3).abs() < 0.02, "{reading:?}");
    assert!((reading.true_peak_dbtp - amplitude_to_db(0.7)).abs() < 0.01, "{reading:?}");
}

/// Every point of a grid of 1/16 sample through a sum of cosines whose values are known everywhere.
#[test]
fn a_chord_near_the_top_of_the_band_reads_its_true_maximum() {
    let rate = 44_100.0;
    let parts =
        [(997.0, 0.2, 0.3), (7_013.0, 0.2, 1.1), (15_501.0, 0.2, 2.0), (19_403.0, 0.2, 0.1)];
    let value = |time: f64| -> f64 {
        parts
            .iter()
            .map(|(freq, level, phase)| {
                level * libm::cos(std::f64::consts::TAU * freq * time / rate + phase)
            })
            .sum()
    };
    let frames = 20_000;
    let inside = |n: f64| (n / 1_000.0).min((frames as f64 - n) / 1_000.0).clamp(0.0, 1.0);
    let fade = |n: f64| 0.5 - 0.5 * libm::cos(std::f64::consts::PI * inside(n));
    let plane: Vec<f32> = (0..frames).map(|n| (fade(n as f64) * value(n as f64)) as f32).collect();
    let truth = (0..frames * 64)
        .map(|point| {
            let time = point as f64 / 64.0;
            (fade(time) * value(time)).abs()
        })
        .fold(0.0, f64::max);
    let error = measured(&plane).true_peak_dbtp - amplitude_to_db(truth);
    assert!(error.abs() < 0.01, "{error}");
}

#[test]
fn a_true_peak_is_never_below_a_sample() {
    for seed in 1..20 {
        let reading = measured(&noise(seed, 3_000));
        assert!(reading.true_peak_dbtp >= reading.sample_peak_dbfs, "{reading:?}");
    }
}

#[test]
fn the_meter_of_the_standard_reads_at_most_a_tenth_more_and_often_less() {
    let reading = measured(&sine(44_100, 19_000.0, 20.0, 0.8, 8_000));
    let error = reading.bs1770_dbtp - amplitude_to_db(0.8);
    assert!((-0.7..0.1).contains(&error), "{error}");
}

#[test]
fn silence_has_no_peak() {
    let audio = Audio::from_planes(44_100, vec![vec![0.0; 1_000]]);
    let mut meter = TruePeakMeter::new(audio.spec());
    meter.push(&audio);
    assert_eq!(meter.finish(), None);
}
