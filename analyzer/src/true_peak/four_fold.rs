//! The waveform on a grid four times finer than the samples.

use multiversion::multiversion;

use super::interpolator::SincTable;
use crate::peaks::larger;

/// Taps of a phase.
pub(crate) const TAPS: usize = 24;
/// Half of them.
pub(crate) const HALF: usize = TAPS / 2;
/// Kaiser parameter: ripple about -50 dB up to 0.44 of the rate. The search that follows refines with the
/// long interpolator, so this grid only has to find the places.
pub(crate) const KAISER_BETA: f64 = 4.6;
/// Positions computed side by side.
const LANES: usize = 16;

/// Folded taps: quarter and three-quarter points as even and odd parts, half points as pairs.
#[derive(Clone, Debug)]
pub(crate) struct FourFoldTaps {
    even: [f32; HALF],
    odd: [f32; HALF],
    half: [f32; HALF],
}

impl FourFoldTaps {
    pub(crate) fn new() -> Self {
        let table = SincTable::new(4, TAPS, KAISER_BETA);
        let (quarter, half) = (&table.rows[1], &table.rows[2]);
        let part = |sign: f32| {
            std::array::from_fn(|tap| 0.5 * (quarter[tap] + sign * quarter[TAPS - 1 - tap]))
        };
        Self { even: part(1.0), odd: part(-1.0), half: std::array::from_fn(|tap| half[tap]) }
    }
}

/// Fills the points a quarter, a half and three quarters of a sample after each of `N` samples.
///
/// `samples` begins 11 samples before the first of them and holds `N + 23`. Returns the largest magnitude of
/// the points.
#[multiversion(targets("x86_64+avx2"))]
pub(crate) fn interpolate<const N: usize>(
    taps: &FourFoldTaps,
    samples: &[f32],
    points: &mut [[f32; N]; 3],
) -> f32 {
    let samples = &samples[..N + TAPS - 1];
    let mut largest = [0.0f32; LANES];
    for start in (0..N).step_by(LANES) {
        let window = &samples[start..start + LANES + TAPS - 1];
        let mut even = [0.0f32; LANES];
        let mut odd = [0.0f32; LANES];
        let mut half = [0.0f32; LANES];
        for tap in 0..HALF {
            let near = &window[tap..tap + LANES];
            let far = &window[TAPS - 1 - tap..TAPS - 1 - tap + LANES];
            for lane in 0..LANES {
                let sum = near[lane] + far[lane];
                even[lane] += taps.even[tap] * sum;
                half[lane] += taps.half[tap] * sum;
                odd[lane] += taps.odd[tap] * (near[lane] - far[lane]);
            }
        }
        for lane in 0..LANES {
            points[0][start + lane] = even[lane] + odd[lane];
            points[1][start + lane] = half[lane];
            points[2][start + lane] = even[lane] - odd[lane];
            // The larger of the sum and the difference of two numbers is the sum of their magnitudes.
            let quarters = even[lane].abs() + odd[lane].abs();
            largest[lane] = larger(largest[lane], larger(half[lane].abs(), quarters));
        }
    }
    largest.into_iter().fold(0.0, larger)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_is_found_between_its_samples() {
        let sine = |time: f64| libm::sin(0.9 * time + 0.3);
        let samples: Vec<f32> =
            (0..LANES + TAPS - 1).map(|i| sine(i as f64 - 11.0) as f32).collect();
        let mut points = [[0.0; LANES]; 3];
        interpolate(&FourFoldTaps::new(), &samples, &mut points);
        for (index, row) in points.iter().enumerate() {
            for (n, &value) in row.iter().enumerate() {
                let expected = sine(n as f64 + 0.25 * (index + 1) as f64);
                assert!((f64::from(value) - expected).abs() < 5e-3, "{value} is not {expected}");
            }
        }
    }
}
