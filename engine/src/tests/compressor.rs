//! The compressor against the mathematics it claims, measured on its sound.

use acetate_audio::Audio;

use super::processors::{RATE, both, float, gain_db, impulse, level_db, sine};
use super::{rendered, sound, traced};
use crate::compressor::sidechain_power_gain;
use crate::settings::{CompressorBand, CompressorChannel, CompressorSection, CrossoverKind};

fn compressor_band() -> CompressorBand {
    CompressorBand {
        threshold_db: -20.0,
        ratio: 4.0,
        knee_db: 6.0,
        attack_ms: 20.0,
        release_ms: 200.0,
        ..CompressorBand::default()
    }
}

#[test]
fn steady_sines_lie_on_the_static_curve() {
    let band = CompressorBand { release_ms: 1000.0, ..compressor_band() };
    for level in [-40.0, -24.0, -21.5, -20.0, -18.0, -12.0, -3.0] {
        let plane = sine(1000.0, 10f64.powf(level / 20.0), 60_000);
        let out = rendered(&float(|s| s.compressor.bands = vec![band.clone()]), &both(plane));
        let gain = level_db(&out[0][44_100..44_100 + 4410]) - level;
        let claimed = band.static_gain_db(level);
        assert!((gain - claimed).abs() < 0.02, "{level} dB: {claimed} claimed, {gain} measured");
    }
}

#[test]
fn a_section_is_reduced_as_if_its_level_were_the_other_by_its_offset() {
    let band = CompressorBand { release_ms: 1000.0, ..compressor_band() };
    let quiet_s = 2.5;
    let frames = (quiet_s * f64::from(RATE)) as usize;
    let plane = [sine(1000.0, 0.05, frames), sine(1000.0, 0.5, frames)].concat();
    let section = |(from_s, threshold_offset_db)| CompressorSection { from_s, threshold_offset_db };
    for trim_start_s in [0.0, 0.25] {
        let settings = float(|s| {
            s.input.trim_start_s = trim_start_s;
            s.compressor.bands = vec![band.clone()];
            s.compressor.sections = [(0.0, -20.0), (quiet_s, 0.0)].map(section).to_vec();
        });
        let out = rendered(&settings, &both(plane.clone()));
        let gain_at = |time_s: f64| {
            let source = (time_s * f64::from(RATE)) as usize;
            let place = source - (trim_start_s * f64::from(RATE)) as usize;
            let before: Vec<f64> = plane[source..source + 4410].iter().map(|&x| x.into()).collect();
            level_db(&out[0][place..place + 4410]) - level_db(&before)
        };
        let claimed = band.static_gain_db(20.0 * 0.5_f64.log10());
        for time_s in [1.2, 2.7, 4.0] {
            let gain = gain_at(time_s);
            assert!(
                (gain - claimed).abs() < 0.05,
                "{time_s} s: {claimed} claimed, {gain} measured"
            );
        }
    }
}

#[test]
fn mid_and_side_are_compressed_alone_by_what_the_mid_does() {
    let band = CompressorBand { release_ms: 1000.0, ..compressor_band() };
    let (mid_db, side_db) = (-12.0, -24.0);
    let part = |freq_hz, db: f64| sine(freq_hz, 10f64.powf(db / 20.0), 60_000);
    let (mid, side) = (part(1000.0, mid_db), part(3000.0, side_db));
    let mix = |sign: f32| mid.iter().zip(&side).map(|(m, s)| m + sign * s).collect();
    let audio = Audio::from_planes(RATE, vec![mix(1.0), mix(-1.0)]);
    let reduced = band.static_gain_db(mid_db);
    for (channel, gains) in
        [(CompressorChannel::Mid, [reduced, 0.0]), (CompressorChannel::Side, [0.0, reduced])]
    {
        let settings = float(|s| {
            s.compressor.bands = vec![band.clone()];
            s.compressor.channel = channel;
        });
        let out = rendered(&settings, &audio);
        let level_of = |sign: f64| {
            let halves = out[0].iter().zip(&out[1]).map(|(l, r)| (l + sign * r) / 2.0);
            level_db(&halves.skip(44_100).take(4410).collect::<Vec<_>>())
        };
        for (level, gain) in [level_of(1.0) - mid_db, level_of(-1.0) - side_db].iter().zip(gains) {
            assert!((level - gain).abs() < 0.02, "{channel:?}: {level} dB, {gain} claimed");
        }
    }
}

