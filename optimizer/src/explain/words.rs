//! What a region of the spectrum is called, and what too much and too little of it sound like.

/// One region, and the words for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BandWords {
    /// Lower end, Hz.
    pub low_hz: f64,
    /// Upper end, Hz.
    pub high_hz: f64,
    /// What it is called.
    pub name: &'static str,
    /// What too much of it sounds like, after "which sounds".
    pub too_much: &'static str,
    /// What too little of it sounds like, after "which sounds".
    pub too_little: &'static str,
    /// Where to look in the mix when there is too much.
    pub cut_in_mix: &'static str,
    /// Where to look in the mix when there is too little.
    pub raise_in_mix: &'static str,
}

impl BandWords {
    /// Is its name a plural, as "the mids"?
    pub(crate) fn are_many(&self) -> bool {
        self.name.ends_with('s') && !self.name.ends_with("ss")
    }
}

/// The table of band to word that every sentence is made from.
///
/// The words are those that engineers' dictionaries agree on for these regions; they name a direction, not a fact about
/// the ear, so a sentence always has the measured number beside the word.
pub const BAND_WORDS: [BandWords; 10] = [
    BandWords {
        low_hz: 0.0,
        high_hz: 45.0,
        name: "the lowest bass",
        too_much: "rumbling",
        too_little: "light at the very bottom",
        cut_in_mix: "high-pass what is not bass or kick",
        raise_in_mix: "see whether the kick or bass has anything there at all",
    },
    BandWords {
        low_hz: 45.0,
        high_hz: 110.0,
        name: "the bass",
        too_much: "boomy",
        too_little: "thin",
        cut_in_mix: "turn down the bass or kick",
        raise_in_mix: "turn up the bass or kick",
    },
    BandWords {
        low_hz: 110.0,
        high_hz: 220.0,
        name: "the upper bass",
        too_much: "thick",
        too_little: "lean",
        cut_in_mix: "thin out what plays with the bass",
        raise_in_mix: "give bass and low instruments more body",
    },
    BandWords {
        low_hz: 220.0,
        high_hz: 450.0,
        name: "the low mids",
        too_much: "boxy",
        too_little: "hollow",
        cut_in_mix: "take it from guitars, keys or the voice",
        raise_in_mix: "give guitars, keys or the voice more warmth",
    },
    BandWords {
        low_hz: 450.0,
        high_hz: 900.0,
        name: "the mids",
        too_much: "honky",
        too_little: "scooped",
        cut_in_mix: "take it from the instruments that carry the harmony",
        raise_in_mix: "bring forward the instruments that carry the harmony",
    },
    BandWords {
        low_hz: 900.0,
        high_hz: 1_900.0,
        name: "the upper mids",
        too_much: "nasal",
        too_little: "recessed",
        cut_in_mix: "ease the voice or lead around its body",
        raise_in_mix: "bring the voice or lead forward",
    },
    BandWords {
        low_hz: 1_900.0,
        high_hz: 4_200.0,
        name: "the presence region",
        too_much: "harsh",
        too_little: "distant",
        cut_in_mix: "soften guitars, snare or voice there",
        raise_in_mix: "add presence to voice or lead",
    },
    BandWords {
        low_hz: 4_200.0,
        high_hz: 7_500.0,
        name: "the low treble",
        too_much: "sharp",
        too_little: "dull",
        cut_in_mix: "de-ess the voice, soften cymbals",
        raise_in_mix: "brighten drums or voice",
    },
    BandWords {
        low_hz: 7_500.0,
        high_hz: 12_000.0,
        name: "the treble",
        too_much: "sizzling",
        too_little: "muffled",
        cut_in_mix: "turn down cymbals and hi-hat",
        raise_in_mix: "open up cymbals and hi-hat",
    },
    BandWords {
        low_hz: 12_000.0,
        high_hz: f64::INFINITY,
        name: "the air",
        too_much: "brittle",
        too_little: "closed",
        cut_in_mix: "low-pass what does not need it",
        raise_in_mix: "check that no track was made from a low-rate lossy file",
    },
];

/// The words for the region that holds `hz`.
pub fn words_for(hz: f64) -> &'static BandWords {
    BAND_WORDS.iter().find(|words| hz < words.high_hz).unwrap_or(&BAND_WORDS[BAND_WORDS.len() - 1])
}

/// A frequency as people say it: `250 Hz`, `2.5 kHz`.
pub(crate) fn hz_text(hz: f64) -> String {
    let digits = crate::rounding::to_three_digits(hz);
    if digits >= 1_000.0 { format!("{} kHz", digits / 1_000.0) } else { format!("{digits} Hz") }
}

/// A text with a capital at its start.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_regions_touch_and_cover_everything() {
        assert_eq!(BAND_WORDS[0].low_hz, 0.0);
        for pair in BAND_WORDS.windows(2) {
            assert_eq!(pair[0].high_hz, pair[1].low_hz);
        }
        assert_eq!(words_for(1e9).name, "the air");
    }

    #[test]
    fn each_frequency_gets_the_word_of_its_region() {
        assert_eq!(words_for(250.0).too_much, "boxy");
        assert_eq!(words_for(3_000.0).too_much, "harsh");
    }

    #[test]
    fn frequencies_read_like_speech() {
        assert_eq!(hz_text(249.6), "250 Hz");
        assert_eq!(hz_text(2_512.0), "2.51 kHz");
        assert_eq!(hz_text(63.1), "63.1 Hz");
    }
}
