//! One song on the desk: what a page, or another program that a person sits before, asks of it, one question after the other.
//!
//! Questions come and answers go as JSON, so that a page talks to an engine in its browser and to one behind a server alike.

mod audition;
mod changes;
mod error;
mod offers;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use acetate_optimizer::SettingsDocument;
use serde::Deserialize;
use serde_json::json;

pub use changes::Changes;
pub use error::DeskError;
pub use offers::offers;

use crate::output::{NameParts, Output, extension_of};
use crate::{
    Application, Error, Excerpt, Master, Observer, Opening, Plan, Profile, Request, Sitting, Song,
    Wishes, documents,
};

/// Longest stretch that is heard at once, in seconds.
const EXCERPT_S_MAX: f64 = 120.0;
/// Most columns of a waveform.
const COLUMNS_MAX: usize = 10_000;

/// A mix, the record it is matched to, and what was decided for it.
#[derive(Debug, Default)]
pub struct Desk {
    mix: Option<Song>,
    record: Option<Profile>,
    plan: Option<Plan>,
    /// The stretch that was heard last: what is too long to be held would be read from its beginning for every movement of a slider.
    stretch: Option<Stretch>,
}

/// A part of the mix.
#[derive(Debug)]
struct Stretch {
    begin_s: f64,
    length_s: f64,
    excerpt: Arc<Excerpt>,
}

/// What is asked of the mix that is open.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case", deny_unknown_fields)]
pub enum Ask {
    /// What is to be done? Gives the settings (`acetate.settings/1`).
    Suggest {
        /// What is wanted.
        wishes: Box<Wishes>,
        /// Is it matched to the record that was opened?
        #[serde(default)]
        matched: bool,
    },
    /// What would each loudness cost? Gives a list of [`CurvePoint`](crate::optimizer::CurvePoint).
    Curve {},
    /// A stretch of it as it is.
    Excerpt {
        /// Where it begins, in seconds.
        begin: f64,
        /// How long it is, in seconds.
        length: f64,
    },
    /// The same stretch as the plan makes it sound.
    Mastered {
        /// What is to be different of the plan.
        #[serde(default)]
        changes: Changes,
        /// Where it begins, in seconds.
        begin: f64,
        /// How long it is, in seconds.
        length: f64,
    },
    /// An audition of it before the first question. Gives `{state, told}`: a [`Sitting`], to be kept by whoever asks, and how far it is:
    /// `{answered, asked_for, left, done, words, certainty}`.
    Audition {
        /// What is wanted beside the taste.
        wishes: Box<Wishes>,
        /// Is it matched to the record that was opened?
        #[serde(default)]
        matched: bool,
    },
    /// A stretch of it as one of the pair that is asked about next.
    AuditionHeard {
        /// As in [`Ask::Audition`].
        wishes: Box<Wishes>,
        /// As in [`Ask::Audition`].
        #[serde(default)]
        matched: bool,
        /// The audition.
        state: Box<Sitting>,
        /// The first of the pair, or the second?
        first: bool,
        /// Where it begins, in seconds.
        begin: f64,
        /// How long it is, in seconds.
        length: f64,
    },
    /// The audition after an answer. Gives `{state, told}`.
    AuditionAnswer {
        /// The audition.
        state: Box<Sitting>,
        /// What is liked; nothing takes the last answer back.
        #[serde(default)]
        answer: Option<crate::optimizer::Answer>,
    },
    /// What is liked, as a document to keep and to wish for as a style (`acetate.taste/1`). Gives `{taste, told}`.
    AuditionTaste {
        /// As in [`Ask::Audition`].
        wishes: Box<Wishes>,
        /// As in [`Ask::Audition`].
        #[serde(default)]
        matched: bool,
        /// The audition.
        state: Box<Sitting>,
        /// What the taste is called.
        name: String,
    },
    /// The master. Gives `{name, settings, verdict: {done, met, missed, integrated_lufs, true_peak_dbtp, plr_db}}`;
    /// what was missed are the checks of [`Verdict`](crate::optimizer::Verdict).
    Master {
        /// What is to be different of the plan.
        #[serde(default)]
        changes: Changes,
    },
}

