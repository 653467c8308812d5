//! Sizes and speeds of records.

/// Turns in a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    /// 33 1/3.
    Rpm33,
    /// 45.
    Rpm45,
}

impl Speed {
    /// Length of a turn, seconds.
    pub const fn turn_s(self) -> f64 {
        match self {
            Self::Rpm33 => 1.8,
            Self::Rpm45 => 60.0 / 45.0,
        }
    }
}

/// The size of a record, and how fast it turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Inches: 12, 10 or 7.
    pub inches: u32,
    /// Turns in a minute.
    pub speed: Speed,
}

impl Record {
    /// Radius of the first groove with sound, mm (RIAA bulletin E 3: 11 1/2, 9 1/2 and 6 5/8 inches across).
    pub(crate) fn outer_mm(self) -> f64 {
        match self.inches {
            12 => 146.05,
            10 => 120.65,
            _ => 84.14,
        }
    }

    /// Room for grooves, mm: what is left above the smallest radius, less lead-in and the spirals between songs.
    ///
    /// 76 mm of the 85.7 that a 12 inch record has; the others the same share of theirs.
    pub(crate) fn room_mm(self) -> f64 {
        match self.inches {
            12 => 76.0,
            10 => 53.0,
            _ => 26.7,
        }
    }
}
