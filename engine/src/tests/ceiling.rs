//! The ceiling in what is written, by a sinc of 1025 taps at 16 times the rate and through the interpolator of BS.1770.

use acetate_audio::Audio;

use super::{rendered, sound};
use crate::limiter::annex2;
use crate::settings::{Bits, DitherKind, LimiterKind, LimiterSettings, Settings};

/// True peak in dB at 16 times the rate, by a Blackman-windowed sinc of 1025 taps.
fn true_peak_db(plane: &[f64], full_scale: f64) -> f64 {
    use std::f64::consts::PI;
    const REACH: usize = 512;
    let phases: Vec<Vec<f64>> = (0..16)
        .map(|phase| {
            let taps = (0..2 * REACH).map(|k| {
                let t = k as f64 - (REACH as f64 - 1.0) - f64::from(phase) / 16.0;
                let turn = PI * t / REACH as f64;
                let window = 0.42 + 0.5 * turn.cos() + 0.08 * (2.0 * turn).cos();
                if t == 0.0 { 1.0 } else { (PI * t).sin() / (PI * t) * window }
            });
            taps.collect()
        })
        .collect();
    let mut padded = vec![0.0; REACH];
    padded.extend_from_slice(plane);
    padded.resize(padded.len() + REACH, 0.0);
    let largest = padded.iter().fold(0.0f64, |max, x| max.max(x.abs()));
    let mut peak = largest;
    for around in padded.windows(2 * REACH) {
        let value =
            |phase: usize| phases[phase].iter().zip(around).map(|(c, x)| c * x).sum::<f64>().abs();
        // A wave falls no faster than the cosine of Nyquist; far from every large sample there is no peak.
        let edges = around[REACH - 1].abs().max(around[REACH].abs());
        if edges > 0.2 * largest {
            let near = edges.max(value(8));
            if near > 0.7 * peak && near.max(value(4)).max(value(12)) > 0.92 * peak {
                peak = (0..16).map(value).fold(peak, f64::max);
            }
        }
    }
    20.0 * (peak / full_scale).log10()
}

/// True peak in dB as BS.1770-5, annex 2, prints it: four times the rate, twelve taps a phase.
fn standard_peak_db(plane: &[f64], full_scale: f64) -> f64 {
    let x: Vec<f32> = plane.iter().map(|x| (x / full_scale) as f32).collect();
    let peak = x.windows(annex2::TAPS).map(annex2::peak).fold(0.0, f32::max);
    20.0 * f64::from(peak).log10()
}

const FORMATS: [(Bits, f64); 3] =
    [(Bits::Int16, 32_768.0), (Bits::Int24, 8_388_608.0), (Bits::Float32, 1.0)];

#[track_caller]
fn check_ceiling(audio: &Audio, kind: LimiterKind) {
    check_formats(audio, kind, &FORMATS);
}

#[track_caller]
fn check_formats(audio: &Audio, kind: LimiterKind, formats: &[(Bits, f64)]) {
    for &(bits, steps) in formats {
        let limiter = LimiterSettings { kind, ceiling_dbtp: -1.0, ..LimiterSettings::default() };
        let mut settings = Settings { limiter, ..Settings::default() };
        settings.output.bits = bits;
        // The largest error there is at 16 bits; white at the others.
        settings.output.dither = DitherKind::Shaped;
        for plane in rendered(&settings, audio) {
            let peak = true_peak_db(&plane, steps);
            let standard = standard_peak_db(&plane, steps);
            assert!(peak <= -1.0, "{kind:?} {bits:?}: {peak:.5} dBTP");
            assert!(standard <= -1.0, "{kind:?} {bits:?}: {standard:.5} dBTP by the standard");
            assert!(peak > -1.2, "{kind:?} {bits:?}: {peak:.3} dBTP wastes headroom");
        }
    }
}

fn from_fn(frames: usize, f: impl Fn(f64) -> f64) -> Audio {
    let plane: Vec<f32> = (0..frames).map(|i| f(i as f64) as f32).collect();
    Audio::from_planes(44_100, vec![plane.clone(), plane])
}

#[test]
fn the_ceiling_holds_in_the_written_file() {
    let noise = {
        let mut audio = sound(2, 30_000, 44_100, 5);
        let loud = audio.planes_mut().iter_mut().flatten();
        loud.for_each(|x| *x *= 6.0);
        audio
    };
    let step = from_fn(30_000, |t| (0.05 * t).sin() * if t > 15_000.0 { 10.0 } else { 0.1 });
    let high = from_fn(30_000, |t| {
        1.8 * (t * 19_000.0 / 44_100.0 * std::f64::consts::TAU).sin()
            * (0.6 + 0.4 * (t / 3000.0).sin())
    });
    for kind in [LimiterKind::Transparent, LimiterKind::Fast, LimiterKind::Masked] {
        check_ceiling(&noise, kind);
        check_ceiling(&step, kind);
        check_ceiling(&high, kind);
    }
}

#[test]
fn the_ceiling_holds_on_full_scale_noise_far_over_it() {
    let plane = |seed: u32| {
        let mut state = seed;
        (0..220_500)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                2.5119 * ((state >> 8) as f32 / 8_388_608.0 - 1.0)
            })
            .collect()
    };
    let audio = Audio::from_planes(44_100, vec![plane(1), plane(2)]);
    // The standard's meter reads highest here, where a finer one sees nothing.
    let mut settings = Settings::default();
    settings.limiter.kind = LimiterKind::Fast;
    settings.output.bits = Bits::Float32;
    for plane in rendered(&settings, &audio) {
        let standard = standard_peak_db(&plane, 1.0);
        assert!(standard <= -1.0, "{standard:.4} dBTP by the standard");
    }
}

#[test]
fn the_ceiling_holds_on_music() {
    // A finished master with its drums, and a mix far over the ceiling.
    for (file, from, gain) in [("reference.flac", 2 * 44_100, 2.0), ("mix.flac", 12 * 44_100, 12.0)]
    {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(file);
        let source = acetate_files::open(&path, u64::MAX).unwrap();
        let excerpt =
            |plane: &Vec<f32>| plane[from..from + 66_150].iter().map(|x| x * gain).collect();
        let planes = source.audio().unwrap().planes().iter().map(excerpt).collect();
        let audio = Audio::from_planes(44_100, planes);
        for kind in [LimiterKind::Transparent, LimiterKind::Fast] {
            check_ceiling(&audio, kind);
        }
        check_formats(&audio, LimiterKind::Masked, &FORMATS[..1]);
    }
}
