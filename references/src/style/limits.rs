//! Which documents are styles: lists that fit together, and numbers that records can have.

use std::ops::RangeInclusive;

use super::document::{Percentiles, STYLE_SCHEMA, Style, StyleError};
use crate::bands::WIDE_BANDS;
use crate::limits::{
    CORRELATION, LEVEL_DB, OutOfRange, RANGE_LU, SHARE, SPREAD_DB, check, check_each,
};

/// What the components leave unexplained, dB: it is divided by.
const RESIDUAL_DB: RangeInclusive<f64> = 0.01..=800.0;
/// How far an entry of a unit vector may be off by rounding.
const UNIT_ROUNDING: f64 = 1e-3;

impl Style {
    pub(super) fn validated(self) -> Result<Self, StyleError> {
        if self.schema != STYLE_SCHEMA {
            return Err(StyleError::Schema { given: self.schema });
        }
        let lists = [self.side_minus_mid_db.len(), self.level_std_db.len()];
        let directions = self.tone.components.len();
        let fit_together = lists == [WIDE_BANDS; 2]
            && directions <= WIDE_BANDS
            && self.tone.component_std_db.len() == directions;
        if !fit_together {
            return Err(StyleError::Lengths);
        }
        self.check_tone()?;
        check("standard_error_db", self.standard_error_db, &SPREAD_DB)?;
        check_each("template_db", self.template_db, &LEVEL_DB)?;
        check_each("detail_std_db", self.detail_std_db, &SPREAD_DB)?;
        for (band, percentiles) in self.side_minus_mid_db.iter().enumerate() {
            percentiles.check(&format!("side_minus_mid_db[{band}]"), &LEVEL_DB)?;
        }
        for (band, percentiles) in self.level_std_db.iter().enumerate() {
            percentiles.check(&format!("level_std_db[{band}]"), &SPREAD_DB)?;
        }
        self.integrated_lufs.check("integrated_lufs", &LEVEL_DB)?;
        self.loudness_range_lu.check("loudness_range_lu", &RANGE_LU)?;
        self.plr_db.check("plr_db", &LEVEL_DB)?;
        if let Some(kind) = &self.kind {
            kind.check()?;
        }
        Ok(self)
    }

    fn check_tone(&self) -> Result<(), OutOfRange> {
        let tone = &self.tone;
        let entries = CORRELATION.start() - UNIT_ROUNDING..=CORRELATION.end() + UNIT_ROUNDING;
        for (index, component) in tone.components.iter().enumerate() {
            check_each(&format!("tone.components[{index}]"), *component, &entries)?;
        }
        check_each("tone.mean_db", tone.mean_db, &LEVEL_DB)?;
        check_each("tone.component_std_db", tone.component_std_db.iter().copied(), &SPREAD_DB)?;
        check_each("tone.residual_std_db", tone.residual_std_db, &RESIDUAL_DB)?;
        check_each("tone.weight", tone.weight, &SHARE)
    }
}

impl Percentiles {
    /// Each within `range`, and none above the next.
    fn check(&self, path: &str, range: &RangeInclusive<f64>) -> Result<(), OutOfRange> {
        let rising = [
            ("p10", self.p10),
            ("p25", self.p25),
            ("p50", self.p50),
            ("p75", self.p75),
            ("p90", self.p90),
        ];
        let mut least = *range.start();
        for (name, given) in rising {
            check(format!("{path}.{name}"), given, &(least..=*range.end()))?;
            least = given;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::style;
    use super::*;

    /// The pop style after `change`, as a document.
    #[track_caller]
    fn refused(path: &str, change: fn(&mut Style)) {
        let mut style = style("pop").unwrap().clone();
        change(&mut style);
        match Style::parse(&style.to_json()) {
            Err(StyleError::OutOfRange(error)) => assert_eq!(error.path, path),
            other => panic!("{path}: {other:?}"),
        }
    }

    #[test]
    fn numbers_that_no_record_has_are_refused_with_their_path() {
        refused("tone.mean_db[3]", |style| style.tone.mean_db[3] = 1e300);
        refused("tone.components[0][2]", |style| style.tone.components[0][2] = -7.0);
        refused("tone.component_std_db[1]", |style| style.tone.component_std_db[1] = -1.0);
        refused("tone.residual_std_db[8]", |style| style.tone.residual_std_db[8] = 0.0);
        refused("tone.weight[0]", |style| style.tone.weight[0] = 1.5);
        refused("template_db[28]", |style| style.template_db[28] = -801.0);
        refused("detail_std_db[0]", |style| style.detail_std_db[0] = -0.1);
        refused("standard_error_db", |style| style.standard_error_db = -1.0);
        refused("level_std_db[4].p50", |style| style.level_std_db[4].p50 = 1e9);
        refused("side_minus_mid_db[1].p10", |style| style.side_minus_mid_db[1].p10 = -1e9);
        refused("plr_db.p90", |style| style.plr_db.p90 = 900.0);
        refused("loudness_range_lu.p10", |style| style.loudness_range_lu.p10 = -1.0);
        refused("integrated_lufs.p10", |style| style.integrated_lufs.p10 = -900.0);
    }

    #[test]
    fn percentiles_that_fall_are_refused() {
        refused("plr_db.p90", |style| style.plr_db.p90 = style.plr_db.p10 - 0.1);
        refused("level_std_db[0].p75", |style| style.level_std_db[0].p50 = 90.0);
    }

    #[test]
    fn more_directions_than_bands_are_refused() {
        let mut style = style("pop").unwrap().clone();
        style.tone.components = vec![style.tone.components[0]; WIDE_BANDS + 1];
        style.tone.component_std_db = vec![1.0; WIDE_BANDS + 1];
        assert_eq!(Style::parse(&style.to_json()), Err(StyleError::Lengths));
    }
}
