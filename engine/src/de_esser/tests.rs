use std::f64::consts::TAU;

use super::*;
use crate::Stage;

const RATE_HZ: u32 = 44_100;

fn settings() -> DeEsserSettings {
    DeEsserSettings { enabled: true, threshold_db: -6.0, ..DeEsserSettings::default() }
}

fn frame_at(seconds: f64) -> usize {
    (seconds * f64::from(RATE_HZ)) as usize
}

/// Noise of 4.5 to 11 kHz: random tones, steady.
fn hiss(seconds: f64, level: f64) -> Vec<f64> {
    let mut state = 9_u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state) / f64::from(u32::MAX)
    };
    let tones: Vec<[f64; 2]> =
        (0..160).map(|_| [4500.0 + 6500.0 * random(), TAU * random()]).collect();
    (0..frame_at(seconds))
        .map(|n| {
            let t = n as f64 / f64::from(RATE_HZ);
            let sum: f64 = tones.iter().map(|[f, phase]| libm::sin(TAU * f * t + phase)).sum();
            level * sum / 8.0
        })
        .collect()
}

/// A chord with soft overtones: what the voice does between two s.
fn music(seconds: f64) -> Vec<f64> {
    (0..frame_at(seconds))
        .map(|n| {
            let t = n as f64 / f64::from(RATE_HZ);
            (1..=24).map(|k| 0.15 / f64::from(k) * libm::sin(TAU * 220.0 * f64::from(k) * t)).sum()
        })
        .collect()
}

/// Music with hiss from `start_s` on, shaped by `envelope`.
fn with_hiss(start_s: f64, seconds: f64, level: f64, envelope: impl Fn(f64) -> f64) -> Audio {
    let mut plane = music(2.0);
    for (n, x) in hiss(seconds, level).iter().enumerate() {
        plane[frame_at(start_s) + n] += x * envelope(n as f64 / f64::from(RATE_HZ));
    }
    Audio::from_planes(RATE_HZ, vec![plane.iter().map(|x| *x as f32).collect()])
}

fn steady(_: f64) -> f64 {
    1.0
}

fn softened(settings: &DeEsserSettings, input: &Audio, block: usize) -> Audio {
    run(&mut DeEsser::new(settings, input.spec()).expect("it acts"), input, block)
}

fn run(de_esser: &mut DeEsser, input: &Audio, block: usize) -> Audio {
    let mut out = Audio::silence(input.spec(), 0);
    for start in (0..input.frames()).step_by(block) {
        let end = (start + block).min(input.frames());
        let planes = input.planes().iter().map(|p| p[start..end].to_vec()).collect();
        de_esser.push(&Audio::from_planes(input.spec().sample_rate_hz, planes), &mut out);
    }
    de_esser.finish(&mut out);
    out
}

/// Change of the power of first differences, which is that of the hiss, between two times.
fn change_db(output: &Audio, input: &Audio, from_s: f64, to_s: f64) -> f64 {
    let power = |sound: &Audio| -> f64 {
        let piece = &sound.channel(0)[frame_at(from_s)..frame_at(to_s)];
        piece.windows(2).map(|pair| f64::from(pair[1] - pair[0]).powi(2)).sum()
    };
    power_to_db(power(output) / power(input))
}

#[test]
fn an_s_loses_three_to_five_db_and_nothing_around_it_changes() {
    let input = with_hiss(1.0, 0.12, 0.25, steady);
    let output = softened(&settings(), &input, 512);
    let inside = change_db(&output, &input, 1.0, 1.12);
    assert!((-5.0..=-3.0).contains(&inside), "{inside:.2} dB inside");
    for (from_s, to_s) in [(0.0, 0.98), (1.5, 2.0)] {
        let outside = change_db(&output, &input, from_s, to_s);
        assert!(outside.abs() < 0.1, "{outside:.3} dB from {from_s} s");
    }
    assert_eq!(output.channel(0)[..frame_at(0.98)], input.channel(0)[..frame_at(0.98)]);
}

