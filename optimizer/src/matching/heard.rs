//! What was heard in a mix without a record to follow, as a wish.

use acetate_analyzer::Analysis;
use acetate_references::oneshot::Hearing;
use acetate_references::style::wide::spread_over_third_octaves;

use super::wish::RecordWish;
use crate::tone::with_signal;

/// First third octave that is moved: 40 Hz.
const FIRST_BAND: usize = 2;

/// What is to be taken away from the tone as a wish; `None` where nothing is sure enough.
pub(crate) fn heard_wish(hearing: &Hearing, before: &Analysis) -> Option<RecordWish> {
    let fault_db = spread_over_third_octaves(hearing.tone_fault_db()?);
    let levels = &before.spectrum.level_db;
    let there = with_signal(levels, levels, before);
    let wanted = |band: usize| (there[band] && band >= FIRST_BAND).then(|| -fault_db[band]);
    let tone_db: Vec<Option<f64>> = (0..levels.len()).map(wanted).collect();
    let count = tone_db.iter().flatten().count().max(1) as f64;
    let mean = tone_db.iter().flatten().sum::<f64>() / count;
    Some(RecordWish {
        tone_db: tone_db.into_iter().map(|db| db.map(|db| db - mean)).collect(),
        side_db: Vec::new(),
        kinship: None,
    })
}
