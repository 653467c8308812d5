//! What was heard in a mix without a record to follow, in words.

use acetate_references::bands::{WIDE_BANDS, WIDE_EDGES_HZ};
use acetate_references::oneshot::{Decision, Doubt, Hearing, Unjudged};

use super::words::{capital, hz_text, words_for};
use crate::document::Move;
use crate::options::FitOptions;

/// A band may go this much further than its region is off; beyond, it balances its neighbours, dB.
const MORE_DB: f64 = 1.0;

/// How a band that takes away what was heard is spoken of; `None` when it only helps its neighbours.
///
/// "The low mids (200 to 500 Hz) are 4.1 dB fuller than in records like this one, 86 % sure: lowered by 2.6 dB."
pub(crate) fn band_text(hearing: &Hearing, region_hz: [f64; 2], gain_db: f64) -> Option<String> {
    let tone = hearing.tone.as_ref()?;
    let words = words_for(libm::sqrt(region_hz[0] * region_hz[1]));
    let off_db = mean_over(&hearing.off_db?, region_hz);
    let is_its_own = off_db.abs() >= (gain_db.abs() - MORE_DB).max(0.5);
    (off_db * gain_db < 0.0 && is_its_own).then(|| {
        format!(
            "{} ({} to {}) {} {:.1} dB {} in {}, {:.0} % sure: {} by {:.1} dB.",
            capital(words.name),
            hz_text(region_hz[0]),
            hz_text(region_hz[1]),
            if words.are_many() { "are" } else { "is" },
            off_db.abs(),
            if off_db > 0.0 { "fuller than" } else { "thinner than" },
            records(hearing, LIKE_IT),
            tone.certainty_pct,
            if gain_db < 0.0 { "lowered" } else { "raised" },
            gain_db.abs()
        )
    })
}

/// The same of a compressor.
pub(crate) fn compressor_text(hearing: &Hearing) -> Option<String> {
    let density = hearing.density.as_ref()?;
    let pct = mean(&density.fault);
    Some(format!(
        "The levels vary by {pct:.0} % more than in {}, {:.0} % sure: evened out. Attack and release cannot be \
         told; these suit most music.",
        records(hearing, LIKE_IT),
        density.certainty_pct
    ))
}

/// What is said and not done, and why nothing is.
pub(crate) fn remarks(aim: Option<&Hearing>, options: &FitOptions) -> Vec<Move> {
    let Some(hearing) = aim else { return Vec::new() };
    if let Some(why) = &hearing.unjudged {
        return vec![remark("tone", Move::LEFT_ALONE, unjudged_text(hearing, *why), None)];
    }
    let mut remarks = Vec::new();
    if let Some(tone) = hearing.tone.as_ref().filter(|_| options.take.tone) {
        remarks.extend(tone_remark(hearing, tone));
    }
    if let Some(density) = hearing.density.as_ref().filter(|_| options.take.dynamics) {
        remarks.extend(density_remark(hearing, density));
    }
    remarks
}

fn unjudged_text(hearing: &Hearing, why: Unjudged) -> String {
    match (why, &hearing.style) {
        (Unjudged::Unlike, Some(name)) => format!(
            "It is unlike the records of the style \"{name}\": what is usual in them says nothing about it. Tone and density are left \
             alone; without a style it is judged by all records."
        ),
        _ => why.text(),
    }
}

fn tone_remark(hearing: &Hearing, tone: &Doubt) -> Option<Move> {
    let pct = tone.certainty_pct;
    match tone.decision {
        Decision::Done => None,
        Decision::Proposed => {
            let sure = format!("{pct:.0} % sure{}: not enough to do it", other(hearing, pct));
            let text = match tone.place() {
                Some(band) => {
                    let [low, high] = ends(band);
                    let words = words_for(libm::sqrt(low.max(30.0) * high));
                    format!(
                        "{} ({} to {}) {} {:.1} dB too {}, {sure}.{}",
                        capital(words.name),
                        hz_text(low.max(20.0)),
                        hz_text(high),
                        if words.are_many() { "seem" } else { "seems" },
                        tone.fault[band].abs(),
                        if tone.fault[band] > 0.0 { "full" } else { "thin" },
                        bolder(hearing)
                    )
                }
                None => format!(
                    "Something seems wrong with the tone, {sure}, and no band is surely it.{}",
                    bolder(hearing)
                ),
            };
            Some(remark("tone", Move::PROPOSED, text, Some(pct)))
        }
        Decision::LeftAlone => {
            let off = hearing.off_db?.iter().fold(0.0, |most: f64, db| most.max(db.abs()));
            let text = format!(
                "The tone is as {} are: they differ by as much as it does ({off:.1} dB where it is furthest), and \
                 it is only {pct:.0} % sure that anything is wrong.",
                records(hearing, OF_ITS_KIND)
            );
            Some(remark("tone", Move::LEFT_ALONE, text, Some(pct)))
        }
    }
}

