//! What the models say for an impulse: run by run, of several lengths and variances.

use std::ops::Range;

use acetate_audio::linear::{Matrix, factorise};
use acetate_audio::prediction::{BlockModels, MODEL_BLOCK};
use acetate_audio::units::db_to_power;

/// Lengths of runs, samples.
const LENGTHS: [usize; 7] = [1, 2, 3, 4, 5, 6, 8];
const LONGEST: usize = 8;
/// Variances of an impulse's samples, dB.
const VARIANCES_DB: [f64; 6] = [-60.0, -54.0, -48.0, -42.0, -36.0, -30.0];
/// Impulses a second that are expected, and the rate that they are expected at.
const EXPECTED_HZ: f64 = 400.0;
const RATE_HZ: f64 = 44_100.0;
/// Runs are no nearer to each other in one pass.
const APART: usize = 20;
/// A run is looked at whose samples, one by one, have this much evidence together.
const WORTH_A_LOOK: f64 = 14.0;

/// Log odds, before anything is seen, that an impulse of one length and variance begins at a sample.
pub(super) fn prior() -> f64 {
    libm::log(EXPECTED_HZ / RATE_HZ / LONGEST as f64 / VARIANCES_DB.len() as f64)
}

/// One variance in one block, all lengths: the factor of fewer samples is the beginning of that of more.
struct Shape {
    factor: Matrix,
    /// Half of ln |I + v P| for each length.
    costs: [f64; LENGTHS.len()],
}

impl Shape {
    fn of(precisions: &Matrix, variance_db: f64) -> Option<Self> {
        let variance = db_to_power(variance_db);
        let mut factor = precisions.clone();
        for n in 0..LONGEST {
            factor.row_mut(n)[n] += 1.0 / variance;
        }
        factorise(&mut factor)?;
        let costs = LENGTHS.map(|length| {
            let diagonal = (0..length).map(|n| libm::log(factor.row(n)[n]));
            diagonal.sum::<f64>() + 0.5 * length as f64 * libm::log(variance)
        });
        Some(Self { factor, costs })
    }

    /// Log odds of each length that there are pulls for.
    fn scores(&self, pulls: &[f64]) -> impl Iterator<Item = (f64, usize)> {
        let explained = explained(&self.factor, pulls);
        let count = pulls.len();
        let lengths =
            LENGTHS.into_iter().zip(self.costs).filter(move |(length, _)| *length <= count);
        lengths.map(move |(length, cost)| (0.5 * explained[length] - cost, length))
    }
}

/// What the first samples explain, as many as the index says, by forward substitution.
fn explained(factor: &Matrix, pulls: &[f64]) -> [f64; LONGEST + 1] {
    let (mut solved, mut explained) = ([0.0; LONGEST], [0.0; LONGEST + 1]);
    for (n, pull) in pulls.iter().enumerate() {
        let row = factor.row(n);
        let dot: f64 = row[..n].iter().zip(&solved).map(|(l, x)| l * x).sum();
        solved[n] = (pull - dot) / row[n];
        explained[n + 1] = explained[n] + solved[n] * solved[n];
    }
    explained
}

/// The shapes of one block, and the most that any of them can say.
struct Shapes {
    each: Vec<Shape>,
    /// Of the precisions alone: no variance explains more.
    factor: Option<Matrix>,
    cost_least: f64,
}

impl Shapes {
    fn at(models: &BlockModels, at: usize) -> Self {
        let places: Vec<usize> = (at..at + LONGEST).collect();
        let precisions = models.precisions(&places);
        let each: Vec<Shape> =
            VARIANCES_DB.into_iter().filter_map(|db| Shape::of(&precisions, db)).collect();
        let cost_least = each.iter().flat_map(|shape| shape.costs).fold(f64::INFINITY, f64::min);
        let mut factor = precisions;
        let factor = factorise(&mut factor).map(|_| factor);
        Self { each, factor, cost_least }
    }

    /// No less than the log odds of any of them.
    fn most(&self, pulls: &[f64]) -> f64 {
        let most = |factor| explained(factor, pulls)[pulls.len()];
        0.5 * self.factor.as_ref().map_or(f64::INFINITY, most) - self.cost_least
    }
}

/// Runs of which the log odds exceed `limit` and are the highest nearby. `pulls` are those of the sound as it is.
pub(super) fn runs(models: &BlockModels, pulls: &[f64], limit: f64) -> Vec<Range<usize>> {
    let (count, prior) = (pulls.len(), prior());
    let mut scores: Vec<(f64, usize)> = vec![(f64::NEG_INFINITY, 0); count];
    for block in (0..count).step_by(MODEL_BLOCK) {
        let middle = (block + MODEL_BLOCK / 2).min(count - models.order() - LONGEST);
        let power = 1.0 / models.precision(middle, middle);
        let mut shapes = None;
        for n in block..count.min(block + MODEL_BLOCK) {
            let near = &pulls[n..count.min(n + LONGEST)];
            if near.iter().map(|g| g * g).sum::<f64>() * power < WORTH_A_LOOK {
                continue;
            }
            let shapes = shapes.get_or_insert_with(|| Shapes::at(models, middle));
            if shapes.most(near) + prior <= limit {
                continue;
            }
            for (score, length) in shapes.each.iter().flat_map(|shape| shape.scores(near)) {
                if score + prior > scores[n].0 {
                    scores[n] = (score + prior, length);
                }
            }
        }
    }
    let highest = |n: usize| {
        let near = &scores[n.saturating_sub(APART)..count.min(n + APART + 1)];
        near.iter().all(|other| other.0 <= scores[n].0)
    };
    let found = (0..count).filter(|&n| scores[n].0 > limit && highest(n));
    found.map(|n| n..n + scores[n].1).collect()
}
