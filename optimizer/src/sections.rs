//! Sections of a song whose levels are far apart: a compressor holds each of them alike.
//!
//! One threshold for a quiet verse and a loud chorus compresses the chorus alone, and takes from the difference between them that the
//! arrangement wants. Sections are found by optimal partitioning of the level by the second (Jackson et al., IEEE Signal Processing
//! Letters 12(2), 2005; least squares with a price for each change).

use acetate_analyzer::{QUICK_BLOCK_S, quick_spread_db};
use acetate_audio::units::power_to_db;
use acetate_engine::settings::CompressorSection;

/// Time over which a level is taken, s.
const STEP_S: f64 = 1.0;
/// Shortest section, and what it must differ by to pay for both of its ends, dB.
const SHORTEST_S: f64 = 8.0;
const PAYS_DB: f64 = 6.0;
/// A level counts for no less than this under the loudest second, dB: silence is no section of its own depth.
const QUIETEST_DB: f64 = 30.0;
/// Levels this far apart are worth thresholds of their own; neighbours nearer than this share theirs, dB.
const APART_DB: f64 = 6.0;
const ALIKE_DB: f64 = 3.0;
/// Sections that settings can have.
const SECTIONS_MAX: usize = 64;
/// No threshold is moved further, dB.
const OFFSET_DB_MAX: f64 = 12.0;
/// Steps of what a person reads, dB.
const OFFSET_STEP_DB: f64 = 0.5;

/// The sections of a song, from powers of [`QUICK_BLOCK_S`] each: thresholds lie as far below that of the loudest as the section does.
/// None for a song of about one level.
pub(crate) fn sections(quick_powers: &[f64]) -> Vec<CompressorSection> {
    let blocks = (STEP_S / QUICK_BLOCK_S).round() as usize;
    let powers: Vec<f64> = quick_powers.chunks_exact(blocks).map(mean).collect();
    let loudest = powers.iter().copied().fold(0.0, f64::max);
    if loudest <= 0.0 {
        return Vec::new();
    }
    let level_db = |power: f64| power_to_db(power / loudest).max(-QUIETEST_DB);
    let levels_db: Vec<f64> = powers.iter().map(|&power| level_db(power)).collect();
    let ends = partition(&levels_db);
    let begins = std::iter::once(&0).chain(&ends);
    let found: Vec<(usize, f64)> = begins
        .zip(&ends)
        .map(|(&begin, &end)| (begin, level_db(mean(&powers[begin..end]))))
        .collect();
    let top_db = found.iter().map(|&(_, db)| db).fold(f64::NEG_INFINITY, f64::max);
    let mut alike_db = ALIKE_DB;
    let mut told = joined(&found, top_db, alike_db);
    // Of a piece of hours only larger differences have thresholds of their own.
    while told.len() > SECTIONS_MAX {
        alike_db += 1.0;
        told = joined(&found, top_db, alike_db);
    }
    let apart = told.iter().any(|section| section.threshold_offset_db <= -APART_DB);
    if apart { told } else { Vec::new() }
}

/// Parts, each by its first second and level, as sections: neighbours that are alike are one.
fn joined(parts: &[(usize, f64)], top_db: f64, alike_db: f64) -> Vec<CompressorSection> {
    let mut told: Vec<CompressorSection> = Vec::new();
    for &(begin, db) in parts {
        let offset_db = (db - top_db).max(-OFFSET_DB_MAX);
        let near =
            |last: &CompressorSection| (last.threshold_offset_db - offset_db).abs() < alike_db;
        if !told.last().is_some_and(near) {
            told.push(CompressorSection {
                from_s: begin as f64 * STEP_S,
                threshold_offset_db: (offset_db / OFFSET_STEP_DB).round() * OFFSET_STEP_DB,
            });
        }
    }
    told
}

/// How much levels spread from stroke to stroke within the sections, dB: each block's power is taken over the mean of its section. Without
/// sections that of the whole.
pub(crate) fn spread_within_db(powers: &[f64], sections: &[CompressorSection]) -> Option<f64> {
    if sections.is_empty() {
        return quick_spread_db(powers);
    }
    let block = |section: &CompressorSection| (section.from_s / QUICK_BLOCK_S).round() as usize;
    let begins: Vec<usize> = sections.iter().map(block).collect();
    let mut even = Vec::with_capacity(powers.len());
    for (index, &begin) in begins.iter().enumerate() {
        let end = begins.get(index + 1).map_or(powers.len(), |&next| next.min(powers.len()));
        let section = &powers[begin.min(end)..end];
        let usual = mean(section);
        even.extend(section.iter().map(|power| if usual > 0.0 { power / usual } else { 0.0 }));
    }
    quick_spread_db(&even)
}