/// What came of a question.
#[derive(Debug)]
pub struct Answer {
    /// What is said, as JSON.
    pub json: String,
    /// What is heard.
    pub sound: Option<Excerpt>,
    /// What was made.
    pub master: Option<Box<Master>>,
}

impl Answer {
    fn said(json: String) -> Self {
        Self { json, sound: None, master: None }
    }

    fn heard(excerpt: Excerpt) -> Self {
        let spec = excerpt.audio.spec();
        let json = json!({
            "rate": spec.sample_rate_hz,
            "channels": spec.channels,
            "frames": excerpt.audio.frames(),
            "lufs": excerpt.integrated_lufs,
        });
        Self { json: json.to_string(), sound: Some(excerpt), master: None }
    }
}

impl Desk {
    /// Reads and measures a mix, which takes the place of the one before. Gives `{analysis, flaws, wave, loudest}`: what was measured
    /// (`acetate.analysis/1`), what was wrong with the file, the highest peak in each of `columns` stretches (full scale 1.0), and where
    /// its loudest `length_s` seconds begin, in seconds.
    ///
    /// # Errors
    /// When it cannot be read as sound, or the observer stops it: then no mix is open.
    pub fn open(
        &mut self,
        opening: Opening,
        columns: usize,
        length_s: f64,
        observer: &mut dyn Observer,
    ) -> Result<Answer, Error> {
        (self.mix, self.plan, self.stretch) = (None, None, None);
        let song = opening.measure(observer)?;
        let flaws: Vec<String> = song.flaws().chain(song.missing()).collect();
        let about = json!({
            "analysis": song.analysis(),
            "flaws": flaws,
            "wave": song.waveform(columns.min(COLUMNS_MAX)),
            "loudest": song.loudest_s(length_s),
        });
        self.mix = Some(song);
        Ok(Answer::said(about.to_string()))
    }

    /// Reads and measures a record to be matched. Gives `{rate, channels, frames, lufs}` and its loudest `length_s` seconds.
    ///
    /// # Errors
    /// When it cannot be read as sound, or the observer stops it: then there is no record.
    pub fn record(
        &mut self,
        opening: Opening,
        length_s: f64,
        observer: &mut dyn Observer,
    ) -> Result<Answer, Error> {
        self.record = None;
        let song = opening.measure(observer)?;
        let excerpt = heard(&song, song.loudest_s(length_s), length_s)?;
        self.record = Some(song.profile());
        Ok(Answer::heard(excerpt))
    }

    /// Answers a question; a master goes to `output`.
    ///
    /// # Errors
    /// When nothing is open or decided yet, the wishes name what is not offered, and those of what is asked.
    pub fn ask(
        &mut self,
        ask: &Ask,
        output: Output,
        observer: &mut dyn Observer,
    ) -> Result<Answer, Error> {
        match ask {
            Ask::Suggest { wishes, matched } => self.suggest(wishes, *matched, observer),
            Ask::Curve {} => {
                let curve = self.plan()?.loudness_curve(self.mix()?, observer)?;
                Ok(Answer::said(json!(curve).to_string()))
            }
            Ask::Excerpt { begin, length } => {
                self.stretch(*begin, *length).map(|stretch| Answer::heard((*stretch).clone()))
            }
            Ask::Mastered { changes, begin, length } => {
                let changed = self.changed(changes)?;
                let excerpt = self.stretch(*begin, *length)?;
                excerpt.mastered(&changed).map(Answer::heard)
            }
            Ask::Audition { wishes, matched } => {
                let request = self.request(wishes, *matched)?;
                audition::told(&self.mix()?.audition(&request)?)
            }
            Ask::AuditionHeard { wishes, matched, state, first, begin, length } => {
                let request = self.request(wishes, *matched)?;
                let excerpt = self.stretch(*begin, *length)?;
                audition::heard(self.mix()?, &request, state, *first, &excerpt)
            }
            Ask::AuditionAnswer { state, answer } => audition::answered(state, *answer),
            Ask::AuditionTaste { wishes, matched, state, name } => {
                audition::taste(&self.request(wishes, *matched)?, state, name)
            }
            Ask::Master { changes } => self.master(changes, output, observer),
        }
    }

