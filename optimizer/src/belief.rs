//! What of a measured difference is mastering, and what is only another piece of music.
//!
//! Two passages of one song differ by a few decibels in every third octave though nothing was done to either. That part of a
//! difference is rough over frequency and the larger, the more a band moves in level; what mastering does is smooth. The
//! posterior mean of a Gaussian process with a smooth prior and that noise keeps the one and drops the other (Rasmussen &
//! Williams, Gaussian Processes for Machine Learning, 2006, eq. 2.25).

use crate::solver::{Matrix, solve_positive_definite};

/// How differences err: their covariance, dB squared.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Errors(Matrix);

impl Errors {
    /// Errors that have nothing to do with each other.
    pub(crate) fn apart(error_db: &[f64]) -> Self {
        Self::correlated(error_db, &[])
    }

    /// Standard errors with their correlations: for each band those with the bands below it; missing ones are 0.
    pub(crate) fn correlated(error_db: &[f64], correlation: &[Vec<f64>]) -> Self {
        let mut covariance = Matrix::zeros(error_db.len(), error_db.len());
        for (band, &error) in error_db.iter().enumerate() {
            let row = covariance.row_mut(band);
            row[band] = error * error;
            for (other, together) in correlation.get(band).into_iter().flatten().enumerate() {
                row[other] = together * error * error_db[other];
            }
        }
        Self(covariance)
    }

    /// Errors of the bands `known` out of `bands`: `scale` times a covariance, the lower triangle alone, and on top of it
    /// errors of `own_db` that have nothing to do with each other. Of the other bands nothing is said.
    pub(crate) fn of_known(
        known_covariance: &Matrix,
        known: &[usize],
        bands: usize,
        scale: f64,
        own_db: f64,
    ) -> Self {
        let mut covariance = Matrix::zeros(bands, bands);
        for (one, &row) in known.iter().enumerate() {
            for (other, &column) in known[..=one].iter().enumerate() {
                covariance.row_mut(row)[column] = scale * known_covariance.row(one)[other];
            }
            covariance.row_mut(row)[row] += own_db * own_db;
        }
        Self(covariance)
    }

    /// Errors that come on top of these.
    pub(crate) fn and(mut self, other: &Self) -> Self {
        for band in 0..self.0.columns() {
            self.0.row_mut(band).iter_mut().zip(other.0.row(band)).for_each(|(a, b)| *a += b);
        }
        self
    }

    /// Errors of so much of the size.
    pub(crate) fn scaled(mut self, factor: f64) -> Self {
        for band in 0..self.0.columns() {
            self.0.row_mut(band).iter_mut().for_each(|value| *value *= factor * factor);
        }
        self
    }

    /// The same without what they have to do with each other.
    fn alone(&self) -> Self {
        let variance = |band: usize| libm::sqrt(self.0.row(band)[band]);
        Self::apart(&(0..self.0.columns()).map(variance).collect::<Vec<_>>())
    }
}

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

/// What a second view of the same differences has of its own: compression moves a mean of levels and a mean power by different
/// amounts, which change slowly over frequency.
const VIEW_PRIOR: Prior = Prior { level: 30.0, slope: 0.2, shape: 2.0, reach: 4.0 };

impl Prior {
    /// Covariance of two differences, of the first or of further views of `bands`.
    fn of_views(self, one: usize, other: usize, bands: usize) -> f64 {
        let shared = self.covariance(one % bands, other % bands, bands);
        if one / bands == other / bands && one >= bands {
            shared + VIEW_PRIOR.covariance(one % bands, other % bands, bands)
        } else {
            shared
        }
    }

    /// Covariance of two differences of one view.
    fn covariance(self, one: usize, other: usize, bands: usize) -> f64 {
        let middle = (bands as f64 - 1.0) / 2.0;
        let (x, y) = (one as f64 - middle, other as f64 - middle);
        let apart = (x - y) / self.reach;
        self.level * self.level
            + self.slope * self.slope * x * y
            + self.shape * self.shape * libm::exp(-apart * apart / 2.0)
    }
}

