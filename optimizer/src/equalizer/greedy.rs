//! How many bands, and where they start.

use super::goal::Goal;
use super::model::{Band, BandProblem, Limits, Price, Shape, total_response};
use crate::solver::minimize;

/// What the bands may be, and what one more has to bring.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BandBudget {
    /// Most bands.
    pub(crate) bands_max: usize,
    /// No band with more gain than this.
    pub(crate) gain_db_max: f64,
    /// Narrowest and widest.
    pub(crate) q: (f64, f64),
    /// Lowest and highest centre.
    pub(crate) freq_hz: (f64, f64),
    /// By how much of the weighted rms error a further band must bring it down, in dB.
    pub(crate) pays_db: f64,
    /// A goal that is nearer than this already needs no band.
    pub(crate) enough_db: f64,
    /// Price of gain, see [`Price`].
    pub(crate) gain_price: f64,
}

/// Bands, and what they leave.
#[derive(Clone, Debug)]
pub(crate) struct FittedBands {
    pub(crate) bands: Vec<Band>,
    /// Level change that is left to the drive, in dB.
    pub(crate) offset_db: f64,
    /// Wanted minus reached per third octave, in dB.
    pub(crate) left_db: Vec<f64>,
    /// Why the last solver run stopped.
    pub(crate) stopped: &'static str,
}

/// Gain at which a candidate's shape is looked at: small enough to be linear in dB.
const PROBE_DB: f64 = 3.0;
/// Widths that candidates start from; the solver refines them.
const START_Q: [f64; 5] = [0.5, 0.9, 1.6, 3.0, 6.0];
/// Largest step of a free parameter in one iteration: 7 dB at a bound of 24, half an octave, a third of a factor e in Q.
const STEP_MAX: f64 = 0.3;
/// Bands that are tried beyond one that does not pay.
const PATIENCE: usize = 2;
const ITERATIONS_WHILE_ADDING: u64 = 12;
const ITERATIONS_AT_THE_END: u64 = 60;

impl BandBudget {
    fn limits(&self) -> Limits {
        Limits { freq_hz: self.freq_hz, gain_db_max: self.gain_db_max, q: self.q }
    }

    fn price(&self) -> Price {
        Price { gain: self.gain_price, q: 0.02, q_usual: 1.0 }
    }
}

/// Adds one band after another where it brings most, refining all of them each time, until the next one does not pay.
///
/// Candidates are bells on a fixed grid (and one shelf at each end), each with its best gain by linear least squares: the
/// convex part. Levenberg-Marquardt then moves frequency, gain and Q of all bands together.
///
/// A wish beyond the bound of the gain can stop that early, with every band at its bound and no next one that pays: bands for
/// half the wish are tried as another start (continuation; Allgower & Georg, 1990), and taken when they bring more.
pub(crate) fn fit_bands(goal: &Goal, budget: &BandBudget) -> FittedBands {
    let grown = grow(goal, budget);
    let half = goal.scaled(0.5);
    let started = grow(&half, budget);
    let continued = refine_bands(goal, budget, started.bands, 2.0 * started.offset_db);
    let cost_db = |fitted: &FittedBands| {
        goal.rms_db(&fitted.left_db) + budget.pays_db * fitted.bands.len() as f64
    };
    if cost_db(&continued) < cost_db(&grown) { continued } else { grown }
}

fn grow(goal: &Goal, budget: &BandBudget) -> FittedBands {
    let mut best = leftover(goal, Vec::new(), free_offset(goal, &vec![0.0; goal.count()]));
    let mut error_db = goal.rms_db(&best.left_db);
    // Two bands together can pay where the first alone does not (a narrow hump on a broad one).
    let mut patience = PATIENCE;
    let mut trial = best.clone();
    while trial.bands.len() < budget.bands_max && error_db > budget.enough_db {
        let Some(candidate) = best_candidate(goal, budget, &trial) else { break };
        let mut bands = trial.bands.clone();
        bands.push(candidate);
        trial = refine(goal, budget, bands, trial.offset_db, ITERATIONS_WHILE_ADDING);
        let trial_error_db = goal.rms_db(&trial.left_db);
        let added = trial.bands.len() - best.bands.len();
        if error_db - trial_error_db >= budget.pays_db * added as f64 {
            best = trial.clone();
            error_db = trial_error_db;
            patience = PATIENCE;
        } else if patience > 0 {
            patience -= 1;
        } else {
            break;
        }
    }
    refine_bands(goal, budget, best.bands, best.offset_db)
}

