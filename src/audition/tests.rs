use acetate_references::aim::curve_rms_db;

use super::*;

/// Noise that falls by 3 dB an octave and is not the same on both sides, twelve seconds of it.
fn song() -> Song {
    let mut state = 1u32;
    let mut plane = || {
        let mut low = 0.0f32;
        let mut sample = |_: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let white = (state >> 8) as f32 / 8_388_608.0 - 1.0;
            low += 0.1 * (white - low);
            0.1 * (low + 0.2 * white)
        };
        (0..576_000).map(&mut sample).collect::<Vec<f32>>()
    };
    let (mid, side) = (plane(), plane());
    let of = |sign: f32| mid.iter().zip(&side).map(|(m, s)| m + sign * 0.4 * s).collect();
    Song::from_samples("mix", 48_000, vec![of(1.0), of(-1.0)]).unwrap()
}

#[test]
fn a_pair_is_heard_at_one_loudness_and_differs_audibly() {
    let (song, request) = (song(), Request::default());
    let sitting = song.audition(&request).unwrap();
    let pair = sitting.next_pair().unwrap();
    let candidates = song.candidates(&sitting, &pair, &request).unwrap();
    assert_ne!(candidates[0].document.settings, candidates[1].document.settings);
    let [first, second] = song.audible(&candidates, 2.0, 5.0).unwrap();
    let apart = first.integrated_lufs.unwrap() - second.integrated_lufs.unwrap();
    assert!(apart.abs() < 1e-9, "{apart}");
    let measured =
        [&first, &second].map(|excerpt| Excerpt::of(excerpt.audio.clone(), excerpt.begin_s));
    let apart = measured[0].integrated_lufs.unwrap() - measured[1].integrated_lufs.unwrap();
    assert!(apart.abs() < 0.05, "{apart} LU as they sound");
    assert_eq!(first.audio.frames(), 240_000);
}

#[test]
fn an_audition_survives_its_document_and_a_damaged_one_is_refused() {
    let (song, request) = (song(), Request::default());
    let mut sitting = song.audition(&request).unwrap();
    assert!(sitting.answer(Answer::First) && sitting.answer(Answer::Same));
    let text = serde_json::to_string(&sitting).unwrap();
    let again = Sitting::parse("state.json", &text).unwrap();
    assert_eq!(again.next_pair(), sitting.next_pair());
    assert!(again.is_about(&song, &request).unwrap());
    assert!(!again.is_about(&song, &Request::target("loud").unwrap()).unwrap());
    let foreign = text.replace("audition/1", "audition/7");
    assert!(Sitting::parse("state.json", &foreign).unwrap_err().to_string().contains("audition/7"));
    sitting.audition.answers[1].pair.first.pop();
    let broken = serde_json::to_string(&sitting).unwrap();
    let error = Sitting::parse("state.json", &broken).unwrap_err().to_string();
    assert_eq!(
        error,
        "state.json: answer 2 is about points that are not in the space of the audition"
    );
}

#[test]
fn the_plan_of_what_is_liked_is_the_plain_one_moved_so() {
    let (song, request) = (song(), Request::default());
    let mut sitting = song.audition(&request).unwrap();
    for _ in 0..8 {
        // Somebody who likes it dark and wide.
        let pair = sitting.next_pair().unwrap();
        let far = |point: &[f64]| {
            let lean = sitting.audition.space.lean(point);
            let dark = lean.curve_db()[8] - lean.curve_db()[24];
            (dark - 3.0).abs() + (lean.width_db - 1.5).abs()
        };
        let answer =
            if far(&pair.first) < far(&pair.second) { Answer::First } else { Answer::Second };
        sitting.answer(answer);
    }
    assert!(sitting.is_done() && sitting.asked_for() == 8);
    let (lean, words) = (sitting.audition.lean(), sitting.words());
    assert!(lean.curve_db()[8] > lean.curve_db()[24] && lean.width_db > 0.3, "{lean:?}");
    assert!(words.contains("wider"), "{words}");
    let level_db = |request: &Request| {
        let plan = song.suggest(request, &mut ()).unwrap();
        plan.document.numbers.predicted.as_ref().unwrap().spectrum.level_db.clone()
    };
    let leant = song.suggest(&sitting.request(&request), &mut ()).unwrap().document;
    let wider = leant.moves.iter().find(|step| step.id == "stereo").unwrap();
    assert_eq!(wider.text, "The aim says nothing of the width: it was asked for.");
    let (plain, leant) = (level_db(&request), level_db(&sitting.request(&request)));
    let moved: Vec<f64> =
        leant.iter().zip(&plain).map(|(leant, plain)| leant.unwrap() - plain.unwrap()).collect();
    let mean = moved[2..].iter().sum::<f64>() / (moved.len() - 2) as f64;
    let wanted = lean.curve_db();
    let off: [f64; 29] = std::array::from_fn(|band| moved[band] - mean - wanted[band]);
    assert!(curve_rms_db(&off) < 0.4, "{off:?}");
}

#[test]
fn what_is_liked_is_kept_as_a_taste_that_other_requests_lean_to() {
    let (song, request) = (song(), Request::default().style("pop").unwrap());
    let mut sitting = song.audition(&request).unwrap();
    sitting.answer(Answer::Second);
    let taste = sitting.taste("Mine", &request);
    assert_eq!(taste.id, "mine");
    let later = Request::default().to_taste(taste);
    assert_eq!(later.lean(), sitting.request(&request).lean());
    assert!(later.has_style());
}
