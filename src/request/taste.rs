//! Styles, tastes and leans: what it should sound like where no record says so.

use acetate_references::aim::Lean;
use acetate_references::style::Style;
use acetate_references::style::wide::Wide;
use acetate_references::{Profile, Taste};

use super::Request;
use crate::collection::Collection;
use crate::names::{style_named, taste_named};
use crate::{Error, Library};

impl Request {
    /// Leans to a style where there is no record: a built-in id or a style file; or to a taste, from its file.
    ///
    /// # Errors
    /// When there is no such style.
    pub fn style(self, name: &str) -> Result<Self, Error> {
        self.style_in(None, name)
    }

    /// The same, also of a library.
    ///
    /// # Errors
    /// When there is no such style.
    pub fn style_in(self, library: Option<&Library>, name: &str) -> Result<Self, Error> {
        if let Some(taste) = taste_named(name, library)? {
            return Ok(self.to_taste(taste));
        }
        Ok(self.in_style(style_named(name, library)?))
    }

    /// Leans to a person's taste, in the style that it was found in.
    pub fn to_taste(self, taste: Taste) -> Self {
        let leant = self.leaning_to(taste.lean);
        match taste.style {
            Some(style) => leant.in_style(*style),
            None => leant,
        }
    }

    /// Leans to this style where there is no record.
    pub fn in_style(self, style: Style) -> Self {
        Self { style: Some(style), ..self }
    }

    /// Where nothing else is said, a mix is judged among these records, too: of n they count for n / (n + 5) of all that is known of
    /// records ([`Model::with_own`](acetate_references::oneshot::Model::with_own)). With eight or more, the loudness and range that are usual among those like the mix are, too.
    pub fn among_own_records(self, own_records: Vec<Profile>) -> Self {
        Self { own_records: Collection::new(own_records), ..self }
    }

    /// Moves the tone by so much from where it would go, one value a wide band, dB (-12 to 12 each); a common gain changes nothing.
    pub fn leaning(self, lean_db: Wide) -> Self {
        self.leaning_to(Lean::of_tone(lean_db))
    }

    /// The style that was chosen.
    pub(crate) fn chosen_style(&self) -> Option<&Style> {
        self.style.as_ref()
    }

    /// Leans to this tone, width and density beside where it would go, whatever it leant to before.
    pub fn leaning_to(self, lean: Lean) -> Self {
        Self { lean: Some(lean), ..self }
    }

    /// What it leans to beside where it would go.
    pub fn lean(&self) -> Option<&Lean> {
        self.lean.as_ref()
    }
}