/// The believable part of the differences in `bands` bands, measured with `errors`; `None` where there is none to begin with.
///
/// `differences_db` may hold several views of the same bands one after the other: they have what is believed in common, each
/// but the first with a level and a smooth shape of its own.
///
/// Each prior counts for as much as it makes the differences likely (their evidence, eq. 2.30 and 5.8): a difference that is
/// the same everywhere is taken as a change of level, a bumpy one is not smoothed away. Correlations that no errors can have
/// (a profile can be written by hand) are left out.
pub(crate) fn believable(
    differences_db: &[Option<f64>],
    errors: &Errors,
    priors: &[Prior],
    bands: usize,
) -> Vec<Option<f64>> {
    let under_all = |errors: &Errors| -> Vec<Belief> {
        let under = |prior: &Prior| Belief::under(*prior, differences_db, errors, bands);
        priors.iter().filter_map(under).collect()
    };
    let mut beliefs = under_all(errors);
    if beliefs.len() < priors.len() {
        beliefs = under_all(&errors.alone());
    }
    let likeliest =
        beliefs.iter().fold(f64::NEG_INFINITY, |most, belief| most.max(belief.evidence));
    let weight = |belief: &Belief| libm::exp(belief.evidence - likeliest);
    let total: f64 = beliefs.iter().map(weight).sum();
    if beliefs.is_empty() {
        return differences_db[..bands].to_vec();
    }
    let mean = |band: usize| {
        beliefs.iter().map(|belief| weight(belief) * belief.mean_db[band]).sum::<f64>() / total
    };
    let first = differences_db[..bands].iter().enumerate();
    first.map(|(band, known)| known.map(|_| mean(band))).collect()
}

/// Covariance of the differences of the `known` bands under a prior, with their errors: the lower triangle.
pub(crate) fn covariance(prior: Prior, errors: &Errors, known: &[usize], bands: usize) -> Matrix {
    let mut matrix = Matrix::zeros(known.len(), known.len());
    for (row, &one) in known.iter().enumerate() {
        for (column, &other) in known.iter().enumerate().take(row + 1) {
            matrix.row_mut(row)[column] =
                prior.of_views(one, other, bands) + errors.0.row(one)[other];
        }
        // A hundredth of a decibel keeps the matrix regular when nothing is noisy.
        matrix.row_mut(row)[row] += 1e-4;
    }
    matrix
}

/// What is believed under one prior.
struct Belief {
    /// Posterior mean; 0 where nothing was measured.
    mean_db: Vec<f64>,
    /// Logarithm of the marginal likelihood, less a constant.
    evidence: f64,
}

