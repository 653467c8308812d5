//! A magnitude curve over frequency, drawn through points.

use acetate_audio::units::db_to_power;

/// Centres of the third octaves 20 Hz to 20 kHz (IEC 61260, nominal): where curves of systems and levels of noises are given.
pub const THIRD_OCTAVES_HZ: [f64; 31] = [
    20.0, 25.0, 31.5, 40.0, 50.0, 63.0, 80.0, 100.0, 125.0, 160.0, 200.0, 250.0, 315.0, 400.0,
    500.0, 630.0, 800.0, 1_000.0, 1_250.0, 1_600.0, 2_000.0, 2_500.0, 3_150.0, 4_000.0, 5_000.0,
    6_300.0, 8_000.0, 10_000.0, 12_500.0, 16_000.0, 20_000.0,
];
/// Below this, what a curve says of it falls on: no system plays what nobody hears.
const LOWEST_HZ: f64 = 20.0;
const FALL_DB_PER_OCTAVE: f64 = 24.0;
/// Nothing is drawn lower than this.
const FLOOR_DB: f64 = -70.0;
/// Points within a band at which its power gain is taken.
const POINTS_PER_BAND: usize = 8;

/// Levels at rising frequencies, straight lines between them over the logarithm of frequency; level beyond the ends, but for a fall
/// of 24 dB an octave below 20 Hz.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    log_hz: Vec<f64>,
    level_db: Vec<f64>,
}

impl Curve {
    /// A curve through points; both lists are equally long and the frequencies rise.
    ///
    /// # Panics
    /// When they are not.
    pub fn new(hz: &[f64], level_db: &[f64]) -> Self {
        assert!(hz.len() == level_db.len() && !hz.is_empty(), "a level for each frequency");
        assert!(hz.windows(2).all(|pair| pair[0] < pair[1]), "frequencies rise");
        let log_hz = hz.iter().map(|&hz| libm::log(hz)).collect();
        Self { log_hz, level_db: level_db.to_vec() }
    }

    /// The level at a frequency, dB.
    pub fn level_db(&self, hz: f64) -> f64 {
        let hz = hz.max(1.0);
        let wanted = libm::log(hz);
        let above = self.log_hz.partition_point(|&log| log <= wanted);
        let level = match (above.checked_sub(1), self.log_hz.get(above)) {
            (None, _) => self.level_db[0],
            (Some(below), None) => self.level_db[below],
            (Some(below), Some(next)) => {
                let share = (wanted - self.log_hz[below]) / (next - self.log_hz[below]);
                self.level_db[below] + share * (self.level_db[above] - self.level_db[below])
            }
        };
        let fall = FALL_DB_PER_OCTAVE * libm::log2(LOWEST_HZ / hz).max(0.0);
        (level - fall).max(FLOOR_DB)
    }

    /// Mean power gain between two frequencies.
    pub fn power_gain(&self, low_hz: f64, high_hz: f64) -> f64 {
        let step = (high_hz - low_hz) / POINTS_PER_BAND as f64;
        let points = (0..POINTS_PER_BAND).map(|point| low_hz + (point as f64 + 0.5) * step);
        points.map(|hz| db_to_power(self.level_db(hz))).sum::<f64>() / POINTS_PER_BAND as f64
    }
}

/// A-weighting at a frequency, dB (IEC 61672-1, annex E: the analytic form).
pub fn a_weight_db(hz: f64) -> f64 {
    let square = hz * hz;
    let above = 12_194.0 * 12_194.0;
    let low = square + 20.6 * 20.6;
    let middle = libm::sqrt((square + 107.7 * 107.7) * (square + 737.9 * 737.9));
    20.0 * libm::log10(above * square * square / (low * middle * (square + above))) + 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_passes_through_its_points_and_is_level_beyond_them() {
        let curve = Curve::new(&[100.0, 1_000.0, 10_000.0], &[-20.0, 0.0, -6.0]);
        for (hz, wanted) in
            [(100.0, -20.0), (1_000.0, 0.0), (316.227_766, -10.0), (50.0, -20.0), (18_000.0, -6.0)]
        {
            assert!((curve.level_db(hz) - wanted).abs() < 1e-6, "{hz} Hz");
        }
        assert!((curve.level_db(10.0) + 44.0).abs() < 1e-6);
    }

    #[test]
    fn a_weighting_is_that_of_the_table() {
        for (hz, wanted) in
            [(31.5, -39.4), (100.0, -19.1), (1_000.0, 0.0), (2_500.0, 1.3), (10_000.0, -2.5)]
        {
            assert!((a_weight_db(hz) - wanted).abs() < 0.15, "{hz} Hz: {}", a_weight_db(hz));
        }
    }
}
