//! How wide, from side against mid in the mix and in the aim.

use acetate_analyzer::Analysis;
use acetate_engine::Settings;
use acetate_engine::settings::StereoBand;
use acetate_references::Aim;

use crate::belief::{Errors, Prior, believable};
use crate::options::FitOptions;
use crate::surrogate::{Prediction, Surrogate};

/// Upper ends of the width bands, at edges of the wide bands that side and mid are measured in.
const BELOW_HZ: [Option<f64>; 4] = [Some(148.0), Some(795.0), Some(4_349.0), None];
/// Widths that a master is given: beyond them the image falls apart (or to mono).
pub(crate) const WIDTH_PCT: (f64, f64) = (30.0, 180.0);
/// A change smaller than this is not worth a stage.
const WORTH_DB: f64 = 0.5;
/// Side this far below mid is no image that could be widened.
const MONO_DB: f64 = -45.0;

/// The standard error of side minus mid of a sound too short to tell its own, dB.
const ERROR_UNKNOWN_DB: f64 = 2.0;
/// What mastering does to width, from the same in all bands to a shape of its own.
const WIDTH_PRIORS: [Prior; 4] = [
    Prior { level: 5.0, slope: 0.01, shape: 0.01, reach: 2.0 },
    Prior { level: 5.0, slope: 0.3, shape: 0.5, reach: 2.0 },
    Prior { level: 5.0, slope: 0.3, shape: 1.5, reach: 2.0 },
    Prior { level: 5.0, slope: 0.3, shape: 3.0, reach: 2.0 },
];

/// Sets the width of four bands where side against mid is not that of the aim.
pub(crate) fn choose_width(
    surrogate: &Surrogate,
    before: &Analysis,
    aim: &Aim,
    options: &FitOptions,
    settings: &mut Settings,
) {
    if !before.format.is_stereo() {
        return;
    }
    let predicted = surrogate.predict(settings);
    let share = options.amounts.width_share();
    let changes = believed_changes_db(aim, before, &predicted);
    let (narrowest_pct, widest_pct) = WIDTH_PCT;
    let mut bands = Vec::new();
    let mut low_hz = 0.0;
    for below_hz in BELOW_HZ {
        let high_hz = below_hz.unwrap_or(f64::INFINITY);
        let (mut sum, mut weights) = (0.0, 0.0);
        for (band, change) in aim.bands.iter().zip(&changes) {
            if band.low_hz >= low_hz - 1.0 && band.low_hz < high_hz - 1.0 {
                let weight = if change.is_some() { band.side_minus_mid.weight } else { 0.0 };
                sum += weight * change.unwrap_or(0.0);
                weights += weight;
            }
        }
        let change_db = if weights > 0.0 { share * sum / weights } else { 0.0 };
        let width_pct = 100.0 * acetate_audio::units::db_to_amplitude(change_db);
        bands.push(StereoBand {
            below_hz,
            width_pct: if change_db.abs() < WORTH_DB {
                100.0
            } else {
                width_pct.clamp(narrowest_pct, widest_pct)
            },
        });
        low_hz = high_hz;
    }
    if bands.iter().any(|band| band.width_pct != 100.0) {
        settings.stereo.bands = bands;
    }
}

/// By how much side against mid should change in each wide band, less what is only another piece of music.
pub(crate) fn believed_changes_db(
    aim: &Aim,
    before: &Analysis,
    predicted: &Prediction,
) -> Vec<Option<f64>> {
    let differences: Vec<Option<f64>> = aim
        .bands
        .iter()
        .zip(&predicted.side_minus_mid_db)
        .map(|(band, level)| {
            let wanted = band.side_minus_mid;
            let level = level.filter(|&level| level > MONO_DB && wanted.weight > 0.0)?;
            Some(wanted.db - level)
        })
        .collect();
    let errors_db: Vec<f64> = aim
        .bands
        .iter()
        .zip(&before.stereo.bands)
        .map(|(wanted, own)| {
            let own_db = own.side_minus_mid_error_db.unwrap_or(ERROR_UNKNOWN_DB);
            libm::hypot(own_db, wanted.side_minus_mid.tolerance_db)
        })
        .collect();
    believable(&differences, &Errors::apart(&errors_db), &WIDTH_PRIORS, differences.len())
}
