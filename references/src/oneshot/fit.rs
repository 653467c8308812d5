//! Learning the model from records: expectation and maximisation with covariances shrunk towards the pooled one.

use acetate_audio::threads;
use rand::seq::index::sample;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256Plus;

use super::certainty::{Line, drawn};
use super::model::{
    Axes, Directions, Faults, MODEL_SCHEMA, Model, ToneSize, density_covariance, less,
    tone_covariance,
};
use crate::signs::{Nine, Signs};
use crate::style::mixture::{Gaussian, Mixture, cholesky};
use crate::style::principal::principal;
use crate::style::sample::percentile;

/// What the fit is made with. The default is what the shipped model was made with, chosen by ten folds (docs/oneshot.md).
#[derive(Clone, Debug, PartialEq)]
pub struct FitChoices {
    /// Gaussians of one fit.
    pub parts: usize,
    /// Fits from other starts, which are averaged: where they differ, nothing is sure.
    pub fits: u64,
    /// Principal components of the quick spreads, of the spreads of the side and of side less mid.
    pub components: [usize; 3],
    /// Weight of the wide parts together.
    pub other_weight: f64,
    /// Their shares, and their covariance over the pooled one.
    pub other_parts: Vec<(f64, f64)>,
    /// What may be wrong.
    pub faults: Faults,
}

impl Default for FitChoices {
    fn default() -> Self {
        Self {
            parts: 6,
            fits: 8,
            components: [5, 4, 6],
            other_weight: 0.6,
            other_parts: vec![(0.6, 1.3), (0.4, 4.0)],
            faults: Faults {
                tone_share: 0.3,
                density_share: 0.3,
                tone_sizes: vec![
                    ToneSize { share: 0.6, std_db: 3.5 },
                    ToneSize { share: 0.4, std_db: 6.5 },
                ],
                tone_certainty: Line::AS_SAID,
                density_certainty: Line::AS_SAID,
            },
        }
    }
}

/// How many records the pooled covariance counts for, and by how many counts a covariance of a part is divided besides its own.
const POOLED_RECORDS: f64 = 6.0;
const COUNTS_ADDED: f64 = 20.0;
/// Added to every variance: meters, and what a song is by chance.
const VARIANCE_ADDED: f64 = 0.3;
/// Rounds of each fit.
const ROUNDS: usize = 60;
/// Share of unseen records that are taken for unlike the others.
const UNLIKELY: f64 = 0.02;
/// Folds of the density that unseen records have.
const FOLDS: usize = 10;

/// Fits the model.
///
/// # Panics
/// With fewer than twenty records, or records that lack signs: these are the statistics the program is made with.
pub fn fit(records: &[Signs], source: &str, choices: &FitChoices) -> Model {
    let mut model = fit_once(records, source, choices);
    let folds: Vec<usize> = (0..FOLDS).collect();
    let unseen = threads::map(&folds, |_, &fold| {
        let (held_out, known): (Vec<_>, Vec<_>) =
            records.iter().enumerate().partition(|(index, _)| index % FOLDS == fold);
        let known: Vec<Signs> = known.into_iter().map(|(_, signs)| signs.clone()).collect();
        let held_out: Vec<&Signs> = held_out.into_iter().map(|(_, signs)| signs).collect();
        unseen(&fit_once(&known, source, choices), &held_out, fold as u64)
    });
    let unseen: Vec<Unseen> = unseen.into_iter().flatten().collect();
    let mut densities: Vec<f64> = unseen.iter().map(|unseen| unseen.log_density).collect();
    densities.sort_by(f64::total_cmp);
    model.unlikely_below = percentile(&densities, UNLIKELY).unwrap_or(f64::NEG_INFINITY);
    let line = |family: usize, share: f64| {
        let each = unseen.iter().map(|unseen| unseen.probabilities[family]);
        let cases =
            each.flat_map(|[right, bent]| [(right, false, 1.0 - share), (bent, true, share)]);
        Line::through(&cases.collect::<Vec<_>>())
    };
    model.faults.tone_certainty = line(0, choices.faults.tone_share);
    model.faults.density_certainty = line(1, choices.faults.density_share);
    model
}

/// What a model says of a record it has not seen.
struct Unseen {
    log_density: f64,
    /// That tone and density are wrong, of the record and of the record with faults.
    probabilities: [[f64; 2]; 2],
}

fn unseen(model: &Model, records: &[&Signs], seed: u64) -> Vec<Unseen> {
    let mut random = Xoshiro256Plus::seed_from_u64(seed);
    let mut each = |signs: &&Signs| {
        let sizes = &model.faults.tone_sizes;
        let mut chance: f64 = random.gen_range(0.0..1.0);
        let size = sizes.iter().find(|size| {
            chance -= size.share;
            chance < 0.0
        });
        let std_db = size.or(sizes.last()).map_or(0.0, |size| size.std_db);
        let tone_db = drawn(tone_covariance(std_db), &mut random);
        let bent = signs.bent(&tone_db, &drawn(density_covariance(), &mut random));
        let (right, bent) = (model.belief(signs), model.belief(&bent));
        Unseen {
            log_density: right.log_density,
            probabilities: [
                [right.tone.probability, bent.tone.probability],
                [right.density.probability, bent.density.probability],
            ],
        }
    };
    records.iter().map(&mut each).collect()
}