/// Ends of the parts whose levels differ least from their own means, a price paid for each.
fn partition(levels_db: &[f64]) -> Vec<usize> {
    let shortest = (SHORTEST_S / STEP_S) as usize;
    let price = shortest as f64 * PAYS_DB * PAYS_DB / 2.0;
    let (mut sums, mut squares) = (vec![0.0], vec![0.0]);
    for (index, db) in levels_db.iter().enumerate() {
        sums.push(sums[index] + db);
        squares.push(squares[index] + db * db);
    }
    let strayed = |begin: usize, end: usize| {
        let sum = sums[end] - sums[begin];
        squares[end] - squares[begin] - sum * sum / (end - begin) as f64
    };
    let count = levels_db.len();
    // Least cost of what ends at each second, and where its last part begins.
    let mut least = vec![(f64::INFINITY, 0); count + 1];
    least[0] = (0.0, 0);
    for end in shortest..=count {
        let begins = (0..=end - shortest).filter(|&begin| least[begin].0.is_finite());
        let costs = begins.map(|begin| (least[begin].0 + strayed(begin, end) + price, begin));
        least[end] = costs.min_by(|one, other| one.0.total_cmp(&other.0)).unwrap_or(least[end]);
    }
    let mut ends = Vec::new();
    let mut end = count;
    while end > 0 && least[end].0.is_finite() {
        ends.push(end);
        end = least[end].1;
    }
    ends.reverse();
    ends
}

fn mean(powers: &[f64]) -> f64 {
    powers.iter().sum::<f64>() / powers.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use acetate_audio::units::db_to_power;

    /// Strokes of 80 ms, 6 dB above what is between them, at levels of so many dB for so many seconds.
    fn song(parts: &[(f64, usize)]) -> Vec<f64> {
        let part = |&(db, seconds): &(f64, usize)| {
            (0..seconds * 25)
                .map(move |block| db_to_power(db + if block % 4 < 2 { 6.0 } else { 0.0 }))
        };
        parts.iter().flat_map(part).collect()
    }

    #[test]
    fn a_quiet_verse_has_a_threshold_of_its_own() {
        let found = sections(&song(&[(-30.0, 20), (-20.0, 40), (-29.0, 15), (-20.5, 30)]));
        let told: Vec<(f64, f64)> =
            found.iter().map(|section| (section.from_s, section.threshold_offset_db)).collect();
        assert_eq!(told, [(0.0, -10.0), (20.0, 0.0), (60.0, -9.0), (75.0, -0.5)]);
    }

    #[test]
    fn a_song_of_one_level_a_short_break_and_silence_have_none() {
        assert!(sections(&song(&[(-20.0, 30), (-23.0, 30), (-20.0, 30)])).is_empty());
        assert!(sections(&song(&[(-20.0, 30), (-40.0, 3), (-20.0, 30)])).is_empty());
        assert!(sections(&[0.0; 1_000]).is_empty() && sections(&[]).is_empty());
    }

    #[test]
    fn a_piece_of_hours_has_no_more_sections_than_settings_can_have() {
        let entries = acetate_engine::parameters::parameter("compressor.sections").kind;
        let most = acetate_engine::parameters::Kind::List { entries_max: SECTIONS_MAX };
        assert_eq!(entries, most);
        let changes = |second: usize| (if second.is_multiple_of(2) { -20.0 } else { -28.0 }, 20);
        let found = sections(&song(&(0..200).map(changes).collect::<Vec<_>>()));
        assert!(found.len() <= SECTIONS_MAX, "{}", found.len());
    }

    #[test]
    fn silence_at_the_end_lowers_a_threshold_no_further_than_twelve_db() {
        let found = sections(&song(&[(-20.0, 30), (-90.0, 20)]));
        assert_eq!(found[1].threshold_offset_db, -12.0);
    }

    #[test]
    fn the_spread_within_sections_is_that_of_the_strokes() {
        let powers = song(&[(-30.0, 20), (-20.0, 40)]);
        let found = sections(&powers);
        assert!((spread_within_db(&powers, &found).unwrap() - 3.0).abs() < 0.01);
        assert!(spread_within_db(&powers, &[]).unwrap() > 5.0);
    }
}
