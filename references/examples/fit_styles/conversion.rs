//! Log-means to power means: which rule makes nine bands sum to the loudness that was measured?

use acetate_audio::units::power_to_db;
use acetate_references::style::wide::POWER_PER_VARIANCE;

use crate::corpus::Track;

/// BS.1770's constant, dB.
const LOUDNESS_OFFSET: f64 = -0.691;

/// The rule for levels that are normally distributed: ln(10) / 20.
const NORMAL: f64 = std::f64::consts::LN_10 / 20.0;

/// Error of one rule.
pub(crate) struct Rule {
    /// Added power per squared standard deviation, 1/dB.
    pub(crate) power_per_variance: f64,
    /// Mean of predicted less measured loudness, LU.
    pub(crate) bias_lu: f64,
    /// Root mean square of the same, LU.
    pub(crate) rms_lu: f64,
}

/// The errors of doing nothing, of the rule in use, and of the textbook rule.
pub(crate) fn check(tracks: &[Track]) -> Vec<Rule> {
    [0.0, 0.045, POWER_PER_VARIANCE, 0.065, 0.08, NORMAL].map(|rule| error(tracks, rule)).into()
}

fn error(tracks: &[Track], power_per_variance: f64) -> Rule {
    let errors: Vec<f64> = tracks
        .iter()
        .filter_map(|track| {
            let power: f64 = track.bands.iter().map(|band| band.power(power_per_variance)).sum();
            Some(LOUDNESS_OFFSET + power_to_db(power) - track.sample.integrated_lufs?)
        })
        .collect();
    let count = errors.len() as f64;
    let bias_lu = errors.iter().sum::<f64>() / count;
    let rms_lu = (errors.iter().map(|error| error * error).sum::<f64>() / count).sqrt();
    Rule { power_per_variance, bias_lu, rms_lu }
}