/// The same without the density of unseen records.
pub fn fit_once(records: &[Signs], source: &str, choices: &FitChoices) -> Model {
    let axes = axes(records, choices.components);
    let points: Vec<Vec<f64>> = records.iter().map(|signs| axes.point(signs).values).collect();
    let pooled = covariance(&points, &mean(&points));
    let seeds: Vec<u64> = (0..choices.fits).collect();
    let fits = threads::map(&seeds, |_, &seed| mixture(&points, &pooled, choices.parts, seed));
    let share = (1.0 - choices.other_weight) / choices.fits as f64;
    let mut parts: Vec<Gaussian> = fits.into_iter().flatten().collect();
    parts.iter_mut().for_each(|part| part.weight *= share);
    for &(share, wider) in &choices.other_parts {
        let wide = |row: usize, column: usize| wider * pooled[row][column] + ridge(row, column);
        let weight = choices.other_weight * share;
        parts.push(gaussian(weight, mean(&points), wide));
    }
    Model {
        schema: MODEL_SCHEMA.into(),
        source: source.into(),
        records: records.len(),
        axes,
        mixture: Mixture { parts },
        wide_parts: choices.other_parts.len(),
        own_parts: 0,
        faults: choices.faults.clone(),
        unlikely_below: f64::NEG_INFINITY,
    }
}

fn axes(records: &[Signs], [quick, side_spread, side_minus_mid]: [usize; 3]) -> Axes {
    let rows = |value: &dyn Fn(&Signs) -> Option<Nine>| -> Vec<Nine> {
        records.iter().map(|signs| value(signs).expect("the statistics have all signs")).collect()
    };
    Axes {
        quick: directions(&rows(&|s| Some(less(&s.quick?, &s.spread))), quick),
        side_spread: directions(
            &rows(&|s| Some(less(&s.side.as_ref()?.spread, &s.spread))),
            side_spread,
        ),
        side_minus_mid: directions(&rows(&|s| Some(s.side.as_ref()?.minus_mid_db)), side_minus_mid),
    }
}

fn directions(rows: &[Nine], count: usize) -> Directions {
    let mean: Nine = std::array::from_fn(|band| {
        rows.iter().map(|row| row[band]).sum::<f64>() / rows.len() as f64
    });
    let centred: Vec<Vec<f64>> = rows.iter().map(|row| less(row, &mean).to_vec()).collect();
    let found = principal(&centred, count).expect("finite rows, and more than two of them");
    let unit = |along: Vec<f64>| -> Nine { std::array::from_fn(|band| thousandth(along[band])) };
    Directions {
        mean: mean.map(thousandth),
        along: found.directions.into_iter().map(unit).collect(),
    }
}

pub(super) fn mean(points: &[Vec<f64>]) -> Vec<f64> {
    let of = |axis: usize| points.iter().map(|p| p[axis]).sum::<f64>() / points.len() as f64;
    (0..points[0].len()).map(of).collect()
}

fn covariance(points: &[Vec<f64>], mean: &[f64]) -> Vec<Vec<f64>> {
    weighted_squares(points, mean, |_| 1.0 / (points.len() - 1) as f64)
}

/// The lower triangle of a weighted sum of squares around `mean`.
pub(super) fn weighted_squares(
    points: &[Vec<f64>],
    mean: &[f64],
    weight: impl Fn(usize) -> f64,
) -> Vec<Vec<f64>> {
    let mut sums: Vec<Vec<f64>> = (0..mean.len()).map(|row| vec![0.0; row + 1]).collect();
    for (index, point) in points.iter().enumerate() {
        let weight = weight(index);
        let q: Vec<f64> = point.iter().zip(mean).map(|(value, mean)| value - mean).collect();
        for (row, sums) in sums.iter_mut().enumerate() {
            let left = weight * q[row];
            sums.iter_mut().zip(&q).for_each(|(sum, right)| *sum += left * right);
        }
    }
    sums
}

fn ridge(row: usize, column: usize) -> f64 {
    if row == column { VARIANCE_ADDED } else { 0.0 }
}

pub(super) fn gaussian(
    weight: f64,
    mean: Vec<f64>,
    entry: impl Fn(usize, usize) -> f64,
) -> Gaussian {
    let rows = cholesky(mean.len(), entry).expect("a ridge was added").into_iter();
    Gaussian {
        weight,
        cholesky: rows.map(|row| row.into_iter().map(thousandth).collect()).collect(),
        mean: mean.into_iter().map(thousandth).collect(),
    }
}

