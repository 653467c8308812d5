//! As few changes of stems as pay.

use std::collections::BTreeSet;

use argmin::core::{Error, Jacobian, Operator};

use super::STEM_MOVE_DB_MAX;
use super::goal::Goal;
use super::mixture::{Mixture, Turn};
use crate::equalizer::{Band, Limits, Shape};
use crate::solver::{Matrix, minimize};

/// Most changes.
const TURNS_MAX: usize = 5;
/// Most bands on a stem.
const BANDS_MAX: usize = 2;
/// By how much a change of level, and a band, must make what was found likelier: in squares, of which two are a factor of e.
const LEVEL_PAYS: f64 = 8.0;
const BAND_PAYS: f64 = 14.0;
/// The same of a further change of a stem that is changed already: no other stem had to be ruled out for it.
const FURTHER_PAYS: f64 = 2.0;
/// A change is expected to be of this size, dB.
const USUAL_DB: f64 = 3.0;
/// Gain at which a candidate is looked at, dB.
const PROBE_DB: f64 = 1.5;
/// Centres of candidates, Hz; the solver moves them.
const SHELVES_HZ: [(Shape, f64); 5] = [
    (Shape::LowShelf, 120.0),
    (Shape::LowShelf, 300.0),
    (Shape::HighShelf, 1_500.0),
    (Shape::HighShelf, 3_500.0),
    (Shape::HighShelf, 7_000.0),
];
const BELLS_HZ: [f64; 7] = [80.0, 160.0, 320.0, 640.0, 1_300.0, 2_600.0, 5_200.0];
const LIMITS: Limits =
    Limits { freq_hz: (40.0, 14_000.0), gain_db_max: STEM_MOVE_DB_MAX, q: (0.4, 1.6) };
/// Usual Q, and what a factor e away from it costs.
const Q_USUAL: f64 = 0.7;
const Q_PRICE: f64 = 1.0;
/// What a decibel over the bound costs: more than any change is worth.
const OVER_PRICE: f64 = 30.0;
const STEP_MAX: f64 = 0.3;
const ITERATIONS: u64 = 40;
const DIFFERENCE: f64 = 1e-4;

/// Adds one change after another where it explains most, all of them refined together each time, until the next does not pay.
pub(super) fn search(mixture: &Mixture<'_>, movable: usize, goal: &Goal) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    let mut cost = cost_of(mixture, goal, &turns);
    while turns.len() < TURNS_MAX {
        let tried = candidates(mixture, goal, movable, &turns).into_iter().map(|candidate| {
            let price = match &candidate.band {
                _ if turns.iter().any(|turn| turn.stem == candidate.stem) => FURTHER_PAYS,
                Some(_) => BAND_PAYS,
                None => LEVEL_PAYS,
            };
            let mut more = turns.clone();
            more.push(candidate);
            let refined = refine(mixture, goal, &more);
            let reached = cost_of(mixture, goal, &refined);
            (cost - reached - price, reached, refined)
        });
        let best = tried.max_by(|one, other| one.0.total_cmp(&other.0));
        match best {
            Some((paid, reached, refined)) if paid > 0.0 => (cost, turns) = (reached, refined),
            _ => break,
        }
    }
    bounded(mixture, turns)
}

/// What is left over the bound by a price goes: all turns of such a stem by the same share.
fn bounded(mixture: &Mixture<'_>, turns: Vec<Turn>) -> Vec<Turn> {
    let share = |stem: usize| {
        let moved_db = mixture.moved_db(&turns, stem);
        if moved_db > STEM_MOVE_DB_MAX { STEM_MOVE_DB_MAX / moved_db } else { 1.0 }
    };
    let shares: Vec<f64> = turns.iter().map(|turn| share(turn.stem)).collect();
    turns.into_iter().zip(shares).map(|(turn, share)| turn.scaled(share)).collect()
}

