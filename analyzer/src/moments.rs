//! How far a mean over a song may lie from the mean over other passages of the same song.
//!
//! The song is cut into moments of 2 s, which are taken as independent; the standard error of a weighted mean then follows
//! from how the moments differ (Cochran, Sampling Techniques, 3rd ed. 1977, section 6.3, for ratios). Two halves of a song
//! differ by about the root of the sum of their squared errors though nothing was done to either. Bands that come and go
//! together err together, which their correlation tells.

use std::f64::consts::LN_10;

/// Length of a moment.
const MOMENT_S: f64 = 2.0;

/// Weighted sum of consecutive rows.
#[derive(Clone, Copy, Debug, Default)]
struct Moment {
    weight: f64,
    sum: f64,
}

/// Power over time in moments.
pub(crate) struct Moments(Vec<Moment>);

impl Moments {
    /// Gathers rows of `row_s` seconds.
    pub(crate) fn new(
        powers: impl Iterator<Item = f64>,
        weights: impl Iterator<Item = f64>,
        row_s: f64,
    ) -> Self {
        let rows_per_moment = (MOMENT_S / row_s).round().max(1.0) as usize;
        let mut moments: Vec<Moment> = Vec::new();
        for (row, (power, weight)) in powers.zip(weights).enumerate() {
            if row % rows_per_moment == 0 {
                moments.push(Moment::default());
            }
            if let Some(moment) = moments.last_mut() {
                moment.weight += weight;
                moment.sum += weight * power;
            }
        }
        Self(moments)
    }

    /// What each moment does to the level of the mean power, dB; `None` without power.
    pub(crate) fn of_level(&self) -> Option<Deviations> {
        let mean = self.mean().filter(|mean| *mean > 0.0)?;
        Some(self.deviations(|moment| 10.0 / LN_10 * (moment.sum / mean - moment.weight)))
    }

    /// The same of the level of these less that of `below`: what both do together does not count.
    pub(crate) fn of_ratio(&self, below: &Self) -> Option<Deviations> {
        let above = self.mean().filter(|mean| *mean > 0.0)?;
        let under = below.mean().filter(|mean| *mean > 0.0)?;
        let mut other = below.0.iter();
        Some(self.deviations(|moment| {
            let below = other.next().copied().unwrap_or_default();
            10.0 / LN_10 * (moment.sum / above - below.sum / under)
        }))
    }

    /// The same of the mean itself, of rows that are levels already.
    pub(crate) fn of_mean(&self) -> Option<Deviations> {
        let mean = self.mean()?;
        Some(self.deviations(|moment| moment.sum - mean * moment.weight))
    }

    /// Weighted mean of the rows; `None` when none counts.
    pub(crate) fn mean(&self) -> Option<f64> {
        let sum: f64 = self.0.iter().map(|moment| moment.sum).sum();
        Some(sum / self.weight()).filter(|mean| mean.is_finite())
    }

    fn deviations(&self, deviation: impl FnMut(&Moment) -> f64) -> Deviations {
        Deviations {
            each: self.0.iter().map(deviation).collect(),
            counting: self.0.iter().filter(|moment| moment.weight > 0.0).count() as f64,
            weight: self.weight(),
        }
    }

    fn weight(&self) -> f64 {
        self.0.iter().map(|moment| moment.weight).sum()
    }
}

/// By how much each moment moves a value, times its weight.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deviations {
    each: Vec<f64>,
    /// How many moments count.
    counting: f64,
    /// Sum of all weights.
    weight: f64,
}

/// An error from few moments is uncertain itself: Student's t of n - 1 degrees of freedom has this times the variance, and
/// for three moments or fewer none. What is as good as unknown is taken as this much wider.
const WIDENED_MAX: f64 = 3.0;

impl Deviations {
    /// Standard error, in the unit of the deviations; `None` of fewer than two moments that count.
    pub(crate) fn standard_error(&self) -> Option<f64> {
        let count = self.counting;
        let square: f64 = self.each.iter().map(|d| d * d).sum();
        let widened = if count > 3.0 { (count - 1.0) / (count - 3.0) } else { WIDENED_MAX };
        let variance = square * count / (count - 1.0) * widened.min(WIDENED_MAX);
        let error = libm::sqrt(variance) / self.weight;
        Some(error).filter(|error| count > 1.0 && error.is_finite())
    }
}

