//! Time on a compact disc: sectors of 1/75 s.

use std::fmt;
use std::ops::{Add, Sub};

/// Frames of 44.1 kHz in a sector (IEC 60908).
pub const FRAMES_PER_SECTOR: u64 = 588;
/// Bytes of a sector: 588 frames of two channels of 16 bits.
pub const SECTOR_BYTES: u64 = FRAMES_PER_SECTOR * 4;
/// The pause before the first track, which no file holds: 2 s.
pub const FIRST_PAUSE: Sectors = Sectors(150);

const SECTORS_PER_SECOND: u32 = 75;
const SECONDS_PER_MINUTE: u32 = 60;

/// A place or a length on a disc, in sectors. Written `MM:SS:FF`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sectors(pub u32);

impl Sectors {
    /// So many whole seconds.
    pub const fn from_seconds(seconds: u32) -> Self {
        Self(seconds * SECTORS_PER_SECOND)
    }

    /// The sectors that so many frames of 44.1 kHz fill exactly; `None` when the last would be in part empty.
    pub fn from_frames(frames: u64) -> Option<Self> {
        if !frames.is_multiple_of(FRAMES_PER_SECTOR) {
            return None;
        }
        u32::try_from(frames / FRAMES_PER_SECTOR).ok().map(Self)
    }

    /// Frames of 44.1 kHz.
    pub const fn frames(self) -> u64 {
        self.0 as u64 * FRAMES_PER_SECTOR
    }

    /// Seconds.
    pub fn seconds(self) -> f64 {
        f64::from(self.0) / f64::from(SECTORS_PER_SECOND)
    }

    /// `MMSSFF`.
    pub fn digits(self) -> String {
        let [minutes, seconds, sectors] = self.parts();
        format!("{minutes:02}{seconds:02}{sectors:02}")
    }

    fn parts(self) -> [u32; 3] {
        let seconds = self.0 / SECTORS_PER_SECOND;
        [seconds / SECONDS_PER_MINUTE, seconds % SECONDS_PER_MINUTE, self.0 % SECTORS_PER_SECOND]
    }
}

impl fmt::Display for Sectors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [minutes, seconds, sectors] = self.parts();
        write!(f, "{minutes:02}:{seconds:02}:{sectors:02}")
    }
}

impl Add for Sectors {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Sectors {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_seventy_five_sectors_and_a_minute_sixty_seconds() {
        assert_eq!(Sectors(74).to_string(), "00:00:74");
        assert_eq!(Sectors(75 * 60 + 75 + 1).to_string(), "01:01:01");
        assert_eq!(Sectors(75 * 60 * 79 + 75 * 57 + 3).digits(), "795703");
    }

    #[test]
    fn frames_that_do_not_fill_their_sectors_are_no_place_on_a_disc() {
        assert_eq!(Sectors::from_frames(588 * 3), Some(Sectors(3)));
        assert_eq!(Sectors::from_frames(588 * 3 + 1), None);
        assert_eq!(Sectors(3).frames(), 588 * 3);
    }
}
