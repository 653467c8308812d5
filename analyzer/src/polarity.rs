//! Whether one channel is upside down: all of it, or its low end alone.

use crate::Stereo;

/// Correlation from which on downwards channels are rather each other's negative than unlike: turned, they are alike.
const UPSIDE_DOWN: f64 = -0.3;
/// A band of this correlation is upright: turned, most of it would cancel.
const UPRIGHT: f64 = -UPSIDE_DOWN;

/// A channel that is upside down against the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polarity {
    /// All of it: turned, the channels are alike.
    Inverted,
    /// Its low end alone: what lies above is upright, and would cancel if all of the channel were turned.
    LowEndInverted,
}

impl Polarity {
    /// Highest correlation of the bass, and of the whole where that is, at which a channel is upside down.
    pub const CORRELATION: f64 = UPSIDE_DOWN;

    /// What the image of two channels tells; `None` where neither is so.
    pub fn of(stereo: &Stereo) -> Option<Self> {
        let mut bands = stereo.bands.iter();
        let bass = bands.next()?.correlation?;
        let above: Vec<f64> = bands.filter_map(|band| band.correlation).collect();
        let is_upright = |least: f64| above.iter().any(|&correlation| correlation > least);
        match stereo.correlation {
            _ if bass >= UPSIDE_DOWN => None,
            Some(whole) if whole < UPSIDE_DOWN && !is_upright(UPRIGHT) => Some(Self::Inverted),
            _ if 2 * above.iter().filter(|&&correlation| correlation > 0.0).count()
                > above.len() =>
            {
                Some(Self::LowEndInverted)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StereoBand;

    fn of(whole: f64, bands: &[f64]) -> Option<Polarity> {
        let band =
            |&correlation| StereoBand { correlation: Some(correlation), ..StereoBand::default() };
        let bands = bands.iter().map(band).collect();
        Polarity::of(&Stereo { correlation: Some(whole), bands, ..Stereo::default() })
    }

    #[test]
    fn a_low_end_that_outweighs_all_that_is_upright_is_no_whole_channel() {
        assert_eq!(of(-0.4, &[-0.99, 0.5, 0.8, 0.9]), Some(Polarity::LowEndInverted));
        assert_eq!(of(0.5, &[-0.6, 0.3, 0.7, 0.6]), Some(Polarity::LowEndInverted));
    }

    #[test]
    fn a_whole_channel_is_upside_down_in_every_band() {
        assert_eq!(of(-0.6, &[-0.6, -0.3, -0.7, -0.5]), Some(Polarity::Inverted));
    }

    #[test]
    fn upright_and_wide_images_are_neither() {
        assert_eq!(of(0.8, &[0.9, 0.8, 0.7, 0.5]), None);
        assert_eq!(of(-0.4, &[0.2, -0.5, -0.5, -0.5]), None);
        assert_eq!(Polarity::of(&Stereo::default()), None);
    }
}
