//! What a person likes, kept: a lean beside whatever a master would be, and the style it was found in.

use acetate_documents::Fault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::aim::Lean;
use crate::limits::{OutOfRange, check, check_each};
use crate::name::plain_id;
use crate::style::{Style, StyleError};

/// The `schema` of a taste document.
pub const TASTE_SCHEMA: &str = "acetate.taste/1";

/// A person's taste (`acetate.taste/1`): other songs lean to it as this one did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Taste {
    /// Always `acetate.taste/1`.
    pub schema: String,
    /// Name for the command line.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What it was learned from, in a sentence.
    pub source: String,
    /// What it leans to.
    pub lean: Lean,
    /// The style it was found in; without one it leans from what the mix is heard to need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<Box<Style>>,
}

impl Taste {
    /// A taste of that name.
    pub fn new(name: &str, source: String, lean: Lean, style: Option<Style>) -> Self {
        Self {
            schema: TASTE_SCHEMA.to_owned(),
            id: plain_id(name),
            name: name.to_owned(),
            source,
            lean,
            style: style.map(Box::new),
        }
    }

    /// Whether a text is meant to be one: its `schema` says so.
    pub fn is_meant(json: &str) -> bool {
        #[derive(Deserialize)]
        struct Named {
            schema: String,
        }
        acetate_documents::from_text::<Named>(json)
            .is_ok_and(|named| named.schema.starts_with("acetate.taste/"))
    }

    /// Reads a taste document.
    ///
    /// # Errors
    /// The path of the key that is wrong or missing; a foreign `schema`; numbers that no lean has.
    pub fn parse(json: &str) -> Result<Self, TasteError> {
        let taste: Self = acetate_documents::from_text(json)
            .map_err(|Fault { path, reason }| TasteError::Document { path, reason })?;
        if taste.schema != TASTE_SCHEMA {
            return Err(TasteError::Schema { given: taste.schema });
        }
        let lean = &taste.lean;
        check_each("lean.tone_db", lean.tone_db, &(-12.0..=12.0))?;
        check("lean.width_db", lean.width_db, &(-6.0..=6.0))?;
        check("lean.density_pct", lean.density_pct, &(-50.0..=50.0))?;
        if let Some(style) = &taste.style {
            Style::parse(&style.to_json())?;
        }
        Ok(taste)
    }

    /// The document as it is stored.
    pub fn to_json(&self) -> String {
        acetate_documents::to_text(self)
    }
}

/// Why a taste was not taken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TasteError {
    /// Not JSON, or a key is wrong or missing.
    #[error("taste document, at {path}: {reason}")]
    Document {
        /// Path of the key in the document.
        path: String,
        /// What is wrong there.
        reason: String,
    },
    /// Another kind of document, or a newer one.
    #[error("schema is \"{given}\", this version reads \"{TASTE_SCHEMA}\"")]
    Schema {
        /// The schema it names.
        given: String,
    },
    /// A number that no lean has.
    #[error("taste document: {0}")]
    OutOfRange(#[from] OutOfRange),
    /// Its style is none.
    #[error("the style of the taste: {0}")]
    Style(#[from] StyleError),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taste() -> Taste {
        let lean = Lean { width_db: 0.8, ..Lean::of_tone([1.0; 9]) };
        Taste::new("My Taste", "eight answers".to_owned(), lean, None)
    }

    #[test]
    fn a_taste_survives_its_document() {
        let taste = taste();
        assert_eq!(Taste::parse(&taste.to_json()), Ok(taste.clone()));
        assert!(Taste::is_meant(&taste.to_json()) && taste.id == "my-taste");
    }

    #[test]
    fn a_lean_that_no_person_has_is_refused_with_its_path() {
        let wild = Taste { lean: Lean { width_db: 90.0, ..Lean::default() }, ..taste() };
        let error = Taste::parse(&wild.to_json()).unwrap_err().to_string();
        assert!(error.contains("lean.width_db is 90"), "{error}");
        let foreign = Taste { schema: "acetate.taste/9".to_owned(), ..taste() };
        assert!(matches!(Taste::parse(&foreign.to_json()), Err(TasteError::Schema { .. })));
    }
}
