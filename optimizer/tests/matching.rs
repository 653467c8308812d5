//! What following a record must hold, on songs that nobody played.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up its case has failed")]

use acetate_analyzer::{Analysis, Measured, analyze};
use acetate_audio::units::amplitude_to_db;
use acetate_audio::{Audio, Source};
use acetate_engine::settings::{
    BandChannel, Bits, EqualizerBand, FilterType, LimiterKind, OutputSettings,
};
use acetate_engine::{Settings, render};
use acetate_optimizer::{Amounts, Detail, FitOptions, drafted, tone_error_db, wish_of_records};
use acetate_references::{Aim, Profile, References, target};

const RATE_HZ: u32 = 44_100;

struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / (1_u64 << 31) as f64
    }
}

/// Seconds of a song: chords of decaying harmonics over a bass, with strokes of noise; the seed chooses the notes, the side is
/// `side` of what the voices have to the left and right.
fn song(seed: u64, seconds: usize, side: f32) -> Audio {
    let rate = f64::from(RATE_HZ);
    let frames = seconds * RATE_HZ as usize;
    let (mut left, mut right) = (vec![0.0_f32; frames], vec![0.0_f32; frames]);
    let mut random = Random(seed);
    let step = (0.4 * rate) as usize;
    for start in (0..frames).step_by(step) {
        for voice in 0..4 {
            let note = [55.0, 220.0, 330.0, 880.0][voice]
                * libm::exp2((random.next() * 5.0).floor() / 6.0);
            let (level, pan) = (0.12 / (voice + 1) as f64, (random.next() as f32 - 0.5) * side);
            for harmonic in 1..=12 {
                let hz = note * f64::from(harmonic);
                if hz > 18_000.0 {
                    break;
                }
                let size = level / f64::from(harmonic);
                for index in 0..step.min(frames - start) {
                    let t = index as f64 / rate;
                    let value =
                        size * libm::exp(-3.0 * t) * libm::sin(std::f64::consts::TAU * hz * t);
                    left[start + index] += value as f32 * (1.0 + pan);
                    right[start + index] += value as f32 * (1.0 - pan);
                }
            }
        }
        for index in 0..step.min(frames - start) {
            let fade = libm::exp(-(index as f64) / 2_000.0) as f32 * 0.05;
            let (middle, apart) = (random.next() as f32 - 0.5, (random.next() as f32 - 0.5) * side);
            left[start + index] += fade * (middle + apart);
            right[start + index] += fade * (middle - apart);
        }
    }
    Audio::from_planes(RATE_HZ, vec![left, right])
}

fn measured(audio: &Audio) -> Measured {
    analyze(&Source::from_audio(audio.clone())).unwrap()
}

fn aim_of(record: &Measured) -> Aim {
    let profile = Profile::from_measured("record", record);
    Aim::from_references(&References::blended(&[(&profile, 1.0)]), target("streaming").unwrap())
        .unwrap()
}

fn processed(audio: &Audio, bands: Vec<EqualizerBand>) -> Audio {
    let mut settings = Settings::default();
    settings.equalizer.bands = bands;
    settings.limiter.kind = LimiterKind::Off;
    settings.output = OutputSettings { bits: Bits::Float32, ..OutputSettings::default() };
    let source = Source::from_audio(audio.clone());
    let (mut planes, mut block) = (vec![Vec::new(); 2], Audio::silence(source.spec(), 0));
    render::<std::convert::Infallible>(&source, &settings, &mut |pcm| {
        pcm.decode_into(&mut block);
        planes
            .iter_mut()
            .zip(block.planes())
            .for_each(|(plane, more)| plane.extend_from_slice(more));
        Ok(())
    })
    .unwrap();
    Audio::from_planes(RATE_HZ, planes)
}

fn bell(freq_hz: f64, gain_db: f64, channel: BandChannel) -> EqualizerBand {
    EqualizerBand {
        kind: FilterType::Bell,
        freq_hz,
        gain_db,
        q: 0.8,
        channel,
        ..EqualizerBand::default()
    }
}

fn damage() -> Vec<EqualizerBand> {
    vec![
        bell(150.0, 6.0, BandChannel::Stereo),
        bell(900.0, -5.0, BandChannel::Stereo),
        bell(5_000.0, 6.0, BandChannel::Stereo),
    ]
}

