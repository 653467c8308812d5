//! How much compression, from how level varies in the mix and in the aim.

use acetate_analyzer::{QUICK_BLOCK_S, quick_spread_db};
use acetate_engine::Settings;
use acetate_engine::settings::CompressorBand;
use acetate_references::Aim;

use crate::belief::{Errors, Prior, believable};
use crate::options::FitOptions;
use crate::sections::sections;
use crate::surrogate::{Prediction, Surrogate};
use crate::tone::beyond;

/// Ratios in the order they are tried: the gentlest that gets there wins.
const RATIOS: [f64; 4] = [1.3, 1.5, 2.0, 2.5];
/// Mean gain reduction beyond which compression is heard as such, dB (DSP A3).
const REDUCTION_DB_MAX: f64 = 3.0;
/// Shares of the sounding time that lie below the threshold: the least and the most work.
const THRESHOLD_SHARES: (f64, f64) = (0.98, 0.30);
/// A spread that falls by less than this share of itself is not worth a compressor.
const WORTH_SHARE: f64 = 0.07;

/// How much more the quick levels of other music may spread though nothing was done to either, as a natural logarithm: the
/// spreads of 17 songs are 1.3 to 6.9 dB, their logarithms have a standard deviation of 0.48, and those of two songs differ by 0.68.
/// Like music differs by the tolerance of the aim.
const UNLIKE_SPREAD: f64 = 0.68;
/// What compression does to the quick spread: nothing, or a third or two of it, each as likely as it makes what was found.
const NOTHING_DONE: Prior = Prior { level: 0.014, slope: 0.0, shape: 0.0, reach: 1.0 };
const COMPRESSED: Prior = Prior { level: 0.42, slope: 0.0, shape: 0.0, reach: 1.0 };
/// Length of the stretches that are left out in turn to tell how well a spread is known, s, and how few tell nothing.
const STRETCH_S: f64 = 2.0;
const STRETCHES_MIN: usize = 4;
/// A spread below this is that of a tone, dB.
const LEAST_SPREAD_DB: f64 = 0.1;
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
    settings.compressor.sections = sections(surrogate.track.quick_power());
    let before = surrogate.predict(settings);
    let excess_db = search.excess_db(&before, unlike);
    let wanted_db = excess_db * options.amounts.dynamics_share();
    let before_db = search.spread_db(&before);
    let worth_db = WORTH_SHARE * before_db;
    if wanted_db < worth_db {
        settings.compressor = Default::default();
        return;
    }
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
        if before_db - search.spread_db(&surrogate.predict(settings)) < worth_db {
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

    /// By how much the spread should fall. Spreads are compared by their ratio: those of pieces of one song differ by a share of
    /// themselves, and a compressor takes a share of them.
    fn excess_db(&self, predicted: &Prediction, unlike: f64) -> f64 {
        let wanted = self.aim.quick_spread;
        let quick_db = predicted.quick_spread_db.filter(|_| self.by_quick_levels());
        match quick_db.filter(|spread_db| spread_db.min(wanted.db) > LEAST_SPREAD_DB) {
            Some(spread_db) => {
                let known = wanted.tolerance_db / wanted.db;
                let own = spread_error(self.surrogate.track.quick_power());
                let alike = libm::sqrt(known * known + 2.0 * own * own);
                let error = alike + unlike * (UNLIKE_SPREAD - alike).max(0.0);
                let priors = [NOTHING_DONE, COMPRESSED];
                let excess = [Some(libm::log(spread_db / wanted.db))];
                let believed = believable(&excess, &Errors::apart(&[error]), &priors, 1);
                spread_db * (1.0 - libm::exp(-believed.into_iter().flatten().sum::<f64>()))
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

/// Standard error of the logarithm of the quick spread of a sound, from what it would be without each stretch of 2 s (the jackknife;
/// Tukey, 1958); 0 for a sound too short to tell.
fn spread_error(quick_powers: &[f64]) -> f64 {
    let length = (STRETCH_S / QUICK_BLOCK_S).round() as usize;
    let count = quick_powers.len() / length;
    if count < STRETCHES_MIN {
        return 0.0;
    }
    let without = |stretch: usize| {
        let (before, rest) = quick_powers[..count * length].split_at(stretch * length);
        let rest = [before, &rest[length..]].concat();
        quick_spread_db(&rest).map_or(0.0, |spread_db| libm::log(spread_db.max(LEAST_SPREAD_DB)))
    };
    let values: Vec<f64> = (0..count).map(without).collect();
    let mean = values.iter().sum::<f64>() / count as f64;
    let square: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    libm::sqrt(square * (count as f64 - 1.0) / count as f64)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_that_hangs_on_one_stretch_is_known_worse() {
        let even: Vec<f64> = (0..1_000).map(|i| if i % 2 == 0 { 1.0 } else { 0.1 }).collect();
        let mut once = vec![1.0; 1_000];
        once[100..150].fill(0.05);
        assert!(spread_error(&even) < 0.01, "{}", spread_error(&even));
        assert!(spread_error(&once) > 0.3, "{}", spread_error(&once));
        assert_eq!(spread_error(&even[..100]), 0.0);
    }
}
