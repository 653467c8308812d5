//! Percentiles, means and slopes of small sets of numbers.

/// The value at `share` (0 to 1) of the sorted values, interpolated; `None` of none.
pub(crate) fn percentile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    percentile_of_sorted(&sorted, share)
}

/// The same of values in ascending order.
pub(crate) fn percentile_of_sorted(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share * last as f64;
    let below = (place as usize).min(last);
    let above = (below + 1).min(last);
    Some(sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64))
}

/// The middle value, of two the larger; they are in another order afterwards.
///
/// # Panics
/// Of none.
pub(crate) fn middle(values: &mut [f64]) -> f64 {
    *values.select_nth_unstable_by(values.len() / 2, f64::total_cmp).1
}

/// Arithmetic mean; `None` of none.
pub(crate) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Mean of values, each with its weight; `None` when the weights do not have a positive sum.
pub fn weighted_mean(values: impl IntoIterator<Item = (f64, f64)>) -> Option<f64> {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (value, weight) in values {
        sum += weight * value;
        weights += weight;
    }
    (weights > 0.0).then(|| sum / weights)
}

/// Standard deviation about the mean; `None` of fewer than two.
pub(crate) fn standard_deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values).filter(|_| values.len() > 1)?;
    let square: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    Some(libm::sqrt(square / values.len() as f64))
}

/// Slope of the least-squares line through points of `[x, y]`; `None` of fewer than two places.
pub(crate) fn slope(points: &[[f64; 2]]) -> Option<f64> {
    let count = points.len() as f64;
    let mean_x = points.iter().map(|point| point[0]).sum::<f64>() / count;
    let mean_y = points.iter().map(|point| point[1]).sum::<f64>() / count;
    let (mut across, mut square) = (0.0, 0.0);
    for [x, y] in points {
        across += (x - mean_x) * (y - mean_y);
        square += (x - mean_x) * (x - mean_x);
    }
    (square > 0.0).then(|| across / square)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_interpolate() {
        assert_eq!(percentile(&[4.0, 1.0, 3.0, 2.0], 0.5), Some(2.5));
        assert_eq!(percentile(&[], 0.5), None);
        assert_eq!(percentile(&[7.0], 0.95), Some(7.0));
    }

    #[test]
    fn what_weighs_nothing_has_no_mean() {
        assert_eq!(weighted_mean([(1.0, 1.0), (4.0, 2.0)]), Some(3.0));
        assert_eq!(weighted_mean([(1.0, 0.0)]), None);
        assert_eq!(weighted_mean([]), None);
    }

    #[test]
    fn the_slope_of_a_line_is_found() {
        assert_eq!(slope(&[[0.0, 1.0], [1.0, 3.0], [2.0, 5.0]]), Some(2.0));
        assert_eq!(slope(&[[1.0, 1.0]]), None);
        assert_eq!(slope(&[]), None);
    }
}
