//! An audition of one song: pairs of candidates to be heard blind, at one loudness, and the plan that the answers lead to.

mod folder;

pub use folder::AuditionFolder;

use acetate_audio::units::db_to_amplitude;
use acetate_optimizer::{
    ANSWERS_MAX, ANSWERS_USUAL, Answer, Audition, Certainty, Pair, SettingsDocument, TasteSpace,
    drafted, words_of_change,
};
use acetate_references::Taste;
use acetate_references::aim::Lean;
use serde::{Deserialize, Serialize};

use crate::{Application, Error, Excerpt, Request, Song};

/// The `schema` of an audition that is kept.
pub const AUDITION_SCHEMA: &str = "acetate.audition/1";

/// An audition of one song as far as it has come (`acetate.audition/1`): plain data, to be kept by whoever asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sitting {
    /// Always `acetate.audition/1`.
    pub schema: String,
    /// Name of the song.
    pub song: String,
    /// Fingerprint of its samples.
    pub pcm_md5: String,
    /// Fingerprint of what was asked for beside the taste.
    pub wishes_md5: String,
    /// Questions and answers.
    pub audition: Audition,
}

/// One of a pair.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// What it leans to beside what was asked for.
    pub lean: Lean,
    /// Its settings, as predictions alone lead to them: nothing was rendered to confirm them.
    pub document: SettingsDocument,
}

impl Sitting {
    /// Reads an audition that was kept; `name` is what errors call it.
    ///
    /// # Errors
    /// When it is none, or its numbers do not fit together.
    pub fn parse(name: &str, text: &str) -> Result<Self, Error> {
        let wrong = |reason: String| Error::Document { name: name.to_owned(), reason };
        let sitting: Self =
            acetate_documents::from_text(text).map_err(|fault| wrong(fault.to_string()))?;
        if sitting.schema != AUDITION_SCHEMA {
            let given = &sitting.schema;
            return Err(wrong(format!(
                "schema is \"{given}\", this version reads \"{AUDITION_SCHEMA}\""
            )));
        }
        sitting.check(name)?;
        Ok(sitting)
    }

    /// Makes sure that its numbers fit together.
    ///
    /// # Errors
    /// When they do not; `name` is what the error calls it.
    pub(crate) fn check(&self, name: &str) -> Result<(), Error> {
        self.audition
            .check()
            .map_err(|error| Error::Document { name: name.to_owned(), reason: error.to_string() })
    }

    /// Whether it is about this song and this request.
    ///
    /// # Errors
    /// When the song cannot be read again.
    pub fn is_about(&self, song: &Song, request: &Request) -> Result<bool, Error> {
        Ok(self.pcm_md5 == song.pcm_md5()? && self.wishes_md5 == request.md5())
    }

    /// The pair that is to be heard next; `None` when there is nothing left to ask.
    pub fn next_pair(&self) -> Option<Pair> {
        self.audition.next_pair()
    }

    /// Takes the answer about [`Sitting::next_pair`]; `false` where there was none to answer.
    pub fn answer(&mut self, answer: Answer) -> bool {
        let pair = self.next_pair();
        pair.map(|pair| self.audition.answer(pair, answer)).is_some()
    }

    /// Takes the last answer back; `false` where there is none.
    pub fn undo(&mut self) -> bool {
        self.audition.undo().is_some()
    }

    /// How many answers there are.
    pub fn answered(&self) -> usize {
        self.audition.answers.len()
    }

    /// How many are asked for in all; more make it surer.
    pub fn asked_for(&self) -> usize {
        let answered = self.answered();
        if self.is_done() { answered } else { ANSWERS_USUAL.max(answered + 1).min(ANSWERS_MAX) }
    }

    /// Whether enough is known to end.
    pub fn is_done(&self) -> bool {
        self.audition.is_done()
    }

    /// How sure it is.
    pub fn certainty(&self) -> Certainty {
        self.audition.certainty()
    }

    /// What is liked, in plain words: "warmer: bass +1.6 dB, presence -1.2 dB".
    pub fn words(&self) -> String {
        let lean = self.audition.lean();
        words_of_change(&lean.curve_db().map(Some), lean.width_pct(), lean.density_pct)
    }

