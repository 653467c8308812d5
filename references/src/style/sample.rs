//! What a style is learned from and looked for with: a track in the terms of the nine wide bands.

use acetate_analyzer::Analysis;

use super::wide::wide_levels_db;
use crate::bands::WIDE_BANDS;
use crate::profile::Profile;

/// One value a wide band, where there is one.
pub type Known = [Option<f64>; WIDE_BANDS];

/// A track as styles see it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sample {
    /// K-weighted power of the bands, dB re the loudness of the whole.
    pub tone_db: Known,
    /// Side less mid, log-means over 400 ms blocks, dB; `None` for mono.
    pub side_minus_mid_db: Known,
    /// Standard deviation of the level of the mid over 400 ms blocks, dB.
    pub level_std_db: Known,
    /// Integrated loudness, LUFS.
    pub integrated_lufs: Option<f64>,
    /// Loudness range, LU.
    pub loudness_range_lu: Option<f64>,
    /// True peak less integrated loudness, dB.
    pub plr_db: Option<f64>,
}

/// Side minus mid is judged no lower than this, dB: below, it is mono.
const NARROWEST_DB: f64 = -30.0;

impl Sample {
    /// A measured track.
    pub fn from_analysis(analysis: &Analysis) -> Self {
        Self::from_profile(&Profile::from_analysis("mix", analysis))
    }

    /// A track of which the profile is known.
    pub fn from_profile(profile: &Profile) -> Self {
        let bands = |value: &dyn Fn(usize) -> Option<f64>| std::array::from_fn(value);
        let side_minus_mid = |band: usize| {
            let band = &profile.bands[band];
            Some(side_minus_mid_db(band.mid_log_mean_db?, band.side_log_mean_db?))
        };
        Self {
            tone_db: wide_levels_db(&profile.spectrum.level_db, |third| profile.matchable(third)),
            side_minus_mid_db: bands(&side_minus_mid),
            level_std_db: bands(&|band| profile.bands[band].level_std_db),
            integrated_lufs: profile.loudness.integrated_lufs,
            loudness_range_lu: profile.loudness.loudness_range_lu,
            plr_db: profile.loudness.plr_db,
        }
    }
}

/// Difference of two levels, no lower than what still is a difference to a listener.
pub fn side_minus_mid_db(mid_db: f64, side_db: f64) -> f64 {
    (side_db - mid_db).max(NARROWEST_DB)
}

/// The values of a band over samples, ascending, without the missing ones.
pub(crate) fn sorted(samples: &[Sample], value: impl Fn(&Sample) -> Option<f64>) -> Vec<f64> {
    let mut values: Vec<f64> = samples.iter().filter_map(value).collect();
    values.sort_by(f64::total_cmp);
    values
}

/// Value below which a share of ascending values lies, straight between neighbours; `None` of nothing.
pub(crate) fn percentile(ascending: &[f64], share: f64) -> Option<f64> {
    let last = ascending.len().checked_sub(1)?;
    let position = share * last as f64;
    let below = position as usize;
    let above = (below + 1).min(last);
    Some(ascending[below] + (position - below as f64) * (ascending[above] - ascending[below]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bands::THIRD_OCTAVES;
    use crate::test_sounds::shaped;

    #[test]
    fn percentiles_meet_the_values_and_are_straight_between() {
        let values = [1.0, 2.0, 4.0];
        assert_eq!(percentile(&values, 0.0), Some(1.0));
        assert_eq!(percentile(&values, 0.5), Some(2.0));
        assert_eq!(percentile(&values, 0.75), Some(3.0));
        assert_eq!(percentile(&values, 1.0), Some(4.0));
        assert_eq!(percentile(&[], 0.5), None);
    }

    #[test]
    fn gain_changes_nothing_a_style_looks_at() {
        let quiet: [Option<f64>; THIRD_OCTAVES] =
            std::array::from_fn(|band| Some(-60.0 - band as f64));
        let loud = quiet.map(|level_db| level_db.map(|level_db| level_db + 30.0));
        let (quiet, loud) =
            (Sample::from_analysis(&shaped(&quiet)), Sample::from_analysis(&shaped(&loud)));
        for (quiet, loud) in quiet.tone_db.iter().zip(loud.tone_db) {
            assert!(
                (quiet.unwrap() - loud.unwrap()).abs() < 0.02,
                "profiles are rounded to 0.01 dB"
            );
        }
        assert_eq!(quiet.side_minus_mid_db, loud.side_minus_mid_db);
        assert_eq!(quiet.level_std_db, loud.level_std_db);
    }
}