fn density_remark(hearing: &Hearing, density: &Doubt) -> Option<Move> {
    let (pct, more) = (density.certainty_pct, mean(&density.fault));
    let less = format!(
        "The levels vary by {:.0} % less than in {}, {pct:.0} % sure: too even already, and no \
                        compressor gives that back.",
        more.abs(),
        records(hearing, LIKE_IT)
    );
    match density.decision {
        Decision::LeftAlone => None,
        Decision::Done | Decision::Proposed if more < 0.0 => {
            Some(remark("density", Move::LEFT_ALONE, less, Some(pct)))
        }
        Decision::Done => None,
        Decision::Proposed => {
            let text = format!(
                "The levels seem to vary by {more:.0} % more than they should, {pct:.0} % sure{}: not enough to do it.{}",
                other(hearing, pct),
                bolder(hearing)
            );
            Some(remark("density", Move::PROPOSED, text, Some(pct)))
        }
    }
}

/// Why the tone was left alone, in half a sentence.
pub(super) fn why_alone(hearing: &Hearing) -> String {
    match (&hearing.unjudged, &hearing.tone) {
        (Some(why), _) => why.short(),
        (None, Some(tone)) if tone.decision == Decision::LeftAlone => {
            format!(
                "it is as {} are ({:.0} % sure that anything is wrong)",
                records(hearing, OF_ITS_KIND),
                tone.certainty_pct
            )
        }
        (None, Some(tone)) if tone.decision == Decision::Proposed => {
            let pct = tone.certainty_pct;
            format!(
                "it is {pct:.0} % sure that something is wrong{}: too little",
                other(hearing, pct)
            )
        }
        _ => "what is wrong with it is less than a band is worth".to_owned(),
    }
}

/// The records that most of what is believed rests on; `which` tells those of no style from all others.
fn records(hearing: &Hearing, which: &str) -> String {
    match &hearing.style {
        Some(name) => format!("records of the style \"{name}\""),
        None if hearing.is_among_own() => format!("your own records {which}"),
        None => format!("records {which}"),
    }
}

const LIKE_IT: &str = "like this one";
const OF_ITS_KIND: &str = "of its kind";

/// What else keeps a change from being done.
fn other(hearing: &Hearing, pct: f64) -> &'static str {
    let sure = pct > 100.0 * hearing.boldness.thresholds()[0];
    if sure { " if it is music like the records, which it may not be" } else { "" }
}

/// How to have it done all the same.
fn bolder(hearing: &Hearing) -> String {
    let bolder = hearing.boldness.bolder();
    bolder.map_or_else(String::new, |bolder| {
        format!(" --one-shot {} changes what is likely to be wrong.", bolder.name())
    })
}

fn remark(id: &str, what: &str, text: String, certainty_pct: Option<f64>) -> Move {
    Move { certainty_pct, ..Move::told(id, format!("{id} {what}"), text) }
}

/// Edges of a band as they are said.
fn ends(band: usize) -> [f64; 2] {
    [WIDE_EDGES_HZ[band], WIDE_EDGES_HZ[band + 1].min(20_000.0)]
}

/// Mean of a curve over a region, on a scale of octaves.
fn mean_over(curve: &[f64; WIDE_BANDS], region_hz: [f64; 2]) -> f64 {
    let (mut sum, mut octaves) = (0.0, 0.0);
    for (band, value) in curve.iter().enumerate() {
        let [low, high] = ends(band);
        let (low, high) = (low.max(region_hz[0]).max(20.0), high.min(region_hz[1]));
        if high > low {
            sum += value * libm::log2(high / low);
            octaves += libm::log2(high / low);
        }
    }
    if octaves > 0.0 { sum / octaves } else { 0.0 }
}

fn mean(values: &[f64; WIDE_BANDS]) -> f64 {
    values.iter().sum::<f64>() / WIDE_BANDS as f64
}