    /// What the program would call the master of what was decided; `None` before that.
    pub fn output_name(&self) -> Option<String> {
        let (song, plan) = (self.mix.as_ref()?, self.plan.as_ref()?);
        let parts = NameParts {
            stem: song.stem(),
            target: &plan.target.id,
            target_asked: plan.document.aim.target.as_ref().is_some_and(|t| !t.by_default),
            reference: plan.document.aim.references.first().map(|record| record.id.as_str()),
            extension: extension_of(plan.document.settings.output.format),
        };
        parts.fill(None).ok()
    }

    fn suggest(
        &mut self,
        wishes: &Wishes,
        matched: bool,
        observer: &mut dyn Observer,
    ) -> Result<Answer, Error> {
        let request = self.request(wishes, matched)?;
        let mono = self.mix()?.analysis().format.mono;
        if mono.is_some_and(|now| now != request.mono()) {
            self.mix = Some(self.mix()?.clone().heard(request.mono())?);
            self.stretch = None;
        }
        let plan = self.mix()?.suggest(&request, observer)?;
        let text = settings_text(&plan.document)?;
        self.plan = Some(plan);
        Ok(Answer::said(text))
    }

    /// What wishes ask for, and the record where it is matched.
    fn request(&self, wishes: &Wishes, matched: bool) -> Result<Request, Error> {
        offers::expect_offered(wishes)?;
        let request = wishes.request(None)?;
        if !matched {
            return Ok(request);
        }
        let record = self.record.clone().ok_or(DeskError::NothingOpen { what: "record" })?;
        Ok(request.reference_profile(record, 1.0))
    }

    fn master(
        &self,
        changes: &Changes,
        output: Output,
        observer: &mut dyn Observer,
    ) -> Result<Answer, Error> {
        let (song, plan) = (self.mix()?, self.plan()?);
        let master = if changes.is_none() {
            song.master(plan, output, observer)?
        } else {
            song.apply(&self.changed(changes)?, output, observer)?.master
        };
        let loudness = &master.after.analysis.loudness;
        let missed: Vec<_> =
            master.verdict.checks.iter().filter(|check| !check.met && !check.advisory).collect();
        let json = json!({
            "name": self.output_name(),
            "settings": settings_text(&master.document)?,
            "verdict": {
                "done": master.done,
                "met": master.met(),
                "missed": missed,
                "integrated_lufs": loudness.integrated_lufs,
                "true_peak_dbtp": loudness.true_peak_dbtp,
                "plr_db": loudness.plr_db,
            },
        });
        Ok(Answer { json: json.to_string(), sound: None, master: Some(Box::new(master)) })
    }

    fn mix(&self) -> Result<&Song, Error> {
        Ok(self.mix.as_ref().ok_or(DeskError::NothingOpen { what: "mix" })?)
    }

    /// A part of the mix, read when it is not the one that was heard last.
    fn stretch(&mut self, begin_s: f64, length_s: f64) -> Result<Arc<Excerpt>, Error> {
        let is_it = |known: &&Stretch| (known.begin_s, known.length_s) == (begin_s, length_s);
        if let Some(known) = self.stretch.as_ref().filter(is_it) {
            return Ok(Arc::clone(&known.excerpt));
        }
        let excerpt = Arc::new(heard(self.mix()?, begin_s, length_s)?);
        self.stretch = Some(Stretch { begin_s, length_s, excerpt: Arc::clone(&excerpt) });
        Ok(excerpt)
    }

    fn plan(&self) -> Result<&Plan, Error> {
        Ok(self.plan.as_ref().ok_or(DeskError::Undecided)?)
    }

    fn changed(&self, changes: &Changes) -> Result<Application, Error> {
        let document = self.plan()?.document.clone();
        Application::new("the plan", document, changes.scaling(), changes.lufs)
    }
}

fn heard(song: &Song, begin_s: f64, length_s: f64) -> Result<Excerpt, Error> {
    song.excerpt(begin_s, length_s.clamp(0.0, EXCERPT_S_MAX))
}

fn settings_text(document: &SettingsDocument) -> Result<String, Error> {
    documents::settings_text(document)
        .map_err(|error| Error::Document { name: "the plan".to_owned(), reason: error.to_string() })
}
