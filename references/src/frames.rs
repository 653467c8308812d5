//! The moments of a record, and how unlike two of them sound.

mod condense;
mod stored;

use acetate_analyzer::SpectrumFrames;
use acetate_audio::threads;

pub use condense::condense;
pub(crate) use stored::{StoredFrames, as_stored};

/// Numbers a moment takes: more than there are third octaves, in whole lanes.
const WIDTH: usize = 32;
/// Numbers that are worked on at once.
const LANES: usize = 8;

/// A level this far below the mean of its third octave is as good as silence, dB.
const FLOOR_DB: f64 = 50.0;

/// Moments of the same sound nearer in time than this are one and the same passage, s.
const AWAY_S: f64 = 2.0;

/// Moments as points: their third octaves are the coordinates, in dB.
#[derive(Clone, Debug)]
pub struct Points {
    rows: Vec<[f32; WIDTH]>,
    bands: usize,
}

/// The nearest of some points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nearest {
    /// Which one.
    pub index: usize,
    /// Root mean square of the differences over the third octaves, dB.
    pub distance_db: f64,
}

impl Points {
    /// The moments in the third octaves `known`, each level held above the floor of its third octave.
    pub fn new(frames: &SpectrumFrames, known: &[usize]) -> Self {
        assert!(known.len() <= WIDTH, "{} third octaves", known.len());
        let floors = floors_db(frames, known);
        let point = |levels: &[f32]| {
            let mut row = [0.0; WIDTH];
            for ((to, &band), &floor) in row.iter_mut().zip(known).zip(&floors) {
                *to = levels[band].max(floor);
            }
            row
        };
        let rows = frames.level_db.chunks_exact(frames.bands.max(1)).map(point).collect();
        Self { rows, bands: known.len() }
    }

    /// How many moments.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The levels of a moment in the known third octaves.
    pub fn levels_db(&self, moment: usize) -> &[f32] {
        &self.rows[moment][..self.bands]
    }

    /// The same with `change_db` added to each.
    pub fn changed(&self, change_db: &[f64]) -> Self {
        let change = |row: &[f32; WIDTH]| {
            let mut row = *row;
            row.iter_mut().zip(change_db).for_each(|(level, change)| *level += *change as f32);
            row
        };
        Self { rows: self.rows.iter().map(change).collect(), bands: self.bands }
    }

    /// For each of these the nearest of `others`; empty when there are no others.
    pub fn nearest_of(&self, others: &Self) -> Vec<Nearest> {
        if others.is_empty() {
            return Vec::new();
        }
        threads::map(&self.rows, |_, row| self.nearest(row, others.rows.iter().enumerate()))
    }

    fn nearest<'a>(
        &self,
        row: &[f32; WIDTH],
        others: impl Iterator<Item = (usize, &'a [f32; WIDTH])>,
    ) -> Nearest {
        let (mut index, mut least) = (0, f32::INFINITY);
        for (other, levels) in others {
            let square = square_of_difference(row, levels);
            if square < least {
                (index, least) = (other, square);
            }
        }
        Nearest { index, distance_db: (f64::from(least) / self.bands.max(1) as f64).sqrt() }
    }
}

/// Lowest level of each third octave that counts.
fn floors_db(frames: &SpectrumFrames, known: &[usize]) -> Vec<f32> {
    let means = frames.mean_levels_db();
    known.iter().map(|&band| (means[band].unwrap_or(f64::MIN / 4.0) - FLOOR_DB) as f32).collect()
}

