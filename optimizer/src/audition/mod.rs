//! Audition: a few blind choices between two candidates teach what a person likes.
//!
//! A wish is a point in a [`TasteSpace`]: so much of each of a few ways to move a master. A listener prefers the nearer of two
//! candidates, most of the time: the less the difference, the less surely (Bradley & Terry, Biometrika 39, 1952; ties after Rao &
//! Kupper, JASA 62, 1967). What is believed of the listener is a cloud of possible ones, each as likely as it makes the answers
//! ([`Listeners`]). The next pair is the one whose answer tells most about them (Houlsby et al., "Bayesian active learning for
//! classification and preference learning", 2011). Everything follows from the seed and the answers: nothing else is kept.

mod certainty;
mod listeners;
mod question;
mod space;
#[cfg(test)]
mod tests;

pub use certainty::{Certainty, Reach};
pub use space::{TasteSpace, Way};

use acetate_references::aim::Lean;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use listeners::Listeners;

/// Fewest answers that a wish is told from.
pub const ANSWERS_MIN: usize = 5;
/// As many as are asked for, unless it is sure before.
pub const ANSWERS_USUAL: usize = 8;
/// Most: beyond, one tires of listening.
pub const ANSWERS_MAX: usize = 16;
/// From this share on it is sure, percent.
const SURE_PCT: f64 = 80.0;

/// Two candidates, as points of the space.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// What is heard as A.
    pub first: Vec<f64>,
    /// What is heard as B.
    pub second: Vec<f64>,
}

/// Which of a pair is liked better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// A.
    First,
    /// B.
    Second,
    /// Neither: they are equal, or cannot be told apart.
    Same,
}

/// A pair, and what was said about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// What was heard.
    pub pair: Pair,
    /// What was liked.
    pub answer: Answer,
}

/// An audition as far as it has come. Plain data: whoever asks the questions keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Audition {
    /// What may be wished for.
    pub space: TasteSpace,
    /// Every random choice is drawn from it.
    pub seed: u64,
    /// The answers so far.
    pub answers: Vec<Answered>,
}

/// Why an audition that was kept somewhere cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuditionError {
    /// Nothing may be moved.
    #[error("an audition without a way to move the master")]
    Nothing,
    /// Points of another space, or numbers that are none.
    #[error("answer {answer} is about points that are not in the space of the audition")]
    Point {
        /// Which answer, from 1 on.
        answer: usize,
    },
}

impl Audition {
    /// An audition before its first question.
    pub fn new(space: TasteSpace, seed: u64) -> Self {
        Self { space, seed, answers: Vec::new() }
    }

    /// Makes sure that what was read is an audition.
    ///
    /// # Errors
    /// When it has nothing to move, or answers about points elsewhere.
    pub fn check(&self) -> Result<(), AuditionError> {
        if self.space.ways.is_empty() || !self.space.is_sound() {
            return Err(AuditionError::Nothing);
        }
        let wrong = self.answers.iter().position(|answered| {
            let Pair { first, second } = &answered.pair;
            !self.space.holds(first) || !self.space.holds(second)
        });
        wrong.map_or(Ok(()), |index| Err(AuditionError::Point { answer: index + 1 }))
    }

    /// The pair whose answer tells most; `None` when enough was asked, or no pair could be told apart.
    pub fn next_pair(&self) -> Option<Pair> {
        if self.answers.len() >= ANSWERS_MAX {
            return None;
        }
        question::most_telling(&self.space, &self.listeners(), self.seed, self.answers.len())
    }

    /// The next pair by lot, in place of the most telling: what a bench compares with.
    pub fn random_pair(&self) -> Pair {
        question::by_lot(&self.space, self.seed, self.answers.len())
    }

    /// Takes an answer.
    pub fn answer(&mut self, pair: Pair, answer: Answer) {
        self.answers.push(Answered { pair, answer });
    }

    /// Takes the last answer back.
    pub fn undo(&mut self) -> Option<Answered> {
        self.answers.pop()
    }

    /// What is wished for as far as is known: the middle of what the answers leave possible.
    pub fn lean(&self) -> Lean {
        self.space.lean(&self.listeners().middle(&self.space))
    }

    /// How sure that is.
    pub fn certainty(&self) -> Certainty {
        let listeners = self.listeners();
        certainty::of(&self.space, &listeners, &listeners.middle(&self.space))
    }

    /// Whether it can end: eight answers, or five that make it sure.
    pub fn is_done(&self) -> bool {
        let count = self.answers.len();
        count >= ANSWERS_USUAL || (count >= ANSWERS_MIN && self.certainty().within_pct >= SURE_PCT)
    }

    fn listeners(&self) -> Listeners {
        let mut listeners = Listeners::before(&self.space, self.seed);
        for Answered { pair, answer } in &self.answers {
            listeners.hear(&self.space, pair, *answer);
        }
        listeners
    }
}
