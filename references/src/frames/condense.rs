//! A few spectra that stand for all moments of a record.

use acetate_analyzer::SpectrumFrames;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{Nearest, Points, own_distance_db};

/// Rounds after which clusters have settled well enough.
const ROUNDS: usize = 12;
/// Where the choice of the first centres starts.
const SEED: u64 = 1;

/// At most `most` spectra that stand for the moments of `frames` by their third octaves `known`: k-means (Lloyd 1982), begun
/// with k-means++ (Arthur & Vassilvitskii 2007). Frames with no more than that are returned as they are.
pub fn condense(frames: &SpectrumFrames, known: &[usize], most: usize) -> SpectrumFrames {
    if frames.count.len() <= most || most == 0 {
        return frames.clone();
    }
    let own_distance_db = own_distance_db(frames, known);
    let points = Points::new(frames, known);
    let mut members = groups(&points, &first_centres(frames, &points, known, most));
    let mut condensed = means(frames, &members);
    for _ in 1..ROUNDS {
        let next = groups(&points, &Points::new(&condensed, known));
        if next == members {
            break;
        }
        members = next;
        condensed = means(frames, &members);
    }
    SpectrumFrames { own_distance_db, ..condensed }
}

/// The moments nearest to each centre; centres without any are left out.
fn groups(points: &Points, centres: &Points) -> Vec<Vec<usize>> {
    let mut groups = vec![Vec::new(); centres.len()];
    for (moment, Nearest { index, .. }) in points.nearest_of(centres).into_iter().enumerate() {
        groups[index].push(moment);
    }
    groups.retain(|group| !group.is_empty());
    groups
}

/// The mean levels of each group.
fn means(frames: &SpectrumFrames, groups: &[Vec<usize>]) -> SpectrumFrames {
    let bands = frames.bands;
    let mean = |values: &[f32]| -> Vec<f32> {
        let of_group = |group: &Vec<usize>| {
            let each = |band: usize| {
                let sum: f64 =
                    group.iter().map(|moment| f64::from(values[moment * bands + band])).sum();
                (sum / group.len() as f64) as f32
            };
            (0..bands).map(each).collect::<Vec<f32>>()
        };
        if values.is_empty() { Vec::new() } else { groups.iter().flat_map(of_group).collect() }
    };
    SpectrumFrames {
        count: groups.iter().map(|group| group.len() as u32).collect(),
        level_db: mean(&frames.level_db),
        side_minus_mid_db: mean(&frames.side_minus_mid_db),
        ..frames.clone()
    }
}

/// Moments far from each other: each next one with a chance that grows with its squared distance from those chosen.
fn first_centres(frames: &SpectrumFrames, points: &Points, known: &[usize], most: usize) -> Points {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let mut chosen = vec![random.gen_range(0..points.len())];
    let mut squares = vec![f64::INFINITY; points.len()];
    while chosen.len() < most {
        let last = Points::new(&only(frames, &chosen[chosen.len() - 1..]), known);
        for (square, nearest) in squares.iter_mut().zip(points.nearest_of(&last)) {
            *square = square.min(nearest.distance_db * nearest.distance_db);
        }
        let total: f64 = squares.iter().sum();
        let mut left = random.gen_range(0.0..1.0) * total;
        let next = squares.iter().position(|square| {
            left -= square;
            left < 0.0
        });
        let Some(next) = next else { break };
        chosen.push(next);
    }
    Points::new(&only(frames, &chosen), known)
}

/// Some of the moments.
fn only(frames: &SpectrumFrames, moments: &[usize]) -> SpectrumFrames {
    let groups: Vec<Vec<usize>> = moments.iter().map(|&moment| vec![moment]).collect();
    means(frames, &groups)
}

#[cfg(test)]
mod tests {
    use super::super::tests::frames;
    use super::*;

    #[test]
    fn sounds_that_come_again_and_again_are_each_kept_once() {
        let rows = [[0.0, -10.0, -20.0], [-20.0, -10.0, 0.0], [0.0, 0.0, -10.0]];
        let condensed = condense(&frames(&rows.repeat(5)), &[0, 1, 2], 3);
        assert_eq!(condensed.count, [5, 5, 5]);
        for row in rows {
            let found = condensed.level_db.as_chunks::<3>().0.contains(&row);
            assert!(found, "{:?}", condensed.level_db);
        }
        assert_eq!(condensed.own_distance_db, Some(0.0));
    }

    #[test]
    fn a_short_sound_is_kept_as_it_is() {
        let short = frames(&[[0.0; 3]; 4]);
        assert_eq!(condense(&short, &[0, 1, 2], 4), short);
    }
}
