//! How wide, from side against mid in the mix and in the aim.

use acetate_analyzer::Analysis;
use acetate_engine::Settings;
use acetate_engine::settings::StereoBand;
use acetate_references::Aim;

use crate::options::FitOptions;
use crate::surrogate::Surrogate;
use crate::tone::beyond;

/// Upper ends of the width bands, at edges of the wide bands that side and mid are measured in.
const BELOW_HZ: [Option<f64>; 4] = [Some(148.0), Some(795.0), Some(4_349.0), None];
/// Widths that a master is given: beyond them the image falls apart (or to mono).
const WIDTH_PCT: (f64, f64) = (30.0, 180.0);
/// A change smaller than this is not worth a stage.
const WORTH_DB: f64 = 0.5;
/// Side this far below mid is no image that could be widened.
const MONO_DB: f64 = -45.0;

/// Sets the width of four bands where side against mid lies outside the tolerance of the aim.
pub(crate) fn choose_width(
    surrogate: &Surrogate,
    before: &Analysis,
    aim: &Aim,
    options: &FitOptions,
    settings: &mut Settings,
) {
    if before.format.channels != 2 {
        return;
    }
    let predicted = surrogate.predict(settings);
    let share = options.amounts.width_share();
    let mut bands = Vec::new();
    let mut low_hz = 0.0;
    for below_hz in BELOW_HZ {
        let high_hz = below_hz.unwrap_or(f64::INFINITY);
        let (mut sum, mut weights) = (0.0, 0.0);
        for (band, level) in aim.bands.iter().zip(&predicted.side_minus_mid_db) {
            let Some(level) = level.filter(|&level| level > MONO_DB) else { continue };
            if band.low_hz >= low_hz - 1.0 && band.low_hz < high_hz - 1.0 {
                let wanted = band.side_minus_mid;
                sum += wanted.weight * beyond(wanted.db - level, wanted.tolerance_db);
                weights += wanted.weight;
            }
        }
        let change_db = if weights > 0.0 { share * sum / weights } else { 0.0 };
        let width_pct = 100.0 * acetate_audio::units::db_to_amplitude(change_db);
        bands.push(StereoBand {
            below_hz,
            width_pct: if change_db.abs() < WORTH_DB {
                100.0
            } else {
                width_pct.clamp(WIDTH_PCT.0, WIDTH_PCT.1)
            },
        });
        low_hz = high_hz;
    }
    if bands.iter().any(|band| band.width_pct != 100.0) {
        settings.stereo.bands = bands;
    }
}
