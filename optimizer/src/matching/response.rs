//! What a band does over frequency, and how that changes with its settings.

use acetate_audio::units::db_to_amplitude;

use crate::equalizer::{Band, Shape};

/// 10 / ln 10: decibels of a power ratio per natural logarithm.
const DB: f64 = 4.342_944_819_032_518;

/// Level change at a frequency, in dB, and its derivatives.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Response {
    pub(crate) db: f64,
    /// By ln frequency, gain in dB, ln Q.
    pub(crate) by: [f64; 3],
}

/// A ratio of two polynomials with their derivatives by the three settings.
struct Ratio {
    above: f64,
    below: f64,
    above_by: [f64; 3],
    below_by: [f64; 3],
}

/// The response of `band` at `hz`: the analogue prototype of [`Band::response_db`].
pub(crate) fn response(band: &Band, hz: f64) -> Response {
    let w2 = (hz / band.freq_hz) * (hz / band.freq_hz);
    match band.shape {
        Shape::Bell => bell(band, w2).response(0.0),
        Shape::HighShelf => shelf(band, w2, -2.0 * w2).response(band.gain_db / 2.0),
        Shape::LowShelf => shelf(band, 1.0 / w2, 2.0 / w2).response(band.gain_db / 2.0),
        Shape::Tilt => tilt(band, w2).response(0.0),
    }
}

impl Ratio {
    /// In decibels, on top of `level_db`, half of the gain where it is not 0.
    fn response(&self, level_db: f64) -> Response {
        let mut by = [0.0; 3];
        for (index, by) in by.iter_mut().enumerate() {
            *by = DB * (self.above_by[index] / self.above - self.below_by[index] / self.below);
        }
        if level_db != 0.0 {
            by[1] += 0.5;
        }
        Response { db: level_db + DB * libm::log(self.above / self.below), by }
    }
}

fn bell(band: &Band, w2: f64) -> Ratio {
    let gain = db_to_amplitude(band.gain_db);
    let apart = (1.0 - w2) * (1.0 - w2);
    let apart_by_freq = 4.0 * w2 * (1.0 - w2);
    let around = w2 / (band.q * band.q);
    let (up, down) = (gain * around, around / gain);
    let by_gain = std::f64::consts::LN_10 / 20.0;
    Ratio {
        above: apart + up,
        below: apart + down,
        above_by: [apart_by_freq - 2.0 * up, up * by_gain, -2.0 * up],
        below_by: [apart_by_freq - 2.0 * down, -down * by_gain, -2.0 * down],
    }
}

/// A shelf in squared relative frequency, which changes by `w2_by` with ln of the band's frequency.
fn shelf(band: &Band, w2: f64, w2_by: f64) -> Ratio {
    let a = db_to_amplitude(band.gain_db / 2.0);
    let a_by = a * std::f64::consts::LN_10 / 40.0;
    let slope = a * w2 / (band.q * band.q);
    let (over, under) = (1.0 - a * w2, a - w2);
    let slope_by = [slope * w2_by / w2, slope * a_by / a, -2.0 * slope];
    Ratio {
        above: over * over + slope,
        below: under * under + slope,
        above_by: [
            -2.0 * over * a * w2_by + slope_by[0],
            -2.0 * over * w2 * a_by + slope_by[1],
            slope_by[2],
        ],
        below_by: [
            -2.0 * under * w2_by + slope_by[0],
            2.0 * under * a_by + slope_by[1],
            slope_by[2],
        ],
    }
}

fn tilt(band: &Band, w2: f64) -> Ratio {
    let a = db_to_amplitude(band.gain_db);
    let a_by = a * std::f64::consts::LN_10 / 20.0;
    Ratio {
        above: 1.0 + a * w2,
        below: a + w2,
        above_by: [-2.0 * a * w2, a_by * w2, 0.0],
        below_by: [-2.0 * w2, a_by, 0.0],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPES: [Shape; 4] = [Shape::Bell, Shape::LowShelf, Shape::HighShelf, Shape::Tilt];

    #[test]
    fn the_response_is_that_of_the_band() {
        for shape in SHAPES {
            let band = Band { shape, freq_hz: 700.0, gain_db: -5.0, q: 0.8 };
            for hz in [30.0, 650.0, 700.0, 9_000.0] {
                assert!((response(&band, hz).db - band.response_db(hz)).abs() < 1e-12, "{shape:?}");
            }
        }
    }

    #[test]
    fn derivatives_are_those_of_small_steps() {
        for shape in SHAPES {
            let band = Band { shape, freq_hz: 700.0, gain_db: 6.0, q: 0.7 };
            let moved = |parameter: usize, step: f64| Band {
                freq_hz: 700.0 * if parameter == 0 { libm::exp(step) } else { 1.0 },
                gain_db: 6.0 + if parameter == 1 { step } else { 0.0 },
                q: 0.7 * if parameter == 2 { libm::exp(step) } else { 1.0 },
                ..band
            };
            for hz in [90.0, 640.0, 2_500.0] {
                for parameter in 0..3 {
                    let [up, down] =
                        [1e-5, -1e-5].map(|step| moved(parameter, step).response_db(hz));
                    let found = response(&band, hz).by[parameter];
                    assert!(
                        (found - (up - down) / 2e-5).abs() < 1e-6,
                        "{shape:?} {hz} {parameter}"
                    );
                }
            }
        }
    }
}
