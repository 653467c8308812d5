use std::f64::consts::TAU;

use acetate_audio::units::{amplitude_to_db, db_to_amplitude};

use super::*;
use crate::Stage;

const RATE_HZ: u32 = 48_000;

fn band(freq_hz: f64) -> DynamicBand {
    DynamicBand {
        freq_hz,
        q: 1.0,
        threshold_db: -30.0,
        ratio: 2.0,
        range_db: 12.0,
        attack_ms: 5.0,
        release_ms: 100.0,
        ..DynamicBand::default()
    }
}

fn tone(freq_hz: f64, level_db: f64, seconds: f64) -> Vec<f32> {
    let amplitude = db_to_amplitude(level_db);
    let step = TAU * freq_hz / f64::from(RATE_HZ);
    (0..(seconds * f64::from(RATE_HZ)) as usize)
        .map(|n| (amplitude * libm::sin(step * n as f64)) as f32)
        .collect()
}

fn noise(frames: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    (0..frames)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state as f32 / u32::MAX as f32 - 0.5
        })
        .collect()
}

fn cut(bands: &[DynamicBand], input: &Audio, block: usize) -> Audio {
    let mut equalizer = DynamicEqualizer::new(bands, input.spec()).expect("a band acts");
    run(&mut equalizer, input, block)
}

fn run(equalizer: &mut DynamicEqualizer, input: &Audio, block: usize) -> Audio {
    let mut out = Audio::silence(input.spec(), 0);
    for start in (0..input.frames()).step_by(block) {
        let end = (start + block).min(input.frames());
        let planes = input.planes().iter().map(|p| p[start..end].to_vec()).collect();
        equalizer.push(&Audio::from_planes(input.spec().sample_rate_hz, planes), &mut out);
    }
    equalizer.finish(&mut out);
    out
}

fn mono(plane: Vec<f32>) -> Audio {
    Audio::from_planes(RATE_HZ, vec![plane])
}

/// Peak level of samples `from_s` to `to_s` of the first channel.
fn level_db(sound: &Audio, from_s: f64, to_s: f64) -> f64 {
    let frame = |s: f64| (s * f64::from(RATE_HZ)) as usize;
    let peak =
        sound.channel(0)[frame(from_s)..frame(to_s)].iter().fold(0.0, |p: f32, x| p.max(x.abs()));
    amplitude_to_db(f64::from(peak))
}

#[test]
fn twelve_db_over_at_two_to_one_loses_six() {
    // No frequency that divides the rate: its samples would miss the peaks.
    for freq_hz in [100.0, 1010.0, 8110.0] {
        let output = cut(&[band(freq_hz)], &mono(tone(freq_hz, -18.0, 1.0)), 512);
        let level = level_db(&output, 0.5, 0.9);
        assert!((level + 24.0).abs() < 0.15, "{freq_hz} Hz: {level:.2} dB");
    }
}

#[test]
fn the_range_bounds_the_cut() {
    let bounded = DynamicBand { range_db: 3.0, ..band(1000.0) };
    let level = level_db(&cut(&[bounded], &mono(tone(1000.0, -6.0, 1.0)), 512), 0.5, 0.9);
    assert!((level + 9.0).abs() < 0.02, "{level:.3} dB");
}

#[test]
fn sound_under_the_threshold_is_bit_identical() {
    let input = Audio::from_planes(RATE_HZ, vec![noise(9000, 1), noise(9000, 2)]);
    let high = DynamicBand { threshold_db: 0.0, ratio: 20.0, ..band(3000.0) };
    assert_eq!(cut(&[high.clone(), DynamicBand { freq_hz: 200.0, ..high }], &input, 100), input);
}

#[test]
fn bands_that_cannot_act_need_no_equalizer() {
    let spec = AudioSpec::new(RATE_HZ, 2);
    for neutral in [
        DynamicBand { ratio: 1.0, ..band(1000.0) },
        DynamicBand { range_db: 0.0, ..band(1000.0) },
        DynamicBand { enabled: false, ..band(1000.0) },
        DynamicBand { freq_hz: 23_000.0, ..band(1000.0) },
    ] {
        assert!(DynamicEqualizer::new(&[neutral], spec).is_none());
    }
}

