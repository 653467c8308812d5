//! What of a measured difference is mastering, and what is only another piece of music.
//!
//! Two passages of one song differ by a few decibels in every third octave though nothing was done to either. That part of a
//! difference is rough over frequency and the larger, the more a band moves in level; what mastering does is smooth. The
//! posterior mean of a Gaussian process with a smooth prior and that noise keeps the one and drops the other (Rasmussen &
//! Williams, Gaussian Processes for Machine Learning, 2006, eq. 2.25).

use crate::solver::{Matrix, solve_positive_definite};

/// How differences are expected to look before any is measured. All in dB, standard deviations.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prior {
    /// Of the level of the whole.
    pub(crate) level: f64,
    /// Of the slope, per step of the grid.
    pub(crate) slope: f64,
    /// Of what is neither level nor slope.
    pub(crate) shape: f64,
    /// Distance over which a shape changes, in steps of the grid.
    pub(crate) reach: f64,
}

impl Prior {
    fn covariance(self, one: usize, other: usize, count: usize) -> f64 {
        let middle = (count as f64 - 1.0) / 2.0;
        let (x, y) = (one as f64 - middle, other as f64 - middle);
        let apart = (x - y) / self.reach;
        self.level * self.level
            + self.slope * self.slope * x * y
            + self.shape * self.shape * libm::exp(-apart * apart / 2.0)
    }
}

/// The believable part of `differences_db`, measured with standard errors `error_db`; `None` where there is none to begin
/// with.
///
/// Each prior counts for as much as it makes the differences likely (their evidence, eq. 2.30 and 5.8): a difference that is
/// the same everywhere is taken as a change of level, a bumpy one is not smoothed away.
pub(crate) fn believable(
    differences_db: &[Option<f64>],
    error_db: &[f64],
    priors: &[Prior],
) -> Vec<Option<f64>> {
    let beliefs: Vec<Belief> =
        priors.iter().filter_map(|prior| Belief::under(*prior, differences_db, error_db)).collect();
    let likeliest =
        beliefs.iter().fold(f64::NEG_INFINITY, |most, belief| most.max(belief.evidence));
    let weight = |belief: &Belief| libm::exp(belief.evidence - likeliest);
    let total: f64 = beliefs.iter().map(weight).sum();
    if beliefs.is_empty() {
        return differences_db.to_vec();
    }
    let mean = |band: usize| {
        beliefs.iter().map(|belief| weight(belief) * belief.mean_db[band]).sum::<f64>() / total
    };
    differences_db.iter().enumerate().map(|(band, known)| known.map(|_| mean(band))).collect()
}

/// What is believed under one prior.
struct Belief {
    /// Posterior mean; 0 where nothing was measured.
    mean_db: Vec<f64>,
    /// Logarithm of the marginal likelihood, less a constant.
    evidence: f64,
}

impl Belief {
    fn under(prior: Prior, differences_db: &[Option<f64>], error_db: &[f64]) -> Option<Self> {
        let count = differences_db.len();
        let (known, values): (Vec<usize>, Vec<f64>) = differences_db
            .iter()
            .enumerate()
            .filter_map(|(band, difference)| Some((band, (*difference)?)))
            .unzip();
        let mut matrix = Matrix::zeros(known.len(), known.len());
        for (row, &one) in known.iter().enumerate() {
            for (column, &other) in known.iter().enumerate().take(row + 1) {
                matrix.row_mut(row)[column] = prior.covariance(one, other, count);
            }
            // A hundredth of a decibel keeps the matrix regular when nothing is noisy.
            matrix.row_mut(row)[row] += error_db[one] * error_db[one] + 1e-4;
        }
        let solved = solve_positive_definite(matrix, values.clone())?;
        let mut mean_db = vec![0.0; count];
        for &one in &known {
            let parts = known.iter().zip(&solved.x);
            mean_db[one] =
                parts.map(|(&other, weight)| weight * prior.covariance(one, other, count)).sum();
        }
        let fit: f64 = values.iter().zip(&solved.x).map(|(value, weight)| value * weight).sum();
        Some(Self { mean_db, evidence: -0.5 * (fit + solved.log_determinant) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIOR: Prior = Prior { level: 30.0, slope: 0.5, shape: 4.0, reach: 2.5 };

    #[test]
    fn what_is_known_exactly_is_believed() {
        let differences: Vec<Option<f64>> =
            (0..20).map(|i| Some(3.0 * libm::sin(f64::from(i) / 4.0))).collect();
        for (believed, given) in
            believable(&differences, &[0.01; 20], &[PRIOR]).iter().zip(&differences)
        {
            assert!((believed.unwrap() - given.unwrap()).abs() < 0.1);
        }
    }

    #[test]
    fn a_zigzag_is_not_mastering() {
        let differences: Vec<Option<f64>> =
            (0..20).map(|i| Some(if i % 2 == 0 { 2.0 } else { -2.0 })).collect();
        let believed = believable(&differences, &[2.0; 20], &[PRIOR]);
        // The ends have neighbours on one side alone and keep a little more than the middle.
        assert!(believed.iter().flatten().all(|db| db.abs() < 1.0), "{believed:?}");
        assert!(believed[3..17].iter().flatten().all(|db| db.abs() < 0.3), "{believed:?}");
    }

    #[test]
    fn a_change_of_level_is_believed_whatever_the_noise() {
        let believed = believable(&[Some(6.0); 20], &[3.0; 20], &[PRIOR]);
        assert!(believed.iter().flatten().all(|db| (db - 6.0).abs() < 0.1), "{believed:?}");
    }

    #[test]
    fn nothing_is_made_up_where_nothing_was_measured() {
        let mut differences = vec![Some(1.0); 9];
        differences[4] = None;
        assert_eq!(believable(&differences, &[1.0; 9], &[PRIOR])[4], None);
    }

    #[test]
    fn a_difference_that_is_nearly_the_same_everywhere_is_taken_as_the_same() {
        let level = Prior { shape: 0.01, slope: 0.01, ..PRIOR };
        let differences: Vec<Option<f64>> =
            (0..9).map(|band| Some(if band % 3 == 0 { 4.0 } else { 3.0 })).collect();
        let both = believable(&differences, &[0.8; 9], &[level, PRIOR]);
        let bumpy = believable(&differences, &[0.8; 9], &[PRIOR]);
        let spread = |believed: &[Option<f64>]| {
            let db = || believed.iter().flatten();
            db().fold(f64::MIN, |a, &b| a.max(b)) - db().fold(f64::MAX, |a, &b| a.min(b))
        };
        assert!(spread(&both) < 0.7 * spread(&bumpy), "{both:?} {bumpy:?}");
    }
}
