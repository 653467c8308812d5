//! Decibels and loudness as types, and the only place where logarithms are taken.
//!
//! `Lufs - Lufs = Decibels`, `Lufs + Decibels = Lufs`; two loudnesses cannot be added. Transcendental
//! functions come from `libm`, so that the same settings give the same bytes on every platform.

use std::ops::{Add, AddAssign, Mul, Neg, Sub};

use serde::{Deserialize, Serialize};

/// A ratio of two levels, in decibels.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Decibels(pub f64);

impl Decibels {
    /// No change.
    pub const ZERO: Self = Self(0.0);

    /// The decibels of an amplitude ratio, 20 log10.
    pub fn from_amplitude(ratio: f64) -> Self {
        Self(amplitude_to_db(ratio))
    }

    /// The decibels of a power ratio, 10 log10.
    pub fn from_power(ratio: f64) -> Self {
        Self(power_to_db(ratio))
    }

    /// The amplitude ratio, 10^(dB/20).
    pub fn to_amplitude(self) -> f64 {
        db_to_amplitude(self.0)
    }

    /// The power ratio, 10^(dB/10).
    pub fn to_power(self) -> f64 {
        db_to_power(self.0)
    }
}

impl Add for Decibels {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Decibels {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Decibels {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Decibels {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Mul<f64> for Decibels {
    type Output = Self;
    fn mul(self, factor: f64) -> Self {
        Self(self.0 * factor)
    }
}

/// Loudness relative to full scale, K-weighted (ITU-R BS.1770-5).
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lufs(pub f64);

impl Sub for Lufs {
    type Output = Decibels;
    fn sub(self, other: Self) -> Decibels {
        Decibels(self.0 - other.0)
    }
}

impl Add<Decibels> for Lufs {
    type Output = Self;
    fn add(self, gain: Decibels) -> Self {
        Self(self.0 + gain.0)
    }
}

/// 20 log10 of an amplitude; minus infinity for zero.
pub fn amplitude_to_db(amplitude: f64) -> f64 {
    20.0 * libm::log10(amplitude)
}

/// 10 log10 of a power; minus infinity for zero.
pub fn power_to_db(power: f64) -> f64 {
    10.0 * libm::log10(power)
}

/// 10^(dB/20).
pub fn db_to_amplitude(db: f64) -> f64 {
    libm::exp(db * (std::f64::consts::LN_10 / 20.0))
}

/// 10^(dB/10).
pub fn db_to_power(db: f64) -> f64 {
    libm::exp(db * (std::f64::consts::LN_10 / 10.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_decibels_is_exactly_unity() {
        assert_eq!(Decibels::ZERO.to_amplitude(), 1.0);
        assert_eq!(Decibels::ZERO.to_power(), 1.0);
    }

    #[test]
    fn six_decibels_about_double_the_amplitude() {
        assert!((Decibels(6.020_599_913).to_amplitude() - 2.0).abs() < 1e-9);
        assert!((Decibels::from_power(0.5).0 + 3.010_299_956).abs() < 1e-9);
    }

    #[test]
    fn the_difference_of_two_loudnesses_is_a_gain() {
        assert_eq!(Lufs(-17.5) + (Lufs(-14.0) - Lufs(-17.5)), Lufs(-14.0));
    }
}
