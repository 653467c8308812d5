//! Constructed sounds of which it is known what is left of them elsewhere.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "test signals and their answers"
)]

mod sounds;

use acetate_analyzer::analyze;
use acetate_audio::{Audio, Source};
use acetate_translation::{BassHeard, Listening, OnSystem, Translation, system, translate};
use sounds::{Stereo, mixed, scaled};

fn on(sound: &Stereo, ids: &[&str]) -> Translation {
    let systems: Vec<_> = ids.iter().map(|id| system(id).unwrap().clone()).collect();
    let audio = Audio::from_planes(sounds::RATE, sound.to_vec());
    let mut listening = Listening::new(audio.spec(), &systems);
    listening.push(&audio);
    let measured = analyze(&Source::from_audio(audio)).unwrap();
    translate(&measured, &listening.finish(), &systems, Vec::new())
}

fn one(sound: &Stereo, id: &str) -> OnSystem {
    on(sound, &[id]).systems.remove(0)
}

fn bass_on(sound: &Stereo, id: &str) -> BassHeard {
    one(sound, id).bass.unwrap()
}

/// Harmonics 2 to 6 at these levels, dB below the fundamental.
const HARMONICS_DB: [f64; 5] = [-10.0, -12.0, -14.0, -16.0, -18.0];

fn lowered(db: f64) -> [f64; 5] {
    HARMONICS_DB.map(|level| level - db)
}

#[test]
fn a_bass_of_sines_is_not_heard_on_small_loudspeakers_and_nothing_is_there_to_raise() {
    let song = mixed(&[sounds::bass(&[]), sounds::bed()]);
    for id in ["phone", "laptop"] {
        let bass = bass_on(&song, id);
        assert!(bass.notes > 60, "{id}: {bass:?}");
        assert!(bass.heard_pct <= 5.0 && bass.missing_db.is_none(), "{id}: {bass:?}");
        assert!(bass.harmonics_re_rest_db < -40.0, "{id}: {bass:?}");
    }
    let home = bass_on(&song, "club");
    assert!(home.heard_pct > 95.0, "{home:?}");
}

#[test]
fn the_same_bass_with_harmonics_is_heard_through_them() {
    let song = mixed(&[sounds::bass(&HARMONICS_DB), sounds::bed()]);
    for id in ["phone", "laptop"] {
        let bass = bass_on(&song, id);
        assert!(bass.heard_pct >= 60.0 && bass.harmonics_pct >= 60.0, "{id}: {bass:?}");
        let [worst, best] = bass.heard_range_pct;
        assert!(worst <= bass.heard_pct && bass.heard_pct <= best, "{id}: {bass:?}");
    }
}

#[test]
fn harmonics_six_db_weaker_lack_six_db_more() {
    let missing = |db| {
        let song = mixed(&[sounds::bass(&lowered(db)), sounds::bed()]);
        bass_on(&song, "phone").missing_db.unwrap()
    };
    let difference = missing(20.0) - missing(14.0);
    assert!((difference - 6.0).abs() <= 1.5, "{difference}");
}

#[test]
fn one_partial_alone_is_another_pitch() {
    let only_fourth = [-200.0, -200.0, -8.0, -200.0, -200.0];
    let bass = bass_on(&mixed(&[sounds::bass(&only_fourth), sounds::bed()]), "phone");
    assert!(bass.octave_pct >= 80.0 && bass.heard_pct <= 5.0, "{bass:?}");
}

#[test]
fn what_else_plays_there_hides_the_harmonics() {
    let song =
        mixed(&[sounds::bass(&HARMONICS_DB), sounds::bed(), sounds::noise_in_the_low_mids(0.5)]);
    let bass = bass_on(&song, "phone");
    assert!(bass.heard_pct <= 10.0, "{bass:?}");
}

#[test]
fn the_level_of_harmonics_over_the_rest_is_found() {
    // 62 Hz: harmonics 3 to 6 lie from 150 to 600 Hz; the rest there is one tone, 12 dB above their sum.
    let harmonics = [-200.0, -20.0, -20.0, -20.0, -20.0];
    let amplitude = sounds::BASS * 2.0 * libm::pow(10.0, (-20.0 + 12.0) / 20.0);
    let song = mixed(&[
        sounds::held_bass(62.0, &harmonics),
        sounds::tone(433.0, amplitude),
        sounds::bed(),
    ]);
    let bass = bass_on(&song, "laptop");
    assert!((bass.harmonics_re_rest_db + 12.0).abs() <= 1.0, "{bass:?}");
}

#[test]
fn a_pad_in_anti_phase_cancels_and_independent_noises_lose_three_db() {
    let pad = sounds::anti_phase_pad();
    let mono = one(&mixed(&[pad.clone(), sounds::bed()]), "mono").mono.unwrap();
    let low_mids = mono.bands.iter().find(|band| band.low_hz == 150.0).unwrap();
    assert!(low_mids.cancelled_pct >= 30.0, "{low_mids:?}");
    let [low, high] = mono.range_hz.unwrap();
    assert!(low < 330.0 && low > 100.0 && high > 350.0 && high < 800.0, "{low} to {high}");

    let alone = one(&pad, "mono").mono.unwrap();
    assert!(alone.cancelled_pct.unwrap() >= 98.0, "{alone:?}");

    let noises = one(&sounds::independent_noises(), "mono").mono.unwrap();
    for band in &noises.bands[1..] {
        assert!((band.loss_db + 3.01).abs() <= 0.25, "{band:?}");
    }
    assert!(noises.cancelled_pct.unwrap() < 2.0, "{noises:?}");
    assert!(one(&noises_as(&pad), "laptop").mono.is_none());
}