#[test]
fn channels_share_a_gain_as_far_as_they_are_linked() {
    let band = CompressorBand { release_ms: 1000.0, ..compressor_band() };
    let (loud_db, quiet_db) = (-6.0, -40.0);
    let part = |db: f64| sine(1000.0, 10f64.powf(db / 20.0), 60_000);
    let audio = Audio::from_planes(RATE, vec![part(loud_db), part(quiet_db)]);
    let full = band.static_gain_db(loud_db);
    for link_pct in [0.0, 25.0, 100.0] {
        let settings = float(|s| {
            s.compressor.bands = vec![band.clone()];
            s.compressor.link_pct = link_pct;
        });
        let out = rendered(&settings, &audio);
        let gain = |channel: usize, db| level_db(&out[channel][44_100..48_510]) - db;
        assert!((gain(0, loud_db) - full).abs() < 0.02, "{link_pct} %: {}", gain(0, loud_db));
        let (shared, wanted) = (gain(1, quiet_db), link_pct / 100.0 * full);
        assert!((shared - wanted).abs() < 0.02, "{link_pct} %: {shared} dB, {wanted} claimed");
    }
}

#[test]
fn a_compressor_hears_through_its_high_pass() {
    let band = CompressorBand { release_ms: 1000.0, ..compressor_band() };
    let settings = float(|s| {
        s.compressor.bands = vec![band.clone()];
        s.compressor.sidechain_highpass_hz = Some(120.0);
    });
    let level = -6.0;
    for freq_hz in [60.0, 120.0, 240.0, 3000.0] {
        let out = rendered(&settings, &both(sine(freq_hz, 10f64.powf(level / 20.0), 60_000)));
        let gain = level_db(&out[0][44_100..44_100 + 7350]) - level;
        let heard = level + 10.0 * sidechain_power_gain(freq_hz, 120.0).log10();
        let claimed = band.static_gain_db(heard);
        assert!((gain - claimed).abs() < 0.1, "{freq_hz} Hz: {claimed} claimed, {gain} measured");
    }
}

#[test]
fn louder_in_is_never_quieter_out() {
    let band = compressor_band();
    let out = |level: f64| level + band.static_gain_db(level);
    for tenth in -600..0 {
        let level = f64::from(tenth) / 10.0;
        assert!(out(level + 0.1) > out(level), "{level} dB");
    }
}

#[test]
fn attack_and_release_reach_63_percent_in_their_time() {
    let band = compressor_band();
    // Constant levels, so that the gain can be read off every sample.
    let (low, high) = (0.01f32, 1.0f32);
    let mut plane = vec![low; 44_100];
    plane.extend(vec![high; 44_100]);
    plane.extend(vec![low; 88_200]);
    let settings = float(|s| s.compressor.bands = vec![band.clone()]);
    let out = rendered(&settings, &both(plane.clone()));
    let reduction: Vec<f64> =
        out[0].iter().zip(&plane).map(|(y, x)| -20.0 * (y / f64::from(*x)).log10()).collect();
    let full = -band.static_gain_db(0.0);
    let share = 1.0 - (-1.0f64).exp();
    let attack = reduction[44_100..].iter().position(|r| *r >= share * full).unwrap();
    let release = reduction[88_200..].iter().position(|r| *r <= (1.0 - share) * full).unwrap();
    let ms = |frames: usize| frames as f64 / 44.1;
    assert!((ms(attack) / 20.0 - 1.0).abs() < 0.03, "attack {} ms", ms(attack));
    assert!((ms(release) / 200.0 - 1.0).abs() < 0.03, "release {} ms", ms(release));
}

#[test]
fn a_compressor_below_its_threshold_passes_every_bit() {
    let audio = sound(2, 60_000, RATE, 10);
    let settings = float(|s| {
        let band = CompressorBand { threshold_db: 0.0, knee_db: 0.0, ..compressor_band() };
        s.compressor.bands = vec![band; 3];
        s.compressor.crossovers_hz = vec![140.0, 2500.0];
    });
    let out = rendered(&settings, &audio);
    for (out, input) in out.iter().zip(audio.planes()) {
        assert!(out.iter().zip(input).all(|(y, x)| *y == f64::from(*x)));
    }
}

