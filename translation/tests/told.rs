//! What is said of constructed sounds: the sentence, its figures, and silence where nothing is to be said.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "test signals and their answers"
)]

#[allow(dead_code, reason = "known answers use the others")]
mod sounds;

use acetate_analyzer::analyze;
use acetate_audio::{Audio, Source};
use acetate_translation::{AfterCodec, Listening, OnSystem, Translation, system, translate};
use sounds::{Stereo, mixed, scaled};

fn on(sound: &Stereo, ids: &[&str]) -> Translation {
    after(sound, ids, Vec::new())
}

fn after(sound: &Stereo, ids: &[&str], codecs: Vec<AfterCodec>) -> Translation {
    let systems: Vec<_> = ids.iter().map(|id| system(id).unwrap().clone()).collect();
    let audio = Audio::from_planes(sounds::RATE, sound.to_vec());
    let mut listening = Listening::new(audio.spec(), &systems);
    listening.push(&audio);
    let measured = analyze(&Source::from_audio(audio)).unwrap();
    translate(&measured, &listening.finish(), &systems, codecs)
}

fn said(found: &Translation, code: &str) -> Option<String> {
    let finding = found.findings.iter().find(|finding| finding.code == code);
    finding.map(|finding| format!("{}: {}", finding.text, finding.in_the_mix))
}

/// A sound in one channel, and upside down in the other, beside `rest` of it that is not: what mono leaves.
fn cancelling(rest: f32) -> Stereo {
    let [left, _] = mixed(&[sounds::bass(&[-10.0, -12.0]), sounds::bed()]);
    let right = left.iter().map(|x| -x * (1.0 - 2.0 * rest)).collect();
    [left, right]
}

#[test]
fn what_cancels_wholly_is_silent_in_mono_and_what_nearly_does_has_its_figure() {
    let found = on(&cancelling(0.0), &["mono", "bluetooth", "laptop"]);
    let mono = found.systems[0].mono.as_ref().unwrap();
    assert!(mono.silent && mono.lost_lu.is_none(), "{mono:?}");
    assert!(found.systems[1].is_silent() && !found.systems[2].is_silent());
    let text = said(&found, "M122").unwrap();
    assert!(text.starts_with("in mono it is silent: nothing is left of it"), "{text}");
    assert!(text.contains("one channel is upside down"), "{text}");
    assert!(!on(&cancelling(0.0), &["mono"]).is_nothing());

    // A ten thousandth of the amplitude is 80 dB less, and no loudness any more.
    let found = on(&cancelling(1e-4), &["mono"]);
    let mono = found.systems[0].mono.as_ref().unwrap();
    assert!(mono.silent, "{mono:?}");
    // Mid is 1e-4 of what each channel has: power of both over that of the mid on both.
    assert!((mono.lost_lu.unwrap() - 80.0).abs() < 0.2, "{mono:?}");
    let text = said(&found, "M122").unwrap();
    assert!(text.starts_with("in mono it is silent: what is left is 80 LU quieter"), "{text}");

    let found = on(&cancelling(1e-2), &["mono"]);
    let mono = found.systems[0].mono.as_ref().unwrap();
    assert!(!mono.silent && (mono.lost_lu.unwrap() - 40.0).abs() < 0.2, "{mono:?}");
    let text = said(&found, "M122").unwrap();
    let figure = format!("in mono all of it is {:.1} LU quieter", mono.lost_lu.unwrap());
    assert!(text.starts_with(&figure), "{text}");
}

#[test]
fn what_noise_covers_is_told_with_the_passage_that_its_share_is_of() {
    let found = on(&sounds::quiet_for_8_s_of_32(45.0), &["car100"]);
    let cover = found.systems[0].cover.as_ref().unwrap();
    assert!((cover.drowned_pct - cover.passages_pct).abs() < 1.0, "{cover:?}");
    let text = said(&found, "M123").unwrap();
    let whole = format!(
        "in a car at 100 km/h the noise covers {:.0} % of the time: 0:00 to 0:08;",
        cover.drowned_pct
    );
    assert!(text.starts_with(&whole), "{text}");

    // The same, and a fifth of each second after it is a pause: those are no passage.
    let mut song = sounds::quiet_for_8_s_of_32(45.0);
    for plane in &mut song {
        let later = plane.iter_mut().enumerate().skip(9 * sounds::RATE as usize);
        let pauses =
            later.filter(|(n, _)| n % sounds::RATE as usize > sounds::RATE as usize * 8 / 10);
        pauses.for_each(|(_, x)| *x *= 0.01);
    }
    let found = on(&song, &["car100"]);
    let cover = found.systems[0].cover.as_ref().unwrap();
    assert!(cover.drowned_pct > cover.passages_pct + 1.0, "{cover:?}");
    let text = said(&found, "M123").unwrap();
    let parts = format!(
        "{:.0} % in passages of a second and more (0:00 to 0:08), {:.0} % in moments between",
        cover.passages_pct,
        cover.drowned_pct - cover.passages_pct
    );
    assert!(text.contains(&parts), "{text}");
}

