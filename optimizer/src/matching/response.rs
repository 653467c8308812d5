//! How what a band does over frequency changes with its settings.

use std::f64::consts::LN_10;

use crate::equalizer::{Curve, Shape};

/// 10 / ln 10: decibels of a power ratio per natural logarithm.
const DB: f64 = 4.342_944_819_032_518;

/// A ratio of two polynomials with their derivatives by the three settings.
struct Ratio {
    above: f64,
    below: f64,
    above_by: [f64; 3],
    below_by: [f64; 3],
}

/// The derivatives of [`Curve::db`] at `hz` by ln frequency, gain in dB, ln Q.
pub(crate) fn slopes(curve: &Curve, hz: f64) -> [f64; 3] {
    let band = &curve.band;
    let w2 = (hz / band.freq_hz) * (hz / band.freq_hz);
    match band.shape {
        Shape::Bell => bell(curve, w2).slopes(0.0),
        // Half of the gain is the middle level.
        Shape::HighShelf => shelf(curve, w2, -2.0 * w2).slopes(0.5),
        Shape::LowShelf => shelf(curve, 1.0 / w2, 2.0 / w2).slopes(0.5),
        Shape::Tilt => tilt(curve, w2).slopes(0.0),
    }
}

impl Ratio {
    /// In decibels, where so much of a decibel of gain comes on top.
    fn slopes(&self, by_gain: f64) -> [f64; 3] {
        let Self { above, below, above_by, below_by } = self;
        let by = |index: usize| DB * (above_by[index] / above - below_by[index] / below);
        [by(0), by(1) + by_gain, by(2)]
    }
}

fn bell(&Curve { band, amplitude: gain }: &Curve, w2: f64) -> Ratio {
    let apart = (1.0 - w2) * (1.0 - w2);
    let apart_by_freq = 4.0 * w2 * (1.0 - w2);
    let around = w2 / (band.q * band.q);
    let (up, down) = (gain * around, around / gain);
    let by_gain = LN_10 / 20.0;
    Ratio {
        above: apart + up,
        below: apart + down,
        above_by: [apart_by_freq - 2.0 * up, up * by_gain, -2.0 * up],
        below_by: [apart_by_freq - 2.0 * down, -down * by_gain, -2.0 * down],
    }
}

/// A shelf in squared relative frequency, which changes by `w2_by` with ln of the band's frequency.
fn shelf(&Curve { band, amplitude: a }: &Curve, w2: f64, w2_by: f64) -> Ratio {
    let a_by = a * LN_10 / 40.0;
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

fn tilt(&Curve { amplitude: a, .. }: &Curve, w2: f64) -> Ratio {
    let a_by = a * LN_10 / 20.0;
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
    use crate::equalizer::Band;

    const SHAPES: [Shape; 4] = [Shape::Bell, Shape::LowShelf, Shape::HighShelf, Shape::Tilt];

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
                    let found = slopes(&band.curve(), hz)[parameter];
                    assert!(
                        (found - (up - down) / 2e-5).abs() < 1e-6,
                        "{shape:?} {hz} {parameter}"
                    );
                }
            }
        }
    }
}
