//! What can be wrong with a system of one's own.

use thiserror::Error;

/// What is wrong with the document of a system.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum SystemError {
    /// It is no such document.
    #[error("{path}: {reason}")]
    Document {
        /// Path of the key.
        path: String,
        /// What is wrong there.
        reason: String,
    },
    /// Too few points.
    #[error("a curve needs {} points or more, and {key} has {given}", Self::POINTS_MIN)]
    TooFew {
        /// The key.
        key: &'static str,
        /// How many it has.
        given: usize,
    },
    /// A level for each frequency is wanted.
    #[error("{key} has {given} levels for {wanted} frequencies")]
    Length {
        /// The key.
        key: &'static str,
        /// How many it has.
        given: usize,
        /// How many frequencies there are.
        wanted: usize,
    },
    /// A frequency does not follow the one before it, or is none.
    #[error("the frequencies of a curve rise from 1 Hz to 100 kHz, and {given} Hz does not")]
    Frequency {
        /// The frequency.
        given: f64,
    },
    /// A level is no number of decibels.
    #[error("{key}: {given} dB at {hz} Hz is not within 100 dB of 0")]
    Level {
        /// The key.
        key: &'static str,
        /// The level.
        given: f64,
        /// Where.
        hz: f64,
    },
    /// A setting is out of its range.
    #[error("{key} of {given} is outside {min} to {max}")]
    Range {
        /// The key.
        key: &'static str,
        /// The value.
        given: f64,
        /// Least value.
        min: f64,
        /// Greatest value.
        max: f64,
    },
    /// There is no such noise.
    #[error("there is no noise {given}: {known}")]
    Noise {
        /// What was asked for.
        given: String,
        /// What there is.
        known: String,
    },
    /// It has no id.
    #[error("id is empty or has other characters than letters, figures and -")]
    Id,
}

impl SystemError {
    /// Fewest points of a curve that says anything about a loudspeaker.
    pub const POINTS_MIN: usize = 3;
}
