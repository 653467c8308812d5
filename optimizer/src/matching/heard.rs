//! What was heard in a mix without a record to follow, and what a choice leans to, as a wish.

use acetate_analyzer::Analysis;
use acetate_references::oneshot::Hearing;
use acetate_references::style::wide::{Curve, Wide, spread_over_third_octaves};

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
pub(crate) fn leaning(wish: Option<RecordWish>, lean_db: &Wide, before: &Analysis) -> RecordWish {
    let lean = wish_of(&spread_over_third_octaves(lean_db), before);
    let Some(mut wish) = wish else { return lean };
    for (wanted, lean_db) in wish.tone_db.iter_mut().zip(&lean.tone_db) {
        *wanted = wanted.zip(*lean_db).map(|(wanted, lean_db)| wanted + lean_db);
    }
    wish.tone_db = centred(&wish.tone_db);
    wish
}

/// A change of the tone as a wish, where there is signal.
fn wish_of(change_db: &Curve, before: &Analysis) -> RecordWish {
    let levels = &before.spectrum.level_db;
    let there = with_signal(levels, levels, before);
    let wanted = |band: usize| (there[band] && band >= FIRST_BAND).then(|| change_db[band]);
    let change_db: Vec<Option<f64>> = (0..levels.len()).map(wanted).collect();
    RecordWish { tone_db: centred(&change_db), side_db: Vec::new(), kinship: None }
}