#[test]
fn the_cut_is_there_when_the_loud_moment_begins() {
    let mut plane = tone(1000.0, -60.0, 0.5);
    plane.extend(tone(1000.0, -18.0, 0.5));
    let output = cut(&[band(1000.0)], &mono(plane), 512);
    // A bell of Q 1 at 1 kHz needs a third of a millisecond to ring up.
    let first_ms = level_db(&output, 0.501, 0.503);
    // 6 dB in the end; after one attack time 63 % of it, which the look-ahead has spent by then.
    assert!(first_ms < -18.0 - 0.6 * 6.0 + 0.5, "{first_ms:.2} dB");
}

#[test]
fn other_frequencies_are_left_alone() {
    let mut plane = tone(5000.0, -12.0, 1.0);
    for (sample, low) in plane.iter_mut().zip(tone(100.0, -12.0, 1.0)) {
        *sample += low;
    }
    let output = cut(&[DynamicBand { q: 2.0, ..band(5000.0) }], &mono(plane), 512);
    let project = |freq_hz: f64| {
        let (mut re, mut im) = (0.0, 0.0);
        for (n, x) in output.channel(0)[24_000..43_200].iter().enumerate() {
            let turn = TAU * freq_hz * n as f64 / f64::from(RATE_HZ);
            re += f64::from(*x) * libm::cos(turn);
            im += f64::from(*x) * libm::sin(turn);
        }
        amplitude_to_db((re * re + im * im).sqrt() / 9600.0)
    };
    assert!((project(100.0) + 12.0).abs() < 0.01, "{}", project(100.0));
    assert!((project(5000.0) + 21.0).abs() < 0.15, "{}", project(5000.0));
}

#[test]
fn attack_and_release_take_their_time_to_63_percent() {
    let step_s = HOP as f64 / f64::from(RATE_HZ);
    let mut smoother = Smoother::new(20.0, 200.0, step_s);
    let rise = (1..).find(|_| smoother.next(6.0) >= 6.0 * 0.632).expect("it rises");
    assert!((f64::from(rise) * step_s / 0.020 - 1.0).abs() < 0.03, "{rise} steps");
    while smoother.next(6.0) < 6.0 * 0.999_999 {}
    // The release runs through the attack, which adds its own time constant.
    let fall = (1..).find(|_| smoother.next(0.0) <= 6.0 * 0.368).expect("it falls");
    assert!((f64::from(fall) * step_s / 0.220 - 1.0).abs() < 0.03, "{fall} steps");
}

#[test]
fn all_channels_get_the_same_gain() {
    let quiet: Vec<f32> = tone(1000.0, -12.0, 0.5).iter().map(|x| x / 8.0).collect();
    let input = Audio::from_planes(RATE_HZ, vec![tone(1000.0, -12.0, 0.5), quiet]);
    let output = cut(&[band(1000.0)], &input, 512);
    assert!(
        output.channel(0).iter().zip(output.channel(1)).all(|(a, b)| (a / 8.0 - b).abs() < 1e-8)
    );
    assert!(output != input);
}

#[test]
fn neither_block_size_nor_an_earlier_piece_changes_a_bit() {
    let input = Audio::from_planes(RATE_HZ, vec![noise(5000, 3), noise(5000, 4)]);
    let slow = DynamicBand { attack_ms: 17.0, freq_hz: 300.0, ..band(300.0) };
    let bands = [band(4000.0), slow];
    let mut equalizer = DynamicEqualizer::new(&bands, input.spec()).expect("bands act");
    let whole = run(&mut equalizer, &input, 5000);
    assert_eq!(whole.frames(), 5000);
    assert!(whole != input);
    for block in [1, 7, 64, 1024] {
        assert_eq!(whole, run(&mut equalizer, &input, block), "blocks of {block}");
    }
}

#[test]
fn one_to_eight_channels_at_odd_rates() {
    for channels in 1..=8 {
        for rate_hz in [8000, 44_056, 384_000] {
            let input = Audio::from_planes(rate_hz, vec![noise(900, 6); channels]);
            let output = cut(&[band(2000.0)], &input, 100);
            assert!(output.planes().iter().all(|plane| plane == output.channel(0)));
            assert_eq!(output.frames(), 900);
        }
    }
}
