//! The values that each number of a request may have.

use crate::Error;

/// The values that a number may have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OptionRange {
    /// Lowest.
    pub low: f64,
    /// Highest.
    pub high: f64,
    /// Unit of both.
    pub unit: &'static str,
}

impl OptionRange {
    /// How far to go.
    pub const AMOUNT: Self = Self { low: 0.0, high: 150.0, unit: "%" };
    /// How much of something is added.
    pub const SHARE: Self = Self { low: 0.0, high: 100.0, unit: "%" };
    /// Loudness.
    pub const LUFS: Self = Self { low: -60.0, high: 0.0, unit: "LUFS" };
    /// True-peak ceiling.
    pub const CEILING: Self = Self { low: -20.0, high: 0.0, unit: "dBTP" };
    /// The sum of the equaliser's bands.
    pub const MAX_EQ: Self = Self { low: 0.0, high: 24.0, unit: "dB" };
    /// What the tone leans to.
    pub const LEAN: Self = Self { low: -12.0, high: 12.0, unit: "dB" };
    /// What the level of the side leans to.
    pub const LEAN_WIDTH: Self = Self { low: -6.0, high: 6.0, unit: "dB" };
    /// What the spread of the level leans to.
    pub const LEAN_DENSITY: Self = Self { low: -50.0, high: 50.0, unit: "%" };
    /// Noise to mask.
    pub const MAX_DAMAGE: Self = Self { low: -60.0, high: 20.0, unit: "dB" };

    /// Is it one of them?
    pub fn holds(self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    pub(crate) fn check(self, option: &'static str, given: f64) -> Result<(), Error> {
        let Self { low, high, unit } = self;
        if self.holds(given) {
            return Ok(());
        }
        Err(Error::OutOfRange { option, given, low, high, unit })
    }
}
