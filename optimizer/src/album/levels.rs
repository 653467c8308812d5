//! How far under the loudest song each piece of a record stays.
//!
//! Engineers level the loud parts of songs, to about 1.5 dB, so songs are compared by their *top*: the 95th percentile of the gated
//! loudness over 3 s, the upper end of the loudness range (EBU Tech 3342). A piece is one song, or several that run into each other
//! and share a gain.

use acetate_audio::units::{db_to_power, power_to_db};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The furthest that a piece stays under the middle of the louder half by default, LU.
pub const SPREAD_LU: f64 = 4.0;
/// The furthest that a piece stands out above the middle of the louder half, LU.
const ABOVE_LU: f64 = 1.0;
/// The absolute gate (BS.1770-5).
const GATE_LUFS: f64 = -70.0;
/// A record is lowered by so much at most for the sake of a song that cannot follow, LU.
const LOWERED_LU: f64 = 1.0;
/// A record whose loudest song is this near to the target is finished in level, LU.
const FINISHED_LU: f64 = 0.3;

/// How loud songs of a record are against each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LevelRule {
    /// Small differences stay, large ones are squeezed; the order of loudness never changes.
    #[default]
    Natural,
    /// One gain for the whole record.
    Keep,
    /// As natural, with half of the differences.
    Even,
}

/// What is brought to the target's loudness.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Anchor {
    /// The loudest song.
    #[default]
    Loudest,
    /// The whole record.
    Album,
    /// A song, by its title or file.
    Song(String),
}

/// What was measured of a piece.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeasuredLevel {
    /// The 95th percentile of the gated loudness over 3 s; of several songs the loudest.
    pub top_lufs: f64,
    /// Gated loudness of the whole.
    pub integrated_lufs: f64,
    /// True peak, dBTP.
    pub true_peak_dbtp: f64,
    /// Length, seconds.
    pub duration_s: f64,
    /// What the record's file says: LU against the loudest song, at most 0.
    pub level_lu: Option<f64>,
}

/// Where a piece stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// How far its top was under the loudest piece's in the mixes, LU.
    pub before_lu: f64,
    /// How far it stays under it, LU.
    pub under_lu: f64,
    /// Why.
    pub reason: PlaceReason,
}

/// Why a piece stands where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PlaceReason {
    /// Its difference is one that records have.
    Kept,
    /// It was further from the middle of the louder half than records are: how far, LU (negative above it).
    Squeezed {
        /// Distance under the middle of the louder half.
        from_lu: f64,
        /// What that became.
        to_lu: f64,
    },
    /// Half of the difference was asked for.
    Evened,
    /// The record's file says so.
    Asked,
    /// One gain was asked for, or the record is finished: nothing is moved.
    OneGain,
}

impl Place {
    /// For people: why it stands there.
    pub fn because(&self) -> String {
        match self.reason {
            PlaceReason::Kept if self.under_lu < 0.05 => "the loudest".to_owned(),
            PlaceReason::Kept => format!("{:.1} LU under on purpose: kept", self.under_lu),
            PlaceReason::Squeezed { from_lu, .. } if from_lu < 0.0 => {
                format!("{:.1} LU above the others: brought nearer", -from_lu)
            }
            PlaceReason::Squeezed { from_lu, to_lu } => {
                format!("{from_lu:.0} LU under the louder songs: brought to {to_lu:.1}")
            }
            PlaceReason::Evened => format!("evened out to {:.1} LU under", self.under_lu),
            PlaceReason::Asked => {
                format!("{:.1} LU under, as the record's file says", self.under_lu)
            }
            PlaceReason::OneGain => "one gain for the record".to_owned(),
        }
    }
}

/// The place of every piece, in their order. `spread_lu` is the furthest that one stays under ([`SPREAD_LU`]).
///
/// Under the middle of the louder half up to half of the spread is kept; beyond, d becomes s = h + h (1 - e^(-(d-h)/h)) with h half of
/// the spread, so the order of loudness never changes. Above the middle the same bends to one LU.
pub fn plan_levels(pieces: &[MeasuredLevel], rule: LevelRule, spread_lu: f64) -> Vec<Place> {
    places_among(pieces, pieces, rule, spread_lu)
}

