//! What the numbers of a document can be: beyond that it is damaged, or made to do harm.

use std::ops::RangeInclusive;

/// Levels, dB: beyond what 32-bit floats can hold above and below full scale.
pub(crate) const LEVEL_DB: RangeInclusive<f64> = -800.0..=800.0;
/// Spreads and errors of levels, dB.
pub(crate) const SPREAD_DB: RangeInclusive<f64> = 0.0..=800.0;
/// Loudness ranges, LU.
pub(crate) const RANGE_LU: RangeInclusive<f64> = 0.0..=800.0;
/// Shares, weights.
pub(crate) const SHARE: RangeInclusive<f64> = 0.0..=1.0;
/// Correlations, and entries of vectors of unit length.
pub(crate) const CORRELATION: RangeInclusive<f64> = -1.0..=1.0;

/// A number outside of what it can be.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{path} is {given}, it must lie between {min} and {max}")]
pub struct OutOfRange {
    /// Path of the key in the document.
    pub path: String,
    /// Its value.
    pub given: f64,
    /// Smallest allowed.
    pub min: f64,
    /// Largest allowed.
    pub max: f64,
}

/// One number.
pub(crate) fn check(
    path: impl Into<String>,
    given: f64,
    range: &RangeInclusive<f64>,
) -> Result<(), OutOfRange> {
    if range.contains(&given) {
        return Ok(());
    }
    let (min, max) = (*range.start(), *range.end());
    Err(OutOfRange { path: path.into(), given, min, max })
}

/// The numbers of a list, each with its index in the path.
pub(crate) fn check_each(
    path: &str,
    given: impl IntoIterator<Item = impl Into<Option<f64>>>,
    range: &RangeInclusive<f64>,
) -> Result<(), OutOfRange> {
    for (index, given) in given.into_iter().enumerate() {
        if let Some(given) = given.into() {
            check(format!("{path}[{index}]"), given, range)?;
        }
    }
    Ok(())
}
