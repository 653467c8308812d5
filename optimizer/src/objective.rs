//! The objective as a sum of named, dimensionless terms.

use acetate_analyzer::Analysis;
use acetate_references::Aim;
use acetate_references::aim::MONO_BELOW_DB;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::options::FitOptions;

/// One named part of the objective; 1 is as bad as one tolerance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Term {
    /// Its name.
    pub name: String,
    /// Its value for the source as it is.
    pub before: f64,
    /// Its value for what is predicted.
    pub after: f64,
}

/// The terms that a fit lowers, before and after; 1 is one tolerance away.
pub(crate) fn terms(
    before: &Analysis,
    after: &Analysis,
    aim: &Aim,
    options: &FitOptions,
) -> Vec<Term> {
    let mut terms = Vec::new();
    let mut add = |name: &str, measure: &dyn Fn(&Analysis) -> Option<f64>| {
        if let (Some(before), Some(after)) = (measure(before), measure(after)) {
            terms.push(Term { name: name.to_owned(), before, after });
        }
    };
    if options.take.tone {
        add("tone", &|analysis| aim.tone_distance(&analysis.spectrum.level_db));
    }
    if options.take.dynamics {
        add("dynamics", &|analysis| {
            let bands = analysis.dynamics.bands.iter().zip(&aim.bands);
            root_mean_square(bands.filter_map(|(band, aim)| {
                let wanted = aim.level_std;
                Some((band.level_std_db? - wanted.db, wanted.tolerance_db, wanted.weight))
            }))
        });
    }
    if options.take.width {
        add("width", &|analysis| {
            let bands = analysis.stereo.bands.iter().zip(&aim.bands);
            root_mean_square(bands.filter_map(|(band, aim)| {
                let wanted = aim.side_minus_mid;
                let level_db = band.side_minus_mid_db?.max(MONO_BELOW_DB);
                Some((level_db - wanted.db, wanted.tolerance_db, wanted.weight))
            }))
        });
    }
    terms
}

/// Weighted root mean square of (difference, tolerance, weight); `None` without weight.
fn root_mean_square(values: impl Iterator<Item = (f64, f64, f64)>) -> Option<f64> {
    let (sum, weights) =
        values.fold((0.0, 0.0), |(sum, weights), (difference, tolerance, weight)| {
            let deviation = difference / tolerance;
            (sum + weight * deviation * deviation, weights + weight)
        });
    (weights > 0.0).then(|| (sum / weights).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_the_weighted_mean_of_what_is_missed_in_tolerances() {
        let missed = |values: &[(f64, f64, f64)]| root_mean_square(values.iter().copied());
        assert_eq!(missed(&[(3.0, 1.5, 1.0), (0.0, 1.0, 3.0)]), Some(1.0));
        assert_eq!(missed(&[(-3.0, 1.5, 2.0), (9.0, 1.0, 0.0)]), Some(2.0));
        assert_eq!(missed(&[(3.0, 1.5, 0.0)]), None);
    }
}