/// The same for pieces that come to a record: its middle and its loudest piece stay what they are.
pub(super) fn places_among(
    record: &[MeasuredLevel],
    pieces: &[MeasuredLevel],
    rule: LevelRule,
    spread_lu: f64,
) -> Vec<Place> {
    let tops: Vec<f64> = record.iter().map(|piece| piece.top_lufs).collect();
    let loudest = tops.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let middle = middle_of_louder_half(&tops);
    let share = if rule == LevelRule::Even { 0.5 } else { 1.0 };
    let position = |top: f64| match rule {
        LevelRule::Keep => top - middle,
        LevelRule::Natural | LevelRule::Even => share * bent(top - middle, spread_lu),
    };
    let highest = tops.iter().map(|&top| position(top)).fold(f64::NEG_INFINITY, f64::max);
    let place = |piece: &MeasuredLevel| {
        let top = piece.top_lufs;
        let from_lu = middle - top;
        let to_lu = -bent(-from_lu, spread_lu);
        let squeezed = (from_lu - to_lu).abs() > 0.05;
        let reason = match rule {
            _ if piece.level_lu.is_some() => PlaceReason::Asked,
            LevelRule::Keep => PlaceReason::OneGain,
            LevelRule::Even => PlaceReason::Evened,
            LevelRule::Natural if squeezed => PlaceReason::Squeezed { from_lu, to_lu },
            LevelRule::Natural => PlaceReason::Kept,
        };
        let own_lu = (highest - position(top)).max(0.0);
        let under_lu = piece.level_lu.map_or(own_lu, |level_lu| -level_lu);
        Place { before_lu: loudest - top, under_lu, reason }
    };
    pieces.iter().map(place).collect()
}

/// Distance from the middle, positive above it, after the squeeze.
fn bent(above_lu: f64, spread_lu: f64) -> f64 {
    if above_lu < 0.0 {
        -squeezed(-above_lu, spread_lu / 2.0)
    } else {
        squeezed(above_lu, ABOVE_LU / 2.0)
    }
}

/// The distance itself up to `half`, bending to twice that.
fn squeezed(distance: f64, half: f64) -> f64 {
    if distance <= half || half <= 0.0 {
        distance.min(half.max(0.0))
    } else {
        half + half * (1.0 - libm::exp(-(distance - half) / half))
    }
}

fn middle_of_louder_half(tops: &[f64]) -> f64 {
    let mut sorted = tops.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let half = &sorted[..sorted.len().div_ceil(2)];
    let middle = half.len() / 2;
    if half.len().is_multiple_of(2) {
        (half[middle - 1] + half[middle]) / 2.0
    } else {
        half[middle]
    }
}

/// Whether a record needs no change of level between its songs: its loudest is at the target, no peak passes the ceiling, and no song is
/// further away than songs of records are. A second pass over a finished record moves nothing.
pub fn is_finished(
    pieces: &[MeasuredLevel],
    target_lufs: f64,
    ceiling_dbtp: f64,
    spread_lu: f64,
) -> bool {
    // Peaks are read again from a file, by a meter with its own error.
    const PEAK_TOLERANCE_DB: f64 = 0.1;
    let loudest =
        pieces.iter().map(|piece| piece.integrated_lufs).fold(f64::NEG_INFINITY, f64::max);
    let tops: Vec<f64> = pieces.iter().map(|piece| piece.top_lufs).collect();
    let middle = middle_of_louder_half(&tops);
    let placed = |piece: &MeasuredLevel| {
        let under_lu = middle - piece.top_lufs;
        let peaks = piece.true_peak_dbtp <= ceiling_dbtp + PEAK_TOLERANCE_DB;
        peaks && (-ABOVE_LU - 0.1..=spread_lu + 0.1).contains(&under_lu)
    };
    (loudest - target_lufs).abs() <= FINISHED_LU && pieces.iter().all(placed)
}

/// The piece whose integrated loudness will be the highest when all stand in their places: the one to bring to the target first.
pub fn anchor_of(pieces: &[MeasuredLevel], places: &[Place]) -> usize {
    let integrated = |index: usize| {
        let piece = &pieces[index];
        piece.integrated_lufs - piece.top_lufs - places[index].under_lu
    };
    let louder = |a: &usize, b: &usize| integrated(*a).total_cmp(&integrated(*b)).then(b.cmp(a));
    (0..pieces.len()).max_by(louder).expect("a record has a piece")
}

/// Loudness of songs one after another, from that of each and its length: their mean power above the relative gate of BS.1770.
pub fn album_lufs(songs: &[(f64, f64)]) -> Option<f64> {
    let mean = |gate: f64| {
        let heard = || songs.iter().filter(|(lufs, _)| *lufs > gate);
        let length: f64 = heard().map(|(_, duration_s)| duration_s).sum();
        let power: f64 = heard().map(|(lufs, duration_s)| db_to_power(*lufs) * duration_s).sum();
        (length > 0.0).then(|| power_to_db(power / length))
    };
    mean(mean(GATE_LUFS)? - 10.0)
}