#[test]
fn a_bass_line_under_the_noise_of_the_road_is_told_and_one_that_is_heard_is_not() {
    let heard = |found: &Translation| -> Vec<f64> {
        let best = |system: &OnSystem| system.bass.as_ref().unwrap().heard_range_pct[1];
        found.systems.iter().map(best).collect()
    };
    let ids = ["car50", "car130", "earbuds"];
    let soft = on(&mixed(&[scaled(&sounds::bass(&[]), 0.05), sounds::bed()]), &ids);
    assert!(heard(&soft)[0] < 25.0 && heard(&soft)[2] > 75.0, "{:?}", heard(&soft));
    let text = said(&soft, "M126").unwrap();
    assert!(text.starts_with("the noise covers the bass line in a car at 50 km/h and"), "{text}");
    assert!(text.contains("125 Hz"), "what to do in the mix: {text}");
    let finding = soft.findings.iter().find(|finding| finding.code == "M126").unwrap();
    assert_eq!(finding.on, ["car50", "car130"]);
    assert_eq!(said(&soft, "M121"), None, "earbuds play it");

    let loud = sounds::bass(&[-3.0, -6.0, -9.0, -12.0]);
    let loud = on(&mixed(&[loud, scaled(&sounds::bed(), 0.5)]), &ids);
    assert!(heard(&loud)[1] > 75.0, "{:?}", heard(&loud));
    assert_eq!(said(&loud, "M126"), None);
    // A line that cancels has a sentence of its own, and needs another remedy.
    let none = on(&sounds::bed(), &ids);
    assert_eq!(said(&none, "M126"), None, "no line, no word");
}

#[test]
fn overs_that_meters_could_differ_by_are_no_finding() {
    let after_codec = |peak_dbtp: f64, overs: u64| AfterCodec {
        codec: "aac128".to_owned(),
        encoder: None,
        not_tried: None,
        true_peak_dbtp: Some(peak_dbtp),
        overs: Some(overs),
        first_over_s: Some(1.0),
        nmr_db: None,
        heard_pct: None,
        bandwidth_hz: None,
    };
    let told = |peak, overs| {
        said(&after(&sounds::bed(), &["laptop"], vec![after_codec(peak, overs)]), "D321")
    };
    assert_eq!(told(0.1, 3), None);
    assert!(told(0.3, 1).unwrap().contains("+0.3 dBTP, one place, the first at 0:01"));
    assert!(told(0.3, 2).unwrap().contains("2 places"));
}

#[test]
fn a_low_end_in_the_lfe_alone_is_told_to_be_missing_on_two_loudspeakers() {
    let [bass, _] = sounds::bass(&[]);
    let [bed, _] = sounds::bed();
    let found = |front: f32| {
        let quiet: Vec<f32> = bass.iter().zip(&bed).map(|(low, high)| front * low + high).collect();
        let none = vec![0.0; bass.len()];
        // 5.1: left, right, centre, LFE, surrounds.
        let planes = [&quiet, &quiet, &none, &bass, &bed, &bed].map(Clone::clone).to_vec();
        let audio = Audio::from_planes(sounds::RATE, planes);
        let phone = [system("phone").unwrap().clone()];
        let mut listening = Listening::new(audio.spec(), &phone);
        listening.push(&audio);
        let measured = analyze(&Source::from_audio(audio)).unwrap();
        translate(&measured, &listening.finish(), &phone, Vec::new())
    };
    let alone = found(0.0);
    assert!(alone.lfe_pct.unwrap() > 99.0, "{:?}", alone.lfe_pct);
    let text = said(&alone, "M127").unwrap();
    assert!(text.contains("100 % of what lies below 120 Hz is in the LFE channel"), "{text}");
    // As strong in both front channels: a third of it is in the LFE.
    let shared = found(1.0);
    assert!((shared.lfe_pct.unwrap() - 100.0 / 3.0).abs() < 1.0, "{:?}", shared.lfe_pct);
    assert_eq!(said(&shared, "M127"), None);
    assert_eq!(on(&sounds::bed(), &["phone"]).lfe_pct, None);
}
