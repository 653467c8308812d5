use std::f64::consts::{PI, TAU};

use acetate_audio::units::{amplitude_to_db, power_to_db};
use realfft::RealFftPlanner;

use super::*;
use crate::Stage;

fn settings(drive_db: f64, bias_pct: f64) -> SaturatorSettings {
    SaturatorSettings {
        enabled: true,
        drive_db,
        bias_pct,
        mix_pct: 100.0,
        ..SaturatorSettings::default()
    }
}

fn sound(planes: Vec<Vec<f32>>, sample_rate_hz: u32) -> Audio {
    Audio::from_planes(sample_rate_hz, planes)
}

/// Sum of sines with a whole number of cycles in `frames`.
fn tones(cycles: &[usize], amplitude: f64, frames: usize) -> Vec<f32> {
    let tone = |n: usize, c: usize| libm::sin(TAU * (c * n % frames) as f64 / frames as f64);
    (0..frames)
        .map(|n| (amplitude * cycles.iter().map(|c| tone(n, *c)).sum::<f64>()) as f32)
        .collect()
}

fn saturated(settings: &SaturatorSettings, input: &Audio, block: usize) -> Audio {
    run(&mut Saturator::new(settings, input.spec()).expect("it is heard"), input, block)
}

fn run(saturator: &mut Saturator, input: &Audio, block: usize) -> Audio {
    let mut out = Audio::silence(input.spec(), 0);
    for start in (0..input.frames()).step_by(block) {
        let end = (start + block).min(input.frames());
        let planes = input.planes().iter().map(|p| p[start..end].to_vec()).collect();
        saturator.push(&sound(planes, input.spec().sample_rate_hz), &mut out);
    }
    saturator.finish(&mut out);
    out
}

/// Amplitudes of the bins of the last `frames` samples before the end; the signal repeats with that period.
fn spectrum(output: &Audio, frames: usize) -> Vec<f64> {
    let end = output.frames() - frames;
    let mut period: Vec<f64> =
        output.channel(0)[end - frames..end].iter().map(|x| f64::from(*x)).collect();
    let transform = RealFftPlanner::new().plan_fft_forward(frames);
    let mut bins = transform.make_output_vec();
    transform.process(&mut period, &mut bins).expect("lengths fit");
    bins.iter().map(|bin| 2.0 * bin.norm() / frames as f64).collect()
}

/// Harmonic `k` of the curve driven by `amplitude` · sin, by the trapezium rule.
fn fourier(curve: &Curve, amplitude: f64, k: usize) -> f64 {
    const POINTS: usize = 4096;
    let value = |x: f64| {
        let v = curve.drive * (x + curve.bias);
        (v / (1.0 + v * v).sqrt() - curve.rest) * curve.scale
    };
    let (mut re, mut im) = (0.0, 0.0);
    for n in 0..POINTS {
        let turn = TAU * n as f64 / POINTS as f64;
        let y = value(amplitude * libm::sin(turn));
        re += y * libm::cos(k as f64 * turn);
        im += y * libm::sin(k as f64 * turn);
    }
    2.0 * (re * re + im * im).sqrt() / POINTS as f64
}

/// Power of everything that is no harmonic, re the fundamental.
fn alias_db(drive_db: f64, rate_hz: u32) -> f64 {
    let frames = rate_hz as usize;
    let cycles = 6280;
    let plane = tones(&[cycles], 1.0, frames).repeat(3);
    let bins =
        spectrum(&saturated(&settings(drive_db, 0.0), &sound(vec![plane], rate_hz), 4096), frames);
    let stray: f64 = (1..bins.len()).filter(|k| k % cycles != 0).map(|k| bins[k] * bins[k]).sum();
    power_to_db(stray / (bins[cycles] * bins[cycles]))
}

#[test]
fn harmonics_are_those_of_the_fourier_series() {
    let frames = 48_000;
    for (drive_db, bias_pct) in [(-12.0, 0.0), (0.0, 0.0), (0.0, 20.0), (9.0, 0.0), (9.0, 10.0)] {
        let plane = tones(&[1000], 0.5, frames).repeat(3);
        let settings = settings(drive_db, bias_pct);
        let bins = spectrum(&saturated(&settings, &sound(vec![plane], 48_000), 4096), frames);
        let curve = Curve::new(db_to_amplitude(drive_db), bias_pct / 100.0);
        for k in 1..=5 {
            let wanted = fourier(&curve, 0.5, k);
            if wanted > 1e-6 {
                let error = amplitude_to_db(bins[1000 * k] / wanted);
                assert!(
                    error.abs() < 0.1,
                    "{drive_db} dB, bias {bias_pct}, harmonic {k}: {error:.3} dB"
                );
            }
        }
    }
}

#[test]
fn aliases_stay_under_minus_100_db_at_mastering_drives() {
    for drive_db in [-20.0, -6.0, 0.0] {
        for rate_hz in [44_100, 48_000, 96_000, 192_000] {
            let alias = alias_db(drive_db, rate_hz);
            assert!(alias < -100.0, "{drive_db} dB at {rate_hz} Hz: {alias:.1} dB");
        }
    }
}

