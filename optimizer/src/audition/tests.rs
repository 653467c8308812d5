//! What an audition must hold, whoever listens. How near it comes to wishes of other shapes is measured by the bench `audition`.

use acetate_references::style::wide::Wide;

use super::listeners::Lot;
use super::*;

/// A slope, a shelf, a bell, width and density.
fn space() -> TasteSpace {
    let tone: [Wide; 3] = [
        [0.9, 0.6, 0.3, 0.0, -0.2, -0.4, -0.6, -0.8, -0.9],
        [1.1, 0.3, -0.2, -0.2, -0.2, -0.2, -0.2, -0.2, -0.2],
        [-0.1, -0.1, -0.1, 0.1, 0.5, 0.9, 0.4, -0.2, -0.4],
    ];
    let both = |lean| Way { lean, low: -3.0, high: 3.0 };
    let mut ways: Vec<Way> = tone.into_iter().map(|db| both(Lean::of_tone(db))).collect();
    ways.push(both(Lean { width_db: 1.0, ..Lean::default() }));
    ways.push(Way { low: 0.0, ..both(Lean { density_pct: 10.0, ..Lean::default() }) });
    TasteSpace { ways }
}

/// Squared distance in steps.
fn far(space: &TasteSpace, point: &[f64], wish: &[f64]) -> f64 {
    let ways = space.lengths().into_iter().zip(point.iter().zip(wish));
    ways.map(|((_, length), (point, wish))| {
        let steps = length * (point - wish);
        steps * steps
    })
    .sum()
}

/// After `answers` of somebody who is right in `right` of 1.
fn heard(wish: &[f64], right: f64, answers: usize, seed: u64) -> Audition {
    let mut audition = Audition::new(space(), seed);
    let mut lot = Lot::new(seed ^ 0x5eed);
    for _ in 0..answers {
        let pair = audition.next_pair().unwrap();
        let first =
            far(&audition.space, &pair.first, wish) < far(&audition.space, &pair.second, wish);
        let answer = if first == (lot.uniform() < right) { Answer::First } else { Answer::Second };
        audition.answer(pair, answer);
    }
    audition
}

#[test]
fn the_same_seed_and_answers_give_the_same_pairs_and_undo_goes_back() {
    let wish = [1.0, -0.5, 0.5, 1.0, 0.5];
    let (one, other) = (heard(&wish, 1.0, 4, 7), heard(&wish, 1.0, 4, 7));
    assert_eq!(one, other);
    assert_ne!(one.answers[0].pair, heard(&wish, 1.0, 1, 8).answers[0].pair, "another seed");
    let before = one.next_pair();
    let mut again = one.clone();
    again.answer(before.clone().unwrap(), Answer::Same);
    assert_ne!(again.next_pair(), before);
    assert_eq!(again.undo().map(|answered| answered.answer), Some(Answer::Same));
    assert_eq!((again.next_pair(), again.lean()), (before, one.lean()));
    assert!(Audition::new(space(), 1).undo().is_none());
}

#[test]
fn every_pair_is_told_apart_and_within_reach() {
    for seed in 0..6 {
        let audition = heard(&[3.0, 3.0, -3.0, 3.0, 0.0], 1.0, 10, seed);
        for Answered { pair, .. } in &audition.answers {
            let apart = far(&audition.space, &pair.first, &pair.second).sqrt();
            assert!((1.2 - 1e-9..=2.8 + 1e-9).contains(&apart), "{apart} steps");
            for point in [&pair.first, &pair.second] {
                let within = point.iter().zip(&audition.space.ways);
                assert!(within.clone().all(|(far, way)| (way.low..=way.high).contains(far)));
            }
        }
    }
}

#[test]
fn surely_answered_it_comes_near_and_knows_it() {
    let before = Audition::new(space(), 1).certainty();
    let mut near = 0;
    for seed in 0..20 {
        let mut lot = Lot::new(seed);
        let wish: Vec<f64> = (0..5).map(|way| if way == 4 { 0.3 } else { lot.normal() }).collect();
        let audition = heard(&wish, 1.0, 8, seed);
        let (lean, wanted) = (audition.lean(), audition.space.lean(&wish));
        let off_db: [f64; 29] =
            std::array::from_fn(|band| lean.curve_db()[band] - wanted.curve_db()[band]);
        let off_pct = (lean.width_pct() - wanted.width_pct()).abs();
        near +=
            usize::from(acetate_references::aim::curve_rms_db(&off_db) <= 1.0 && off_pct <= 10.0);
        let certainty = audition.certainty();
        assert!(certainty.tone_db.expected < before.tone_db.expected, "{certainty}");
        assert!(certainty.within_pct > before.within_pct, "{certainty}");
        assert!(audition.is_done());
    }
    assert!(near >= 17, "{near} of 20");
}

#[test]
fn the_same_tells_that_the_wish_is_between_the_two() {
    let mut audition = Audition::new(space(), 3);
    let pair = Pair { first: vec![0.0, 0.0, 0.0, 2.5, 0.0], second: vec![0.0, 0.0, 0.0, 1.0, 0.0] };
    for _ in 0..3 {
        audition.answer(pair.clone(), Answer::Same);
    }
    let width_db = audition.lean().width_db;
    assert!((1.0..2.2).contains(&width_db), "{width_db}");
}

#[test]
fn a_mono_song_is_never_asked_about_width() {
    let mut space = space();
    space.ways.remove(3);
    let audition = Audition::new(space, 1);
    assert_eq!(audition.lean().width_pct(), 100.0);
    assert_eq!(audition.certainty().width_pct.at_most, 0.0);
    assert!(audition.next_pair().is_some());
}

#[test]
fn what_is_no_audition_is_refused() {
    assert_eq!(Audition::new(TasteSpace::default(), 1).check(), Err(AuditionError::Nothing));
    let mut audition = heard(&[0.0; 5], 1.0, 2, 1);
    assert_eq!(audition.check(), Ok(()));
    audition.answers[1].pair.second[0] = f64::NAN;
    assert_eq!(audition.check(), Err(AuditionError::Point { answer: 2 }));
    audition.space.ways[0].high = -9.0;
    assert_eq!(audition.check(), Err(AuditionError::Nothing));
}

#[test]
fn nothing_is_asked_for_ever() {
    let audition = heard(&[0.0; 5], 0.5, ANSWERS_MAX, 2);
    assert_eq!(audition.next_pair(), None);
}
