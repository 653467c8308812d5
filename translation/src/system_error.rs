//! What can be wrong with a system of one's own.

use acetate_documents::Fault;
use thiserror::Error;

use crate::curve::THIRD_OCTAVES_HZ;

/// What is wrong with the document of a system.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum SystemError {
    /// It is no such document.
    #[error("{reason}; a curve looks like {}", Self::EXAMPLE)]
    Document {
        /// What is wrong, with the path of the key.
        reason: String,
    },
    /// Too few points.
    #[error(
        "a curve needs {} points or more, and {key} has {given}; a curve looks like {}",
        Self::POINTS_MIN,
        Self::EXAMPLE
    )]
    TooFew {
        /// The key.
        key: &'static str,
        /// How many it has.
        given: usize,
    },
    /// A level for each frequency is wanted.
    #[error(
        "{key} has {given} levels for {wanted} frequencies{}; a curve looks like {}",
        thirds(*wanted),
        Self::EXAMPLE
    )]
    Length {
        /// The key.
        key: &'static str,
        /// How many it has.
        given: usize,
        /// How many frequencies there are.
        wanted: usize,
    },
    /// A frequency does not follow the one before it, or is none.
    #[error("hz: the frequencies of a curve rise from 1 Hz to 100 kHz, and {given} Hz does not")]
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
    /// A curve as it is wanted.
    pub const EXAMPLE: &'static str =
        r#"{"id": "kitchen", "hz": [100, 1000, 10000], "curve_db": [-12, 0, -3]}"#;

    /// Expects a value in its range.
    pub(crate) fn within(
        key: &'static str,
        given: f64,
        range: std::ops::RangeInclusive<f64>,
    ) -> Result<(), Self> {
        match range.contains(&given) {
            true => Ok(()),
            false => Err(Self::Range { key, given, min: *range.start(), max: *range.end() }),
        }
    }

    /// A text that is no JSON, in words that name no parser.
    pub(crate) fn of_text(error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let (line, column) = (error.line(), error.column());
        let reason = if text.starts_with("number out of range") {
            format!("line {line}, column {column}: a number is too large")
        } else if text.starts_with("EOF") && line <= 1 && column == 0 {
            "is empty".to_owned()
        } else {
            format!("is not JSON: line {line}, column {column}")
        };
        Self::Document { reason }
    }

    /// A document that is no system, in words that name no parser.
    pub(crate) fn of_fault(fault: &Fault) -> Self {
        Self::Document { reason: at_key(&fault.path, &fault.reason) }
    }
}

/// `invalid type: null, expected f64`, in words.
fn at_key(path: &str, said: &str) -> String {
    if let Some(key) = said.strip_prefix("missing field ") {
        return format!("has no {}", key.trim_matches('`'));
    }
    if let Some(key) = said.strip_prefix("unknown field ") {
        let key = key.split('`').nth(1).unwrap_or(key);
        return format!("has a key {key}, which no system has");
    }
    let (_, found) = said.split_once(": ").unwrap_or(("", said));
    let Some((found, wanted)) = found.split_once(", expected ") else {
        return format!("{path}: {said}");
    };
    let wanted = match wanted {
        "f64" => "a number",
        "a sequence" => "a list",
        "struct System" => "an object in braces",
        "a string" => "a word in quotes",
        other => other,
    };
    let found = found.replace('`', "");
    match path {
        "." => format!("is {found}, and {wanted} is wanted"),
        path => format!("{path} is {found}, and {wanted} is wanted"),
    }
}

/// Where no frequencies are given, what they are.
fn thirds(wanted: usize) -> &'static str {
    if wanted == THIRD_OCTAVES_HZ.len() {
        " (without hz, those are the third octaves from 20 Hz to 20 kHz)"
    } else {
        ""
    }
}