#[test]
fn aliases_stay_under_minus_69_db_at_eight_times_drive() {
    let alias = alias_db(18.06, 44_100);
    assert!(alias < -69.0, "{alias:.1} dB");
}

#[test]
fn two_tones_make_no_difference_tone_without_bias() {
    let frames = 48_000;
    let plane = tones(&[19_000, 20_000], 0.25, frames).repeat(3);
    let bins = spectrum(&saturated(&settings(0.0, 0.0), &sound(vec![plane], 48_000), 4096), frames);
    let difference = amplitude_to_db(bins[1000] / bins[19_000]);
    assert!(difference < -90.0, "{difference:.1} dB");
}

#[test]
fn switched_off_or_without_mix_there_is_no_saturator() {
    let spec = AudioSpec::new(44_100, 2);
    let off = SaturatorSettings { enabled: false, ..settings(12.0, 10.0) };
    let dry = SaturatorSettings { mix_pct: 0.0, ..settings(12.0, 10.0) };
    assert!(Saturator::new(&off, spec).is_none() && Saturator::new(&dry, spec).is_none());
}

#[test]
fn half_the_mix_adds_half_as_much() {
    let input = sound(vec![noise(3000, 1)], 44_100);
    let whole = saturated(&settings(6.0, 0.0), &input, 512);
    let half = saturated(&SaturatorSettings { mix_pct: 50.0, ..settings(6.0, 0.0) }, &input, 512);
    for n in 0..3000 {
        let [dry, half, whole] = [&input, &half, &whole].map(|sound| sound.channel(0)[n]);
        assert!((2.0 * (half - dry) - (whole - dry)).abs() < 3e-7, "frame {n}");
    }
}

#[test]
fn quiet_sound_passes() {
    let plane: Vec<f32> = noise(5000, 3).iter().map(|x| x * 1e-4).collect();
    let output = saturated(&settings(0.0, 0.0), &sound(vec![plane.clone()], 44_100), 512);
    let worst =
        output.channel(0).iter().zip(&plane).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst < 1e-11, "{worst:e}");
}

#[test]
fn silence_stays_silent_with_any_bias() {
    let input = sound(vec![vec![0.0; 3000]], 48_000);
    assert_eq!(saturated(&settings(12.0, 37.0), &input, 100), input);
}

#[test]
fn an_offset_curve_leaves_no_constant() {
    let rate = 48_000;
    let plane = tones(&[440], 0.8, rate).repeat(4);
    let output = saturated(&settings(0.0, 30.0), &sound(vec![plane], rate as u32), 4096);
    let last = &output.channel(0)[3 * rate..];
    let mean: f64 = last.iter().map(|x| f64::from(*x)).sum::<f64>() / rate as f64;
    assert!(mean.abs() < 1e-5, "{mean:e}");
}

#[test]
fn emphasis_moves_harmonics_but_not_the_level_of_quiet_sound() {
    let frames = 48_000;
    let with = SaturatorSettings { emphasis_db: 6.0, ..settings(0.0, 0.0) };
    let third = |settings: &SaturatorSettings, cycles: usize| {
        let plane = tones(&[cycles], 0.5, frames).repeat(3);
        spectrum(&saturated(settings, &sound(vec![plane], 48_000), 4096), frames)[3 * cycles]
    };
    assert!(third(&with, 100) < 0.7 * third(&settings(0.0, 0.0), 100));
    assert!(third(&with, 5000) > 1.4 * third(&settings(0.0, 0.0), 5000));
    let quiet: Vec<f32> = noise(5000, 3).iter().map(|x| x * 1e-4).collect();
    let output = saturated(&with, &sound(vec![quiet.clone()], 48_000), 512);
    assert!(output.channel(0).iter().zip(&quiet).all(|(a, b)| (a - b).abs() < 1e-11));
}

#[test]
fn neither_block_size_nor_an_earlier_piece_changes_a_bit() {
    let input = sound(vec![noise(3000, 4), noise(3000, 5)], 44_100);
    let settings = SaturatorSettings { emphasis_db: 3.0, ..settings(9.0, 5.0) };
    let mut saturator = Saturator::new(&settings, input.spec()).expect("it is heard");
    let whole = run(&mut saturator, &input, 3000);
    assert_eq!(whole.frames(), 3000);
    for block in [1, 7, 64, 1024] {
        assert_eq!(whole, run(&mut saturator, &input, block), "blocks of {block}");
    }
}

#[test]
fn one_to_eight_channels_at_odd_rates_are_each_treated_alike() {
    for channels in 1..=8 {
        for rate_hz in [8000, 44_056, 384_000] {
            let input = sound(vec![noise(500, 6); channels], rate_hz);
            let output = saturated(&settings(6.0, 0.0), &input, 100);
            assert!(output.planes().iter().all(|plane| plane == output.channel(0)));
            assert_eq!(output.frames(), 500);
        }
    }
}

fn noise(frames: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    (0..frames)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            0.9 * libm::sinf(state as f32 / u32::MAX as f32 * 2.0 * PI as f32)
        })
        .collect()
}
