//! Like with like: the change that brings the moments of a mix nearest to those of a record.
//!
//! Iterative closest point (Besl & McKay, IEEE PAMI 14(2), 1992), where a motion is a change of level in each third octave: each
//! moment of one is paired with the nearest moment of the other, the pairs that are nearest tell the change, and with it the
//! pairs are found anew.

use acetate_analyzer::SpectrumFrames;
use acetate_references::frames::{Nearest, Points, median, own_distance_db};

use super::covariance::{of_mean, parts};
use crate::solver::Matrix;

/// Share of the pairs that tell the change: what has no like in the other song stays out (trimmed ICP).
const NEAREST_SHARE: f64 = 0.9;
/// Most rounds, and the change at which they end, dB.
const ROUNDS: usize = 8;
const SETTLED_DB: f64 = 0.02;
/// Length of the stretches that are taken as independent, s.
const MOMENT_S: f64 = 2.0;

/// What the pairs of like moments tell, third octave by third octave of those that are known.
#[derive(Clone, Debug)]
pub(crate) struct Likeness {
    /// Record minus mix, dB.
    pub(crate) change_db: Vec<f64>,
    /// How well that is known.
    pub(crate) errors: Matrix,
    /// The same for side minus mid; `None` unless both are stereo.
    pub(crate) side: Option<(Vec<f64>, Matrix)>,
    /// Distance of the pairs over the distance that moments of either song have from each other: about 1 for passages of one
    /// song, more for other music.
    pub(crate) kinship: f64,
}

/// Pairs of moments: one of the first sound, one of the second, and how much they count.
struct Pairs {
    /// Index in the first and in the second.
    pairs: Vec<(usize, usize)>,
    weight: Vec<f64>,
}

/// Compares `mix` with `record` in the third octaves `known`, from a first guess of the change on; `None` when either has no
/// moments that could be compared.
pub(crate) fn likeness(
    mix: &SpectrumFrames,
    record: &SpectrumFrames,
    known: &[usize],
    start_db: &[f64],
) -> Option<Likeness> {
    let (of_mix, of_record) = (Points::new(mix, known), Points::new(record, known));
    let own = |frames| own_distance_db(frames, known);
    let own_db = own(mix)?.hypot(own(record)?) / std::f64::consts::SQRT_2;
    let mut change_db = start_db.to_vec();
    let mut found = None;
    for _ in 0..ROUNDS {
        let moved = of_mix.changed(&change_db);
        let (there, back) = (moved.nearest_of(&of_record), of_record.nearest_of(&moved));
        let one = Pairs::nearest(&there, &mix.count, false)?;
        let other = Pairs::nearest(&back, &record.count, true)?;
        let difference = |mix: usize, record: usize| differences(&of_mix, &of_record, mix, record);
        let (a, b) = (one.mean(difference), other.mean(difference));
        let next: Vec<f64> = a.iter().zip(&b).map(|(a, b)| (a + b) / 2.0).collect();
        let step = next.iter().zip(&change_db).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        change_db = next;
        let distances = there.iter().chain(&back).map(|nearest| nearest.distance_db);
        found = Some((one, other, median(distances)?));
        if step < SETTLED_DB {
            break;
        }
    }
    let (one, other, distance_db) = found?;
    let steps = (MOMENT_S / mix.step_s.max(1e-3)).round().max(2.0) as usize;
    // Spectra that stand for many moments have no order in time to tell errors from.
    let in_time = record.count.iter().all(|&count| count == 1);
    let both = |value: &dyn Fn(usize, usize) -> Vec<f64>| {
        let errors = one.errors(value, steps);
        if in_time { mean_of(&errors, &other.errors(value, steps)) } else { errors }
    };
    let errors = both(&|mix, record| differences(&of_mix, &of_record, mix, record));
    let stereo = !mix.side_minus_mid_db.is_empty() && !record.side_minus_mid_db.is_empty();
    let side = stereo.then(|| {
        let value = |of_mix: usize, of_record: usize| {
            side_differences(mix, record, known, of_mix, of_record)
        };
        let (a, b) = (one.mean(value), other.mean(value));
        (a.iter().zip(&b).map(|(a, b)| (a + b) / 2.0).collect(), both(&value))
    });
    Some(Likeness { change_db, errors, side, kinship: distance_db / own_db.max(OWN_DB_MIN) })
}

/// Songs that repeat themselves to the sample have no distance of their own to hold others against, dB.
const OWN_DB_MIN: f64 = 0.1;

fn differences(mix: &Points, record: &Points, of_mix: usize, of_record: usize) -> Vec<f64> {
    let pairs = record.levels_db(of_record).iter().zip(mix.levels_db(of_mix));
    pairs.map(|(record, mix)| f64::from(record - mix)).collect()
}

fn side_differences(
    mix: &SpectrumFrames,
    record: &SpectrumFrames,
    known: &[usize],
    of_mix: usize,
    of_record: usize,
) -> Vec<f64> {
    let level = |frames: &SpectrumFrames, moment: usize, band: usize| {
        f64::from(frames.side_minus_mid_db[moment * frames.bands + band])
    };
    known.iter().map(|&band| level(record, of_record, band) - level(mix, of_mix, band)).collect()
}

