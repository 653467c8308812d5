//! Gaussian mixtures: how likely a point is among the records of a style.

use acetate_audio::linear::{Matrix, factorise};
use linfa::DatasetBase;
use linfa::ParamGuard;
use linfa::traits::Fit;
use linfa_clustering::GaussianMixtureModel;
use ndarray::Array2;
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256Plus;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A sum of weighted Gaussians.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Mixture {
    /// Its parts; the weights sum to 1.
    pub parts: Vec<Gaussian>,
}

/// One Gaussian of a mixture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gaussian {
    /// Share of the records.
    pub weight: f64,
    /// Centre.
    pub mean: Vec<f64>,
    /// Lower triangle of the Cholesky factor of the covariance, row by row: row `i` has `i + 1` entries.
    pub cholesky: Vec<Vec<f64>>,
}

/// Added to every variance of a fit. Coordinates have a variance of about 1, so that a cluster of few records
/// cannot collapse onto them.
const VARIANCE_ADDED: f64 = 0.05;

/// Starts of the fit, of which the likeliest result is taken.
const RUNS: u64 = 5;

impl Mixture {
    /// Fits `parts` Gaussians to points of equal length; `None` where the fit breaks down, as it does when
    /// there are too few points.
    pub fn fit(points: &[Vec<f64>], parts: usize, seed: u64) -> Option<Self> {
        let dimensions = points.first()?.len();
        let data =
            Array2::from_shape_fn((points.len(), dimensions), |(row, column)| points[row][column]);
        let params =
            GaussianMixtureModel::params_with_rng(parts, Xoshiro256Plus::seed_from_u64(seed))
                .n_runs(RUNS)
                .reg_covariance(VARIANCE_ADDED)
                .tolerance(1e-4)
                .max_n_iterations(300)
                .check()
                .ok()?;
        let model = params.fit(&DatasetBase::from(data)).ok()?;
        let part = |index: usize| {
            let covariance = model.covariances().index_axis(ndarray::Axis(0), index);
            Some(Gaussian {
                weight: model.weights()[index],
                mean: model.means().row(index).to_vec(),
                cholesky: cholesky(dimensions, |row, column| covariance[[row, column]])?,
            })
        };
        Some(Self { parts: (0..parts).map(part).collect::<Option<_>>()? })
    }

    /// Natural logarithm of the density at a point.
    pub fn log_density(&self, point: &[f64]) -> f64 {
        let logs: Vec<f64> = self
            .parts
            .iter()
            .map(|part| libm::log(part.weight) + part.log_density(point))
            .collect();
        let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        largest + libm::log(logs.iter().map(|log| libm::exp(log - largest)).sum())
    }

    /// The part that a point most probably belongs to.
    pub fn likeliest_part(&self, point: &[f64]) -> usize {
        let log = |part: &Gaussian| libm::log(part.weight) + part.log_density(point);
        let parts = self.parts.iter().enumerate();
        parts.max_by(|(_, a), (_, b)| log(a).total_cmp(&log(b))).map_or(0, |(index, _)| index)
    }

    /// Free parameters: of weights, means and covariances.
    pub fn parameters(&self) -> usize {
        let dimensions = self.parts.first().map_or(0, |part| part.mean.len());
        self.parts.len() * (1 + dimensions + dimensions * (dimensions + 1) / 2) - 1
    }
}

impl Gaussian {
    /// The same with another weight.
    pub(crate) fn weighing(&self, weight: f64) -> Self {
        Self { weight, ..self.clone() }
    }

    /// Covariance of two coordinates.
    pub(crate) fn covariance(&self, row: usize, column: usize) -> f64 {
        let (left, right) = (&self.cholesky[row], &self.cholesky[column]);
        left.iter().zip(right).map(|(a, b)| a * b).sum()
    }

    /// Covariance of some coordinates, the lower triangle.
    pub(crate) fn covariance_of(&self, of: &[usize]) -> Matrix {
        let mut covariance = Matrix::zeros(of.len(), of.len());
        for (row, &i) in of.iter().enumerate() {
            for (column, &j) in of.iter().enumerate().take(row + 1) {
                covariance.row_mut(row)[column] = self.covariance(i, j);
            }
        }
        covariance
    }

