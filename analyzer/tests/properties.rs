//! What must hold for any sound.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "test signals, and helpers that only tests call"
)]

mod signals;

use acetate_analyzer::{Analyzer, LevelMeter, Measured, analyze};
use acetate_audio::{Audio, Source, Threads};
use proptest::prelude::*;
use signals::{noise, sine};

fn in_blocks(audio: &Audio, sizes: &[usize]) -> Measured {
    let mut analyzer = Analyzer::new(audio.spec());
    let (mut start, mut turn) = (0, 0);
    while start < audio.frames() {
        let end = audio.frames().min(start + sizes[turn % sizes.len()]);
        let planes = audio.planes().iter().map(|plane| plane[start..end].to_vec()).collect();
        analyzer.push(&Audio::from_planes(audio.spec().sample_rate_hz, planes));
        (start, turn) = (end, turn + 1);
    }
    analyzer.finish()
}

/// Noise bursts over a chord, different in each channel.
fn music(rate: u32, channels: usize, frames: usize) -> Audio {
    let planes = (0..channels)
        .map(|channel| {
            let chord = sine(rate, 220.0 * (1.0 + channel as f64), 10.0, 0.3, frames);
            let hiss = noise(channel as u64 + 1, frames);
            chord
                .iter()
                .zip(&hiss)
                .enumerate()
                .map(|(n, (tone, noise))| {
                    let burst = if (n / 3_000) % 4 == 0 { 0.3 } else { 0.02 };
                    tone + burst * noise
                })
                .collect()
        })
        .collect();
    Audio::from_planes(rate, planes)
}

fn scaled(audio: &Audio, gain: f32) -> Audio {
    let scale = |plane: &Vec<f32>| plane.iter().map(|sample| sample * gain).collect();
    Audio::from_planes(audio.spec().sample_rate_hz, audio.planes().iter().map(scale).collect())
}

#[test]
fn block_size_and_threads_change_no_bit() {
    let audio = music(44_100, 2, 150_000);
    let whole = analyze(&Source::from_audio(audio.clone())).unwrap();
    for sizes in [vec![1_000], vec![7, 4_096, 333], vec![44_100], vec![150_000]] {
        assert!(in_blocks(&audio, &sizes) == whole, "blocks of {sizes:?}");
    }
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert!(one.install(|| in_blocks(&audio, &[5_000])) == whole, "one thread");
    let source = Source::from_audio(audio);
    for threads in 1..=3 {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert!(pool.install(|| analyze(&source)).unwrap() == whole, "{threads} threads");
    }
}

#[test]
fn single_samples_give_the_same_as_one_block() {
    let audio = music(8_000, 1, 5_000);
    assert!(in_blocks(&audio, &[1]) == in_blocks(&audio, &[5_000]));
}

#[test]
fn gain_in_is_gain_out_in_every_level() {
    let audio = music(48_000, 2, 240_000);
    let before = analyze(&Source::from_audio(audio.clone())).unwrap().analysis;
    // Half the amplitude is exact in binary.
    let after = analyze(&Source::from_audio(scaled(&audio, 0.5))).unwrap().analysis;
    let lower = |name: &str, before: Option<f64>, after: Option<f64>| {
        let difference = before.unwrap() - after.unwrap();
        assert!((difference - 6.020_6).abs() < 1e-3, "{name}: {difference}");
    };
    let (a, b) = (&before.loudness, &after.loudness);
    lower("integrated", a.integrated_lufs, b.integrated_lufs);
    lower("momentary", a.momentary_max_lufs, b.momentary_max_lufs);
    lower("short term", a.short_term_max_lufs, b.short_term_max_lufs);
    lower("true peak", a.true_peak_dbtp, b.true_peak_dbtp);
    lower("true peak BS.1770", a.true_peak_bs1770_dbtp, b.true_peak_bs1770_dbtp);
    lower("sample peak", a.sample_peak_dbfs, b.sample_peak_dbfs);
    lower("noise floor", before.source.noise_floor_dbfs, after.source.noise_floor_dbfs);
    for (a, b) in before.spectrum.level_db.iter().zip(&after.spectrum.level_db) {
        lower("third octave", *a, *b);
    }
    let same = |name: &str, before: Option<f64>, after: Option<f64>| {
        assert!((before.unwrap() - after.unwrap()).abs() < 1e-4, "{name}: {before:?} {after:?}");
    };
    same("range", a.loudness_range_lu, b.loudness_range_lu);
    same("plr", a.plr_db, b.plr_db);
    same("psr", a.psr_db, b.psr_db);
    same("tilt", before.spectrum.tilt_db_per_octave, after.spectrum.tilt_db_per_octave);
    same("crest", before.dynamics.crest_factor_db, after.dynamics.crest_factor_db);
    same("width", before.stereo.width, after.stereo.width);
    same("mono loss", before.stereo.mono_loss_lu, after.stereo.mono_loss_lu);
}

