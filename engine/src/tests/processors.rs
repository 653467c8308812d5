//! Each processor against the mathematics it claims, measured on its sound.

use std::f64::consts::TAU;

use acetate_audio::Audio;
use realfft::RealFftPlanner;

use super::{rendered, sound};
use crate::settings::{
    BandChannel, Bits, DitherKind, EqualizerBand, FilterType, Phase, Settings, StereoBand,
};

pub(super) const RATE: u32 = 44_100;

pub(super) fn float(change: impl FnOnce(&mut Settings)) -> Settings {
    let mut settings = Settings::default();
    settings.output.bits = Bits::Float32;
    change(&mut settings);
    settings
}

pub(super) fn sine(freq_hz: f64, amplitude: f64, frames: usize) -> Vec<f32> {
    let omega = TAU * freq_hz / f64::from(RATE);
    (0..frames).map(|i| (amplitude * (omega * i as f64).sin()) as f32).collect()
}

pub(super) fn both(plane: Vec<f32>) -> Audio {
    Audio::from_planes(RATE, vec![plane.clone(), plane])
}

pub(super) fn impulse(frames: usize, at: usize) -> Vec<f32> {
    let mut plane = vec![0.0; frames];
    plane[at] = 1.0;
    plane
}

/// Gain of an impulse response at a frequency.
pub(super) fn gain_db(response: &[f64], freq_hz: f64) -> f64 {
    let omega = TAU * freq_hz / f64::from(RATE);
    let (mut re, mut im) = (0.0, 0.0);
    for (n, x) in response.iter().enumerate() {
        re += x * (omega * n as f64).cos();
        im += x * (omega * n as f64).sin();
    }
    10.0 * (re * re + im * im).log10()
}

/// Level of a sine in a stretch, as its amplitude in dB.
pub(super) fn level_db(samples: &[f64]) -> f64 {
    let power = samples.iter().map(|x| x * x).sum::<f64>() / samples.len() as f64;
    10.0 * (2.0 * power).log10()
}

fn many_bands() -> Vec<EqualizerBand> {
    let band = |kind, freq_hz, gain_db, q| EqualizerBand {
        kind,
        freq_hz,
        gain_db,
        q,
        ..EqualizerBand::default()
    };
    let steep =
        EqualizerBand { slope_db_per_octave: 30, ..band(FilterType::HighPass, 60.0, 0.0, 0.7) };
    vec![
        band(FilterType::Bell, 900.0, 5.0, 1.4),
        band(FilterType::HighShelf, 8000.0, -4.0, 0.7),
        band(FilterType::LowShelf, 200.0, 3.0, 0.7),
        band(FilterType::Tilt, 1000.0, 2.0, 0.7),
        steep,
    ]
}

#[test]
fn the_equaliser_sounds_as_its_response_says() {
    let alone = |channel, gain_db| EqualizerBand { channel, gain_db, ..EqualizerBand::default() };
    let settings = float(|s| {
        s.equalizer.bands = many_bands();
        s.equalizer.bands.extend([alone(BandChannel::Left, 3.0), alone(BandChannel::Right, -4.0)]);
    });
    let out = rendered(&settings, &both(impulse(60_000, 0)));
    for freq in [45.0, 100.0, 300.0, 900.0, 3000.0, 8000.0, 15_000.0, 20_000.0] {
        for (channel, out) in [BandChannel::Left, BandChannel::Right].into_iter().zip(&out) {
            let claimed = settings.equalizer.response_db(channel, freq, f64::from(RATE));
            let measured = gain_db(out, freq);
            assert!((claimed - measured).abs() < 0.002, "{freq} Hz: {claimed} claimed, {measured}");
        }
    }
}

#[test]
fn linear_phase_has_the_same_gain_and_no_delay() {
    let mut settings = float(|s| s.equalizer.bands = many_bands());
    settings.equalizer.phase = Phase::Linear;
    let out = rendered(&settings, &both(impulse(60_001, 30_000)));
    for (a, b) in out[0].iter().zip(out[0].iter().rev()) {
        assert!((a - b).abs() < 1e-6, "symmetric around the impulse");
    }
    for freq in [100.0, 300.0, 900.0, 3000.0, 8000.0, 15_000.0] {
        let claimed = settings.equalizer.response_db(BandChannel::Left, freq, f64::from(RATE));
        let measured = gain_db(&out[0], freq);
        assert!((claimed - measured).abs() < 0.02, "{freq} Hz: {claimed} claimed, {measured}");
    }
}

