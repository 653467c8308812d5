//! From a request to what the fit aims for.

use acetate_analyzer::Analysis;
use acetate_optimizer::{FitOptions, Match};
use acetate_references::{Aim, Profile, References};

use super::Request;
use crate::Error;

impl Request {
    /// What the fit may do, but for the output.
    pub(crate) fn fit_options(&self) -> FitOptions {
        let by_record = !self.references.is_empty() && !self.target_asked;
        let usual = match self.references.is_empty() && self.has_reference() {
            false => Match { loudness: by_record, ..Match::default() },
            // Of records that are there for one aspect each nothing else is taken.
            true => Match {
                tone: self.tone_of.is_some(),
                dynamics: self.dynamics_of.is_some(),
                width: self.width_of.is_some(),
                loudness: false,
            },
        };
        FitOptions { take: self.take.unwrap_or(usual), ..self.options.clone() }
    }

    /// The aim for one mix.
    pub(crate) fn aim(&self, mix: &Analysis) -> Result<Aim, Error> {
        let aim = self.upright_aim(mix)?;
        Ok(match &self.lean {
            Some(lean) => aim.leaning(mix, lean),
            None => aim,
        })
    }

    /// The aim without the lean.
    fn upright_aim(&self, mix: &Analysis) -> Result<Aim, Error> {
        if !self.has_reference() {
            return Ok(match &self.style {
                None => Aim::one_shot_among(
                    self.own_records.model(),
                    self.own_records.kinds(),
                    mix,
                    &self.target,
                    self.options.one_shot,
                ),
                Some(style) => Aim::one_shot_in(style, mix, &self.target, self.options.one_shot),
            });
        }
        let mut whole: Vec<(&Profile, f64)> = self
            .references
            .iter()
            .map(|reference| (&reference.profile, reference.weight))
            .collect();
        if whole.is_empty() {
            whole.extend(self.records().map(|profile| (profile, 1.0)));
        }
        let mut references = References::blended(&whole);
        if let Some(profile) = &self.tone_of {
            references = references.with_tone_of(profile);
        }
        if let Some(profile) = &self.dynamics_of {
            references = references.with_dynamics_of(profile);
        }
        if let Some(profile) = &self.width_of {
            references = references.with_width_of(profile);
        }
        Ok(Aim::from_references(&references, &self.target)?)
    }
}