/// Mean of two lower triangles.
fn mean_of(one: &Matrix, other: &Matrix) -> Matrix {
    let mut mean = one.clone();
    for row in 0..one.columns() {
        mean.row_mut(row).iter_mut().zip(other.row(row)).for_each(|(a, b)| *a = (*a + b) / 2.0);
    }
    mean
}

impl Pairs {
    /// The nearest of the pairs that `nearest` makes; with `turned` it is the second sound that was looked from.
    fn nearest(nearest: &[Nearest], count: &[u32], turned: bool) -> Option<Self> {
        let weight = |index: usize| f64::from(count[index]);
        let total: f64 = (0..nearest.len()).map(weight).sum();
        let mut order: Vec<usize> = (0..nearest.len()).collect();
        order.sort_by(|&a, &b| nearest[a].distance_db.total_cmp(&nearest[b].distance_db));
        let (mut taken, mut sum) = (Vec::new(), 0.0);
        for index in order {
            if sum >= NEAREST_SHARE * total {
                break;
            }
            sum += weight(index);
            taken.push(index);
        }
        taken.sort_unstable();
        let pair = |&index: &usize| {
            let other = nearest[index].index;
            if turned { (other, index) } else { (index, other) }
        };
        (!taken.is_empty()).then(|| Self {
            pairs: taken.iter().map(pair).collect(),
            weight: taken.iter().map(|&index| weight(index)).collect(),
        })
    }

    /// Weighted mean of a value of the pairs.
    fn mean(&self, value: impl Fn(usize, usize) -> Vec<f64>) -> Vec<f64> {
        let mut sums: Vec<f64> = Vec::new();
        for (&(one, other), weight) in self.pairs.iter().zip(&self.weight) {
            let value = value(one, other);
            sums.resize(value.len(), 0.0);
            sums.iter_mut().zip(value).for_each(|(sum, value)| *sum += weight * value);
        }
        let total: f64 = self.weight.iter().sum();
        sums.into_iter().map(|sum| sum / total).collect()
    }

    /// How the mean of a value errs.
    fn errors(&self, value: &dyn Fn(usize, usize) -> Vec<f64>, steps: usize) -> Matrix {
        let rows: Vec<Vec<f64>> =
            self.pairs.iter().map(|&(one, other)| value(one, other)).collect();
        of_mean(&parts(&rows, steps))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const BANDS: usize = 20;

    /// Chords that come and go, a step of a scale each; `shift` starts elsewhere in the song.
    pub(crate) fn song(
        moments: usize,
        shift: usize,
        change_db: impl Fn(usize) -> f64,
    ) -> SpectrumFrames {
        let level = |moment: usize, band: usize| {
            let step = ((moment + shift) * 7 % 12) as f64;
            let loud = 6.0 * libm::sin(0.13 * (moment + shift) as f64);
            let away = band as f64 - step;
            -0.5 * band as f64 + loud - 18.0 * (1.0 - libm::exp(-away * away / 8.0))
                + change_db(band)
        };
        let rows = (0..moments).flat_map(|moment| (0..BANDS).map(move |band| (moment, band)));
        SpectrumFrames {
            step_s: 0.4,
            bands: BANDS,
            count: vec![1; moments],
            level_db: rows.map(|(moment, band)| level(moment, band) as f32).collect(),
            side_minus_mid_db: vec![-8.0; moments * BANDS],
            own_distance_db: None,
            quick_spread_db: None,
        }
    }

    #[test]
    fn what_was_done_is_found_though_the_record_plays_other_parts_of_the_song() {
        let done = |band: usize| 4.0 * libm::sin(band as f64 / 3.0);
        let known: Vec<usize> = (0..BANDS).collect();
        let (mix, record) = (song(150, 0, |_| 0.0), song(60, 37, done));
        let found = likeness(&mix, &record, &known, &[0.0; BANDS]).unwrap();
        for (band, change) in found.change_db.iter().enumerate() {
            assert!((change - done(band)).abs() < 1.0, "{band}: {change} {}", done(band));
        }
        assert!(found.kinship < 1.5, "{}", found.kinship);
        let (side, _) = found.side.unwrap();
        assert!(side.iter().all(|db| db.abs() < 1e-6));
    }

    #[test]
    fn a_sound_is_like_itself() {
        let (known, song) = ((0..BANDS).collect::<Vec<_>>(), song(100, 0, |_| 0.0));
        let found = likeness(&song, &song, &known, &[0.0; BANDS]).unwrap();
        assert!(found.change_db.iter().all(|db| db.abs() < 1e-9) && found.kinship < 1e-6);
    }

    #[test]
    fn sounds_without_moments_are_not_compared() {
        let known: Vec<usize> = (0..BANDS).collect();
        let nothing = SpectrumFrames { bands: BANDS, step_s: 0.4, ..Default::default() };
        assert!(likeness(&nothing, &song(50, 0, |_| 0.0), &known, &[0.0; BANDS]).is_none());
    }
}