    /// The same request, leaning to what is liked: for [`Song::suggest`] and [`Song::master`].
    pub fn request(&self, request: &Request) -> Request {
        leaning(request, &self.audition.lean())
    }

    /// What is liked as a taste to keep, for `--style` and [`Request::to_taste`].
    pub fn taste(&self, name: &str, request: &Request) -> Taste {
        let answers = self.answered();
        let source = format!("{answers} answers about {}: {}", self.song, self.words());
        let lean = *self.request(request).lean().expect("it leans");
        Taste::new(name, source, lean, request.chosen_style().cloned())
    }
}

/// The request, leaning further.
fn leaning(request: &Request, lean: &Lean) -> Request {
    let already = request.lean().copied().unwrap_or_default();
    request.clone().leaning_to(already.plus(lean))
}

impl Song {
    /// An audition before its first question: what may be moved of a master of this song.
    ///
    /// # Errors
    /// Those of [`Song::suggest`].
    pub fn audition(&self, request: &Request) -> Result<Sitting, Error> {
        let plain = self.drafted(request)?;
        let compressed = !plain.settings.compressor.bands.is_empty();
        let space = TasteSpace::of(self.analysis(), compressed);
        Ok(Sitting {
            schema: AUDITION_SCHEMA.to_owned(),
            song: self.short_name().to_owned(),
            pcm_md5: self.pcm_md5()?.to_owned(),
            wishes_md5: request.md5(),
            audition: Audition::new(space, request.options.seed),
        })
    }

    /// The two of a pair, through the same rules and bounds as every plan.
    ///
    /// # Errors
    /// Those of [`Song::suggest`].
    pub fn candidates(
        &self,
        sitting: &Sitting,
        pair: &Pair,
        request: &Request,
    ) -> Result<[Candidate; 2], Error> {
        let of = |point| self.candidate(sitting, point, request);
        Ok([of(&pair.first)?, of(&pair.second)?])
    }

    /// One of a pair.
    pub(crate) fn candidate(
        &self,
        sitting: &Sitting,
        point: &[f64],
        request: &Request,
    ) -> Result<Candidate, Error> {
        let lean = sitting.audition.space.lean(point);
        let document = self.drafted(&leaning(request, &lean))?;
        Ok(Candidate { lean, document })
    }

    /// Settings that predictions alone lead to.
    fn drafted(&self, request: &Request) -> Result<SettingsDocument, Error> {
        let options = self.options(None, request)?;
        let aim = self.aimed(request, &options)?;
        let (settings, _) = drafted(self.measured(), &aim, &options);
        Ok(SettingsDocument::new(settings))
    }

    /// A stretch of the song as each of a pair makes it sound, both at one loudness: the louder is turned down.
    ///
    /// # Errors
    /// When the song cannot be read again.
    pub fn audible(
        &self,
        candidates: &[Candidate; 2],
        begin_s: f64,
        length_s: f64,
    ) -> Result<[Excerpt; 2], Error> {
        let excerpt = self.excerpt(begin_s, length_s)?;
        let of =
            |candidate: &Candidate| excerpt.mastered(&Application::of(candidate.document.clone()));
        let mut pair = [of(&candidates[0])?, of(&candidates[1])?];
        if let [Some(first), Some(second)] = [0, 1].map(|index: usize| pair[index].integrated_lufs)
        {
            let lufs = first.min(second);
            pair.iter_mut().for_each(|excerpt| excerpt.turn_down_to(lufs));
        }
        Ok(pair)
    }
}

impl Excerpt {
    /// Brings it down to a loudness.
    fn turn_down_to(&mut self, lufs: f64) {
        let Some(now) = self.integrated_lufs else { return };
        let gain = db_to_amplitude(lufs - now) as f32;
        self.audio.planes_mut().iter_mut().flatten().for_each(|sample| *sample *= gain);
        self.integrated_lufs = Some(lufs);
    }
}

#[cfg(test)]
mod tests;
