//! How much compression, from how level varies in the mix and in the aim.

use acetate_engine::Settings;
use acetate_engine::settings::CompressorBand;
use acetate_references::Aim;

use crate::options::FitOptions;
use crate::surrogate::{Prediction, Surrogate};
use crate::tone::beyond;

/// Ratios in the order they are tried: the gentlest that gets there wins.
const RATIOS: [f64; 4] = [1.3, 1.5, 2.0, 2.5];
/// Mean gain reduction beyond which compression is heard as such, dB (DSP A3).
const REDUCTION_DB_MAX: f64 = 3.0;
/// Shares of the sounding time that lie below the threshold: the least and the most work.
const THRESHOLD_SHARES: (f64, f64) = (0.98, 0.30);
/// A spread that falls by less than this is not worth a compressor, dB.
const WORTH_DB: f64 = 0.25;

/// Adds a compressor when the mix varies more in level than the aim, beyond its tolerance.
pub(crate) fn choose_compression(
    surrogate: &Surrogate,
    aim: &Aim,
    options: &FitOptions,
    settings: &mut Settings,
) {
    let excess_db = spread_excess_db(aim, &surrogate.predict(settings));
    let wanted_db = excess_db * options.amounts.dynamics_share();
    if wanted_db < WORTH_DB {
        return;
    }
    let before_db = mean_spread_db(aim, &surrogate.predict(settings));
    let mut best: Option<CompressorBand> = None;
    for ratio in RATIOS {
        let (band, fall_db) = threshold_for(surrogate, aim, settings, ratio, before_db, wanted_db);
        best = Some(band);
        if fall_db >= wanted_db * 0.9 {
            break;
        }
    }
    if let Some(band) = best {
        settings.compressor.sidechain_highpass_hz = Some(90.0);
        settings.compressor.bands = vec![band];
        if before_db - mean_spread_db(aim, &surrogate.predict(settings)) < WORTH_DB {
            settings.compressor = Default::default();
        }
    }
}

/// The threshold at which the spread falls by `wanted_db`, by bisection, and by how much it falls there.
fn threshold_for(
    surrogate: &Surrogate,
    aim: &Aim,
    settings: &Settings,
    ratio: f64,
    before_db: f64,
    wanted_db: f64,
) -> (CompressorBand, f64) {
    let level = |share| surrogate.track.percentile_db(share).unwrap_or(0.0);
    let (mut high, mut low) = (level(THRESHOLD_SHARES.0), level(THRESHOLD_SHARES.1));
    let mut tried = settings.clone();
    tried.compressor.sidechain_highpass_hz = Some(90.0);
    let band = |threshold_db: f64| CompressorBand {
        id: "comp1".to_owned(),
        threshold_db: threshold_db.clamp(-80.0, 0.0),
        ratio,
        ..CompressorBand::default()
    };
    let mut fall_db = 0.0;
    for _ in 0..8 {
        let middle = (high + low) / 2.0;
        tried.compressor.bands = vec![band(middle)];
        let predicted = surrogate.predict(&tried);
        let now_db = before_db - mean_spread_db(aim, &predicted);
        if now_db < wanted_db && predicted.compression_db < REDUCTION_DB_MAX {
            high = middle;
            fall_db = now_db;
        } else {
            low = middle;
        }
    }
    (band(high), fall_db)
}

/// By how much the level varies more than the aim, beyond its tolerance, mean over the bands; negative when less.
pub(crate) fn spread_excess_db(aim: &Aim, predicted: &Prediction) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (band, std_db) in aim.bands.iter().zip(&predicted.level_std_db) {
        if let Some(std_db) = std_db {
            let wanted = band.level_std;
            sum += wanted.weight * beyond(std_db - wanted.db, wanted.tolerance_db);
            weights += wanted.weight;
        }
    }
    if weights > 0.0 { sum / weights } else { 0.0 }
}

/// Mean spread over the bands that the aim speaks of.
fn mean_spread_db(aim: &Aim, predicted: &Prediction) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (band, std_db) in aim.bands.iter().zip(&predicted.level_std_db) {
        if let Some(std_db) = std_db {
            sum += band.level_std.weight * std_db;
            weights += band.level_std.weight;
        }
    }
    if weights > 0.0 { sum / weights } else { 0.0 }
}
