//! How much compression, from how level varies in the mix and in the aim.

use acetate_engine::Settings;
use acetate_engine::settings::CompressorBand;
use acetate_references::Aim;

use crate::belief::{Errors, Prior, believable};
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

/// How much more the quick levels of other music may spread though nothing was done to either, dB: ten masters have 1.4 to 5.8 dB,
/// with a standard deviation of 1.4, and two of them differ by 2.0. Like music differs by the tolerance of the aim.
const UNLIKE_SPREAD_DB: f64 = 2.0;
/// What compression does to the quick spread: nothing, or a decibel or two, each as likely as it makes what was found.
const NOTHING_DONE: Prior = Prior { level: 0.05, slope: 0.0, shape: 0.0, reach: 1.0 };
const COMPRESSED: Prior = Prior { level: 1.5, slope: 0.0, shape: 0.0, reach: 1.0 };
/// Attacks may come this much nearer to nothing than the record's have them before a compressor is gentler, dB.
const ATTACK_TOLERANCE_DB: f64 = 0.3;

/// Adds a compressor when the mix varies more in level than the aim, more than is only other music. `unlike` is 0 for a record that
/// plays like music and 1 for one that shares nothing with the mix.
///
/// Of a record the spread over 40 ms tells the threshold and ratio best, and attack and release cannot be told: they stay what
/// they are (docs/fit.md). A style speaks of wide bands over 400 ms.
pub(crate) fn choose_compression(
    surrogate: &Surrogate,
    aim: &Aim,
    unlike: f64,
    options: &FitOptions,
    settings: &mut Settings,
) {
    let search = Search { surrogate, aim, attack_db: surrogate.attack_crest_db() };
    let before = surrogate.predict(settings);
    let excess_db = search.excess_db(&before, unlike);
    let wanted_db = excess_db * options.amounts.dynamics_share();
    if wanted_db < WORTH_DB {
        return;
    }
    let before_db = search.spread_db(&before);
    let mut best: Option<CompressorBand> = None;
    for ratio in RATIOS {
        let (band, fall_db) = search.threshold_for(settings, ratio, before_db, wanted_db);
        best = Some(band);
        if fall_db >= wanted_db * 0.9 {
            break;
        }
    }
    if let Some(band) = best {
        settings.compressor.sidechain_highpass_hz = Some(90.0);
        settings.compressor.bands = vec![band];
        if before_db - search.spread_db(&surrogate.predict(settings)) < WORTH_DB {
            settings.compressor = Default::default();
        }
    }
}

/// Looks for a compressor.
struct Search<'a> {
    surrogate: &'a Surrogate<'a>,
    aim: &'a Aim,
    /// How far attacks of the mix stand out.
    attack_db: Option<f64>,
}

impl Search<'_> {
    fn by_quick_levels(&self) -> bool {
        self.aim.quick_spread.weight > 0.0
    }

    /// The spread that is to fall.
    fn spread_db(&self, predicted: &Prediction) -> f64 {
        let quick = predicted.quick_spread_db.filter(|_| self.by_quick_levels());
        quick.unwrap_or_else(|| mean_spread_db(self.aim, predicted))
    }

    /// By how much the spread should fall.
    fn excess_db(&self, predicted: &Prediction, unlike: f64) -> f64 {
        let wanted = self.aim.quick_spread;
        match predicted.quick_spread_db.filter(|_| self.by_quick_levels()) {
            Some(spread_db) => {
                let error_db = wanted.tolerance_db
                    + unlike * (UNLIKE_SPREAD_DB - wanted.tolerance_db).max(0.0);
                let priors = [NOTHING_DONE, COMPRESSED];
                let excess = [Some(spread_db - wanted.db)];
                let believed = believable(&excess, &Errors::apart(&[error_db]), &priors, 1);
                believed.into_iter().flatten().sum()
            }
            None => spread_excess_db(self.aim, predicted),
        }
    }

    /// Whether attacks stay as far out as those of the record are, or as they were.
    fn keeps_attacks(&self, predicted: &Prediction) -> bool {
        let now = self.attack_db.zip(predicted.attack_change_db).map(|(was, change)| was + change);
        let least = self.attack_db.zip(self.aim.attack_crest_db).map(|(was, aim)| was.min(aim));
        now.zip(least).is_none_or(|(now, least)| now > least - ATTACK_TOLERANCE_DB)
    }

    /// The threshold at which the spread falls by `wanted_db`, by bisection, and by how much it falls there.
    fn threshold_for(
        &self,
        settings: &Settings,
        ratio: f64,
        before_db: f64,
        wanted_db: f64,
    ) -> (CompressorBand, f64) {
        let level = |share| self.surrogate.track.percentile_db(share).unwrap_or(0.0);
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
            let predicted = self.surrogate.predict(&tried);
            let now_db = before_db - self.spread_db(&predicted);
            let gentle = predicted.compression_db < REDUCTION_DB_MAX;
            if now_db < wanted_db && gentle && self.keeps_attacks(&predicted) {
                high = middle;
                fall_db = now_db;
            } else {
                low = middle;
            }
        }
        (band(high), fall_db)
    }
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
