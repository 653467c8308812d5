//! What was heard in a mix without a record to follow, and what a choice leans to, as a wish.

use acetate_analyzer::Analysis;
use acetate_references::aim::Lean;
use acetate_references::oneshot::Hearing;
use acetate_references::style::wide::{Curve, spread_over_third_octaves};

use super::wish::{RecordWish, centred};
use crate::tone::with_signal;

/// First third octave that is moved: 40 Hz.
const FIRST_BAND: usize = 2;

/// What is to be taken away from the tone as a wish; `None` where nothing is sure enough.
pub(crate) fn heard_wish(hearing: &Hearing, before: &Analysis) -> Option<RecordWish> {
    let fault_db = spread_over_third_octaves(hearing.tone_fault_db()?);
    Some(wish_of(&fault_db.map(|db| -db), before))
}

/// The wish with a lean added, which is all of it where nothing else is wished.
pub(crate) fn leaning(wish: Option<RecordWish>, lean: &Lean, before: &Analysis) -> RecordWish {
    let mut leant = wish_of(&spread_over_third_octaves(&lean.tone_db), before);
    leant.side_db = lean_of_side(&leant.tone_db, lean.width_db, before);
    let Some(mut wish) = wish else { return leant };
    for (wanted, lean_db) in wish.tone_db.iter_mut().zip(&leant.tone_db) {
        *wanted = wanted.zip(*lean_db).map(|(wanted, lean_db)| wanted + lean_db);
    }
    wish.tone_db = centred(&wish.tone_db);
    if wish.side_db.is_empty() {
        wish.side_db = leant.side_db;
    } else {
        for (wanted, lean_db) in wish.side_db.iter_mut().zip(&leant.side_db) {
            *wanted = wanted.map(|wanted| wanted + lean_db.unwrap_or(0.0)).or(*lean_db);
        }
    }
    wish
}

/// The same change of the side wherever there is signal; empty unless there is a side, and something to change.
fn lean_of_side(there: &[Option<f64>], width_db: f64, before: &Analysis) -> Vec<Option<f64>> {
    let is_stereo = before.format.channels == 2
        && before.spectrum.side_level_db.len() == before.spectrum.level_db.len();
    if !is_stereo || width_db == 0.0 {
        return Vec::new();
    }
    there.iter().map(|band| band.map(|_| width_db)).collect()
}

/// A change of the tone as a wish, where there is signal.
fn wish_of(change_db: &Curve, before: &Analysis) -> RecordWish {
    let levels = &before.spectrum.level_db;
    let there = with_signal(levels, levels, before);
    let wanted = |band: usize| (there[band] && band >= FIRST_BAND).then(|| change_db[band]);
    let change_db: Vec<Option<f64>> = (0..levels.len()).map(wanted).collect();
    RecordWish::of_tone(&change_db)
}