fn sum_db(settings: &Settings, channel: BandChannel, hz: f64) -> f64 {
    let bands = settings.equalizer.bands.iter().filter(|band| band.channel == channel);
    bands.map(|band| band.response_db(hz, f64::from(RATE_HZ))).sum()
}

/// What bands on the side and the width do to the side together, dB.
fn side_db(settings: &Settings, hz: f64) -> f64 {
    let mut bands = settings.stereo.bands.iter();
    let band = bands.find(|band| band.below_hz.is_none_or(|below_hz| hz < below_hz));
    let width_db = band.map_or(0.0, |band| amplitude_to_db(band.width_pct / 100.0));
    sum_db(settings, BandChannel::Side, hz) + width_db
}

fn grid() -> impl Iterator<Item = f64> {
    (0..=200).map(|point| 20.0 * libm::exp10(3.0 * f64::from(point) / 200.0))
}

/// What is left of a damage, rms over the third octaves 40 Hz to 16 kHz, dB.
fn left_db(after: &Analysis, truth: &Analysis) -> f64 {
    let levels = after.spectrum.level_db.iter().zip(&truth.spectrum.level_db).skip(2);
    let left: Vec<f64> = levels.filter_map(|(a, b)| Some((*a)? - (*b)?)).collect();
    let mean = left.iter().sum::<f64>() / left.len() as f64;
    (left.iter().map(|db| (db - mean) * (db - mean)).sum::<f64>() / left.len() as f64).sqrt()
}

fn undone(detail: Detail) -> (f64, f64) {
    let truth = song(1, 24, 0.6);
    let mix = measured(&processed(&truth, damage()));
    let (truth, aim) = (measured(&truth).analysis, aim_of(&measured(&song(2, 24, 0.6))));
    let options = FitOptions { detail, ..FitOptions::default() };
    let (_, after) = drafted(&mix, &aim, &options);
    (left_db(&after, &truth), left_db(&mix.analysis, &truth))
}

#[test]
fn most_of_a_damage_is_undone_by_other_parts_of_the_song_however_finely() {
    for detail in [Detail::Medium, Detail::Fine] {
        let (left, damaged) = undone(detail);
        assert!(left < 0.4 * damaged, "{detail:?}: {left:.2} of {damaged:.2} dB");
    }
}

#[test]
fn a_record_against_itself_gets_no_band() {
    let record = measured(&song(3, 16, 0.6));
    let (settings, _) = drafted(&record, &aim_of(&record), &FitOptions::default());
    assert!(settings.equalizer.bands.is_empty(), "{:?}", settings.equalizer.bands);
}

#[test]
fn another_kind_of_sound_is_followed_within_bounds_by_few_bands_that_do_not_fight() {
    let far = vec![
        EqualizerBand {
            kind: FilterType::Tilt,
            freq_hz: 800.0,
            gain_db: -24.0,
            ..EqualizerBand::default()
        },
        bell(400.0, 12.0, BandChannel::Stereo),
        bell(3_000.0, -18.0, BandChannel::Stereo),
    ];
    let mix = measured(&song(4, 16, 0.6));
    let aim = aim_of(&measured(&processed(&song(5, 16, 0.6), far)));
    let (settings, after) = drafted(&mix, &aim, &FitOptions::default());
    let bands = &settings.equalizer.bands;
    let count = |channel| bands.iter().filter(|band| band.channel == channel).count();
    assert!(count(BandChannel::Stereo) <= 9 && count(BandChannel::Side) <= 4, "{bands:?}");
    let mut before = None;
    for hz in grid() {
        let sum = sum_db(&settings, BandChannel::Stereo, hz);
        let down = if hz < 80.0 { -24.1 } else { -12.1 };
        assert!(sum < 12.1 && sum > down, "{sum} dB at {hz} Hz");
        let steep = (sum - before.unwrap_or(sum)).abs() / libm::log2(1_000.0) * 200.0;
        assert!(steep < 25.0, "{steep} dB an octave at {hz} Hz");
        let stereo = bands.iter().filter(|band| band.channel == BandChannel::Stereo);
        let apart: f64 = stereo.map(|band| band.response_db(hz, 44_100.0).abs()).sum();
        assert!((apart - sum.abs()) / 2.0 < 3.5, "{apart} {sum} at {hz} Hz");
        before = Some(sum);
    }
    let error_db = |analysis| tone_error_db(&aim, analysis).unwrap();
    assert!(error_db(&after) < 0.6 * error_db(&mix.analysis));
}

