use std::f64::consts::TAU;

use super::*;
use crate::Stage;
use crate::svf::{BandPass, SvfState};

const RATE_HZ: u32 = 16_000;

fn settings() -> ResonanceSettings {
    ResonanceSettings {
        enabled: true,
        amount_pct: 100.0,
        range_db: 12.0,
        ..ResonanceSettings::default()
    }
}

fn noise(seconds: f64, seed: u32) -> Vec<f32> {
    let mut state = seed;
    (0..(seconds * f64::from(RATE_HZ)) as usize)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            0.4 * (state as f32 / u32::MAX as f32 - 0.5)
        })
        .collect()
}

/// Noise in which a narrow band around `freq_hz` rings out `gain` times as loud.
fn ringing(seconds: f64, freq_hz: f64, gain: f64) -> Vec<f32> {
    let band = BandPass::new(freq_hz / f64::from(RATE_HZ), 80.0);
    let mut state = SvfState::default();
    noise(seconds, 1)
        .iter()
        .map(|x| (f64::from(*x) + gain * band.next(&mut state, f64::from(*x))) as f32)
        .collect()
}

fn mono(plane: Vec<f32>) -> Audio {
    Audio::from_planes(RATE_HZ, vec![plane])
}

fn tamed(settings: &ResonanceSettings, input: &Audio, block: usize) -> Audio {
    run(&mut ResonanceTamer::new(settings, input.spec()).expect("it acts"), input, block)
}

fn run(tamer: &mut ResonanceTamer, input: &Audio, block: usize) -> Audio {
    let mut out = Audio::silence(input.spec(), 0);
    for start in (0..input.frames()).step_by(block) {
        let end = (start + block).min(input.frames());
        let planes = input.planes().iter().map(|p| p[start..end].to_vec()).collect();
        tamer.push(&Audio::from_planes(input.spec().sample_rate_hz, planes), &mut out);
    }
    tamer.finish(&mut out);
    out
}

/// Power in a narrow band during the last four seconds, in dB.
fn band_db(sound: &Audio, freq_hz: f64) -> f64 {
    let band = BandPass::new(freq_hz / f64::from(RATE_HZ), 60.0);
    let mut state = SvfState::default();
    let plane = &sound.channel(0)[sound.frames() - 4 * RATE_HZ as usize..];
    power_to_db(plane.iter().map(|x| band.next(&mut state, f64::from(*x)).powi(2)).sum())
}

#[test]
fn a_resonance_that_stays_is_cut_and_its_surroundings_are_not() {
    let input = mono(ringing(24.0, 2000.0, 8.0));
    let output = tamed(&settings(), &input, 4096);
    let change = |freq_hz: f64| band_db(&output, freq_hz) - band_db(&input, freq_hz);
    assert!((-12.0..=-4.0).contains(&change(2000.0)), "{:.2} dB", change(2000.0));
    for freq_hz in [500.0, 1600.0, 2500.0, 5000.0] {
        assert!(change(freq_hz).abs() < 0.3, "{freq_hz} Hz: {:.2} dB", change(freq_hz));
    }
}

#[test]
fn the_range_bounds_the_cut() {
    let input = mono(ringing(24.0, 2000.0, 8.0));
    let bounded = ResonanceSettings { range_db: 2.0, ..settings() };
    let output = tamed(&bounded, &input, 4096);
    let change = band_db(&output, 2000.0) - band_db(&input, 2000.0);
    assert!((-2.1..=-1.0).contains(&change), "{change:.2} dB");
}

#[test]
fn resonances_that_never_pause_are_there_equally_often_and_all_found() {
    let (bins, bin_hz) = (1025, 20.0);
    let mut detector = detector::Detector::new(6.0, bins, bin_hz, 0.0125);
    let mut powers = vec![1e-6; bins];
    for bin in [40, 90, 150, 300] {
        powers[bin] = 1e-2;
    }
    let mut found = Vec::new();
    for _ in 0..2_400 {
        let over = detector.next(&powers);
        found = [40, 90, 150, 300, 500].map(|bin| over[bin] > 0.0).to_vec();
    }
    assert_eq!(found, [true, true, true, true, false]);
}

#[test]
fn plain_noise_is_bit_identical() {
    let input = Audio::from_planes(RATE_HZ, vec![noise(20.0, 1), noise(20.0, 2)]);
    assert!(tamed(&settings(), &input, 4096) == input);
}

#[test]
fn a_melody_is_bit_identical() {
    let notes = [440.0, 523.3, 587.3, 659.3, 784.0, 880.0];
    let mut plane = noise(20.0, 3);
    for (n, x) in plane.iter_mut().enumerate() {
        let t = n as f64 / f64::from(RATE_HZ);
        let note = notes[(t / 0.4) as usize * 7 % notes.len()];
        *x = 0.1 * *x + 0.2 * libm::sin(TAU * note * t) as f32;
    }
    let input = mono(plane);
    assert!(tamed(&settings(), &input, 4096) == input);
}

#[test]
fn switched_off_there_is_no_tamer() {
    let spec = AudioSpec::new(RATE_HZ, 2);
    assert!(ResonanceTamer::new(&ResonanceSettings::default(), spec).is_none());
}

#[test]
fn neither_block_size_nor_an_earlier_piece_changes_a_bit() {
    let input = mono(ringing(24.0, 2000.0, 8.0));
    let mut tamer = ResonanceTamer::new(&settings(), input.spec()).expect("it acts");
    let whole = run(&mut tamer, &input, input.frames());
    assert_eq!(whole.frames(), input.frames());
    assert!(whole != input);
    for block in [1, 77, 1024] {
        assert!(whole == run(&mut tamer, &input, block), "blocks of {block}");
    }
}

#[test]
fn one_to_eight_channels_at_odd_rates() {
    for channels in 1..=8 {
        for rate_hz in [8000, 44_056, 384_000] {
            let input = Audio::from_planes(rate_hz, vec![noise(0.3, 6); channels]);
            let output = tamed(&settings(), &input, 1000);
            assert_eq!(output.frames(), input.frames());
            assert!(output.planes().iter().all(|plane| plane == output.channel(0)));
        }
    }
}