/// Sum of the squared differences, in a fixed order of additions.
fn square_of_difference(one: &[f32; WIDTH], other: &[f32; WIDTH]) -> f32 {
    let mut lanes = [0.0; LANES];
    for (one, other) in one.as_chunks::<LANES>().0.iter().zip(other.as_chunks::<LANES>().0) {
        for lane in 0..LANES {
            let difference = one[lane] - other[lane];
            lanes[lane] += difference * difference;
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

/// Most moments that are compared with each other: 5 minutes of 400 ms. Of more, every second, third ... is taken.
pub const COMPARED_MAX: usize = 800;

/// At most [`COMPARED_MAX`] of the moments, evenly spread.
pub fn thinned(frames: &SpectrumFrames) -> SpectrumFrames {
    let every = frames.count.len().div_ceil(COMPARED_MAX).max(1);
    let rows = |values: &[f32]| -> Vec<f32> {
        let rows = values.chunks_exact(frames.bands.max(1)).step_by(every);
        rows.flatten().copied().collect()
    };
    SpectrumFrames {
        step_s: frames.step_s * every as f64,
        bands: frames.bands,
        count: frames.count.iter().step_by(every).copied().collect(),
        level_db: rows(&frames.level_db),
        side_minus_mid_db: rows(&frames.side_minus_mid_db),
        own_distance_db: frames.own_distance_db,
        quick_spread_db: frames.quick_spread_db,
    }
}

/// How far a moment is from the nearest one of the same sound that is at least two seconds away: the median over the moments,
/// dB. `None` when no two are that far apart.
pub fn own_distance_db(frames: &SpectrumFrames, known: &[usize]) -> Option<f64> {
    if frames.own_distance_db.is_some() {
        return frames.own_distance_db;
    }
    let points = Points::new(frames, known);
    let away = (AWAY_S / frames.step_s.max(1e-3)).ceil().max(1.0) as usize;
    let found: Vec<Nearest> = threads::map(&points.rows, |moment, row| {
        let others = points.rows.iter().enumerate();
        points.nearest(row, others.filter(|(other, _)| moment.abs_diff(*other) >= away))
    });
    median(found.iter().map(|nearest| nearest.distance_db))
}

/// The median of the finite values.
pub fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut sorted: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        count if count % 2 == 0 => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
        _ => Some(sorted[middle]),
    }
}

/// Third octaves that say something about a sound: from 40 Hz on, within 60 dB of the loudest.
pub(crate) fn telling_bands(level_db: &[Option<f64>]) -> Vec<usize> {
    const RANGE_DB: f64 = 60.0;
    const LOWEST: usize = 2;
    let loudest = level_db.iter().flatten().fold(f64::NEG_INFINITY, |most, &db| most.max(db));
    let telling = |&band: &usize| level_db[band].is_some_and(|db| db > loudest - RANGE_DB);
    (LOWEST..level_db.len()).filter(telling).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Moments of three third octaves.
    pub(crate) fn frames(levels: &[[f32; 3]]) -> SpectrumFrames {
        SpectrumFrames {
            step_s: 1.0,
            bands: 3,
            count: vec![1; levels.len()],
            level_db: levels.concat(),
            side_minus_mid_db: levels.iter().flat_map(|row| row.map(|db| db / 2.0)).collect(),
            own_distance_db: None,
            quick_spread_db: None,
        }
    }

    #[test]
    fn the_nearest_moment_is_the_one_with_the_least_difference() {
        let (one, other) = (
            frames(&[[0.0, -10.0, -20.0], [-5.0, -5.0, -5.0]]),
            frames(&[[-5.0, -6.0, -4.0], [0.0, -12.0, -20.0], [-30.0, 0.0, 0.0]]),
        );
        let known = [0, 1, 2];
        let nearest = Points::new(&one, &known).nearest_of(&Points::new(&other, &known));
        assert_eq!(nearest.iter().map(|one| one.index).collect::<Vec<_>>(), [1, 0]);
        assert!((nearest[0].distance_db - (4.0_f64 / 3.0).sqrt()).abs() < 1e-6);
    }

    #[test]
    fn only_the_known_third_octaves_count_and_a_change_moves_them() {
        let points = Points::new(&frames(&[[0.0, -10.0, -20.0]]), &[0, 2]).changed(&[1.0, -2.0]);
        assert_eq!(points.levels_db(0), [1.0, -22.0]);
    }

    #[test]
    fn a_sound_that_comes_again_has_no_distance_of_its_own() {
        let rows = [[0.0, -10.0, -20.0], [-20.0, -10.0, 0.0], [0.0, 0.0, -10.0]];
        let again = own_distance_db(&frames(&[rows, rows].concat()), &[0, 1, 2]);
        assert_eq!(again, Some(0.0));
        assert_eq!(own_distance_db(&frames(&rows[..2]), &[0, 1, 2]), None, "no two are 2 s apart");
    }

    #[test]
    fn a_long_sound_is_thinned_evenly() {
        let long = frames(&vec![[0.0; 3]; 2 * COMPARED_MAX + 1]);
        let thin = thinned(&long);
        assert_eq!((thin.count.len(), thin.step_s), (534, 3.0));
        assert_eq!(thin.level_db.len(), 534 * 3);
    }
}
