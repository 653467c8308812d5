//! What the aim has and the result will not, and why.

use acetate_analyzer::Analysis;
use acetate_references::Aim;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::words::hz_text;
use crate::options::FitOptions;
use crate::tone::with_signal;

/// A difference smaller than this is not worth a remark, dB.
const WORTH_DB: f64 = 1.5;

/// Why a difference stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeftoverReason {
    /// The song has no music there.
    NothingToRaise,
    /// The reference has nothing there, or it is a lossy file's low-pass.
    NothingToFollow,
    /// The bound on equaliser moves, or the number of bands.
    Bounded,
}

/// A part of the spectrum that stays away from the aim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Leftover {
    /// Lower and upper end, Hz.
    pub band_hz: [f64; 2],
    /// What stays above (positive) or below the aim, dB; `None` where the aim says nothing.
    pub excess_db: Option<f64>,
    /// Why.
    pub reason: LeftoverReason,
    /// The same as a sentence.
    pub text: String,
}

/// What stays of the difference between `after` and the aim, in runs of neighbouring third octaves.
pub(crate) fn leftovers(
    before: &Analysis,
    after: &Analysis,
    aim: &Aim,
    options: &FitOptions,
) -> Vec<Leftover> {
    if !options.take.tone || aim.tone.iter().all(|wanted| wanted.weight == 0.0) {
        return Vec::new();
    }
    let levels = &before.spectrum.level_db;
    let signal = with_signal(levels, levels, before);
    let excess = aim.tone_excess_db(&after.spectrum.level_db);
    let mut runs: Vec<(usize, usize, LeftoverReason)> = Vec::new();
    for band in 0..aim.tone.len().min(signal.len()) {
        let far =
            excess[band].is_some_and(|db| db.abs() > WORTH_DB.max(aim.tone[band].tolerance_db));
        let reason = if aim.tone[band].weight == 0.0 && signal[band] {
            LeftoverReason::NothingToFollow
        } else if aim.tone[band].weight > 0.0 && !signal[band] {
            LeftoverReason::NothingToRaise
        } else if far {
            LeftoverReason::Bounded
        } else {
            continue;
        };
        match runs.last_mut() {
            Some(run) if run.1 + 1 == band && run.2 == reason => run.1 = band,
            _ => runs.push((band, band, reason)),
        }
    }
    runs.into_iter()
        .map(|(first, last, reason)| {
            let inside: Vec<f64> = excess[first..=last].iter().flatten().copied().collect();
            let mean = inside.iter().sum::<f64>() / inside.len().max(1) as f64;
            let excess_db =
                (!inside.is_empty() && reason != LeftoverReason::NothingToFollow).then_some(mean);
            describe(before, first, last, reason, excess_db)
        })
        .collect()
}

fn describe(
    before: &Analysis,
    first: usize,
    last: usize,
    reason: LeftoverReason,
    excess_db: Option<f64>,
) -> Leftover {
    let half = libm::exp10(0.05);
    let centres = &before.spectrum.third_octave_hz;
    let band_hz = [centres[first] / half, centres[last] * half];
    let place = format!("{} to {}", hz_text(band_hz[0]), hz_text(band_hz[1]));
    let text = match (reason, excess_db) {
        (LeftoverReason::NothingToRaise, Some(db)) => format!(
            "From {place} the aim has {:.1} dB {} than this song contains; there is nothing to raise.",
            db.abs(),
            if db < 0.0 { "more" } else { "less" }
        ),
        (LeftoverReason::NothingToRaise, None) => {
            format!("From {place} this song contains nothing that could be raised.")
        }
        (LeftoverReason::NothingToFollow, _) => {
            format!("From {place} the reference has no usable signal; the song's own tone is kept.")
        }
        (LeftoverReason::Bounded, db) => format!(
            "From {place} {:.1} dB {} the aim stay, because of the bounds on the equaliser.",
            db.unwrap_or(0.0).abs(),
            if db.unwrap_or(0.0) > 0.0 { "above" } else { "below" }
        ),
    };
    Leftover { band_hz, excess_db, reason, text }
}
