//! An audition on the desk: its state goes back and forth, its candidates are heard.

use acetate_optimizer::Answer as Liked;
use serde_json::json;

use super::Answer;
use crate::{Application, DeskError, Error, Excerpt, Request, Sitting, Song};

/// What an audition is called in errors.
const NAME: &str = "the audition";

/// The audition, and how far it is.
pub(super) fn told(sitting: &Sitting) -> Result<Answer, Error> {
    Ok(Answer::said(json!({ "state": sitting, "told": how_far(sitting) }).to_string()))
}

fn how_far(sitting: &Sitting) -> serde_json::Value {
    json!({
        "answered": sitting.answered(),
        "asked_for": sitting.asked_for(),
        "left": sitting.next_pair().is_some(),
        "done": sitting.is_done(),
        "words": sitting.words(),
        "certainty": sitting.certainty(),
    })
}

/// The audition after an answer, or without its last one.
pub(super) fn answered(sitting: &Sitting, liked: Option<Liked>) -> Result<Answer, Error> {
    sitting.check(NAME)?;
    let mut sitting = sitting.clone();
    match liked {
        Some(liked) => sitting.answer(liked),
        None => sitting.undo(),
    };
    told(&sitting)
}

/// The stretch as one of the pair makes it sound.
pub(super) fn heard(
    song: &Song,
    request: &Request,
    sitting: &Sitting,
    first: bool,
    excerpt: &Excerpt,
) -> Result<Answer, Error> {
    sitting.check(NAME)?;
    let pair = sitting.next_pair().ok_or(DeskError::NothingOpen { what: "pair" })?;
    let point = if first { &pair.first } else { &pair.second };
    let candidate = song.candidate(sitting, point, request)?;
    excerpt.mastered(&Application::of(candidate.document)).map(Answer::heard)
}

/// What is liked, to be kept.
pub(super) fn taste(request: &Request, sitting: &Sitting, name: &str) -> Result<Answer, Error> {
    sitting.check(NAME)?;
    let taste = sitting.taste(name, request);
    Ok(Answer::said(json!({ "taste": taste, "told": how_far(sitting) }).to_string()))
}