/// Correlations of the errors of `values` over the same moments: for each those with the values before it, -1 to 1; 0 with
/// one that is not known.
///
/// A song has fewer moments than values, and few moments correlate by chance: the covariances are shrunk towards none, by the
/// share that minimises their expected square error (Ledoit & Wolf, J. Multivariate Analysis 88(2), 2004, section 3.3, with a
/// diagonal target).
pub(crate) fn error_correlations(values: &[Option<Deviations>]) -> Vec<Vec<f64>> {
    let each = |value: usize| values[value].as_ref().map_or(&[][..], |known| known.each.as_slice());
    let count = (0..values.len()).map(|value| each(value).len()).max().unwrap_or(0) as f64;
    let products = |one: usize, other: usize| {
        each(one).iter().zip(each(other)).map(|(one, other)| one * other)
    };
    let covariance = |one: usize, other: usize| products(one, other).sum::<f64>() / count;
    let (mut by_chance, mut found) = (0.0, 0.0);
    let mut covariances: Vec<Vec<f64>> = Vec::new();
    for one in 0..values.len() {
        let row: Vec<f64> = (0..=one).map(|other| covariance(one, other)).collect();
        for (other, &mean) in row[..one].iter().enumerate() {
            let square: f64 = products(one, other).map(|p| (p - mean) * (p - mean)).sum();
            by_chance += square / (count * count);
            found += mean * mean;
        }
        covariances.push(row);
    }
    let kept = if found > 0.0 { (1.0 - by_chance / found).max(0.0) } else { 0.0 };
    let correlation = |one: usize, other: usize| {
        let size = libm::sqrt(covariances[one][one] * covariances[other][other]);
        if size > 0.0 { (kept * covariances[one][other] / size).clamp(-1.0, 1.0) } else { 0.0 }
    };
    (0..values.len()).map(|one| (0..one).map(|other| correlation(one, other)).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(powers: &[f64]) -> Moments {
        Moments::new(powers.iter().copied(), powers.iter().map(|_| 1.0), MOMENT_S)
    }

    fn level_error_db(powers: &[f64]) -> Option<f64> {
        moments(powers).of_level()?.standard_error()
    }

    #[test]
    fn a_steady_sound_has_no_error() {
        assert_eq!(level_error_db(&[0.5; 8]), Some(0.0));
    }

    #[test]
    fn the_error_is_that_of_the_textbook() {
        // Mean 2, deviations of 1: of n the standard error is 1 / sqrt(n - 1), half of that as a share of the mean; and
        // Student's t.
        let error_db = level_error_db(&[1.0, 3.0].repeat(4)).unwrap();
        let expected = libm::sqrt(1.0 / 7.0) / 2.0 * libm::sqrt(7.0 / 5.0);
        assert!((error_db - 10.0 / LN_10 * expected).abs() < 1e-12, "{error_db}");
        let levels = moments(&[-3.0, -1.0].repeat(4)).of_mean().unwrap().standard_error().unwrap();
        assert!((levels - libm::sqrt(1.0 / 5.0)).abs() < 1e-12, "{levels}");
    }

    #[test]
    fn what_mid_and_side_do_together_is_no_error_of_their_ratio() {
        let (side, mid) = (moments(&[1.0, 5.0, 2.0]), moments(&[3.0, 15.0, 6.0]));
        assert!(side.of_ratio(&mid).unwrap().standard_error().unwrap() < 1e-9);
        assert!(side.of_level().unwrap().standard_error().unwrap() > 1.0);
    }

    #[test]
    fn what_moves_together_correlates_and_what_does_not_is_shrunk_to_nearly_nothing() {
        let mut state = 1_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 16) / 65_536.0
        };
        let (mut one, mut twin, mut other) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..40 {
            let (a, b) = (noise(), noise());
            one.push(a);
            twin.push(5.0 * a + 0.2 * b);
            other.push(noise());
        }
        let found = error_correlations(&[&one, &twin, &other].map(|one| moments(one).of_level()));
        assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [0, 1, 2]);
        assert!(found[1][0] > 0.8, "{found:?}");
        assert!(found[2][0].abs() < 0.2 && found[2][1].abs() < 0.2, "{found:?}");
    }

    #[test]
    fn silence_and_single_moments_correlate_with_nothing() {
        let level = |powers: &[f64]| moments(powers).of_level();
        assert_eq!(
            error_correlations(&[level(&[0.0, 0.0]), level(&[1.0, 2.0])]),
            [vec![], vec![0.0]]
        );
        assert_eq!(error_correlations(&[level(&[1.0]), level(&[2.0])])[1], [0.0]);
        assert!(error_correlations(&[]).is_empty());
    }

    #[test]
    fn one_moment_or_silence_tells_nothing() {
        assert_eq!(level_error_db(&[1.0]), None);
        assert_eq!(level_error_db(&[0.0, 0.0]), None);
        assert_eq!(level_error_db(&[]), None);
    }
}