#[test]
fn a_side_band_leaves_the_mono_sum_alone() {
    let side = |channel| EqualizerBand { channel, gain_db: 6.0, ..EqualizerBand::default() };
    let audio = sound(2, 20_000, RATE, 8);
    for phase in [Phase::Minimum, Phase::Linear] {
        let settings = float(|s| {
            s.equalizer.bands = vec![side(BandChannel::Side)];
            s.equalizer.phase = phase;
        });
        let out = rendered(&settings, &audio);
        assert!(out[0] != audio.channel(0).iter().map(|&x| f64::from(x)).collect::<Vec<_>>());
        for (i, (l, r)) in audio.channel(0).iter().zip(audio.channel(1)).enumerate() {
            assert!((out[0][i] + out[1][i] - f64::from(*l) - f64::from(*r)).abs() < 4e-7);
        }
    }
}

#[test]
fn a_left_band_leaves_the_right_channel_alone() {
    let band =
        EqualizerBand { channel: BandChannel::Left, gain_db: 6.0, ..EqualizerBand::default() };
    let audio = sound(2, 20_000, RATE, 9);
    let out = rendered(&float(|s| s.equalizer.bands = vec![band]), &audio);
    assert!(out[1].iter().zip(audio.channel(1)).all(|(y, x)| *y == f64::from(*x)));
}

#[test]
fn width_scales_the_side_and_keeps_the_mid() {
    let settings = float(|s| {
        s.stereo.mono_below_hz = Some(110.0);
        s.stereo.bands = vec![
            StereoBand { below_hz: Some(1000.0), width_pct: 100.0 },
            StereoBand { below_hz: None, width_pct: 150.0 },
        ];
    });
    let left = impulse(40_000, 20_000);
    let out = rendered(&settings, &Audio::from_planes(RATE, vec![left, vec![0.0; 40_000]]));
    let sum: Vec<f64> = out[0].iter().zip(&out[1]).map(|(l, r)| l + r).collect();
    let difference: Vec<f64> = out[0].iter().zip(&out[1]).map(|(l, r)| l - r).collect();
    assert!(gain_db(&sum, 500.0).abs() < 1e-5);
    assert!(gain_db(&difference, 40.0) < -50.0);
    assert!(gain_db(&difference, 400.0).abs() < 0.01);
    assert!((gain_db(&difference, 5000.0) - 20.0 * 1.5f64.log10()).abs() < 0.01);
}

#[test]
fn the_guard_keeps_the_correlation() {
    let audio = sound(2, 88_200, RATE, 11);
    let correlation = |planes: &[Vec<f64>]| {
        let sum = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let (l, r) = (&planes[0], &planes[1]);
        sum(l, r) / (sum(l, l) * sum(r, r)).sqrt()
    };
    let wide = |limit| {
        float(|s| {
            s.stereo.bands = vec![StereoBand { below_hz: None, width_pct: 200.0 }];
            s.stereo.min_correlation = limit;
        })
    };
    // The channels are independent: widening drives them apart, the guard leaves them as they were.
    assert!(correlation(&rendered(&wide(None), &audio)) < -0.5);
    assert!(correlation(&rendered(&wide(Some(0.0)), &audio)) > -0.1);
}

#[test]
fn decorrelation_widens_mono_and_leaves_its_sum() {
    let plane = sound(1, 44_100, RATE, 12).channel(0).to_vec();
    let settings = float(|s| s.stereo.decorrelate_pct = 100.0);
    let out = rendered(&settings, &both(plane.clone()));
    assert!(out[0] != out[1]);
    for (x, (l, r)) in plane.iter().zip(out[0].iter().zip(&out[1])) {
        assert!((l + r - 2.0 * f64::from(*x)).abs() < 2e-7);
    }
}

/// Errors of rounding, in steps of 16 bits.
fn rounding_errors(dither: DitherKind) -> (Vec<f64>, Vec<f64>) {
    let plane = sine(997.3, 0.3, 400_000);
    let mut settings = Settings::default();
    settings.output.bits = Bits::Int16;
    settings.output.dither = dither;
    let out = rendered(&settings, &both(plane.clone()));
    let error = |y: &[f64]| -> Vec<f64> {
        y.iter().zip(&plane).map(|(y, x)| y - f64::from(*x) * 32_768.0).collect()
    };
    (error(&out[0]), error(&out[1]))
}