/// Bands of one shape nearer than this are one band that is written twice: a sixth of an octave.
const TWIN_RATIO: f64 = 1.122;

/// The bands with the first two twins made one, within the bound of its gain; `None` when there are none. Two bands in one
/// place would be a way around the bound.
fn without_twin(bands: &[Band], gain_db_max: f64) -> Option<Vec<Band>> {
    let twins = |one: &Band, other: &Band| {
        let ratio = one.freq_hz / other.freq_hz;
        one.shape == other.shape && ratio.max(1.0 / ratio) < TWIN_RATIO
    };
    let pairs = (0..bands.len()).flat_map(|one| (one + 1..bands.len()).map(move |two| (one, two)));
    let (one, two) = pairs.into_iter().find(|&(one, two)| twins(&bands[one], &bands[two]))?;
    let mut merged = bands.to_vec();
    let other = merged.remove(two);
    let gain_db = merged[one].gain_db + other.gain_db;
    merged[one].gain_db = gain_db.clamp(-0.98 * gain_db_max, 0.98 * gain_db_max);
    Some(merged)
}

/// Moves given bands to where they fit best, those that meet in one place made one.
pub(crate) fn refine_bands(
    goal: &Goal,
    budget: &BandBudget,
    bands: Vec<Band>,
    offset_db: f64,
) -> FittedBands {
    if bands.is_empty() {
        return leftover(goal, bands, free_offset(goal, &vec![0.0; goal.count()]));
    }
    let mut fitted = refine(goal, budget, bands, offset_db, ITERATIONS_AT_THE_END);
    while let Some(bands) = without_twin(&fitted.bands, budget.gain_db_max) {
        fitted = refine(goal, budget, bands, fitted.offset_db, ITERATIONS_AT_THE_END);
    }
    fitted
}

fn refine(
    goal: &Goal,
    budget: &BandBudget,
    bands: Vec<Band>,
    offset_db: f64,
    iterations: u64,
) -> FittedBands {
    let shapes: Vec<Shape> = bands.iter().map(|band| band.shape).collect();
    let reader = problem(goal, budget, shapes.clone());
    let start = reader.start(&bands, offset_db);
    let (free, stopped) = minimize(problem(goal, budget, shapes), start, STEP_MAX, iterations);
    let bands = reader.bands(&free);
    let offset_db = reader.offset_db(&free);
    FittedBands { stopped, ..leftover(goal, bands, offset_db) }
}

/// Bands of these shapes against the goal, within the budget.
pub(super) fn problem<'a>(
    goal: &'a Goal,
    budget: &BandBudget,
    shapes: Vec<Shape>,
) -> BandProblem<'a> {
    BandProblem { goal, shapes, limits: budget.limits(), price: budget.price() }
}

fn leftover(goal: &Goal, bands: Vec<Band>, offset_db: f64) -> FittedBands {
    let responses: Vec<Vec<f64>> = bands
        .iter()
        .map(|band| goal.cells.hz.iter().map(|&hz| band.response_db(hz)).collect())
        .collect();
    let levels = goal.cells.levels_db(&total_response(&responses, goal.cells.hz.len()));
    let left_db = goal
        .wanted_db
        .iter()
        .zip(&levels)
        .map(|(wanted, level)| wanted - level - offset_db)
        .collect();
    FittedBands { bands, offset_db, left_db, stopped: "no band pays" }
}

