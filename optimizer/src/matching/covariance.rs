//! How far a mean over a song may err, from the moments it is made of.

use crate::solver::Matrix;

/// An error from few moments is uncertain itself (Student's t of n - 1 degrees of freedom); no more than this much wider.
const WIDENED_MAX: f64 = 3.0;

/// Covariance of the mean of `parts`, which are taken as independent, the lower triangle alone.
///
/// There are fewer parts than bands: covariances are shrunk towards none by the share that minimises their expected square
/// error (Ledoit & Wolf, J. Multivariate Analysis 88(2), 2004, section 3.3, with a diagonal target).
pub(crate) fn of_mean(parts: &[Vec<f64>]) -> Matrix {
    let width = parts.first().map_or(0, Vec::len);
    let count = parts.len() as f64;
    let mean = |band: usize| parts.iter().map(|part| part[band]).sum::<f64>() / count;
    let means: Vec<f64> = (0..width).map(mean).collect();
    let deviation = |part: &[f64], band: usize| part[band] - means[band];
    let mut found = Matrix::zeros(width, width);
    let (mut by_chance, mut together) = (0.0, 0.0);
    for one in 0..width {
        for other in 0..=one {
            let products =
                || parts.iter().map(|part| deviation(part, one) * deviation(part, other));
            let covariance = products().sum::<f64>() / count;
            found.row_mut(one)[other] = covariance;
            if one != other {
                by_chance += products().map(|p| (p - covariance) * (p - covariance)).sum::<f64>();
                together += covariance * covariance;
            }
        }
    }
    let kept = (1.0 - by_chance / (count * count) / together.max(1e-12)).max(0.0);
    let widened = ((count - 1.0) / (count - 3.0).max(0.5)).clamp(1.0, WIDENED_MAX);
    let scale = widened / (count - 1.0).max(1.0);
    for one in 0..width {
        for (other, value) in found.row_mut(one)[..=one].iter_mut().enumerate() {
            *value *= scale * if one == other { 1.0 } else { kept };
        }
    }
    found
}

/// Means of `rows` over stretches of about `rows_a_part`, at least two.
pub(crate) fn parts(rows: &[Vec<f64>], rows_a_part: usize) -> Vec<Vec<f64>> {
    let count = rows.len().div_ceil(rows_a_part.max(1)).max(2);
    let mean = |part: usize| {
        let of = &rows[part * rows.len() / count..(part + 1) * rows.len() / count];
        let width = rows.first().map_or(0, Vec::len);
        let band =
            |band: usize| of.iter().map(|row| row[band]).sum::<f64>() / of.len().max(1) as f64;
        (0..width).map(band).collect()
    };
    (0..count).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variance_of_a_mean_is_that_of_the_textbook() {
        // Deviations of 1 in 20 parts: the mean errs by 1 / sqrt(19), and Student's t widens that by 19 / 17.
        let parts: Vec<Vec<f64>> =
            (0..20).map(|part| vec![if part % 2 == 0 { 1.0 } else { -1.0 }]).collect();
        assert!((of_mean(&parts).row(0)[0] - 19.0 / 17.0 / 19.0).abs() < 1e-12);
    }

    #[test]
    fn bands_that_move_together_err_together() {
        let parts: Vec<Vec<f64>> = (0..24)
            .map(|part| {
                let x = libm::sin(f64::from(part) * 2.3);
                vec![x, 2.0 * x, libm::cos(f64::from(part) * 7.7)]
            })
            .collect();
        let covariance = of_mean(&parts);
        let correlation = |one: usize, other: usize| {
            covariance.row(one)[other]
                / (covariance.row(one)[one] * covariance.row(other)[other]).sqrt()
        };
        assert!(correlation(1, 0) > 0.8, "{}", correlation(1, 0));
        assert!(correlation(2, 0).abs() < 0.3, "{}", correlation(2, 0));
    }

    #[test]
    fn rows_are_shared_out_evenly() {
        let rows: Vec<Vec<f64>> = (0..7).map(|row| vec![f64::from(row)]).collect();
        assert_eq!(parts(&rows, 3), [vec![0.5], vec![2.5], vec![5.0]]);
        assert_eq!(parts(&rows[..1], 3).len(), 2);
    }
}
