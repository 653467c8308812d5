//! What must hold for any settings and any sound.

use proptest::prelude::*;

use acetate_audio::Audio;

use super::{busy, in_blocks, rendered, sound};
use crate::settings::{Bits, CompressorBand, CompressorSection, LimiterKind, Phase, Settings};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_cut_and_any_settings_give_the_same_bits(
        seed in any::<u32>(),
        cut in 1usize..9000,
        drive_db in -6.0..18.0f64,
        freq_hz in 20.0..20_000.0f64,
        gain_db in -6.0..6.0f64,
        ratio in 1.0..8.0f64,
        width_pct in 0.0..200.0f64,
        section in (0.0..0.2f64, -24.0..24.0f64),
        linear in any::<bool>(),
        fast in any::<bool>(),
    ) {
        let kind = if fast { LimiterKind::Fast } else { LimiterKind::Transparent };
        let mut settings = busy(kind);
        settings.drive_db = drive_db;
        settings.equalizer.bands[0].freq_hz = freq_hz;
        settings.equalizer.bands[0].gain_db = gain_db;
        settings.compressor.bands[1].ratio = ratio;
        settings.stereo.bands[0].width_pct = width_pct;
        let (from_s, threshold_offset_db) = section;
        settings.compressor.sections = vec![CompressorSection { from_s, threshold_offset_db }];
        if linear {
            settings.equalizer.phase = Phase::Linear;
        }
        let audio = sound(2, 9000, 44_100, seed);
        let whole = in_blocks(&settings, &audio, 9000);
        prop_assert_eq!(whole[0].len(), 9000);
        prop_assert!(in_blocks(&settings, &audio, cut) == whole);
    }

    #[test]
    fn neutral_settings_are_no_settings(
        seed in any::<u32>(),
        channels in 1usize..=8,
        rate in 8000u32..=384_000,
        frames in 1usize..4000,
    ) {
        let mut settings = Settings::default();
        settings.output.bits = Bits::Float32;
        let mut audio = sound(channels, frames, rate, seed);
        audio.planes_mut().iter_mut().flatten().for_each(|x| *x *= 0.3);
        for (out, input) in rendered(&settings, &audio).iter().zip(audio.planes()) {
            prop_assert!(out.len() == frames);
            prop_assert!(out.iter().zip(input).all(|(y, x)| *y == f64::from(*x)));
        }
    }

    #[test]
    fn any_channels_and_rate_keep_their_length_and_level(
        seed in any::<u32>(),
        channels in 1usize..=8,
        // The bell of the de-esser stands at 7 kHz.
        rate in 14_001u32..=384_000,
        frames in 1usize..3000,
    ) {
        let out = rendered(&busy(LimiterKind::Transparent), &sound(channels, frames, rate, seed));
        prop_assert_eq!(out.len(), channels);
        for plane in out {
            prop_assert_eq!(plane.len(), frames);
            // 24 bits at most, under the ceiling of -1 dBTP.
            prop_assert!(plane.iter().all(|x| x.is_finite() && x.abs() < 8_388_608.0 * 0.8913));
        }
    }

    #[test]
    fn mono_in_is_mono_out(seed in any::<u32>(), drive_db in 0.0..12.0f64, linear in any::<bool>()) {
        let mut settings = busy(LimiterKind::Transparent);
        settings.drive_db = drive_db;
        settings.output.bits = Bits::Float32;
        settings.reverb.enabled = false;
        if linear {
            settings.equalizer.phase = Phase::Linear;
        }
        let plane = sound(1, 9000, 44_100, seed).channel(0).to_vec();
        let out = rendered(&settings, &Audio::from_planes(44_100, vec![plane.clone(), plane]));
        prop_assert!(out[0] == out[1]);
    }

    #[test]
    fn swapped_channels_come_out_swapped(seed in any::<u32>(), drive_db in 0.0..12.0f64) {
        let audio = sound(2, 9000, 44_100, seed);
        let swapped = Audio::from_planes(
            44_100,
            vec![audio.channel(1).to_vec(), audio.channel(0).to_vec()],
        );
        let mut settings = busy(LimiterKind::Transparent);
        settings.drive_db = drive_db;
        settings.output.bits = Bits::Float32;
        // A room is not the same on both sides.
        settings.reverb.enabled = false;
        let (one, other) = (rendered(&settings, &audio), rendered(&settings, &swapped));
        prop_assert!(one[0] == other[1] && one[1] == other[0]);
    }

    #[test]
    fn louder_in_is_never_quieter_out(
        threshold_db in -40.0..0.0f64,
        ratio in 1.0..20.0f64,
        knee_db in 0.0..24.0f64,
        mix_pct in 0.0..100.0f64,
    ) {
        let band = CompressorBand { threshold_db, ratio, knee_db, mix_pct, ..CompressorBand::default() };
        let out = |level: f64| level + band.static_gain_db(level);
        for tenth in -600..120 {
            let level = f64::from(tenth) / 10.0;
            prop_assert!(out(level + 0.1) > out(level), "{level} dB");
        }
    }
}