#[test]
fn the_first_millisecond_is_as_soft_as_the_rest() {
    let input = with_hiss(1.0, 0.12, 0.25, steady);
    let output = softened(&settings(), &input, 512);
    let difference = change_db(&output, &input, 1.0, 1.003) - change_db(&output, &input, 1.02, 1.1);
    assert!(difference < 1.5, "{difference:.2} dB less");
}

#[test]
fn short_long_dying_and_tonal_brightness_is_bit_identical() {
    let hat = |t: f64| libm::exp(-t / 0.012);
    let open_hat = |t: f64| libm::exp(-t / 0.03);
    for input in [
        with_hiss(1.0, 0.015, 0.25, steady),
        with_hiss(1.0, 0.6, 0.25, steady),
        with_hiss(1.0, 0.1, 0.5, hat),
        with_hiss(1.0, 0.25, 0.5, open_hat),
    ] {
        assert!(softened(&settings(), &input, 512) == input);
    }
    let mut tone = with_hiss(1.0, 0.1, 0.0, steady);
    for (n, x) in tone.planes_mut()[0][44_100..48_510].iter_mut().enumerate() {
        *x += 0.3 * libm::sin(TAU * 7000.0 * n as f64 / 44_100.0) as f32;
    }
    assert!(softened(&settings(), &tone, 512) == tone);
}

#[test]
fn a_threshold_that_is_not_reached_changes_nothing() {
    let input = with_hiss(1.0, 0.12, 0.25, steady);
    let deaf = DeEsserSettings { threshold_db: 40.0, ..settings() };
    assert!(softened(&deaf, &input, 512) == input);
}

#[test]
fn switched_off_or_deaf_there_is_no_de_esser() {
    let spec = |sample_rate_hz| AudioSpec::new(sample_rate_hz, 2);
    let off = DeEsserSettings { enabled: false, ..settings() };
    assert!(DeEsser::new(&off, spec(44_100)).is_none());
    assert!(DeEsser::new(&settings(), spec(8000)).is_none());
}

#[test]
fn the_side_is_not_touched() {
    let input = with_hiss(1.0, 0.12, 0.25, steady);
    let left = input.channel(0).to_vec();
    let right: Vec<f32> = left.iter().enumerate().map(|(n, x)| x + (n % 7) as f32 * 0.01).collect();
    let stereo = Audio::from_planes(RATE_HZ, vec![left, right]);
    let output = softened(&settings(), &stereo, 512);
    assert!(output != stereo);
    for n in 0..stereo.frames() {
        let side = |sound: &Audio| sound.channel(0)[n] - sound.channel(1)[n];
        assert!((side(&output) - side(&stereo)).abs() < 1e-6);
    }
}

#[test]
fn neither_block_size_nor_an_earlier_piece_changes_a_bit() {
    let input = with_hiss(1.0, 0.12, 0.25, steady);
    let mut de_esser = DeEsser::new(&settings(), input.spec()).expect("it acts");
    let whole = run(&mut de_esser, &input, input.frames());
    assert_eq!(whole.frames(), input.frames());
    for block in [7, 64, 1024] {
        assert!(whole == run(&mut de_esser, &input, block), "blocks of {block}");
    }
}

#[test]
fn one_to_eight_channels_at_odd_rates() {
    let plane: Vec<f32> = hiss(0.15, 0.3).iter().map(|x| *x as f32).collect();
    for channels in 1..=8 {
        for rate_hz in [11_025, 44_056, 384_000] {
            let input = Audio::from_planes(rate_hz, vec![plane.clone(); channels]);
            let output = softened(&settings(), &input, 1000);
            assert!(output.planes().iter().all(|plane| plane == output.channel(0)));
            assert_eq!(output.frames(), input.frames());
        }
    }
}
