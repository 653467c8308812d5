//! The nearest curve within bounds of level and slope.

use crate::solver::{Matrix, solve_positive_definite};

/// Bounds of a curve over third octaves, dB.
#[derive(Clone, Debug)]
pub(crate) struct CurveBounds {
    /// Most boost in each third octave.
    pub(crate) up_db: Vec<f64>,
    /// Most cut, as a positive number.
    pub(crate) down_db: Vec<f64>,
    /// Largest step from one third octave to the next.
    pub(crate) step_db: f64,
}

/// Rounds and penalty of the alternating directions; the problem is small and the rounds are cheap.
const ROUNDS: usize = 600;
const PENALTY: f64 = 5.0;
/// Keeps the matrix regular where nothing counts.
const REGULAR: f64 = 1e-6;

/// The curve within `bounds` that is nearest to `wanted_db`, weighted, at the level where it comes nearest: the level is free.
///
/// A convex problem: alternating directions (Boyd et al., Foundations and Trends in Machine Learning 3(1), 2011, section 5.1).
pub(crate) fn bounded_curve(wanted_db: &[f64], weight: &[f64], bounds: &CurveBounds) -> Vec<f64> {
    let bands = wanted_db.len();
    let (normal, right) = normal_equations(wanted_db, weight);
    let limit = |row: usize| match row.checked_sub(bands) {
        None => (-bounds.down_db[row], bounds.up_db[row]),
        Some(_) => (-bounds.step_db, bounds.step_db),
    };
    let rows = 2 * bands - 1;
    // Row `r` of the constraints: the curve itself, then its steps.
    let apply = |x: &[f64], row: usize| match row.checked_sub(bands) {
        None => x[row],
        Some(step) => x[step + 1] - x[step],
    };
    let (mut held, mut dual) = (vec![0.0; rows], vec![0.0; rows]);
    let mut x = vec![0.0; bands + 1];
    for _ in 0..ROUNDS {
        let mut b = right.clone();
        for row in 0..rows {
            let pull = PENALTY * (held[row] - dual[row]);
            match row.checked_sub(bands) {
                None => b[row] += pull,
                Some(step) => {
                    b[step + 1] += pull;
                    b[step] -= pull;
                }
            }
        }
        x = match solve_positive_definite(normal.clone(), b) {
            Some(solution) => solution.x,
            None => break,
        };
        for row in 0..rows {
            let (low, high) = limit(row);
            let value = apply(&x, row);
            held[row] = (value + dual[row]).clamp(low, high);
            dual[row] += value - held[row];
        }
    }
    x.truncate(bands);
    x.iter()
        .enumerate()
        .map(|(band, db)| db.clamp(-bounds.down_db[band], bounds.up_db[band]))
        .collect()
}

/// Least squares of curve plus level against the wish, with the constraints' quadratic penalty.
fn normal_equations(wanted_db: &[f64], weight: &[f64]) -> (Matrix, Vec<f64>) {
    let bands = wanted_db.len();
    let mut normal = Matrix::zeros(bands + 1, bands + 1);
    let mut right = vec![0.0; bands + 1];
    for band in 0..bands {
        normal.row_mut(band)[band] += weight[band] + PENALTY + REGULAR;
        normal.row_mut(bands)[band] = weight[band];
        normal.row_mut(bands)[bands] += weight[band];
        right[band] = weight[band] * wanted_db[band];
        right[bands] += weight[band] * wanted_db[band];
    }
    normal.row_mut(bands)[bands] += REGULAR;
    for step in 0..bands - 1 {
        normal.row_mut(step)[step] += PENALTY;
        normal.row_mut(step + 1)[step + 1] += PENALTY;
        normal.row_mut(step + 1)[step] -= PENALTY;
    }
    (normal, right)
}

/// What a curve leaves of a wish at the level where it comes nearest, weighted rms in dB.
pub(crate) fn left_db(wanted_db: &[f64], weight: &[f64], curve_db: &[f64]) -> f64 {
    let total: f64 = weight.iter().sum::<f64>().max(1e-9);
    let left = || wanted_db.iter().zip(curve_db).map(|(wanted, curve)| wanted - curve);
    let mean = left().zip(weight).map(|(db, weight)| weight * db).sum::<f64>() / total;
    let square: f64 = left().zip(weight).map(|(db, w)| w * (db - mean) * (db - mean)).sum();
    libm::sqrt(square / total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(bands: usize, most_db: f64, step_db: f64) -> CurveBounds {
        CurveBounds { up_db: vec![most_db; bands], down_db: vec![most_db; bands], step_db }
    }

    #[test]
    fn a_wish_within_the_bounds_is_its_own_curve_but_for_its_level() {
        let wanted: Vec<f64> = (0..20).map(|band| 3.0 * libm::sin(f64::from(band) / 3.0)).collect();
        let weight = [1.0; 20];
        let curve = bounded_curve(&wanted, &weight, &bounds(20, 12.0, 8.0));
        assert!(left_db(&wanted, &weight, &curve) < 0.01);
    }

    #[test]
    fn the_curve_keeps_its_bounds_and_uses_them_whole() {
        let wanted: Vec<f64> = (0..20).map(|band| if band < 10 { 20.0 } else { -20.0 }).collect();
        let curve = bounded_curve(&wanted, &[1.0; 20], &bounds(20, 12.0, 6.0));
        assert!(curve.iter().all(|db| db.abs() <= 12.0));
        assert!((curve[0] - 12.0).abs() < 0.05 && (curve[19] + 12.0).abs() < 0.05, "{curve:?}");
        assert!(curve.windows(2).all(|pair| (pair[0] - pair[1]).abs() < 6.1), "{curve:?}");
    }

    #[test]
    fn where_nothing_counts_the_curve_goes_straight_on() {
        let mut wanted = vec![2.0; 20];
        let mut weight = vec![1.0; 20];
        wanted.iter_mut().skip(15).for_each(|db| *db = -50.0);
        weight.iter_mut().skip(15).for_each(|weight| *weight = 0.0);
        let curve = bounded_curve(&wanted, &weight, &bounds(20, 12.0, 8.0));
        assert!(left_db(&wanted[..15], &weight[..15], &curve[..15]) < 0.01, "{curve:?}");
    }
}
