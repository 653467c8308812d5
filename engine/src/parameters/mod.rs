//! The parameter table: every knob of the engine, once.
//!
//! Validation, the limits in the JSON schema, the bounds of a search and the documentation derive from it. A key is the path
//! inside `settings`, with `[]` for "each entry of the list".

mod behind;
mod restore;
mod table;

use behind::BEHIND_COMPRESSION;
use restore::REPAIRS;
use table::UP_TO_COMPRESSION;

/// The parts of the table.
const PARTS: [&[Parameter]; 3] = [REPAIRS, UP_TO_COMPRESSION, BEHIND_COMPRESSION];

/// Every knob, in the order of processing.
pub const PARAMETERS: &[Parameter] =
    &joined::<{ REPAIRS.len() + UP_TO_COMPRESSION.len() + BEHIND_COMPRESSION.len() }>();

/// All parts of the table.
const fn joined<const COUNT: usize>() -> [Parameter; COUNT] {
    let mut all = [REPAIRS[0]; COUNT];
    let (mut index, mut part, mut first) = (0, 0, 0);
    while index < COUNT {
        if index - first == PARTS[part].len() {
            first = index;
            part += 1;
        }
        all[index] = PARTS[part][index - first];
        index += 1;
    }
    all
}

/// One knob.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// Path inside `settings`, such as `equalizer.bands[].q`.
    pub key: &'static str,
    /// Unit of the value; empty for pure numbers, words and switches.
    pub unit: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// One sentence: what it does.
    pub doc: &'static str,
}

/// The values a knob takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A finite number within a range, both ends included.
    Number(Range),
    /// A list of numbers within a range, empty by default.
    Numbers(Range),
    /// A number within a range, or `null` for "off" (which is the default).
    Optional(Range),
    /// The same, with a word that may stand for `null`.
    OptionalOr(Range, &'static str),
    /// One of these words (or, for `output.bits`, numbers).
    Choice {
        /// The words.
        options: &'static [&'static str],
        /// The word meant when the key is absent.
        default: &'static str,
    },
    /// `true` or `false`.
    Switch {
        /// The value meant when the key is absent.
        default: bool,
    },
    /// Free text.
    Text,
    /// A list of objects with at most this many entries; empty by default.
    List {
        /// Most entries.
        entries_max: usize,
    },
}

/// Bounds and default of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Value meant when the key is absent, where there is one.
    pub default: f64,
    /// How the range is best walked through.
    pub scale: Scale,
}

/// How a range is best walked through, by a search or on a knob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Equal steps sound equal.
    Linear,
    /// Equal ratios sound equal.
    Logarithmic,
    /// Whole multiples of this.
    Multiples(u32),
}

impl Scale {
    /// What values are whole multiples of, if they must be.
    pub fn step(self) -> Option<f64> {
        match self {
            Self::Multiples(step) => Some(f64::from(step)),
            Self::Linear | Self::Logarithmic => None,
        }
    }
}

/// The knob of this key.
///
/// # Panics
/// When no knob has the key: keys are written in code, so that is a mistake in it.
pub fn parameter(key: &str) -> &'static Parameter {
    PARAMETERS.iter().find(|p| p.key == key).unwrap_or_else(|| panic!("no parameter {key}"))
}

/// The range of a numeric knob.
///
/// # Panics
/// When the key names no number.
pub fn range(key: &str) -> Range {
    match parameter(key).kind {
        Kind::Number(range)
        | Kind::Numbers(range)
        | Kind::Optional(range)
        | Kind::OptionalOr(range, _) => range,
        _ => panic!("{key} is not a number"),
    }
}

const fn linear(min: f64, max: f64, default: f64) -> Kind {
    Kind::Number(Range { min, max, default, scale: Scale::Linear })
}

const fn log(min: f64, max: f64, default: f64) -> Kind {
    Kind::Number(Range { min, max, default, scale: Scale::Logarithmic })
}

const fn integer(min: f64, max: f64, default: f64) -> Kind {
    multiples(1, min, max, default)
}

const fn multiples(step: u32, min: f64, max: f64, default: f64) -> Kind {
    Kind::Number(Range { min, max, default, scale: Scale::Multiples(step) })
}

const fn optional(min: f64, max: f64, scale: Scale) -> Kind {
    Kind::Optional(Range { min, max, default: min, scale })
}

const fn choice(options: &'static [&'static str], default: &'static str) -> Kind {
    Kind::Choice { options, default }
}

const fn switch(default: bool) -> Kind {
    Kind::Switch { default }
}

const fn knob(key: &'static str, unit: &'static str, kind: Kind, doc: &'static str) -> Parameter {
    Parameter { key, unit, kind, doc }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_there_once() {
        for (index, parameter) in PARAMETERS.iter().enumerate() {
            assert!(
                PARAMETERS[..index].iter().all(|p| p.key != parameter.key),
                "{}",
                parameter.key
            );
        }
    }

    #[test]
    fn every_default_lies_within_its_range() {
        for parameter in PARAMETERS {
            if let Kind::Number(range) = parameter.kind {
                assert!((range.min..=range.max).contains(&range.default), "{}", parameter.key);
            }
        }
    }

    #[test]
    fn every_knob_is_explained_in_one_sentence() {
        for Parameter { key, doc, .. } in PARAMETERS {
            assert!(doc.ends_with('.') && doc.len() < 140, "{key}: {doc}");
        }
    }
}
