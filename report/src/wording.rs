//! Words for numbers that few have a feeling for.

/// Below this, what limiting adds is hard to hear: the bound of `master` and of `explain noise_to_mask`.
const CLEAN_BELOW_DB: f64 = -10.0;
/// As loud as what the music just hides (ITU-R BS.1387).
const AUDIBLE_FROM_DB: f64 = 0.0;
/// Between these lie the sides of four pop records in five, from 250 Hz to 4 kHz: -13 to -4 dB under the middle (the
/// tenth and ninetieth percentile of `pop` in the built-in styles).
const NORMAL_WIDTH: std::ops::RangeInclusive<f64> = 0.05..=0.4;

/// What is heard of a noise-to-mask ratio.
pub(crate) fn noise_to_mask(db: f64) -> &'static str {
    match db {
        db if db <= CLEAN_BELOW_DB => "clean",
        db if db < AUDIBLE_FROM_DB => "hardly audible",
        _ => "audible",
    }
}

/// How wide a width (side energy over mid energy) is among records.
pub(crate) fn width(width: f64) -> &'static str {
    if NORMAL_WIDTH.contains(&width) {
        "normal"
    } else if width < *NORMAL_WIDTH.start() {
        "narrow"
    } else {
        "wide"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_get_the_words_of_a_musician() {
        assert_eq!(
            [-40.0, -10.0, -3.0, 0.0].map(noise_to_mask),
            ["clean", "clean", "hardly audible", "audible"]
        );
        assert_eq!([0.0, 0.05, 0.2, 0.9].map(width), ["narrow", "normal", "normal", "wide"]);
    }
}