#[test]
fn linkwitz_riley_bands_add_up_to_an_all_pass() {
    let settings = float(|s| {
        // A ratio that never acts: what remains is the split.
        let band = CompressorBand { threshold_db: 0.0, knee_db: 0.0, ..compressor_band() };
        s.compressor.bands = vec![band; 4];
        s.compressor.crossovers_hz = vec![120.0, 800.0, 5000.0];
        s.compressor.crossover = CrossoverKind::LinkwitzRiley;
    });
    let mut plane = impulse(44_100, 0);
    plane[0] = 0.5;
    let out = rendered(&settings, &both(plane));
    for freq in [40.0, 120.0, 300.0, 800.0, 2000.0, 5000.0, 12_000.0] {
        let gain = gain_db(&out[0], freq) - 20.0 * 0.5f64.log10();
        assert!(gain.abs() < 1e-4, "{freq} Hz: {gain} dB");
    }
}

#[test]
fn equal_gains_in_all_bands_are_one_gain() {
    for crossover in [CrossoverKind::Linear, CrossoverKind::LinkwitzRiley] {
        let settings = float(|s| {
            let band = CompressorBand { makeup_db: 6.0, ..CompressorBand::default() };
            s.compressor.bands = vec![band; 3];
            s.compressor.crossovers_hz = vec![140.0, 2500.0];
            s.compressor.crossover = crossover;
        });
        let out = rendered(&settings, &both(impulse(50_000, 20_000)));
        for freq in [50.0, 140.0, 600.0, 2500.0, 9000.0] {
            let gain = gain_db(&out[0], freq);
            assert!((gain - 6.0).abs() < 1e-3, "{crossover:?} {freq} Hz: {gain} dB");
        }
    }
}

#[test]
fn neighbouring_bands_are_not_reduced_more_than_three_db_apart() {
    let settings = float(|s| {
        let band = CompressorBand { threshold_db: -40.0, ratio: 8.0, ..compressor_band() };
        s.compressor.bands = vec![band; 3];
        s.compressor.crossovers_hz = vec![200.0, 3000.0];
    });
    // Loud in the middle, next to nothing below and above.
    let plane: Vec<f32> = sine(800.0, 0.5, 88_200);
    let (_, trace) = traced(&settings, &both(plane));
    let [low, middle, high] = &trace.compressor.gain_reduction_db[..] else { panic!("3 bands") };
    for ((low, middle), high) in low.iter().zip(middle).zip(high).skip(10) {
        assert!(middle - low < 3.001 && middle - high < 3.001, "{low} {middle} {high} dB");
        assert!(*middle > 2.9, "{middle} dB");
    }
}

#[test]
fn the_trace_of_the_compressor_is_the_gain_that_was_used() {
    let settings = float(|s| s.compressor.bands = vec![compressor_band()]);
    // Steps of level, held so that a sample's gain can be read off.
    let plane: Vec<f32> =
        (0..88_200).map(|i| if i % 44_100 < 22_050 { 0.5 } else { 0.02 }).collect();
    let (out, trace) = traced(&settings, &both(plane.clone()));
    let points = &trace.compressor.gain_reduction_db[0];
    let hop = trace.compressor.hop_s * f64::from(RATE);
    assert_eq!(points.len(), (88_200.0 / hop).ceil() as usize);
    for (index, point) in points.iter().enumerate() {
        let from = (index as f64 * hop).round() as usize;
        let to = (((index + 1) as f64 * hop).round() as usize).min(88_200);
        let gains = out[0][from..to].iter().zip(&plane[from..to]);
        let largest = gains.map(|(y, x)| -20.0 * (y / f64::from(*x)).log10()).fold(0.0, f64::max);
        assert!(
            (largest - f64::from(*point)).abs() < 0.2,
            "{index}: {largest} dB, {point} written"
        );
    }
    assert!(points.iter().any(|point| *point > 9.0), "it compresses");
}
