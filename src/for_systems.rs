//! A plan for phones, cars and mono: done where it pays there and costs little at home, told where it does not.

use acetate_optimizer::{Confidence, Fit, Level, Move, bass_harmonics_text, settle_within};
use acetate_translation::{Outcome, System};

use crate::headroom::Limits;
use crate::observer::Watch;
use crate::simulate::moves::{Attempt, HOME_PHON, Help, Need, WON_POINTS, helps};
use crate::{Error, Song};

/// Tries what helps these systems, takes it into `fit` where it pays, and settles the loudness again.
///
/// # Errors
/// When the source cannot be read again, or the observer stops it.
pub(crate) fn serve(
    song: &Song,
    fit: &mut Fit,
    systems: &[System],
    limits: Limits,
    watch: &Watch<'_>,
) -> Result<(), Error> {
    if systems.is_empty() {
        return Ok(());
    }
    let found = helps(song.name(), song.source(), &fit.settings, systems, watch)?;
    let helps = found.iter().filter_map(|found| match found {
        Attempt::Tried(help) => Some(help),
        Attempt::Told { .. } => None,
    });
    let mut settings = fit.settings.clone();
    for help in helps.filter(|help| help.pays()) {
        match help.need {
            Need::Bass => settings.bass_harmonics = help.settings.bass_harmonics.clone(),
            Need::Mono => settings.stereo = help.settings.stereo.clone(),
        }
    }
    if settings != fit.settings {
        let reachable = fit.cannot.as_ref().map_or(limits.lufs, |known| Some(known.reached_lufs));
        let level = reachable.map(Level::Lufs);
        let max_damage_db = limits.max_damage_db;
        let settled =
            settle_within(song.source(), song.measured(), &settings, level, max_damage_db)
                .map_err(|error| Error::read(song.name(), error))?;
        let cannot = settled.cannot.clone();
        fit.resettle(song.measured(), settled);
        fit.cannot = fit.cannot.take().or(cannot);
    }
    let places: Vec<&str> = systems.iter().map(|system| system.name.as_str()).collect();
    let places = places.join(", ");
    fit.moves.extend(found.iter().map(|found| match found {
        Attempt::Tried(help) => step(help),
        Attempt::Told { outcome, text, .. } => {
            remark(what(*outcome), format!("For {places}: {text}."))
        }
    }));
    Ok(())
}

/// The same in two or three words.
fn what(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::TooLittle => "too little to tell",
        Outcome::InTheMix | Outcome::DoesNotPay => Move::PROPOSED,
        Outcome::Pays | Outcome::NothingLost => "nothing to do",
    }
}

/// What is said of a move that was tried.
fn step(help: &Help) -> Move {
    let text = help.text();
    if !help.pays() {
        let text = format!(
            "Tried: {text}. Not done: {WON_POINTS:.0} points for at most {HOME_PHON:.0} phon pay."
        );
        return remark(Move::PROPOSED, text);
    }
    let [measured, expected] = help.there_pct;
    let what = match help.need {
        Need::Bass => bass_harmonics_text(&help.settings.bass_harmonics),
        Need::Mono => "narrower, for mono".to_owned(),
    };
    Move {
        id: help.stage().to_owned(),
        what,
        text: format!("It was asked for: {text}."),
        metric: format!("translation.{}", help.system),
        measured,
        aim: measured + if help.need == Need::Bass { WON_POINTS } else { -WON_POINTS },
        expected,
        unit: "%".to_owned(),
        confidence: Confidence::Medium,
        ..Move::default()
    }
}

fn remark(what: &str, text: impl Into<String>) -> Move {
    Move { confidence: Confidence::Medium, ..Move::told("away", what, text) }
}
