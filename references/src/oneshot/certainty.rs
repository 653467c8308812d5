//! How sure is sure: what the model says, brought to how often it is right.
//!
//! Records that the model has not seen are stranger than it expects, so that what it says at 98 % is true in 88. A line through the
//! logarithms of the odds mends that (Platt, "Probabilistic outputs for support vector machines", 1999), fitted to records that
//! were held out, with faults drawn as often and as large as the model takes them to be.

use acetate_audio::linear::{Matrix, factorise};
use rand::Rng;
use rand_xoshiro::Xoshiro256Plus;
use serde::{Deserialize, Serialize};

use crate::bands::WIDE_BANDS;
use crate::signs::Nine;

/// Logarithm of the odds, as it is: `offset + slope * said`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// At even odds.
    pub offset: f64,
    /// How much of what is said is so.
    pub slope: f64,
}

impl Line {
    /// What is said is so.
    pub const AS_SAID: Self = Self { offset: 0.0, slope: 1.0 };

    /// The probability that is right when `said` is.
    pub fn right(&self, said: f64) -> f64 {
        let odds = self.offset + self.slope * log_odds(said);
        1.0 / (1.0 + libm::exp(-odds))
    }

    /// The line through cases: what was said, whether it was so, and how much the case counts.
    pub(super) fn through(cases: &[(f64, bool, f64)]) -> Self {
        let mut line = Self::AS_SAID;
        for _ in 0..NEWTON_STEPS {
            let (mut gradient, mut curvature) = ([0.0; 2], [1e-9, 0.0, 1e-9]);
            for &(said, so, counts) in cases {
                let odds = log_odds(said);
                let right = line.right(said);
                let miss = counts * (f64::from(u8::from(so)) - right);
                let curve = counts * right * (1.0 - right);
                gradient = [gradient[0] + miss, gradient[1] + miss * odds];
                let [a, b, c] = curvature;
                curvature = [a + curve, b + curve * odds, c + curve * odds * odds];
            }
            let [a, b, c] = curvature;
            let determinant = a * c - b * b;
            line.offset += (c * gradient[0] - b * gradient[1]) / determinant;
            line.slope += (a * gradient[1] - b * gradient[0]) / determinant;
        }
        let rounded = |value: f64| libm::round(value * 1e3) / 1e3;
        Self { offset: rounded(line.offset), slope: rounded(line.slope) }
    }
}

/// Newton's method is there after a handful.
const NEWTON_STEPS: usize = 12;
/// Odds beyond this say nothing more, nats.
const LOG_ODDS_MAX: f64 = 8.0;

fn log_odds(probability: f64) -> f64 {
    // Shares that sum to one do so but for their last bits.
    let probability = probability.clamp(0.0, 1.0);
    let odds = libm::log(probability / (1.0 - probability));
    odds.clamp(-LOG_ODDS_MAX, LOG_ODDS_MAX)
}

/// A fault drawn from a covariance.
pub fn drawn(mut covariance: Matrix, random: &mut Xoshiro256Plus) -> Nine {
    (0..WIDE_BANDS).for_each(|band| covariance.row_mut(band)[band] += 1e-9);
    factorise(&mut covariance).expect("a ridge was added");
    let normal: Nine = std::array::from_fn(|_| normal(random));
    std::array::from_fn(|row| {
        covariance.row(row)[..=row].iter().zip(&normal).map(|(l, x)| l * x).sum()
    })
}

/// A normal number (Box and Muller, 1958).
fn normal(random: &mut Xoshiro256Plus) -> f64 {
    let (radius, angle): (f64, f64) = (random.gen_range(0.0..1.0), random.gen_range(0.0..1.0));
    let radius = libm::sqrt(-2.0 * libm::log(1.0 - radius));
    radius * libm::cos(std::f64::consts::TAU * angle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_too_surely_is_brought_back() {
        // Said at 90 %, true in 70 of 100; at 10 %, in 30.
        let mut cases = Vec::new();
        for (said, so) in [(0.9, 70), (0.1, 30)] {
            cases.extend((0..100).map(|case| (said, case < so, 1.0)));
        }
        let line = Line::through(&cases);
        assert!((line.right(0.9) - 0.7).abs() < 0.01, "{line:?}");
        assert!((line.right(0.1) - 0.3).abs() < 0.01, "{line:?}");
        assert!((Line::AS_SAID.right(0.37) - 0.37).abs() < 1e-12);
        assert!(line.right(1.0 + f64::EPSILON) > 0.7 && line.right(-f64::EPSILON) < 0.3);
    }
}
