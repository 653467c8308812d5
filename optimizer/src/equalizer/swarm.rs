//! A wider search for bands: a particle swarm around what the greedy search found.

use argmin::core::{CostFunction, Error, Executor, Operator, PopulationState};
use argmin::solver::particleswarm::{Particle, ParticleSwarm};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use swarm_rand::SeedableRng as _;

use super::goal::Goal;
use super::greedy::{BandBudget, FittedBands, problem, refine_bands};
use super::model::{Band, BandProblem};

/// Particles and the steps they take; the swarm has settled after about half of them.
const PARTICLES: usize = 40;
const ITERATIONS: u64 = 60;
/// How far around the start the particles begin, in free parameters: 1.5 is about two octaves, or half the bound of gain.
const REACH: f64 = 1.5;
/// Free parameters beyond this are at the ends of their ranges.
const FREE_MAX: f64 = 5.0;

impl CostFunction for BandProblem<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, free: &Vec<f64>) -> Result<f64, Error> {
        Ok(self.apply(free)?.iter().map(|residual| residual * residual).sum())
    }
}

/// Bands that leave less than `start` does, or do as well with fewer (Kennedy & Eberhart, ICNN 1995; refined by
/// Levenberg-Marquardt); `start` itself when there are none.
pub(crate) fn search_bands(
    goal: &Goal,
    budget: &BandBudget,
    start: FittedBands,
    seed: u64,
) -> FittedBands {
    if start.bands.is_empty() {
        return start;
    }
    let error_db = |fitted: &FittedBands| goal.rms_db(&fitted.left_db);
    let swarmed = swarm(goal, budget, &start, seed);
    let mut best = if error_db(&swarmed) < error_db(&start) { swarmed } else { start };
    // A band that hardly pays is dropped when the others can take over what it did.
    while best.bands.len() > 1 {
        let fewer = swarm(goal, budget, &without_weakest(goal, budget, &best), seed);
        if error_db(&fewer) > error_db(&best) + budget.pays_db {
            break;
        }
        best = fewer;
    }
    best
}

/// The bands without the one that is missed least.
fn without_weakest(goal: &Goal, budget: &BandBudget, fitted: &FittedBands) -> FittedBands {
    let without = |index: usize| {
        let mut bands: Vec<Band> = fitted.bands.clone();
        bands.remove(index);
        refine_bands(goal, budget, bands, fitted.offset_db)
    };
    let error_db = |fitted: &FittedBands| goal.rms_db(&fitted.left_db);
    (0..fitted.bands.len())
        .map(without)
        .min_by(|one, other| error_db(one).total_cmp(&error_db(other)))
        .expect("there is a band to leave out")
}

fn swarm(goal: &Goal, budget: &BandBudget, start: &FittedBands, seed: u64) -> FittedBands {
    let shapes: Vec<_> = start.bands.iter().map(|band| band.shape).collect();
    let reader = problem(goal, budget, shapes.clone());
    let centre = reader.start(&start.bands, start.offset_db);
    let population = population(&reader, &centre, seed);
    let ends = (vec![-FREE_MAX; centre.len()], vec![FREE_MAX; centre.len()]);
    let solver = ParticleSwarm::new(ends, PARTICLES)
        .with_rng_generator(swarm_rand::rngs::StdRng::seed_from_u64(seed));
    let found = Executor::new(problem(goal, budget, shapes), solver)
        .configure(|state: PopulationState<Particle<Vec<f64>, f64>, f64>| {
            state.population(population).max_iters(ITERATIONS)
        })
        .timer(false)
        .run();
    let free = found.ok().and_then(|result| result.state.best_individual).map(|best| best.position);
    let free = free.unwrap_or(centre);
    let refined = refine_bands(goal, budget, reader.bands(&free), reader.offset_db(&free));
    FittedBands { stopped: "particle swarm, then converged", ..refined }
}

/// The start itself and particles around it.
fn population(problem: &BandProblem, centre: &[f64], seed: u64) -> Vec<Particle<Vec<f64>, f64>> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..PARTICLES)
        .map(|particle| {
            let reach = if particle == 0 { 0.0 } else { REACH };
            let mut around = |middle: f64| {
                (middle + reach * random.gen_range(-1.0..1.0)).clamp(-FREE_MAX, FREE_MAX)
            };
            let position: Vec<f64> = centre.iter().map(|&middle| around(middle)).collect();
            let velocity = centre.iter().map(|_| around(0.0) / 2.0).collect();
            let cost = problem.cost(&position).unwrap_or(f64::INFINITY);
            Particle::new(position, cost, velocity)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::greedy::fit_bands;
    use super::super::greedy::tests::{BUDGET, bell, goal_of};
    use super::*;

    fn wanted() -> Goal {
        goal_of(&[
            bell(90.0, 5.0, 0.8),
            bell(300.0, -4.0, 1.2),
            bell(1_200.0, 3.5, 1.0),
            bell(4_000.0, -5.0, 1.6),
            bell(9_000.0, 4.0, 0.7),
        ])
    }

    #[test]
    fn a_swarm_leaves_no_more_than_the_greedy_search_or_needs_fewer_bands() {
        let goal = wanted();
        let greedy = fit_bands(&goal, &BUDGET);
        let found = search_bands(&goal, &BUDGET, greedy.clone(), 1);
        let error_db = |fitted: &FittedBands| goal.rms_db(&fitted.left_db);
        let dropped = greedy.bands.len() - found.bands.len();
        assert!(error_db(&found) <= error_db(&greedy) + BUDGET.pays_db * dropped as f64);
        assert!(found.bands.len() <= greedy.bands.len());
    }

    #[test]
    fn a_band_that_does_nothing_is_dropped() {
        let goal = wanted();
        let mut bands = fit_bands(&goal, &BUDGET).bands;
        let count = bands.len();
        bands.push(bell(2_500.0, 0.05, 2.0));
        let start = refine_bands(&goal, &BUDGET, bands, 0.0);
        assert!(search_bands(&goal, &BUDGET, start, 1).bands.len() <= count);
    }

    #[test]
    fn the_same_seed_finds_the_same_bands() {
        let goal = wanted();
        let greedy = fit_bands(&goal, &BUDGET);
        let once = search_bands(&goal, &BUDGET, greedy.clone(), 7);
        assert_eq!(once.bands, search_bands(&goal, &BUDGET, greedy, 7).bands);
    }
}