/// One fit from a start of its own.
fn mixture(points: &[Vec<f64>], pooled: &[Vec<f64>], parts: usize, seed: u64) -> Vec<Gaussian> {
    let mut random = Xoshiro256Plus::seed_from_u64(seed);
    let start = sample(&mut random, points.len(), parts);
    let around = |row: usize, column: usize| pooled[row][column] + ridge(row, column);
    let mut kinds: Vec<Gaussian> = start
        .iter()
        .map(|record| gaussian(1.0 / parts as f64, points[record].clone(), around))
        .collect();
    for _ in 0..ROUNDS {
        let shares: Vec<Vec<f64>> = points.iter().map(|point| shares(&kinds, point)).collect();
        kinds = (0..parts)
            .map(|kind| {
                let count = shares.iter().map(|shares| shares[kind]).sum::<f64>() + 1e-9;
                let of = |axis: usize| {
                    let each = points.iter().zip(&shares);
                    each.map(|(point, shares)| shares[kind] * point[axis]).sum::<f64>() / count
                };
                let mean: Vec<f64> = (0..points[0].len()).map(of).collect();
                let squares = weighted_squares(points, &mean, |index| shares[index][kind]);
                let entry = |row: usize, column: usize| {
                    let sum = squares[row][column] + POOLED_RECORDS * pooled[row][column];
                    sum / (count + COUNTS_ADDED) + ridge(row, column)
                };
                gaussian(count / points.len() as f64, mean, entry)
            })
            .collect();
    }
    kinds
}

/// How much a record belongs to each kind.
fn shares(kinds: &[Gaussian], point: &[f64]) -> Vec<f64> {
    let logs: Vec<f64> =
        kinds.iter().map(|kind| libm::log(kind.weight) + kind.log_density(point)).collect();
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let each: Vec<f64> = logs.iter().map(|log| libm::exp(log - largest)).collect();
    let total: f64 = each.iter().sum();
    each.into_iter().map(|share| share / total).collect()
}

/// As it is shipped.
fn thousandth(value: f64) -> f64 {
    libm::round(value * 1e3) / 1e3
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::bands::WIDE_BANDS;
    use crate::oneshot::{MOVED, SideSigns};

    /// Records around a tilt, each a little different.
    pub(in crate::oneshot) fn record(seed: u64) -> Signs {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut wander = move || {
            (0..12)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    (state >> 33) as f64 / f64::from(1u32 << 31)
                })
                .sum::<f64>()
                - 6.0
        };
        let mut nine = |middle: f64, by: f64| -> Nine {
            std::array::from_fn(|band| middle - 0.2 * band as f64 + by * wander())
        };
        let side = SideSigns { minus_mid_db: nine(-8.0, 2.0), spread: nine(16.0, 1.0) };
        let plain = Signs {
            tone_db: nine(0.0, 0.8),
            spread: nine(16.0, 1.0),
            quick: Some(nine(18.0, 1.0)),
            side: Some(side),
        };
        plain.bent(&[0.0; WIDE_BANDS], &[0.0; WIDE_BANDS])
    }

    pub(in crate::oneshot) fn fitted() -> Model {
        let records: Vec<Signs> = (0..120).map(record).collect();
        let choices = FitChoices { parts: 2, fits: 2, ..FitChoices::default() };
        fit_once(&records, "a test", &choices)
    }

    #[test]
    fn a_bent_record_is_known_for_one_and_straightened_and_a_straight_one_is_left() {
        let model = fitted();
        let straight = record(1_000);
        let believed = model.belief(&straight);
        assert!(believed.tone.probability < 0.5, "{}", believed.tone.probability);
        // A broad curve, as faults are taken to be.
        let bend: Nine = [6.0, 5.0, 3.0, 0.0, -2.0, -3.0, -3.0, -3.0, -3.0];
        let believed = model.belief(&straight.bent(&bend, &[0.0; WIDE_BANDS]));
        assert!(believed.tone.probability > 0.95, "{}", believed.tone.probability);
        for (found, planted) in believed.tone.mean.iter().zip(bend) {
            assert!((found - planted).abs() < 2.0, "{believed:?}");
        }
        assert!(believed.density.probability < 0.5);
    }

    #[test]
    fn mono_is_judged_by_what_it_has() {
        let model = fitted();
        let mut mono = record(1_001);
        mono.side = None;
        mono.quick = None;
        assert!(model.belief(&mono).tone.probability < 0.5);
        let squeezed = mono.bent(&[0.0; WIDE_BANDS], &[6.0; WIDE_BANDS]);
        assert!(model.belief(&squeezed).density.probability > 0.5);
    }

    #[test]
    fn the_same_records_give_the_same_model() {
        assert_eq!(fitted(), fitted());
        assert!(fitted().axes.dimensions() > MOVED);
    }
}