impl Belief {
    fn under(
        prior: Prior,
        differences_db: &[Option<f64>],
        errors: &Errors,
        bands: usize,
    ) -> Option<Self> {
        let (known, values): (Vec<usize>, Vec<f64>) = differences_db
            .iter()
            .enumerate()
            .filter_map(|(band, difference)| Some((band, (*difference)?)))
            .unzip();
        let matrix = covariance(prior, errors, &known, bands);
        let solved = solve_positive_definite(matrix, values.clone())?;
        let mut mean_db = vec![0.0; bands];
        for &one in known.iter().filter(|one| **one < bands) {
            let parts = known.iter().zip(&solved.x);
            mean_db[one] =
                parts.map(|(&other, weight)| weight * prior.of_views(one, other, bands)).sum();
        }
        let fit: f64 = values.iter().zip(&solved.x).map(|(value, weight)| value * weight).sum();
        Some(Self { mean_db, evidence: -0.5 * (fit + solved.log_determinant) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn believable(
        differences_db: &[Option<f64>],
        errors: &Errors,
        priors: &[Prior],
    ) -> Vec<Option<f64>> {
        super::believable(differences_db, errors, priors, differences_db.len())
    }

    const PRIOR: Prior = Prior { level: 30.0, slope: 0.5, shape: 4.0, reach: 2.5 };

    #[test]
    fn what_is_known_exactly_is_believed() {
        let differences: Vec<Option<f64>> =
            (0..20).map(|i| Some(3.0 * libm::sin(f64::from(i) / 4.0))).collect();
        for (believed, given) in
            believable(&differences, &Errors::apart(&[0.01; 20]), &[PRIOR]).iter().zip(&differences)
        {
            assert!((believed.unwrap() - given.unwrap()).abs() < 0.1);
        }
    }

    #[test]
    fn a_zigzag_is_not_mastering() {
        let differences: Vec<Option<f64>> =
            (0..20).map(|i| Some(if i % 2 == 0 { 2.0 } else { -2.0 })).collect();
        let believed = believable(&differences, &Errors::apart(&[2.0; 20]), &[PRIOR]);
        // The ends have neighbours on one side alone and keep a little more than the middle.
        assert!(believed.iter().flatten().all(|db| db.abs() < 1.0), "{believed:?}");
        assert!(believed[3..17].iter().flatten().all(|db| db.abs() < 0.3), "{believed:?}");
    }

    #[test]
    fn a_change_of_level_is_believed_whatever_the_noise() {
        let believed = believable(&[Some(6.0); 20], &Errors::apart(&[3.0; 20]), &[PRIOR]);
        assert!(believed.iter().flatten().all(|db| (db - 6.0).abs() < 0.1), "{believed:?}");
    }

    #[test]
    fn bands_that_err_together_are_not_believed_where_they_alone_differ() {
        let differences: Vec<Option<f64>> =
            (0..20).map(|band| Some(if (8..12).contains(&band) { 3.0 } else { 0.0 })).collect();
        let errors = [1.5; 20];
        let together: Vec<Vec<f64>> = (0..20)
            .map(|one| {
                let both = |other: usize| (8..12).contains(&one) && (8..12).contains(&other);
                (0..one).map(|other| if both(other) { 0.95 } else { 0.0 }).collect()
            })
            .collect();
        let size = |errors: &Errors| {
            let believed = believable(&differences, errors, &[PRIOR]);
            believed[8..12].iter().flatten().sum::<f64>() / 4.0
        };
        let (apart, together) =
            (size(&Errors::apart(&errors)), size(&Errors::correlated(&errors, &together)));
        assert!(together < 0.85 * apart, "{together} {apart}");
    }

    #[test]
    fn correlations_that_cannot_be_are_left_out() {
        let impossible = [vec![], vec![-1.0], vec![-1.0, -1.0]];
        let errors = [100.0; 3];
        let differences = [Some(1.0), Some(2.0), Some(3.0)];
        let believed =
            believable(&differences, &Errors::correlated(&errors, &impossible), &[PRIOR]);
        assert_eq!(believed, believable(&differences, &Errors::apart(&errors), &[PRIOR]));
    }

    #[test]
    fn a_second_view_adds_what_the_first_is_unsure_of_but_not_its_level() {
        let truth = |band: usize| 3.0 * libm::sin(band as f64 / 3.0);
        // The first view is far off in the middle; the second is right but for 7 dB everywhere.
        let noise = |band: usize| if (8..12).contains(&band) { 5.0 } else { 0.0 };
        let first = (0..20).map(|band| Some(truth(band) + noise(band)));
        let second = (0..20).map(|band| Some(truth(band) + 7.0));
        let differences: Vec<Option<f64>> = first.chain(second).collect();
        let error = |index: usize| if (8..12).contains(&index) { 5.0 } else { 0.3 };
        let errors = Errors::apart(&(0..40).map(error).collect::<Vec<_>>());
        for (band, believed) in
            super::believable(&differences, &errors, &[PRIOR], 20).iter().enumerate()
        {
            assert!((believed.unwrap() - truth(band)).abs() < 0.8, "{band}: {believed:?}");
        }
    }

    #[test]
    fn nothing_is_made_up_where_nothing_was_measured() {
        let mut differences = vec![Some(1.0); 9];
        differences[4] = None;
        assert_eq!(believable(&differences, &Errors::apart(&[1.0; 9]), &[PRIOR])[4], None);
    }

    #[test]
    fn a_difference_that_is_nearly_the_same_everywhere_is_taken_as_the_same() {
        let level = Prior { shape: 0.01, slope: 0.01, ..PRIOR };
        let differences: Vec<Option<f64>> =
            (0..9).map(|band| Some(if band % 3 == 0 { 4.0 } else { 3.0 })).collect();
        let both = believable(&differences, &Errors::apart(&[0.8; 9]), &[level, PRIOR]);
        let bumpy = believable(&differences, &Errors::apart(&[0.8; 9]), &[PRIOR]);
        let spread = |believed: &[Option<f64>]| {
            let db = || believed.iter().flatten();
            db().fold(f64::MIN, |a, &b| a.max(b)) - db().fold(f64::MAX, |a, &b| a.min(b))
        };
        assert!(spread(&both) < 0.7 * spread(&bumpy), "{both:?} {bumpy:?}");
    }
}
