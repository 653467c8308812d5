//! The few parameters that act together.
//!
//! Each family has been fitted by itself; but compression changes how loud mid and side are. Where records speak of dynamics and
//! width alone, Nelder-Mead (Computer Journal 7, 1965) moves where compression sets in and how hard, and how much is widened, all at
//! once, on the surrogate.

use acetate_analyzer::Analysis;
use acetate_engine::Settings;
use acetate_engine::parameters::range;
use acetate_references::Aim;
use argmin::core::{CostFunction, Error, Executor};
use argmin::solver::neldermead::NelderMead;

use crate::dynamics::spread_excess_db;
use crate::options::FitOptions;
use crate::surrogate::{Prediction, Surrogate};
use crate::width::{WIDTH_PCT, believed_changes_db};

/// One way to move, with the ends of its range; where each family's own fit left it is 0 or a factor of 1.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Knob {
    /// Shift of all thresholds, dB.
    Threshold,
    /// Factor on what ratios have above 1.
    Ratio,
    /// Factor on what widths change, in dB.
    Width,
}

impl Knob {
    /// Lowest value, where it starts, highest.
    fn range(self) -> [f64; 3] {
        match self {
            Self::Width => [0.5, 1.0, 1.25],
            Self::Threshold => [-6.0, 0.0, 6.0],
            Self::Ratio => [0.5, 1.0, 2.0],
        }
    }

    /// The value of an unbounded parameter that is 0 at the start: a logistic between the ends.
    fn value(self, free: f64) -> f64 {
        let [low, start, high] = self.range();
        let share = (start - low) / (high - low);
        let middle = libm::log(share / (1.0 - share));
        low + (high - low) / (1.0 + libm::exp(-free - middle))
    }

    fn turn(self, settings: &mut Settings, value: f64) {
        match self {
            Self::Threshold => {
                let bounds = range("compressor.bands[].threshold_db");
                for band in &mut settings.compressor.bands {
                    band.threshold_db = (band.threshold_db + value).clamp(bounds.min, bounds.max);
                }
            }
            Self::Ratio => {
                for band in &mut settings.compressor.bands {
                    band.ratio = 1.0 + (band.ratio - 1.0) * value;
                }
            }
            Self::Width => {
                for band in &mut settings.stereo.bands {
                    let width = libm::pow(band.width_pct / 100.0, value);
                    band.width_pct = (100.0 * width).clamp(WIDTH_PCT.0, WIDTH_PCT.1);
                }
            }
        }
    }
}

/// What the families are wanted to reach together.
pub(crate) struct JointGoal<'a> {
    pub(crate) before: &'a Analysis,
    pub(crate) aim: &'a Aim,
    pub(crate) options: &'a FitOptions,
}

/// A change of spread and of width that counts as one, dB.
const SPREAD_UNIT_DB: f64 = 0.5;
const WIDTH_UNIT_DB: f64 = 1.0;
/// Price of gain reduction: 1.5 dB on average costs this much of a unit squared (DSP C2).
const REDUCTION_UNIT_DB: f64 = 1.5;
const REDUCTION_PRICE: f64 = 0.02;
/// Iterations of a run, and how small the simplex's costs may differ at its end.
const ITERATIONS: u64 = 40;
const COST_TOLERANCE: f64 = 1e-3;
/// Sizes of the first simplex: one run, and three for a thorough search.
const STEPS: [f64; 3] = [0.8, 2.0, -0.8];
/// The cost must fall by this share to be worth less simple numbers.
const WORTH: f64 = 0.02;

struct Problem<'a> {
    surrogate: &'a Surrogate<'a>,
    goal: &'a JointGoal<'a>,
    start: &'a Settings,
    knobs: &'a [Knob],
    /// Spread that would be left when dynamics are taken only in part, dB.
    spread_left_db: f64,
}