/// By how much the whole record is lowered so that songs which fall short of their places stand in them again, LU, at most one:
/// beyond that such a song alone stays lower. `short_lu` is how far each reached under its place.
pub fn lowered_lu(short_lu: &[f64]) -> f64 {
    // Less is not heard, and within what a verdict forgives.
    const SHORT_LU: f64 = 0.1;
    let worst = short_lu.iter().copied().fold(0.0, f64::max);
    if worst > SHORT_LU { worst.min(LOWERED_LU) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pieces(tops: &[f64]) -> Vec<MeasuredLevel> {
        let piece = |&top_lufs: &f64| MeasuredLevel {
            top_lufs,
            integrated_lufs: top_lufs - 1.0,
            true_peak_dbtp: -6.0,
            duration_s: 200.0,
            level_lu: None,
        };
        tops.iter().map(piece).collect()
    }

    fn under(tops: &[f64], rule: LevelRule) -> Vec<f64> {
        let places = plan_levels(&pieces(tops), rule, SPREAD_LU);
        places.iter().map(|place| place.under_lu).collect()
    }

    #[test]
    fn small_differences_are_kept_and_large_ones_squeezed() {
        // The middle of the louder half (-20, -20, -20) is -20.
        let places = under(&[-20.0, -20.0, -20.0, -21.5, -22.9, -35.0], LevelRule::Natural);
        assert_eq!(&places[..4], [0.0, 0.0, 0.0, 1.5]);
        assert!((places[4] - 2.72).abs() < 0.01, "{places:?}");
        assert!((places[5] - 4.0).abs() < 0.01, "{places:?}");
    }

    #[test]
    fn a_song_that_stands_out_is_brought_within_one() {
        let places = under(&[-10.0, -20.0, -20.0, -20.0, -20.0, -20.0], LevelRule::Natural);
        assert!((places[1] - 1.0).abs() < 0.01, "{places:?}");
        assert_eq!(places[0], 0.0);
    }

    #[test]
    fn keep_is_one_gain_and_even_half_of_natural() {
        let tops = [-20.0, -20.0, -21.0, -29.0];
        assert_eq!(under(&tops, LevelRule::Keep), [0.0, 0.0, 1.0, 9.0]);
        let (even, natural) = (under(&tops, LevelRule::Even), under(&tops, LevelRule::Natural));
        for (even, natural) in even.iter().zip(natural) {
            assert!((even - natural / 2.0).abs() < 1e-12);
        }
    }

    #[test]
    fn what_the_file_says_beats_the_rule() {
        let mut pieces = pieces(&[-20.0, -20.0, -30.0]);
        pieces[2].level_lu = Some(-1.5);
        let places = plan_levels(&pieces, LevelRule::Natural, SPREAD_LU);
        assert_eq!((places[2].under_lu, places[2].reason), (1.5, PlaceReason::Asked));
    }

    proptest! {
        #[test]
        fn the_order_of_loudness_never_changes(tops in prop::collection::vec(-50.0..-5.0f64, 1..20)) {
            for rule in [LevelRule::Natural, LevelRule::Keep, LevelRule::Even] {
                let under = under(&tops, rule);
                for (i, j) in (0..tops.len()).flat_map(|i| (0..tops.len()).map(move |j| (i, j))) {
                    if tops[i] > tops[j] {
                        prop_assert!(under[i] <= under[j], "{tops:?} {under:?}");
                    }
                }
                prop_assert!(under.iter().all(|&under| under >= 0.0));
                if rule != LevelRule::Keep {
                    prop_assert!(under.iter().all(|&under| under <= SPREAD_LU + ABOVE_LU));
                }
            }
        }
    }

    #[test]
    fn a_finished_record_is_known_and_a_mix_is_not() {
        let mut record = pieces(&[-13.0, -13.5, -16.5]);
        assert!(is_finished(&record, -14.0, -1.0, SPREAD_LU));
        assert!(!is_finished(&record, -9.0, -1.0, SPREAD_LU));
        record[2].top_lufs = -25.0;
        assert!(!is_finished(&record, -14.0, -1.0, SPREAD_LU));
    }

    #[test]
    fn the_anchor_is_the_song_that_will_measure_loudest() {
        let mut record = pieces(&[-20.0, -20.2]);
        // As loud in its loud parts, and never quiet.
        record[1].integrated_lufs = -20.3;
        let places = plan_levels(&record, LevelRule::Natural, SPREAD_LU);
        assert_eq!(anchor_of(&record, &places), 1);
    }

    #[test]
    fn one_song_that_falls_short_lowers_the_record_by_one_at_most() {
        assert_eq!(lowered_lu(&[0.0, 0.05, -0.2]), 0.0);
        assert_eq!(lowered_lu(&[0.0, 0.6]), 0.6);
        assert_eq!(lowered_lu(&[3.0, 0.6]), 1.0);
    }

    #[test]
    fn the_loudness_of_a_record_counts_its_songs_by_length() {
        let same = album_lufs(&[(-14.0, 100.0), (-14.0, 200.0)]).unwrap();
        assert!((same + 14.0).abs() < 1e-9);
        // Ten LU under the mean does not count.
        let gated = album_lufs(&[(-14.0, 100.0), (-34.0, 100.0)]).unwrap();
        assert!((gated + 14.0).abs() < 1e-9);
        assert_eq!(album_lufs(&[]), None);
    }
}