fn noises_as(sound: &Stereo) -> Stereo {
    mixed(&[sound.clone(), sounds::independent_noises()])
}

#[test]
fn a_whisper_drowns_on_the_motorway_and_a_quiet_verse_does_not() {
    let drowned = |down_db, id: &str| one(&sounds::quiet_for_8_s_of_32(down_db), id).cover.unwrap();
    let whisper = drowned(45.0, "car100");
    assert!((whisper.drowned_pct - 25.0).abs() <= 3.0, "{whisper:?}");
    let [from, to] = whisper.at_s[0];
    assert!(from < 0.6 && (to - 8.0).abs() < 0.6, "{whisper:?}");
    assert!(drowned(10.0, "car100").drowned_pct <= 2.0);
    for down_db in [10.0, 25.0, 45.0] {
        let speeds = ["car50", "car100", "car130"].map(|id| drowned(down_db, id).drowned_pct);
        assert!(speeds[0] <= speeds[1] && speeds[1] <= speeds[2], "{down_db} dB: {speeds:?}");
    }
}

#[test]
fn a_centre_as_strong_as_its_sides_is_half_intelligible_and_more_in_mono() {
    let song = sounds::centre_and_sides();
    for (id, wanted) in [("earbuds", 0.5), ("mono", 0.6)] {
        let sii = one(&song, id).centre.unwrap().sii;
        assert!((sii - wanted).abs() < 0.03, "{id}: {sii}");
    }
}

#[test]
fn only_bass_is_gone_from_a_phone_when_it_is_all_there_is_below() {
    let song = mixed(&[sounds::held_bass(82.0, &[]), sounds::bed()]);
    let found = one(&song, "phone");
    let low = found.bands.iter().find(|band| band.low_hz == 60.0).unwrap();
    assert!(low.gone && low.change_phon < -30.0, "{low:?}");
}

#[test]
fn swapped_channels_gain_and_silence_after_the_end_change_nothing() {
    let song = mixed(&[
        sounds::bass(&HARMONICS_DB),
        sounds::bed(),
        sounds::anti_phase_pad(),
        sounds::noise_in_the_low_mids(0.02),
    ]);
    let ids = ["phone", "laptop", "car130", "mono", "headphones"];
    let wanted = on(&song, &ids);
    let [left, right] = song.clone();
    let mut longer = song.clone();
    longer.iter_mut().for_each(|plane| plane.extend(vec![0.0; 5 * sounds::RATE as usize]));
    for (what, other) in
        [("swapped", [right, left]), ("6 dB down", scaled(&song, 0.5)), ("with silence", longer)]
    {
        let found = on(&other, &ids);
        for (found, wanted) in found.systems.iter().zip(&wanted.systems) {
            let of = |system: &OnSystem| {
                let bass = system.bass.as_ref().unwrap();
                let cover = system.cover.as_ref().unwrap();
                let mono = system.mono.as_ref().and_then(|mono| mono.cancelled_pct);
                let mut all =
                    vec![bass.heard_pct, bass.octave_pct, cover.drowned_pct, cover.kept_pct];
                all.extend([100.0 * system.centre.unwrap().sii, mono.unwrap_or(0.0)]);
                all.extend(system.bands.iter().map(|band| band.change_phon));
                all
            };
            for (found, wanted) in of(found).iter().zip(of(wanted)) {
                assert!((found - wanted).abs() < 0.5, "{what}: {found} is not {wanted}");
            }
        }
    }
}

#[test]
fn silence_a_second_a_low_rate_and_six_channels_have_an_answer() {
    let silent = on(&[vec![0.0; 44_100], vec![0.0; 44_100]], &["phone", "car100"]);
    assert!(silent.systems.iter().all(|s| s.bands.is_empty() && s.bass.is_none()));
    assert!(silent.findings.is_empty());
    let short = scaled(&sounds::bed(), 1.0).map(|plane| plane[..44_100].to_vec());
    assert_eq!(one(&short, "phone").bands.len(), 7);
    for (rate, channels) in [(8_000, 2), (48_000, 6), (192_000, 1)] {
        let plane = &sounds::bed()[0][..rate as usize];
        let audio = Audio::from_planes(rate, vec![plane.to_vec(); channels]);
        let phone = [system("phone").unwrap().clone()];
        let mut listening = Listening::new(audio.spec(), &phone);
        listening.push(&audio);
        let measured = analyze(&Source::from_audio(audio)).unwrap();
        let found = translate(&measured, &listening.finish(), &phone, Vec::new());
        assert!(found.systems[0].cover.is_some(), "{rate} Hz, {channels} channels");
    }
}