/// The level change that fits best when the bands do `levels_db`.
fn free_offset(goal: &Goal, levels_db: &[f64]) -> f64 {
    goal.offset_db.unwrap_or_else(|| {
        let total: f64 = goal.weight.iter().sum();
        let sum: f64 = goal
            .wanted_db
            .iter()
            .zip(levels_db)
            .zip(&goal.weight)
            .map(|((wanted, level), weight)| weight * (wanted - level))
            .sum();
        if total > 0.0 { sum / total } else { 0.0 }
    })
}

fn best_candidate(goal: &Goal, budget: &BandBudget, fitted: &FittedBands) -> Option<Band> {
    let has = |shape| fitted.bands.iter().any(|band| band.shape == shape);
    let bells = goal.cells.hz.iter().flat_map(|&hz| {
        START_Q.iter().map(move |&q| Band { shape: Shape::Bell, freq_hz: hz, gain_db: PROBE_DB, q })
    });
    let shelves = goal.cells.hz.iter().flat_map(|&hz| {
        [(Shape::LowShelf, hz < 500.0), (Shape::HighShelf, hz > 2_000.0)]
            .into_iter()
            .filter(|(shape, there)| *there && !has(*shape))
            .map(move |(shape, _)| Band { shape, freq_hz: hz, gain_db: PROBE_DB, q: 0.7 })
    });
    bells
        .chain(shelves)
        .filter(|band| band.q >= budget.q.0 && band.q <= budget.q.1)
        .filter(|band| band.freq_hz > budget.freq_hz.0 && band.freq_hz < budget.freq_hz.1)
        .map(|band| with_best_gain(goal, budget, fitted, band))
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .filter(|(gain, _)| *gain > 0.0)
        .map(|(_, band)| band)
}

/// By how much `band` lowers the weighted square error at its best gain.
fn with_best_gain(
    goal: &Goal,
    budget: &BandBudget,
    fitted: &FittedBands,
    band: Band,
) -> (f64, Band) {
    let response: Vec<f64> = goal.cells.hz.iter().map(|&hz| band.response_db(hz)).collect();
    let shape = goal.cells.levels_db(&response);
    let mean = if goal.offset_db.is_none() { weighted_mean(&shape, &goal.weight) } else { 0.0 };
    let left_mean =
        if goal.offset_db.is_none() { weighted_mean(&fitted.left_db, &goal.weight) } else { 0.0 };
    let (mut overlap, mut power) = (0.0, 1e-9);
    for ((level, left), weight) in shape.iter().zip(&fitted.left_db).zip(&goal.weight) {
        overlap += weight * (level - mean) * (left - left_mean);
        power += weight * (level - mean) * (level - mean);
    }
    let most = budget.gain_db_max * 0.9 / PROBE_DB;
    let factor = (overlap / power).clamp(-most, most);
    let gain = factor * (2.0 * overlap - factor * power);
    (gain, Band { gain_db: band.gain_db * factor, ..band })
}