#[test]
fn a_wider_record_raises_the_side_but_never_in_the_bass() {
    let mix = measured(&song(6, 16, 0.25));
    let wide = vec![bell(300.0, 9.0, BandChannel::Side), bell(2_000.0, 9.0, BandChannel::Side)];
    let aim = aim_of(&measured(&processed(&song(7, 16, 0.25), wide)));
    let (settings, _) = drafted(&mix, &aim, &FitOptions::default());
    let side = |hz| side_db(&settings, hz);
    assert!(side(1_500.0) > 2.0, "{:?} {:?}", settings.equalizer.bands, settings.stereo);
    for hz in grid().take_while(|hz| *hz < 120.0) {
        assert!(side(hz) < 0.1, "{} dB at {hz} Hz", side(hz));
    }
}

#[test]
fn a_mix_that_is_nearly_mono_keeps_its_width() {
    let mix = measured(&song(8, 16, 0.01));
    let aim = aim_of(&measured(&song(9, 16, 0.8)));
    let (settings, _) = drafted(&mix, &aim, &FitOptions::default());
    assert!(settings.equalizer.bands.iter().all(|band| band.channel == BandChannel::Stereo));
    assert!(settings.stereo.is_neutral());
}

#[test]
fn after_a_record_that_is_nearly_mono_the_image_is_narrower_not_mono() {
    let mix = measured(&song(8, 16, 0.8));
    let aim = aim_of(&measured(&song(9, 16, 0.01)));
    let (settings, _) = drafted(&mix, &aim, &FitOptions::default());
    let side = |hz| side_db(&settings, hz);
    assert!(side(1_000.0) < -6.0, "{:?} {:?}", settings.equalizer.bands, settings.stereo);
    for hz in grid() {
        assert!(side(hz) > -14.5, "{} dB at {hz} Hz", side(hz));
    }
}

#[test]
fn with_a_larger_amount_it_is_never_further_from_what_is_wanted() {
    let mix = measured(&processed(&song(10, 16, 0.6), damage()));
    let aim = aim_of(&measured(&song(11, 16, 0.6)));
    let wish = wish_of_records(&aim, &mix.analysis, &FitOptions::default()).unwrap().tone_db;
    let error_db = |after: &Analysis| {
        let levels = after.spectrum.level_db.iter().zip(&mix.analysis.spectrum.level_db).zip(&wish);
        let left: Vec<f64> = levels.filter_map(|((a, b), w)| Some((*a)? - (*b)? - (*w)?)).collect();
        let mean = left.iter().sum::<f64>() / left.len() as f64;
        (left.iter().map(|db| (db - mean) * (db - mean)).sum::<f64>() / left.len() as f64).sqrt()
    };
    let mut before = f64::INFINITY;
    for all in [0.0, 25.0, 50.0, 75.0, 100.0] {
        let amounts = Amounts { all, ..Amounts::default() };
        let (_, after) = drafted(&mix, &aim, &FitOptions { amounts, ..FitOptions::default() });
        let error = error_db(&after);
        assert!(error <= before + 0.02, "{all} %: {error} after {before} dB");
        before = error;
    }
}

#[test]
fn a_profile_of_a_library_asks_for_nearly_the_same_as_its_file() {
    let mix = measured(&processed(&song(12, 60, 0.6), damage()));
    let whole = Profile::from_measured("record", &measured(&song(13, 60, 0.6)));
    let kept = Profile::parse(&whole.to_json()).unwrap();
    let count = |profile: &Profile| profile.spectrum.frames.as_ref().unwrap().count.len();
    assert!(count(&whole) > 64 && count(&kept) <= 64, "{} {}", count(&whole), count(&kept));
    let wish = |profile: &Profile| {
        let references = References::blended(&[(profile, 1.0)]);
        let aim = Aim::from_references(&references, target("streaming").unwrap()).unwrap();
        wish_of_records(&aim, &mix.analysis, &FitOptions::default()).unwrap().tone_db
    };
    let (whole, kept) = (wish(&whole), wish(&kept));
    let square: f64 =
        whole.iter().zip(&kept).filter_map(|(a, b)| Some((*a)? - (*b)?)).map(|db| db * db).sum();
    let rms_db = (square / whole.iter().flatten().count() as f64).sqrt();
    assert!(rms_db < 0.7, "{rms_db}: {whole:?} {kept:?}");
}
