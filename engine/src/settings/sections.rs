//! Sections of a song in which a compressor's thresholds lie elsewhere.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A section of the song, from a time to where the next begins, in which the thresholds lie elsewhere: a quiet verse is held as firmly
/// as the chorus behind it. Before the first section they lie where the bands say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CompressorSection {
    /// Where it begins, in seconds of the source.
    pub from_s: f64,
    /// How much higher the thresholds of all bands lie, in dB.
    pub threshold_offset_db: f64,
}

impl CompressorSection {
    /// Time over which thresholds glide from one section's to the next's, s.
    pub const GLIDE_S: f64 = 0.5;
    /// Thresholds are up so long before a section in which they are higher, and stay up so long in one in which they are lower, s: loud sound
    /// never meets the threshold of a quiet section.
    pub const APART_S: f64 = 0.5;

    /// How much higher than at their bands thresholds lie at a time, dB.
    pub fn offset_db(sections: &[Self], time_s: f64) -> f64 {
        let mut offset_db = 0.0;
        for &Self { from_s, threshold_offset_db: to_db } in sections {
            if from_s == 0.0 {
                // There is nothing to glide from.
                offset_db = to_db;
                continue;
            }
            let glide_from_s = match to_db > offset_db {
                true => from_s - Self::APART_S - Self::GLIDE_S,
                false => from_s + Self::APART_S,
            };
            if time_s <= glide_from_s {
                break;
            }
            let glided = ((time_s - glide_from_s) / Self::GLIDE_S).min(1.0);
            offset_db += glided * (to_db - offset_db);
        }
        offset_db
    }

    /// The sections of a sound that is made of stretches of the song, each given by its begin in the song and its length, s.
    pub fn of_stretches(sections: &[Self], stretches: &[(f64, f64)]) -> Vec<Self> {
        let mut found = Vec::new();
        let mut place_s = 0.0;
        for &(begin_s, length_s) in if sections.is_empty() { &[] } else { stretches } {
            let at_begin =
                Self { from_s: place_s, threshold_offset_db: Self::offset_db(sections, begin_s) };
            let within =
                |section: &&Self| section.from_s > begin_s && section.from_s < begin_s + length_s;
            let moved =
                |section: &Self| Self { from_s: section.from_s - begin_s + place_s, ..*section };
            found.push(at_begin);
            found.extend(sections.iter().filter(within).map(moved));
            place_s += length_s;
        }
        found.dedup_by_key(|section| section.threshold_offset_db);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sections() -> Vec<CompressorSection> {
        let section =
            |(from_s, threshold_offset_db)| CompressorSection { from_s, threshold_offset_db };
        [(0.0, -8.0), (30.0, 0.0), (60.0, -6.0)].map(section).to_vec()
    }

    #[test]
    fn thresholds_are_up_before_a_loud_section_and_down_after_a_quiet_one_has_begun() {
        let at = |time_s| CompressorSection::offset_db(&sections(), time_s);
        let up = [29.0, 29.25, 29.5, 30.0].map(at);
        assert_eq!((at(0.0), up), (-8.0, [-8.0, -4.0, 0.0, 0.0]));
        assert_eq!([60.0, 60.5, 60.75, 61.0, 90.0].map(at), [0.0, 0.0, -3.0, -6.0, -6.0]);
        assert_eq!(CompressorSection::offset_db(&sections()[1..], 10.0), 0.0);
        assert_eq!(CompressorSection::offset_db(&[], 10.0), 0.0);
    }

    #[test]
    fn a_medley_has_the_sections_of_its_stretches() {
        let stretches = [(10.0, 2.0), (29.0, 2.0), (40.0, 2.0), (70.0, 2.0)];
        let found = CompressorSection::of_stretches(&sections(), &stretches);
        let told: Vec<(f64, f64)> =
            found.iter().map(|section| (section.from_s, section.threshold_offset_db)).collect();
        assert_eq!(told, [(0.0, -8.0), (3.0, 0.0), (6.0, -6.0)]);
        assert!(CompressorSection::of_stretches(&[], &stretches).is_empty());
    }
}
