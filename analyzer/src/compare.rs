//! What differs between two sounds, once they are equally loud.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Measured;
use crate::analysis::Spectrum;

/// Third octaves this far below the loudest of the same sound hold no signal worth comparing.
const SIGNAL_RANGE_DB: f64 = 70.0;
/// Range of the distance in tone: 40 Hz to 16 kHz.
const TONE_HZ: std::ops::RangeInclusive<f64> = 40.0..=16_000.0;

/// Differences of `b` from `a`: positive where `b` has more. `None` where either has no measure.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// Loudness of `b` less that of `a`. Everything in `tone` is free of it.
    pub loudness_lu: Option<f64>,
    /// Differences of the other measures of level and dynamics.
    pub measures: Vec<MeasureDifference>,
    /// Centres of the third octaves.
    pub third_octave_hz: Vec<f64>,
    /// Level in third octaves after loudness alignment; `None` where either sound has no signal.
    pub tone_db: Vec<Option<f64>>,
    /// The same of the mid.
    pub mid_tone_db: Vec<Option<f64>>,
    /// The same of the side.
    pub side_tone_db: Vec<Option<f64>>,
    /// Root mean square of `tone_db`, 40 Hz to 16 kHz.
    pub tone_rms_db: Option<f64>,
    /// Differences per wide band.
    pub bands: Vec<BandDifference>,
    /// Mean magnitude of the side-minus-mid differences of the bands.
    pub width_mean_db: Option<f64>,
    /// Mean magnitude of the level spread differences of the bands.
    pub spread_mean_db: Option<f64>,
    /// Mean magnitude of the crest factor differences of the bands.
    pub crest_mean_db: Option<f64>,
}

/// One measure of both sounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MeasureDifference {
    /// Its name in the analysis, with its unit.
    pub name: String,
    /// Value of the first sound.
    pub a: Option<f64>,
    /// Value of the second.
    pub b: Option<f64>,
    /// Second less first.
    pub difference: Option<f64>,
}

/// A wide band of both sounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BandDifference {
    /// Lower edge.
    pub low_hz: f64,
    /// Upper edge.
    pub high_hz: f64,
    /// Crest factor, second less first.
    pub crest_factor_db: Option<f64>,
    /// Level spread, second less first.
    pub level_std_db: Option<f64>,
    /// Side minus mid, second less first.
    pub side_minus_mid_db: Option<f64>,
    /// Correlation, second less first.
    pub correlation: Option<f64>,
}

/// Compares two analyses.
pub fn compare(a: &Measured, b: &Measured) -> Comparison {
    let (first, second) = (&a.analysis, &b.analysis);
    let loudness_lu = less(second.loudness.integrated_lufs, first.loudness.integrated_lufs);
    let offset = loudness_lu.unwrap_or(0.0);
    let tone = |levels: fn(&Spectrum) -> &[Option<f64>]| {
        tone_db(levels(&first.spectrum), levels(&second.spectrum), offset)
    };
    let tone_db = tone(|spectrum| &spectrum.level_db);
    let bands = band_differences(a, b);
    let mean = |value: fn(&BandDifference) -> Option<f64>| mean_magnitude(bands.iter().map(value));
    Comparison {
        loudness_lu,
        measures: measures(a, b),
        tone_rms_db: tone_rms_db(&first.spectrum.third_octave_hz, &tone_db),
        third_octave_hz: first.spectrum.third_octave_hz.clone(),
        tone_db,
        mid_tone_db: tone(|spectrum| &spectrum.mid_level_db),
        side_tone_db: tone(|spectrum| &spectrum.side_level_db),
        width_mean_db: mean(|band| band.side_minus_mid_db),
        spread_mean_db: mean(|band| band.level_std_db),
        crest_mean_db: mean(|band| band.crest_factor_db),
        bands,
    }
}