#[test]
fn dither_error_is_half_a_step_and_differs_between_channels() {
    let (left, right) = rounding_errors(DitherKind::Tpdf);
    let rms = (left.iter().map(|e| e * e).sum::<f64>() / left.len() as f64).sqrt();
    assert!((rms / 0.5 - 1.0).abs() < 0.01, "{rms} steps");
    let product: f64 = left.iter().zip(&right).map(|(l, r)| l * r).sum::<f64>() / left.len() as f64;
    assert!((product / 0.25).abs() < 0.01, "correlation {}", product / 0.25);
    let mean = left.iter().sum::<f64>() / left.len() as f64;
    assert!(mean.abs() < 0.01, "{mean}");
}

#[test]
fn shaped_noise_follows_its_curve() {
    for dither in [DitherKind::Shaped, DitherKind::ShapedLight, DitherKind::Tpdf] {
        let (errors, _) = rounding_errors(dither);
        // Bands of 350 Hz; the lowest hold what is left of the sine.
        let density = power_density(&errors);
        for (index, bins) in density.chunks_exact(32).enumerate().skip(6) {
            let mean = bins.iter().sum::<f64>() / bins.len() as f64;
            let centre_hz = (index as f64 + 0.5) * 32.0 * f64::from(RATE) / 4096.0;
            let wanted_db = dither.noise_gain_db(Bits::Int16, RATE, centre_hz);
            let off_db = 10.0 * (mean / 0.25).log10() - wanted_db;
            assert!(off_db.abs() < 0.5, "{dither:?} around {centre_hz} Hz: {off_db} dB");
        }
    }
}

/// Mean periodogram over Hann windows of 4096 samples; 1 for white noise of variance 1.
fn power_density(samples: &[f64]) -> Vec<f64> {
    let forward = RealFftPlanner::<f64>::new().plan_fft_forward(4096);
    let hann: Vec<f64> =
        (0..4096).map(|n| 0.5 - 0.5 * (TAU * f64::from(n) / 4096.0).cos()).collect();
    let energy: f64 = hann.iter().map(|w| w * w).sum();
    let windows = samples.chunks_exact(4096);
    let scale = 1.0 / (energy * windows.len() as f64);
    let mut density = vec![0.0; 2049];
    let mut spectrum = forward.make_output_vec();
    for window in windows {
        let mut time: Vec<f64> = window.iter().zip(&hann).map(|(x, w)| x * w).collect();
        forward.process(&mut time, &mut spectrum).unwrap();
        density.iter_mut().zip(&spectrum).for_each(|(sum, bin)| *sum += bin.norm_sqr() * scale);
    }
    density
}

#[test]
fn fades_and_trim_do_what_they_say() {
    let settings = float(|s| {
        s.input.trim_start_s = 0.1;
        s.input.trim_end_s = 0.2;
        s.fades.in_ms = 10.0;
        s.fades.out_ms = 20.0;
    });
    let ramp = (0..44_100).map(|i| i as f32 / 44_100.0).collect();
    let out = rendered(&settings, &both(ramp));
    assert_eq!(out[0].len(), 44_100 - 4410 - 8820);
    assert_eq!(out[0][0], 0.0);
    assert_eq!(out[0][1000], f64::from(5410.0f32 / 44_100.0));
    let middle = out[0][out[0].len() - 441] / f64::from(34_839.0f32 / 44_100.0);
    assert!((middle - 0.5f64.sqrt()).abs() < 1e-3, "{middle}");
}

#[test]
fn a_constant_offset_is_removed() {
    let plane: Vec<f32> = sine(200.0, 0.2, 88_200).iter().map(|x| x + 0.05).collect();
    let out = rendered(&float(|s| s.input.remove_dc = true), &both(plane));
    let end = &out[0][66_150..];
    assert!((end.iter().sum::<f64>() / end.len() as f64).abs() < 1e-4);
    // What was there beside the offset stays: a high-pass at 5 Hz takes 0.003 dB from 200 Hz.
    let level = level_db(end);
    assert!((level - 20.0 * 0.2f64.log10()).abs() < 0.005, "{level} dB");
}
