//! What all findings have in common: codes, and how places and numbers are told.

use std::collections::BTreeMap;

use acetate_analyzer::Severity;
use acetate_audio::numbers::frequency;

use crate::document::{OnSystem, TranslationFinding};

/// Codes of the findings.
pub mod codes {
    /// A bass line that small loudspeakers do not play.
    pub const BASS_UNHEARD: &str = "M121";
    /// Sound that cancels in mono.
    pub const CANCELS: &str = "M122";
    /// Passages that noise covers.
    pub const DROWNED: &str = "M123";
    /// A centre that is covered.
    pub const CENTRE_COVERED: &str = "M124";
    /// Sharp sounds that are sharper elsewhere.
    pub const SHARP_ELSEWHERE: &str = "M125";
    /// A bass line that is covered by the noise of a car or a train.
    pub const BASS_IN_NOISE: &str = "M126";
    /// A low end that is in the channel for low-frequency effects.
    pub const IN_LFE: &str = "M127";
    /// Samples over full scale after a codec.
    pub const OVERS: &str = "D321";
    /// Loudness that devices take back.
    pub const TAKEN_BACK: &str = "D322";
}

/// A sentence being made.
pub(crate) fn finding(
    code: &str,
    severity: Severity,
    text: String,
    mix: &str,
) -> TranslationFinding {
    TranslationFinding {
        code: code.to_owned(),
        severity,
        text,
        in_the_mix: mix.to_owned(),
        in_mastering: None,
        on: Vec::new(),
        step: None,
        predicted: BTreeMap::new(),
    }
}

/// Names in a row: `a, b and c`.
pub(crate) fn joined(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// Of several systems one is named: the others are listed beside the finding.
pub(crate) fn elsewhere(systems: usize) -> &'static str {
    if systems > 1 { " and elsewhere" } else { "" }
}

/// A frequency in two figures: nobody hears more.
pub fn around(hz: f64) -> String {
    let step = libm::pow(10.0, libm::floor(libm::log10(hz.max(10.0))) - 1.0);
    frequency(libm::round(hz / step) * step)
}

/// What they are called.
pub(crate) fn ids(systems: &[&OnSystem]) -> Vec<String> {
    systems.iter().map(|system| system.id.clone()).collect()
}
