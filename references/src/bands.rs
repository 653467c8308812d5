//! The frequency bands of aims and profiles, and the loudness of a curve.

use std::sync::OnceLock;

use acetate_analyzer::k_weighting;
use acetate_audio::units::{db_to_power, power_to_db};

/// Number of third octaves, 25 Hz to 16 kHz.
pub const THIRD_OCTAVES: usize = 29;

/// Nominal centres of the third octaves in Hz (IEC 61260-1, base 10).
pub const THIRD_OCTAVE_HZ: [f64; THIRD_OCTAVES] = [
    25.0, 31.5, 40.0, 50.0, 63.0, 80.0, 100.0, 125.0, 160.0, 200.0, 250.0, 315.0, 400.0, 500.0,
    630.0, 800.0, 1000.0, 1250.0, 1600.0, 2000.0, 2500.0, 3150.0, 4000.0, 5000.0, 6300.0, 8000.0,
    10000.0, 12500.0, 16000.0,
];

/// Band number of 25 Hz: the exact centre of band `n` is 10^(n/10) Hz (IEC 61260-1, 5.4).
const FIRST_BAND_NUMBER: f64 = 14.0;

/// Number of the wide bands in which dynamics and stereo are described.
pub const WIDE_BANDS: usize = 9;

/// Edges of the wide bands in Hz: nine of 6 ERB each, as in the statistics the styles are fitted to. The last
/// one is the Nyquist frequency of the recordings.
pub const WIDE_EDGES_HZ: [f64; WIDE_BANDS + 1] =
    [0.0, 148.0, 392.0, 795.0, 1458.0, 2550.0, 4349.0, 7314.0, 12199.0, 22050.0];

/// Exact centre of a third octave, Hz.
pub fn centre_hz(band: usize) -> f64 {
    libm::exp10((FIRST_BAND_NUMBER + band as f64) / 10.0)
}

/// Lower and upper edge of a third octave, Hz.
pub fn edges_hz(band: usize) -> [f64; 2] {
    let number = FIRST_BAND_NUMBER + band as f64;
    [libm::exp10((number - 0.5) / 10.0), libm::exp10((number + 0.5) / 10.0)]
}

/// Power gain of the K-weighting in each third octave: the mean over a flat spectrum per octave.
pub fn k_weights() -> &'static [f64; THIRD_OCTAVES] {
    static WEIGHTS: OnceLock<[f64; THIRD_OCTAVES]> = OnceLock::new();
    WEIGHTS.get_or_init(|| {
        std::array::from_fn(|band| slices(band).map(|(hz, share)| k_weighting(hz) * share).sum())
    })
}

/// Slices a third octave is cut into where a sum over frequency stands for an integral: edges of wide bands fall
/// between two of them, which moves a level by less than 0.03 dB.
const SLICES: usize = 64;

/// Centre and share of each slice of a third octave whose power is spread evenly over log frequency.
pub(crate) fn slices(band: usize) -> impl Iterator<Item = (f64, f64)> {
    let low = FIRST_BAND_NUMBER + band as f64 - 0.5;
    (0..SLICES).map(move |slice| {
        let number = low + (slice as f64 + 0.5) / SLICES as f64;
        (libm::exp10(number / 10.0), 1.0 / SLICES as f64)
    })
}

/// K-weighted power of a third-octave curve, in dB: how loud a steady sound of that spectrum is, without
/// BS.1770's constant and count of channels. Bands without a level count nothing; `None` if none has one.
pub fn curve_loudness_db(levels_db: &[Option<f64>]) -> Option<f64> {
    let weights = k_weights();
    let mut power = 0.0;
    for (level_db, weight) in levels_db.iter().zip(weights) {
        power += level_db.map_or(0.0, |level_db| db_to_power(level_db) * weight);
    }
    (power > 0.0).then(|| power_to_db(power))
}

/// The curve at a loudness of 0 dB, so that only its shape is left; empty if it has no level at all.
pub fn shape_db(levels_db: &[Option<f64>]) -> Vec<Option<f64>> {
    match curve_loudness_db(levels_db) {
        Some(loudness_db) => {
            levels_db.iter().map(|level| level.map(|level| level - loudness_db)).collect()
        }
        None => Vec::new(),
    }
}

/// Value at a frequency of a line through points at ascending frequencies, straight over log frequency and
/// held constant beyond the ends.
pub(crate) fn interpolate(points_hz: &[f64], values: &[f64], hz: f64) -> f64 {
    assert_eq!(points_hz.len(), values.len(), "one value a point");
    let above = points_hz.partition_point(|&point| point < hz);
    if above == 0 {
        return values[0];
    }
    if above == points_hz.len() {
        return values[above - 1];
    }
    let (low, high) = (points_hz[above - 1], points_hz[above]);
    let share = libm::log(hz / low) / libm::log(high / low);
    values[above - 1] + share * (values[above] - values[above - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(given: f64, expected: f64, tolerance: f64) {
        assert!((given - expected).abs() <= tolerance, "{given} is not {expected} +- {tolerance}");
    }

    #[test]
    fn nominal_centres_are_within_two_percent_of_the_exact_ones() {
        for (band, nominal) in THIRD_OCTAVE_HZ.iter().enumerate() {
            near(centre_hz(band) / nominal, 1.0, 0.02);
        }
    }

    #[test]
    fn neighbouring_bands_share_an_edge() {
        for band in 1..THIRD_OCTAVES {
            near(edges_hz(band)[0], edges_hz(band - 1)[1], 1e-9);
        }
    }

    #[test]
    fn gain_moves_the_loudness_of_a_curve_but_not_its_shape() {
        let curve: Vec<_> = (0..THIRD_OCTAVES).map(|band| Some(-0.7 * band as f64)).collect();
        let louder: Vec<_> = curve.iter().map(|level| level.map(|level| level + 7.0)).collect();
        near(curve_loudness_db(&louder).unwrap() - curve_loudness_db(&curve).unwrap(), 7.0, 1e-9);
        for (a, b) in shape_db(&curve).iter().zip(shape_db(&louder)) {
            near(a.unwrap(), b.unwrap(), 1e-9);
        }
    }

    #[test]
    fn silence_has_no_loudness_and_no_shape() {
        assert_eq!(curve_loudness_db(&[None; THIRD_OCTAVES]), None);
        assert!(shape_db(&[None; THIRD_OCTAVES]).is_empty());
    }

    #[test]
    fn interpolation_is_straight_over_octaves_and_flat_beyond_the_ends() {
        let (points, values) = ([100.0, 400.0], [0.0, 2.0]);
        near(interpolate(&points, &values, 200.0), 1.0, 1e-12);
        near(interpolate(&points, &values, 10.0), 0.0, 0.0);
        near(interpolate(&points, &values, 9_000.0), 2.0, 0.0);
    }
}
