//! What is said where mix or record has hardly a side.

use acetate_references::Aim;
use acetate_references::aim::MONO_BELOW_DB;

use super::moves::Evidence;
use crate::document::{Confidence, Move};
use crate::matching::{nearly_mono, nearly_mono_record};

/// What a mix that is nearly mono keeps.
pub(super) const WIDTH_AS_IT_IS: &str = "width as it is";

/// A record this much wider than a mix is wider, dB.
const WIDER_DB: f64 = 6.0;

/// What is said in place of a move when the records are wider and the mix is nearly mono.
pub(super) fn mono_remark(evidence: &Evidence) -> Option<Move> {
    let wider = evidence.aim.bands.iter().zip(&evidence.before.stereo.bands).any(|(aim, own)| {
        let wanted = aim.side_minus_mid;
        wanted.weight > 0.0 && own.side_minus_mid_db.unwrap_or(MONO_BELOW_DB) < wanted.db - WIDER_DB
    });
    let follows_records = evidence.aim.style.is_none();
    if !(follows_records && wider && nearly_mono(evidence.before)) {
        return None;
    }
    Some(Move {
        id: "stereo".to_owned(),
        what: WIDTH_AS_IT_IS.to_owned(),
        text: "The mix is nearly mono and the aim is wider: it cannot be widened by mastering."
            .to_owned(),
        metric: "stereo.bands[].side_minus_mid_db".to_owned(),
        unit: "dB".to_owned(),
        confidence: Confidence::High,
        in_the_mix: Some(
            "pan or use stereo reverb in the mix: there is hardly a side to raise".to_owned(),
        ),
        ..Move::default()
    })
}

/// What is said beside the move when a record is nearly mono; nothing otherwise.
pub(super) fn record_remark(aim: &Aim) -> &'static str {
    if nearly_mono_record(aim) {
        " The record is nearly mono: the image is made narrower, not mono."
    } else {
        ""
    }
}
