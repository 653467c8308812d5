//! Principal components, through the eigenvectors of the covariance.

use linfa_linalg::eigh::{EigSort, Eigh};
use ndarray::Array2;

/// The directions in which rows differ most.
pub(crate) struct Principal {
    /// Unit vectors, the strongest first, each with a positive sum so that no fit flips a sign.
    pub(crate) directions: Vec<Vec<f64>>,
    /// Standard deviation along each.
    pub(crate) std: Vec<f64>,
}

/// The first `count` principal components of rows that have a mean of zero; `None` with fewer than two rows or
/// when the rows are not finite.
pub(crate) fn principal(rows: &[Vec<f64>], count: usize) -> Option<Principal> {
    let dimensions = rows.first()?.len();
    if rows.len() < 2 || rows.iter().flatten().any(|value| !value.is_finite()) {
        return None;
    }
    let covariance = Array2::from_shape_fn((dimensions, dimensions), |(row, column)| {
        rows.iter().map(|values| values[row] * values[column]).sum::<f64>()
            / (rows.len() - 1) as f64
    });
    let (values, vectors) = covariance.eigh().ok()?.sort_eig_desc();
    let direction = |index: usize| {
        let column = vectors.column(index);
        let sign = if column.sum() < 0.0 { -1.0 } else { 1.0 };
        column.iter().map(|value| sign * value).collect()
    };
    let count = count.min(dimensions);
    Some(Principal {
        directions: (0..count).map(direction).collect(),
        std: values.iter().take(count).map(|value| libm::sqrt(value.max(0.0))).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretched_cross_gives_its_axes_and_lengths() {
        let rows = [[3.0, 3.0], [-3.0, -3.0], [1.0, -1.0], [-1.0, 1.0]].map(|row| row.to_vec());
        let found = principal(&rows, 2).unwrap();
        let half = std::f64::consts::FRAC_1_SQRT_2;
        assert!(
            (found.directions[0][0] - half).abs() < 1e-12
                && (found.directions[0][1] - half).abs() < 1e-12
        );
        assert!((found.std[0] - libm::sqrt(36.0 / 3.0)).abs() < 1e-12);
        assert!((found.std[1] - libm::sqrt(4.0 / 3.0)).abs() < 1e-12);
    }

    #[test]
    fn rows_without_any_difference_have_components_of_no_length() {
        let found = principal(&vec![vec![0.0; 9]; 12], 3).unwrap();
        assert_eq!(found.std, [0.0; 3]);
        assert!(found.directions.iter().flatten().all(|value| value.is_finite()));
    }
}