impl Problem<'_> {
    fn settings(&self, free: &[f64]) -> Settings {
        let mut settings = self.start.clone();
        for (knob, &free) in self.knobs.iter().zip(free) {
            knob.turn(&mut settings, knob.value(free));
        }
        settings
    }

    /// Sum of squared, dimensionless terms.
    fn cost_of(&self, settings: &Settings) -> f64 {
        let predicted = self.surrogate.predict(settings);
        let spread = spread_excess_db(self.goal.aim, &predicted) - self.spread_left_db;
        let terms = [
            if self.goal.options.take.dynamics { spread / SPREAD_UNIT_DB } else { 0.0 },
            self.width_db(&predicted) / WIDTH_UNIT_DB,
            REDUCTION_PRICE.sqrt() * predicted.compression_db / REDUCTION_UNIT_DB,
        ];
        terms.iter().map(|term| term * term).sum()
    }

    /// What of the believed change of width is still to do, rms in dB.
    fn width_db(&self, predicted: &Prediction) -> f64 {
        if !self.knobs.contains(&Knob::Width) {
            return 0.0;
        }
        let left = believed_changes_db(self.goal.aim, self.goal.before, predicted);
        let left: Vec<f64> = left.into_iter().flatten().collect();
        (left.iter().map(|db| db * db).sum::<f64>() / left.len().max(1) as f64).sqrt()
    }
}

impl CostFunction for Problem<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, free: &Vec<f64>) -> Result<f64, Error> {
        Ok(self.cost_of(&self.settings(free)))
    }
}

/// Moves the families together; returns why it stopped, or `None` when fewer than two families are at work.
pub(crate) fn tune(
    surrogate: &Surrogate,
    goal: &JointGoal,
    settings: &mut Settings,
) -> Option<&'static str> {
    let knobs = knobs(settings);
    let families = knobs.iter().filter(|&&knob| knob != Knob::Ratio).count();
    if families < 2 {
        return None;
    }
    let untouched = Settings { compressor: Default::default(), ..settings.clone() };
    let share = goal.options.amounts.dynamics_share().clamp(0.0, 1.0);
    let excess_db = spread_excess_db(goal.aim, &surrogate.predict(&untouched));
    let problem = || Problem {
        surrogate,
        goal,
        start: settings,
        knobs: &knobs,
        spread_left_db: (1.0 - share) * excess_db,
    };
    let before = problem().cost_of(settings);
    let runs = if goal.options.thorough { STEPS.len() } else { 1 };
    let best = STEPS[..runs]
        .iter()
        .filter_map(|&step| descend(problem(), knobs.len(), step))
        .min_by(|one, other| one.1.total_cmp(&other.1));
    let tuned = best.filter(|(_, cost)| *cost < before * (1.0 - WORTH));
    let tuned = tuned.map(|(free, _)| problem().settings(&free));
    match tuned {
        Some(tuned) => {
            *settings = tuned;
            Some("converged")
        }
        None => Some("the families agree"),
    }
}

/// The ways to move that the settings offer.
fn knobs(settings: &Settings) -> Vec<Knob> {
    let mut knobs = Vec::new();
    if settings.compressor.bands.iter().any(|band| !band.is_neutral()) {
        knobs.extend([Knob::Threshold, Knob::Ratio]);
    }
    if settings.stereo.bands.iter().any(|band| band.width_pct != 100.0) {
        knobs.push(Knob::Width);
    }
    knobs
}

fn descend(problem: Problem, dimensions: usize, step: f64) -> Option<(Vec<f64>, f64)> {
    let vertex = |moved: usize| {
        (0..dimensions).map(|index| if index + 1 == moved { step } else { 0.0 }).collect()
    };
    let simplex: Vec<Vec<f64>> = (0..=dimensions).map(vertex).collect();
    let solver = NelderMead::new(simplex).with_sd_tolerance(COST_TOLERANCE).ok()?;
    let result = Executor::new(problem, solver)
        .configure(|state| state.max_iters(ITERATIONS))
        .timer(false)
        .run()
        .ok()?;
    Some((result.state.best_param?, result.state.best_cost))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_knob_starts_where_the_family_left_it_and_stays_in_its_range() {
        for knob in [Knob::Threshold, Knob::Ratio, Knob::Width] {
            let [low, start, high] = knob.range();
            assert!((knob.value(0.0) - start).abs() < 1e-12);
            assert!(knob.value(-50.0) >= low && knob.value(50.0) <= high);
        }
    }

    #[test]
    fn a_neutral_knob_changes_nothing() {
        let mut settings = Settings::default();
        settings.stereo.bands =
            vec![acetate_engine::settings::StereoBand { below_hz: None, width_pct: 130.0 }];
        settings.compressor.bands = vec![Default::default()];
        let mut turned = settings.clone();
        for knob in [Knob::Threshold, Knob::Ratio] {
            knob.turn(&mut turned, knob.range()[1]);
        }
        assert_eq!(turned, settings);
        Knob::Width.turn(&mut turned, 1.0);
        assert!((turned.stereo.bands[0].width_pct - 130.0).abs() < 1e-9);
    }
}