fn less(second: Option<f64>, first: Option<f64>) -> Option<f64> {
    second.zip(first).map(|(second, first)| second - first)
}

fn tone_db(a: &[Option<f64>], b: &[Option<f64>], offset: f64) -> Vec<Option<f64>> {
    let loudest =
        |levels: &[Option<f64>]| levels.iter().flatten().copied().fold(f64::MIN, f64::max);
    let floors = [loudest(a) - SIGNAL_RANGE_DB, loudest(b) - SIGNAL_RANGE_DB];
    a.iter()
        .zip(b)
        .map(|(a, b)| {
            let (a, b) = a.zip(*b)?;
            (a > floors[0] && b > floors[1]).then_some(b - a - offset)
        })
        .collect()
}

fn tone_rms_db(centres_hz: &[f64], tone_db: &[Option<f64>]) -> Option<f64> {
    let squares: Vec<f64> = centres_hz
        .iter()
        .zip(tone_db)
        .filter(|(hz, _)| TONE_HZ.contains(*hz))
        .filter_map(|(_, level)| level.map(|level| level * level))
        .collect();
    crate::statistics::mean(&squares).map(libm::sqrt)
}

fn mean_magnitude(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let magnitudes: Vec<f64> = values.flatten().map(f64::abs).collect();
    crate::statistics::mean(&magnitudes)
}

fn measures(a: &Measured, b: &Measured) -> Vec<MeasureDifference> {
    let (a, b) = (&a.analysis, &b.analysis);
    let (loud_a, loud_b) = (&a.loudness, &b.loudness);
    [
        ("integrated_lufs", loud_a.integrated_lufs, loud_b.integrated_lufs),
        ("short_term_max_lufs", loud_a.short_term_max_lufs, loud_b.short_term_max_lufs),
        ("momentary_max_lufs", loud_a.momentary_max_lufs, loud_b.momentary_max_lufs),
        ("loudness_range_lu", loud_a.loudness_range_lu, loud_b.loudness_range_lu),
        ("true_peak_dbtp", loud_a.true_peak_dbtp, loud_b.true_peak_dbtp),
        ("plr_db", loud_a.plr_db, loud_b.plr_db),
        ("psr_db", loud_a.psr_db, loud_b.psr_db),
        ("crest_factor_db", a.dynamics.crest_factor_db, b.dynamics.crest_factor_db),
        ("attack_crest_db", a.dynamics.attack_crest_db, b.dynamics.attack_crest_db),
        ("tilt_db_per_octave", a.spectrum.tilt_db_per_octave, b.spectrum.tilt_db_per_octave),
        ("correlation", a.stereo.correlation, b.stereo.correlation),
        ("width", a.stereo.width, b.stereo.width),
        ("balance_db", a.stereo.balance_db, b.stereo.balance_db),
        ("mono_loss_lu", a.stereo.mono_loss_lu, b.stereo.mono_loss_lu),
    ]
    .map(|(name, a, b)| MeasureDifference { name: name.to_owned(), a, b, difference: less(b, a) })
    .into()
}

fn band_differences(a: &Measured, b: &Measured) -> Vec<BandDifference> {
    let (a, b) = (&a.analysis, &b.analysis);
    let pairs = a.dynamics.bands.iter().zip(&b.dynamics.bands);
    pairs
        .enumerate()
        .map(|(index, (first, second))| {
            let images = a.stereo.bands.get(index).zip(b.stereo.bands.get(index));
            BandDifference {
                low_hz: first.low_hz,
                high_hz: first.high_hz,
                crest_factor_db: less(second.crest_factor_db, first.crest_factor_db),
                level_std_db: less(second.level_std_db, first.level_std_db),
                side_minus_mid_db: images
                    .and_then(|(a, b)| less(b.side_minus_mid_db, a.side_minus_mid_db)),
                correlation: images.and_then(|(a, b)| less(b.correlation, a.correlation)),
            }
        })
        .collect()
}
