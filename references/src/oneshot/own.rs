//! A person's own records as parts of the model: music of a kind that the statistics have none of is judged by them.

use super::fit::{gaussian, mean, weighted_squares};
use super::model::Model;
use super::signs::Signs;
use crate::style::mixture::Gaussian;

/// With as many own records as this, they matter as much as all others together.
const HALF_AT: f64 = 5.0;
/// How many records the covariance within a kind of the model counts for: few own records do not tell how much records of a kind differ.
const WITHIN_RECORDS: f64 = 40.0;

impl Model {
    /// The model with a person's own records in it, each kind of them one more part; no records change nothing.
    ///
    /// Of n records the parts weigh n / (n + 5) of all. Each is what is expected of a further record of its kind: its covariance is
    /// shrunk towards that within the kinds of the model, and widened by what the mean of a few does not tell (Gelman et al.,
    /// "Bayesian Data Analysis", 2013, section 3.6). Records that lack signs are left out: mono, and profiles from before quick
    /// spreads were kept.
    #[must_use]
    pub fn with_own(&self, kinds: &[Vec<Signs>]) -> Self {
        let dimensions = self.axes.dimensions();
        let points = |kind: &Vec<Signs>| -> Vec<Vec<f64>> {
            let points = kind.iter().map(|signs| self.axes.point(signs).values);
            points.filter(|values| values.len() == dimensions).collect()
        };
        let mut kinds: Vec<Vec<Vec<f64>>> = kinds.iter().map(points).collect();
        kinds.retain(|points| !points.is_empty());
        let count = kinds.iter().map(Vec::len).sum::<usize>() as f64;
        let weight_each = 1.0 / (count + HALF_AT);
        let mut model = self.clone();
        let parts = &mut model.mixture.parts;
        parts.iter_mut().for_each(|part| part.weight *= HALF_AT * weight_each);
        let first_wide = parts.len() - self.wide_parts;
        let own = kinds.iter().map(|points| self.kind_of(points, weight_each));
        parts.splice(first_wide..first_wide, own);
        model.own_parts += kinds.len();
        model
    }

    /// A further record of the kind that these are of.
    fn kind_of(&self, points: &[Vec<f64>], weight_each: f64) -> Gaussian {
        let count = points.len() as f64;
        let narrow = &self.mixture.parts[..self.mixture.parts.len() - self.wide_parts];
        let total: f64 = narrow.iter().map(|part| part.weight).sum();
        let middle = mean(points);
        let squares = weighted_squares(points, &middle, |_| 1.0);
        gaussian(count * weight_each, middle, |row, column| {
            let each = narrow.iter().map(|part| part.weight * part.covariance(row, column));
            let within = each.sum::<f64>() / total;
            let one = (squares[row][column] + WITHIN_RECORDS * within) / (count + WITHIN_RECORDS);
            one * (1.0 + 1.0 / count)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bands::WIDE_BANDS;
    use crate::oneshot::Nine;
    use crate::oneshot::fit::tests::{fitted, record};

    /// How records of another kind differ from those that were learned from.
    const ANOTHER_KIND: Nine = [12.0, -6.0, -9.0, 6.0, 9.0, -6.0, 6.0, -6.0, -6.0];
    const STEADIER: Nine = [-9.0; WIDE_BANDS];

    fn own(seed: u64) -> Signs {
        record(seed).bent(&ANOTHER_KIND, &STEADIER)
    }

    #[test]
    fn no_own_records_change_nothing() {
        let model = fitted();
        assert_eq!(model.with_own(&[]), model);
        assert_eq!(model.with_own(&[Vec::new()]), model);
    }

    #[test]
    fn music_of_a_kind_that_only_the_person_knows_is_judged_by_their_records() {
        let model = fitted();
        let records: Vec<Signs> = (500..512).map(own).collect();
        let with_own = model.with_own(&[records]);
        let weights: f64 = with_own.mixture.parts.iter().map(|part| part.weight).sum();
        assert!((weights - 1.0).abs() < 1e-3, "{weights}");
        let straight = own(1_000);
        assert!(model.belief(&straight).tone.probability > 0.9, "taken for a fault");
        let believed = with_own.belief(&straight);
        assert!(believed.own_share > 0.9, "{believed:?}");
        assert!(believed.tone.probability < 0.5, "{}", believed.tone.probability);
        let bend: Nine = [6.0, 5.0, 3.0, 0.0, -2.0, -3.0, -3.0, -3.0, -3.0];
        let believed = with_own.belief(&straight.bent(&bend, &[0.0; WIDE_BANDS]));
        assert!(believed.tone.probability > 0.8, "{}", believed.tone.probability);
        for (found, planted) in believed.tone.mean.iter().zip(bend) {
            assert!((found - planted).abs() < 2.5, "{believed:?}");
        }
    }

    #[test]
    fn a_record_that_lacks_signs_is_left_out() {
        let model = fitted();
        let mono = Signs { side: None, ..own(500) };
        assert_eq!(model.with_own(&[vec![mono.clone()]]), model);
        let whole: Vec<Signs> = (500..512).map(own).collect();
        let mut with_mono = whole.clone();
        with_mono.push(mono);
        assert_eq!(model.with_own(&[with_mono]), model.with_own(&[whole]));
    }
}
