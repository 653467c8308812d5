//! What differs between two songs, and whether they are versions of one sound.

use acetate_analyzer::{Comparison, TimeAlignment, align, compare, null_db};

use crate::{Error, Song};

/// Two songs beside each other.
#[derive(Clone, Debug)]
pub struct Compared {
    /// What differs, measure by measure.
    pub comparison: Comparison,
    /// How they lie against each other; `None` when they are not versions of one sound at one rate.
    pub versions: Option<Versions>,
}

/// How two versions of one sound lie against each other, and what is left when one is subtracted.
#[derive(Clone, Debug, PartialEq)]
pub struct Versions {
    /// Delay, gain and polarity.
    pub alignment: TimeAlignment,
    /// How much later the second is, in seconds.
    pub delay_s: f64,
    /// What is left of the first when the second, aligned, is subtracted, in dB below it; only where it was asked for, and when the
    /// channels are as many.
    pub null_db: Option<f64>,
}

impl Song {
    /// Compares with another song; `null` subtracts it, too.
    ///
    /// # Errors
    /// When one of them cannot be read again.
    pub fn compare(&self, other: &Self, null: bool) -> Result<Compared, Error> {
        let comparison = compare(self.measured(), other.measured());
        let (a, b) = (self.source(), other.source());
        let both = || format!("{} and {}", self.name(), other.name());
        let unreadable = |error| Error::read(both(), error);
        let Some(alignment) = align(a, b).map_err(unreadable)? else {
            return Ok(Compared { comparison, versions: None });
        };
        let null_db = if null { null_db(a, b, &alignment).map_err(unreadable)? } else { None };
        let delay_s = alignment.delay_frames as f64 / f64::from(a.spec().sample_rate_hz);
        let versions = Some(Versions { alignment, delay_s, null_db });
        Ok(Compared { comparison, versions })
    }
}