#[test]
fn swapping_the_channels_turns_the_balance_and_nothing_else() {
    let audio = music(44_100, 2, 120_000);
    let swapped = Audio::from_planes(44_100, audio.planes().iter().rev().cloned().collect());
    let (a, b) =
        [audio, swapped].map(|audio| analyze(&Source::from_audio(audio)).unwrap().analysis).into();
    assert_eq!(a.loudness.true_peak_dbtp, b.loudness.true_peak_dbtp);
    assert!(
        (a.loudness.integrated_lufs.unwrap() - b.loudness.integrated_lufs.unwrap()).abs() < 1e-9
    );
    assert!((a.stereo.balance_db.unwrap() + b.stereo.balance_db.unwrap()).abs() < 1e-9);
    assert!((a.stereo.width.unwrap() - b.stereo.width.unwrap()).abs() < 1e-6);
    assert_eq!(a.spectrum.mid_level_db, b.spectrum.mid_level_db);
    assert_eq!(a.spectrum.side_level_db, b.spectrum.side_level_db);
}

/// Sounds that a measure could stumble over.
fn hard_cases() -> Vec<(&'static str, Audio)> {
    let audio = |rate, planes| Audio::from_planes(rate, planes);
    vec![
        ("nothing", audio(44_100, vec![vec![], vec![]])),
        ("one sample", audio(44_100, vec![vec![0.5], vec![0.5]])),
        ("silence", audio(44_100, vec![vec![0.0; 150_000]; 2])),
        ("an offset", audio(44_100, vec![vec![0.25; 150_000]; 2])),
        ("full-scale noise", audio(48_000, vec![noise(1, 200_000), noise(2, 200_000)])),
        ("denormals", audio(44_100, vec![vec![1e-40; 100_000]; 2])),
        ("a loud absurdity", audio(44_100, vec![vec![1e19; 100_000]; 2])),
        ("one dead channel", audio(44_100, vec![noise(3, 100_000), vec![0.0; 100_000]])),
        ("8 kHz mono", audio(8_000, vec![noise(4, 40_000)])),
        ("384 kHz", audio(384_000, vec![noise(5, 400_000), noise(6, 400_000)])),
        ("a rate of 11025 Hz", audio(11_025, vec![noise(7, 60_000)])),
        ("eight channels", audio(48_000, (0..8).map(|seed| noise(seed + 10, 60_000)).collect())),
    ]
}

#[test]
fn every_number_is_finite_or_absent() {
    for (name, audio) in hard_cases() {
        let mut measured = analyze(&Source::from_audio(audio)).unwrap();
        // This has a document of its own, in profiles.
        let evidence = measured.analysis.spectrum.evidence.take().expect("every analysis has it");
        let text = serde_json::to_string(&evidence).unwrap();
        let back: acetate_analyzer::ToneEvidence =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(back == evidence, "{name}: {text}");
        let frames = measured.analysis.spectrum.frames.take().expect("every analysis has them");
        let finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
        assert!(finite(&frames.level_db) && finite(&frames.side_minus_mid_db), "{name}");
        assert_eq!(frames.level_db.len(), frames.count.len() * frames.bands, "{name}");
        let text = serde_json::to_string(&measured.analysis).unwrap();
        // serde_json writes what is not finite as null; reading a bare f64 back would fail.
        let back: acetate_analyzer::Analysis =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(back == measured.analysis, "{name}: {text}");
        let tables = &measured.tables;
        assert!(tables.energy.mid.iter().all(|power| power.is_finite()), "{name}");
        assert!(tables.ltas.power.iter().all(|power| power.is_finite()), "{name}");
        assert!(tables.envelope.power.iter().all(|power| power.is_finite()), "{name}");
    }
}

#[test]
fn the_short_meter_and_the_long_one_agree_to_the_bit() {
    for (name, audio) in hard_cases() {
        let mut meter = LevelMeter::new(audio.spec());
        meter.push(&audio);
        let levels = meter.finish();
        let full = analyze(&Source::from_audio(audio)).unwrap().analysis.loudness;
        assert_eq!(levels.integrated_lufs, full.integrated_lufs, "{name}");
        assert_eq!(levels.loudness_range_lu, full.loudness_range_lu, "{name}");
        assert_eq!(levels.true_peak_dbtp, full.true_peak_dbtp, "{name}");
        assert_eq!(levels.true_peak_bs1770_dbtp, full.true_peak_bs1770_dbtp, "{name}");
    }
}

#[test]
fn a_mono_sound_has_no_image() {
    let stereo = analyze(&Source::from_audio(music(44_100, 1, 60_000))).unwrap().analysis.stereo;
    assert_eq!((stereo.correlation, stereo.width, stereo.mono_loss_lu), (None, None, None));
    assert!(stereo.bands.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_blocks_of_any_layout_give_the_same(
        rate in prop::sample::select(vec![8_000u32, 22_050, 44_100, 96_000]),
        channels in 1usize..=6,
        frames in 1usize..40_000,
        sizes in prop::collection::vec(1usize..9_000, 1..4),
    ) {
        let audio = music(rate, channels, frames);
        prop_assert!(in_blocks(&audio, &sizes) == in_blocks(&audio, &[frames]));
    }
}

#[test]
fn the_calling_thread_alone_measures_the_same() {
    let audio = music(44_100, 2, 150_000);
    let source = Source::from_audio(audio.clone());
    assert_eq!(Threads::None.run(|| analyze(&source)).unwrap(), analyze(&source).unwrap());
    let levels = || {
        let mut meter = LevelMeter::new(audio.spec());
        meter.push(&audio);
        meter.finish()
    };
    assert_eq!(Threads::None.run(levels), levels());
}