    /// Natural logarithm of the density at a point, whatever the weight.
    pub fn log_density(&self, point: &[f64]) -> f64 {
        let mut whitened: Vec<f64> = Vec::with_capacity(point.len());
        let mut log_determinant = 0.0;
        for (row, factor) in self.cholesky.iter().enumerate() {
            let known: f64 =
                factor.iter().zip(&whitened).map(|(factor, white)| factor * white).sum();
            whitened.push((point[row] - self.mean[row] - known) / factor[row]);
            log_determinant += 2.0 * libm::log(factor[row]);
        }
        let distance: f64 = whitened.iter().map(|white| white * white).sum();
        let normalisation = point.len() as f64 * libm::log(std::f64::consts::TAU);
        -0.5 * (distance + log_determinant + normalisation)
    }
}

/// Rows of the Cholesky factor of a symmetric matrix; `None` unless it is positive definite.
pub(crate) fn cholesky(
    dimensions: usize,
    matrix: impl Fn(usize, usize) -> f64,
) -> Option<Vec<Vec<f64>>> {
    let mut factor = Matrix::zeros(dimensions, dimensions);
    for row in 0..dimensions {
        let entries = factor.row_mut(row).iter_mut().take(row + 1).enumerate();
        entries.for_each(|(column, entry)| *entry = matrix(row, column));
    }
    factorise(&mut factor)?;
    Some((0..dimensions).map(|row| factor.row(row)[..=row].to_vec()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(given: f64, expected: f64, tolerance: f64) {
        assert!((given - expected).abs() <= tolerance, "{given} is not {expected} +- {tolerance}");
    }

    /// Points on a deterministic cloud around a centre, with a standard deviation of about 1.
    fn cloud(centre: [f64; 2], count: usize) -> Vec<Vec<f64>> {
        let angle = |index: usize| index as f64 * 2.399_963_229_728_653;
        let radius =
            |index: usize| libm::sqrt(-2.0 * libm::log((index as f64 + 0.5) / count as f64));
        (0..count)
            .map(|index| {
                let (sin, cos) = libm::sincos(angle(index));
                vec![centre[0] + radius(index) * cos, centre[1] + radius(index) * sin]
            })
            .collect()
    }

    #[test]
    fn one_gaussian_has_the_density_of_the_formula() {
        let part = Gaussian {
            weight: 1.0,
            mean: vec![1.0, -1.0],
            cholesky: vec![vec![2.0], vec![1.0, 0.5]],
        };
        let mixture = Mixture { parts: vec![part] };
        // Covariance [[4, 2], [2, 1.25]], determinant 1; at the mean only the normalisation is left.
        near(mixture.log_density(&[1.0, -1.0]), -libm::log(std::f64::consts::TAU), 1e-12);
        // Inverse [[1.25, -2], [-2, 4]]: one step along the first axis costs 1.25 / 2.
        near(mixture.log_density(&[2.0, -1.0]), -libm::log(std::f64::consts::TAU) - 0.625, 1e-12);
    }

    #[test]
    fn two_clouds_are_found_apart() {
        let mut points = cloud([-4.0, 0.0], 150);
        points.extend(cloud([4.0, 2.0], 50));
        let mixture = Mixture::fit(&points, 2, 1).unwrap();
        let mut parts = mixture.parts.clone();
        parts.sort_by(|a, b| a.mean[0].total_cmp(&b.mean[0]));
        near(parts[0].mean[0], -4.0, 0.3);
        near(parts[1].mean[1], 2.0, 0.4);
        near(parts[0].weight, 0.75, 0.03);
        assert!(mixture.log_density(&[-4.0, 0.0]) > mixture.log_density(&[0.0, 8.0]) + 5.0);
    }

    #[test]
    fn the_same_seed_gives_the_same_mixture() {
        let points = cloud([0.0, 0.0], 80);
        assert_eq!(Mixture::fit(&points, 3, 7), Mixture::fit(&points, 3, 7));
    }

    #[test]
    fn no_points_are_no_mixture() {
        assert_eq!(Mixture::fit(&[], 1, 1), None);
    }
}