/// The best level and the best further band of each stem, by least squares around what is there.
fn candidates(mixture: &Mixture<'_>, goal: &Goal, movable: usize, turns: &[Turn]) -> Vec<Turn> {
    let missing = goal.missing(&mixture.change_db(turns));
    let base = mixture.change_db(turns);
    let gained = |turn: Turn| -> (f64, Turn) {
        let mut more = turns.to_vec();
        more.push(turn.clone());
        let change: Vec<f64> = mixture
            .change_db(&more)
            .iter()
            .zip(&base)
            .map(|(after, before)| after - before)
            .collect();
        let felt = goal.felt(&change);
        let overlap: f64 = felt.iter().zip(&missing).map(|(a, b)| a * b).sum();
        let power: f64 = 1e-9 + felt.iter().map(|a| a * a).sum::<f64>();
        let most = 0.9 * STEM_MOVE_DB_MAX / PROBE_DB;
        let factor = (overlap / power).clamp(-most, most);
        (factor * (2.0 * overlap - factor * power), turn.scaled(factor))
    };
    let count = |stem: usize, bands: bool| {
        turns.iter().filter(|turn| turn.stem == stem && turn.band.is_some() == bands).count()
    };
    let mut found = Vec::new();
    for stem in 0..movable {
        if count(stem, false) == 0 {
            found.push(gained(Turn::level(stem, PROBE_DB)).1);
        }
        if count(stem, true) < BANDS_MAX {
            let bells = BELLS_HZ.iter().map(|&hz| (Shape::Bell, hz));
            let bands = SHELVES_HZ.into_iter().chain(bells).map(|(shape, freq_hz)| {
                let band = Band { shape, freq_hz, gain_db: PROBE_DB, q: Q_USUAL };
                gained(Turn { stem, level_db: 0.0, band: Some(band) })
            });
            let best = bands.max_by(|one, other| one.0.total_cmp(&other.0));
            found.extend(best.map(|(_, turn)| turn));
        }
    }
    found
}

fn cost_of(mixture: &Mixture<'_>, goal: &Goal, turns: &[Turn]) -> f64 {
    residuals(mixture, goal, turns).iter().map(|x| x * x).sum()
}

fn residuals(mixture: &Mixture<'_>, goal: &Goal, turns: &[Turn]) -> Vec<f64> {
    let mut residuals = goal.missing(&mixture.change_db(turns));
    for turn in turns {
        let gain_db = turn.band.as_ref().map_or(turn.level_db, |band| band.gain_db);
        residuals.push(gain_db / USUAL_DB);
        let q = turn.band.as_ref().map_or(Q_USUAL, |band| band.q);
        residuals.push(Q_PRICE * libm::log(q / Q_USUAL));
    }
    // Level and bands of one stem together stay within the bound, too.
    for stem in turns.iter().map(|turn| turn.stem).collect::<BTreeSet<usize>>() {
        let over_db = (mixture.moved_db(turns, stem) - STEM_MOVE_DB_MAX).max(0.0);
        residuals.push(OVER_PRICE * over_db);
    }
    residuals
}

/// All changes together, by Levenberg-Marquardt.
fn refine(mixture: &Mixture<'_>, goal: &Goal, turns: &[Turn]) -> Vec<Turn> {
    let start = turns.iter().flat_map(free).collect();
    let (best, _) = minimize(Problem { mixture, goal, turns }, start, STEP_MAX, ITERATIONS);
    turned(turns, &best)
}

/// The unbounded parameters of a change: one for a level, three for a band.
fn free(turn: &Turn) -> Vec<f64> {
    match &turn.band {
        Some(band) => LIMITS.to_free(band).to_vec(),
        None => vec![libm::atanh((turn.level_db / STEM_MOVE_DB_MAX).clamp(-0.98, 0.98))],
    }
}

fn turned(turns: &[Turn], mut free: &[f64]) -> Vec<Turn> {
    let mut take = |turn: &Turn| {
        let (own, rest) = free.split_at(if turn.band.is_some() { 3 } else { 1 });
        free = rest;
        match &turn.band {
            Some(band) => Turn { band: Some(LIMITS.to_band(band.shape, own)), ..turn.clone() },
            None => Turn::level(turn.stem, STEM_MOVE_DB_MAX * libm::tanh(own[0])),
        }
    };
    turns.iter().map(&mut take).collect()
}

struct Problem<'a> {
    mixture: &'a Mixture<'a>,
    goal: &'a Goal,
    turns: &'a [Turn],
}

impl Operator for Problem<'_> {
    type Param = Vec<f64>;
    type Output = Vec<f64>;

    fn apply(&self, free: &Vec<f64>) -> Result<Vec<f64>, Error> {
        Ok(residuals(self.mixture, self.goal, &turned(self.turns, free)))
    }
}

impl Jacobian for Problem<'_> {
    type Param = Vec<f64>;
    type Jacobian = Matrix;

    fn jacobian(&self, free: &Vec<f64>) -> Result<Matrix, Error> {
        let here = self.apply(free)?;
        let mut jacobian = Matrix::zeros(here.len(), free.len());
        for column in 0..free.len() {
            let mut moved = free.clone();
            moved[column] += DIFFERENCE;
            for (row, (there, here)) in self.apply(&moved)?.iter().zip(&here).enumerate() {
                jacobian.row_mut(row)[column] = (there - here) / DIFFERENCE;
            }
        }
        Ok(jacobian)
    }
}
