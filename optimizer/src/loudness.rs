//! The drive that gives a loudness.

use acetate_engine::Settings;
use acetate_engine::parameters::range;
use argmin::core::{CostFunction, Error, Executor};
use argmin::solver::brent::BrentRoot;

use crate::rounding;
use crate::surrogate::Surrogate;

/// Step in which a drive is looked for that is high enough, dB.
const DRIVE_STEP_DB: f64 = 1.0;
/// Loudness gained per decibel of drive below which more drive is only damage.
const SLOPE_MIN: f64 = 0.15;
/// How exactly the surrogate's own equation is solved, in dB; the render settles the rest.
const DRIVE_TOLERANCE_DB: f64 = 0.005;

struct Shortfall<'a> {
    surrogate: &'a Surrogate<'a>,
    settings: &'a Settings,
    lufs: f64,
}

impl Shortfall<'_> {
    fn at(&self, drive_db: f64) -> f64 {
        let settings = Settings { drive_db, ..self.settings.clone() };
        self.surrogate.predict(&settings).integrated_lufs.map_or(-self.lufs, |got| got - self.lufs)
    }
}

impl CostFunction for Shortfall<'_> {
    type Param = f64;
    type Output = f64;
    fn cost(&self, drive_db: &f64) -> Result<f64, Error> {
        Ok(self.at(*drive_db))
    }
}

/// The drive at which the surrogate expects `lufs` (Brent's method); the highest drive that still helps when none
/// reaches it.
pub(crate) fn solve_drive(surrogate: &Surrogate, settings: &Settings, lufs: f64) -> f64 {
    let neutral = Settings { drive_db: 0.0, ..settings.clone() };
    let Some(undriven) = surrogate.predict(&neutral).integrated_lufs else {
        return settings.drive_db;
    };
    let bounds = range("drive_db");
    let problem = Shortfall { surrogate, settings, lufs };
    // Limiting only ever takes loudness away: the linear answer is a lower end, and with no peaks the answer.
    let low = (lufs - undriven - 1.0).clamp(bounds.min, bounds.max);
    let mut high = (lufs - undriven + 1.0).clamp(bounds.min, bounds.max);
    let mut reached = problem.at(high);
    while reached < 0.0 && high < bounds.max {
        let further = problem.at(high + DRIVE_STEP_DB);
        if further - reached < SLOPE_MIN * DRIVE_STEP_DB {
            return rounding::drive(high);
        }
        high = (high + DRIVE_STEP_DB).min(bounds.max);
        reached = further;
    }
    if reached < 0.0 || problem.at(low) > 0.0 {
        return rounding::drive(if reached < 0.0 { high } else { low });
    }
    let solved = Executor::new(problem, BrentRoot::new(low, high, DRIVE_TOLERANCE_DB))
        .configure(|state| state.param((low + high) / 2.0).max_iters(40))
        .timer(false)
        .run();
    let drive_db = solved.ok().and_then(|result| result.state.best_param).unwrap_or(low);
    rounding::drive(drive_db)
}
