//! What can be wrong with settings.

use thiserror::Error;

/// Why settings cannot be used. Every path starts at `settings`, as a person sees it in the document.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// Not JSON.
    #[error("not JSON: {message}")]
    NotJson {
        /// What the JSON reader says, with line and column.
        message: String,
    },
    /// A key nobody reads.
    #[error("{path}: unknown key{}", did_you_mean(suggestion))]
    UnknownKey {
        /// Where.
        path: String,
        /// The known key that looks most like it.
        suggestion: Option<String>,
    },
    /// A word that is none of the choices.
    #[error("{path}: {given:?} is none of {}{}", options.join(", "), did_you_mean(suggestion))]
    UnknownWord {
        /// Where.
        path: String,
        /// What stands there.
        given: String,
        /// What could.
        options: Vec<String>,
        /// The option that looks most like it.
        suggestion: Option<String>,
    },
    /// A value of another type.
    #[error("{path}: expected {expected}, found {found}")]
    WrongType {
        /// Where.
        path: String,
        /// What is needed.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A number below its range.
    #[error("{path}: {given} is below {min}{}", with_unit(unit))]
    TooLow {
        /// Where.
        path: String,
        /// What stands there.
        given: f64,
        /// Smallest value.
        min: f64,
        /// Unit of both.
        unit: &'static str,
    },
    /// A number above its range.
    #[error("{path}: {given} is above {max}{}", with_unit(unit))]
    TooHigh {
        /// Where.
        path: String,
        /// What stands there.
        given: f64,
        /// Largest value.
        max: f64,
        /// Unit of both.
        unit: &'static str,
    },
    /// Something that needs more of the future than sound that is heard while it is made has.
    #[error("{path}: cannot be done to sound that is heard while it is made")]
    NotLive {
        /// Where.
        path: &'static str,
    },
    /// A frequency that sound of this rate does not have.
    #[error(
        "{path}: {given} Hz is outside {min} to {max} Hz, which is what sound of {rate_hz} Hz holds"
    )]
    BeyondNyquist {
        /// Where.
        path: String,
        /// What stands there.
        given: f64,
        /// Smallest value.
        min: f64,
        /// Half of the rate.
        max: f64,
        /// Rate of the source.
        rate_hz: u32,
    },
    /// More entries than allowed.
    #[error("{path}: {given} entries are more than {max}")]
    TooMany {
        /// Where.
        path: String,
        /// Number of entries.
        given: usize,
        /// Most entries.
        max: usize,
    },
    /// A number that is neither whole nor in the steps it has to be in.
    #[error("{path}: {given} is not a multiple of {step}")]
    NotAMultiple {
        /// Where.
        path: String,
        /// What stands there.
        given: f64,
        /// The step.
        step: f64,
    },
    /// Crossovers, band ends or sections that do not rise.
    #[error("{path}: {given} {unit} does not lie above {previous} {unit} before it")]
    NotRising {
        /// Where.
        path: String,
        /// What stands there.
        given: f64,
        /// What both are counted in.
        unit: &'static str,
        /// The entry before.
        previous: f64,
    },
    /// Two bands of one name.
    #[error("{path}: {given:?} is the name of another band already")]
    DuplicateId {
        /// Path in the document.
        path: String,
        /// The name.
        given: String,
    },
    /// Crossovers and bands whose numbers do not fit.
    #[error("{path}: {bands} bands need {} crossovers, found {crossovers}", bands.saturating_sub(1))]
    CrossoverCount {
        /// Where.
        path: String,
        /// Number of bands.
        bands: usize,
        /// Number of crossovers.
        crossovers: usize,
    },
}

fn did_you_mean(suggestion: &Option<String>) -> String {
    suggestion.as_ref().map_or_else(String::new, |word| format!("; did you mean `{word}`?"))
}

fn with_unit(unit: &str) -> String {
    if unit.is_empty() { String::new() } else { format!(" {unit}") }
}
