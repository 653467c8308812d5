//! Constructed sounds of which it is known what is left of them elsewhere.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "test signals and their answers"
)]

mod sounds;

use acetate_analyzer::analyze;
use acetate_audio::{Audio, Source};
use acetate_translation::{
    BassHeard, Everywhere, Listening, OnSystem, Stem, System, Translation, stems_elsewhere, system,
    systems, translate,
};
use sounds::{Stereo, mixed, scaled};

fn on(sound: &Stereo, ids: &[&str]) -> Translation {
    let systems: Vec<_> = ids.iter().map(|id| system(id).unwrap().clone()).collect();
    on_systems(sound, &systems)
}

fn on_systems(sound: &Stereo, systems: &[System]) -> Translation {
    let audio = Audio::from_planes(sounds::RATE, sound.to_vec());
    let mut listening = Listening::new(audio.spec(), systems);
    listening.push(&audio);
    let measured = analyze(&Source::from_audio(audio)).unwrap();
    translate(&measured, &listening.finish(), systems, Vec::new())
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
                // A moment at the very end is one of 200.
                assert!((found - wanted).abs() < 0.6, "{what}: {found} is not {wanted}");
            }
        }
    }
}

#[test]
fn silence_a_second_a_low_rate_and_six_channels_have_an_answer() {
    let silent = on(&[vec![0.0; 44_100], vec![0.0; 44_100]], &["phone", "car100"]);
    assert!(silent.systems.iter().all(|s| s.bands.is_empty() && s.bass.is_none()));
    assert!(silent.findings.is_empty() && silent.is_nothing());
    let one_sample = on(&[vec![0.5], vec![0.5]], &["phone", "mono"]);
    assert!(one_sample.is_nothing() && one_sample.findings.is_empty());
    assert!(one_sample.systems.iter().all(|s| s.limiter.is_none() && s.mono.is_none()));
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

/// The text of the one finding of that code.
fn said(found: &Translation, code: &str) -> Option<String> {
    let of_code: Vec<_> = found.findings.iter().filter(|finding| finding.code == code).collect();
    assert!(of_code.len() < 2, "{of_code:?}");
    of_code.first().map(|finding| format!("{}: {}", finding.text, finding.in_the_mix))
}

#[test]
fn an_inverted_channel_is_told_by_the_loudness_that_mono_loses() {
    let song = sounds::wide_music();
    assert_eq!(said(&on(&song, &["mono"]), "M122"), None);
    let found = on(&sounds::inverted(&song), &["phone", "mono"]);
    // Mid and side change places: the centre's 6 dB over each side are 9.5 dB of mid over side.
    let lost_lu = found.systems[1].mono.as_ref().unwrap().lost_lu.unwrap();
    assert!((lost_lu - 10.0).abs() < 1.0, "{lost_lu}");
    let text = said(&found, "M122").unwrap();
    assert!(text.starts_with(&format!("in mono all of it is {lost_lu:.1} LU quieter")), "{text}");
    assert!(text.contains("one channel is upside down: invert it"), "{text}");
    assert!(found.systems.iter().all(|system| !system.as_most_records), "{:?}", found.findings);
}

#[test]
fn bass_out_of_phase_is_told_wherever_one_loudspeaker_plays_it() {
    let bass = sounds::inverted(&sounds::held_bass(82.0, &[]));
    let song = mixed(&[scaled(&bass, 0.3), sounds::bed()]);
    let found = on(&song, &["phone", "club", "bluetooth", "laptop"]);
    let finding = found.findings.iter().find(|finding| finding.code == "M122").unwrap();
    assert!(finding.text.contains("the bass") && finding.text.contains(" dB"), "{}", finding.text);
    // No phone plays 82 Hz, and a laptop plays both channels.
    assert_eq!(finding.on, ["club", "bluetooth"], "{}", finding.text);
    let upright = mixed(&[scaled(&sounds::held_bass(82.0, &[]), 0.3), sounds::bed()]);
    assert_eq!(said(&on(&upright, &["phone", "club", "bluetooth", "laptop"]), "M122"), None);
}

#[test]
fn a_bass_that_cancels_is_not_heard_where_one_loudspeaker_plays_it_and_its_low_end_alone_is_to_be_turned()
 {
    let upright = mixed(&[sounds::bass(&[]), sounds::bed()]);
    let song = mixed(&[sounds::inverted(&sounds::bass(&[])), sounds::bed()]);
    let ids = ["mono", "club", "vinyl", "earbuds"];
    let heard = |song: &Stereo| -> Vec<f64> {
        on(song, &ids).systems.iter().map(|s| s.bass.as_ref().unwrap().heard_pct).collect()
    };
    assert!(heard(&upright).iter().all(|&pct| pct > 95.0), "{:?}", heard(&upright));
    let found = on(&song, &ids);
    for system in &found.systems[..3] {
        let bass = system.bass.as_ref().unwrap();
        assert!(bass.heard_pct < 5.0 && !system.as_most_records, "{}: {bass:?}", system.id);
        let lows = system.lost_lows().unwrap();
        assert!(lows.low_hz < 45.0 && lows.high_hz < 200.0 && lows.loss_db > 15.0, "{lows:?}");
    }
    assert!(found.systems[3].bass.as_ref().unwrap().heard_pct > 95.0);
    let text = said(&found, "M122").unwrap();
    assert!(text.contains("the bass below ") && text.contains(" dB"), "{text}");
    assert!(text.contains("invert that channel below "), "{text}");
    assert_eq!(said(&found, "M121"), None, "no harmonics help what cancels");
    assert_eq!(said(&on(&upright, &ids), "M122"), None);
}

#[test]
fn of_several_noises_the_worst_is_told_and_the_mildest_beside_it() {
    let ids = ["car50", "car100"];
    let found = on(&sounds::quiet_for_8_s_of_32(20.0), &ids);
    let drowned: Vec<f64> =
        found.systems.iter().map(|s| s.cover.as_ref().unwrap().drowned_pct).collect();
    assert!(drowned[1] > drowned[0] + 1.0, "{drowned:?}");
    let text = said(&found, "M123").unwrap();
    let both = format!("in a car at 100 km/h the noise covers {:.0} % of the time", drowned[1]);
    assert!(text.starts_with(&both), "{text}");
}

#[test]
fn a_few_notes_are_counted_and_judge_nothing() {
    let short = mixed(&[sounds::bass(&[]), sounds::bed()]).map(|plane| plane[..66_150].to_vec());
    let found = on(&short, &["phone"]);
    let bass = found.systems[0].bass.as_ref().unwrap();
    assert!(bass.is_few() && bass.notes >= 3, "{bass:?}");
    assert_eq!(said(&found, "M121"), None);
}

#[test]
fn decibels_where_an_s_is_make_it_as_many_phon_sharper_but_for_a_third() {
    let song = sounds::voice_with_sharp_sounds();
    let raised = |db: f64| {
        System::parse(&format!(
            r#"{{"id":"bright","hz":[20,4500,5000,9000,9500,20000],"curve_db":[0,0,{db},{db},0,0]}}"#
        ))
        .unwrap()
    };
    for (db, is_told) in [(-6.0, false), (0.0, false), (3.0, false), (9.0, true)] {
        let found = on_systems(&song, &[raised(db)]);
        let sibilance = found.systems[0].sibilance.unwrap();
        assert_eq!(sibilance.sounds, 8, "{sibilance:?}");
        // Specific loudness grows with the power to 0.2 to 0.3 (Moore 1997): a decibel there is 0.66 to 1 phon of a band.
        let share = if db == 0.0 { 0.8 } else { sibilance.change_phon / db };
        assert!((0.6..=1.05).contains(&share), "{db} dB: {sibilance:?}");
        assert_eq!(said(&found, "M125").is_some(), is_told, "{db} dB: {sibilance:?}");
    }
}

#[test]
fn the_stem_that_a_system_does_not_play_is_named_and_the_others_are_not() {
    let stems = [("bass", sounds::bass(&[])), ("keys", sounds::bed())];
    let table = |sound: &Stereo| {
        let audio = Audio::from_planes(sounds::RATE, sound.to_vec());
        analyze(&Source::from_audio(audio)).unwrap().tables.energy
    };
    let tables = stems.clone().map(|(name, sound)| (name, table(&sound)));
    let mix = table(&mixed(&stems.map(|(_, sound)| sound)));
    let named: Vec<Stem> = tables.iter().map(|(name, energy)| Stem { name, energy }).collect();
    let systems = ["phone", "club"].map(|id| system(id).unwrap().clone());
    let heard = stems_elsewhere(&mix, &named, &systems);
    let gone = |system: usize| -> Vec<&str> {
        let stems = heard[system].iter().filter(|stem| stem.gone);
        stems.map(|stem| stem.name.as_str()).collect()
    };
    assert_eq!(gone(0), ["bass"], "{heard:?}");
    // Of sines that a phone does not play nothing is left; of the keys all that it leaves of anything.
    assert!(heard[0][0].left_pct < 1.0 && heard[0][1].left_pct > 90.0, "{heard:?}");
    assert_eq!(gone(1), [""; 0], "{heard:?}");
}

#[test]
fn shares_asked_for_in_passing_are_those_of_the_document() {
    let song = mixed(&[
        sounds::bass(&HARMONICS_DB),
        sounds::bed(),
        sounds::anti_phase_pad(),
        sounds::noise_in_the_low_mids(0.02),
    ]);
    let audio = Audio::from_planes(sounds::RATE, song.to_vec());
    let mut listening = Listening::new(audio.spec(), systems());
    listening.push(&audio);
    let listened = listening.finish();
    let measured = analyze(&Source::from_audio(audio)).unwrap();
    let whole = translate(&measured, &listened, systems(), Vec::new());
    let energy = &measured.tables.energy;
    let everywhere = Everywhere::new(energy, &listened.bass, systems()).unwrap();
    for (index, shares) in everywhere.shares(energy, &listened.bass).into_iter().enumerate() {
        let system = &whole.systems[index];
        assert_eq!(shares, everywhere.shares_on(index, energy, &listened.bass));
        assert_eq!(
            shares.bass_pct,
            system.bass.as_ref().map(|bass| bass.heard_pct),
            "{}",
            system.id
        );
        if let Some(drowned_pct) = shares.drowned_pct {
            assert_eq!(drowned_pct, system.cover.as_ref().unwrap().drowned_pct, "{}", system.id);
        }
        let cancelled = system.mono.as_ref().and_then(|mono| mono.cancelled_pct);
        assert_eq!(shares.cancelled_pct, cancelled, "{}", system.id);
    }
}