fn weighted_mean(values: &[f64], weights: &[f64]) -> f64 {
    let total: f64 = weights.iter().sum();
    if total == 0.0 {
        return 0.0;
    }
    values.iter().zip(weights).map(|(value, weight)| value * weight).sum::<f64>() / total
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::goal::Cells;
    use super::*;

    fn centres() -> Vec<f64> {
        (14..=42).map(|n| libm::exp10(f64::from(n) / 10.0)).collect()
    }

    /// What those bands do, as a goal.
    pub(in super::super) fn goal_of(bands: &[Band]) -> Goal {
        let cells = Cells::even(&centres());
        let count = cells.count();
        let mut goal = Goal::new(cells, vec![0.0; count], vec![1.0; count]);
        let left = leftover(&goal, bands.to_vec(), 0.0).left_db;
        goal.wanted_db = left.iter().map(|db| -db).collect();
        goal
    }

    pub(in super::super) const BUDGET: BandBudget = BandBudget {
        bands_max: 8,
        gain_db_max: 12.0,
        q: (0.3, 6.0),
        freq_hz: (20.0, 20_000.0),
        pays_db: 0.08,
        enough_db: 0.1,
        gain_price: 1e-4,
    };

    pub(in super::super) fn bell(freq_hz: f64, gain_db: f64, q: f64) -> Band {
        Band { shape: Shape::Bell, freq_hz, gain_db, q }
    }

    #[test]
    fn a_flat_goal_needs_no_band() {
        let mut goal = goal_of(&[]);
        goal.wanted_db.iter_mut().for_each(|db| *db += 7.5);
        let fitted = fit_bands(&goal, &BUDGET);
        assert!(fitted.bands.is_empty());
        assert!((fitted.offset_db - 7.5).abs() < 1e-9);
    }

    #[test]
    fn one_bell_is_found_again_as_one_bell() {
        let fitted = fit_bands(&goal_of(&[bell(800.0, -4.0, 1.1)]), &BUDGET);
        assert_eq!(fitted.bands.len(), 1, "{fitted:?}");
        let found = fitted.bands[0];
        assert!((found.freq_hz / 800.0 - 1.0).abs() < 0.02, "{found:?}");
        assert!((found.gain_db + 4.0).abs() < 0.1, "{found:?}");
    }

    #[test]
    fn three_bands_are_followed_within_a_fifth_of_a_decibel() {
        let goal = goal_of(&[
            bell(120.0, 5.0, 0.9),
            bell(2_500.0, -6.0, 2.0),
            Band { shape: Shape::HighShelf, freq_hz: 8_000.0, gain_db: 4.0, q: 0.7 },
        ]);
        let fitted = fit_bands(&goal, &BUDGET);
        assert!(fitted.bands.len() <= 5, "{fitted:?}");
        assert!(goal.rms_db(&fitted.left_db) < 0.2, "{fitted:?}");
    }

    #[test]
    fn no_gain_passes_its_bound() {
        let budget = BandBudget { gain_db_max: 3.0, ..BUDGET };
        let fitted = fit_bands(&goal_of(&[bell(1_000.0, 11.0, 1.0)]), &budget);
        assert!(fitted.bands.iter().all(|band| band.gain_db.abs() <= 3.0), "{fitted:?}");
    }

    #[test]
    fn no_two_bands_stand_in_one_place_to_get_around_the_bound() {
        let budget = BandBudget { gain_db_max: 6.0, ..BUDGET };
        let fitted = fit_bands(&goal_of(&[bell(40.0, -15.0, 1.0)]), &budget);
        assert_eq!(without_twin(&fitted.bands, 6.0), None, "{fitted:?}");
        let twice = [bell(40.0, -4.0, 1.0), bell(500.0, 1.0, 1.0), bell(41.0, -4.0, 1.0)];
        let once = without_twin(&twice, 6.0).unwrap();
        assert_eq!(once.len(), 2);
        assert!((once[0].gain_db + 5.88).abs() < 1e-9, "{once:?}");
    }

    #[test]
    fn a_wish_far_beyond_the_bound_is_followed_further_from_bands_for_half_of_it() {
        let budget = BandBudget { gain_db_max: 6.0, q: (0.35, 2.5), ..BUDGET };
        for (freq_hz, gain_db) in [(80.0, -18.0), (480.0, -18.0), (3_100.0, -20.0)] {
            let goal = goal_of(&[bell(freq_hz, gain_db, 1.0)]);
            let left_db = |fitted: FittedBands| goal.rms_db(&fitted.left_db);
            let (at_once, by_halves) =
                (left_db(grow(&goal, &budget)), left_db(fit_bands(&goal, &budget)));
            assert!(by_halves < at_once - 0.5, "{freq_hz} Hz: {at_once} and {by_halves} dB");
        }
    }

    #[test]
    fn what_has_no_weight_is_not_followed() {
        let mut goal = goal_of(&[]);
        goal.wanted_db[0] = 30.0;
        goal.weight[0] = 0.0;
        assert!(fit_bands(&goal, &BUDGET).bands.is_empty());
    }
}
