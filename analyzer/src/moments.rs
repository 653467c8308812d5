//! How far a mean over a song may lie from the mean over other passages of the same song.
//!
//! The song is cut into moments of 2 s, which are taken as independent; the standard error of a weighted mean then follows
//! from how the moments differ (Cochran, Sampling Techniques, 3rd ed. 1977, section 6.3, for ratios). Two halves of a song
//! differ by about the root of the sum of their squared errors though nothing was done to either.

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

    /// Standard error of the level of the mean power, dB; `None` of fewer than two moments that count, or without power.
    pub(crate) fn level_error_db(&self) -> Option<f64> {
        let weight = self.weight();
        let mean = self.sum() / weight;
        self.error_db(|moment| moment.sum / mean - moment.weight)
    }

    /// Standard error of the level of these less that of `below`, dB: what both do together does not count.
    pub(crate) fn ratio_error_db(&self, below: &Self) -> Option<f64> {
        let (above, under) = (self.sum() / self.weight(), below.sum() / below.weight());
        let mut other = below.0.iter();
        self.error_db(|moment| {
            let below = other.next().copied().unwrap_or_default();
            moment.sum / above - below.sum / under
        })
    }

    fn weight(&self) -> f64 {
        self.0.iter().map(|moment| moment.weight).sum()
    }

    fn sum(&self) -> f64 {
        self.0.iter().map(|moment| moment.sum).sum()
    }

    fn error_db(&self, mut deviation: impl FnMut(&Moment) -> f64) -> Option<f64> {
        let count = self.0.iter().filter(|moment| moment.weight > 0.0).count() as f64;
        let square: f64 = self.0.iter().map(&mut deviation).map(|d| d * d).sum();
        let relative = libm::sqrt(square * count / (count - 1.0)) / self.weight();
        Some(10.0 / LN_10 * relative).filter(|error_db| count > 1.0 && error_db.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(powers: &[f64]) -> Moments {
        Moments::new(powers.iter().copied(), powers.iter().map(|_| 1.0), MOMENT_S)
    }

    #[test]
    fn a_steady_sound_has_no_error() {
        assert_eq!(moments(&[0.5; 8]).level_error_db(), Some(0.0));
    }

    #[test]
    fn the_error_is_that_of_the_textbook() {
        // Mean 2, standard deviation 1 (of 4, about the mean with n - 1: sqrt(4/3)), error sqrt(1/3) / 2.
        let error_db = moments(&[1.0, 3.0, 1.0, 3.0]).level_error_db().unwrap();
        assert!((error_db - 10.0 / LN_10 * libm::sqrt(1.0 / 3.0) / 2.0).abs() < 1e-12);
    }

    #[test]
    fn what_mid_and_side_do_together_is_no_error_of_their_ratio() {
        let (side, mid) = (moments(&[1.0, 5.0, 2.0]), moments(&[3.0, 15.0, 6.0]));
        assert!(side.ratio_error_db(&mid).unwrap() < 1e-9);
        assert!(side.level_error_db().unwrap() > 1.0);
    }

    #[test]
    fn one_moment_or_silence_tells_nothing() {
        assert_eq!(moments(&[1.0]).level_error_db(), None);
        assert_eq!(moments(&[0.0, 0.0]).level_error_db(), None);
        assert_eq!(moments(&[]).level_error_db(), None);
    }
}
