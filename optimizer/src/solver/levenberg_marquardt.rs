//! Levenberg-Marquardt: Gauss-Newton that never takes a step it cannot trust.

use argmin::core::{
    Error, Executor, IterState, Jacobian, KV, Operator, Problem, Solver, State, TerminationReason,
    TerminationStatus,
};

use super::{Matrix, solve_positive_definite};

/// Damping that is tried first, relative to the diagonal of Jᵀ J.
const DAMPING_START: f64 = 1e-3;
/// Damping at which a step is shorter than any that would matter.
const DAMPING_MAX: f64 = 1e8;
/// Smallest relative gain of an iteration that is worth another one.
const RELATIVE_GAIN_MIN: f64 = 1e-5;

type LeastSquaresState = IterState<Vec<f64>, (), Matrix, (), Vec<f64>, f64>;

/// Minimises half the sum of squared residuals (Marquardt, SIAM J. Appl. Math. 11(2), 1963).
///
/// Each coordinate of a step is limited to `step_max`, which keeps bands from jumping across each other.
struct LevenbergMarquardt {
    step_max: f64,
    damping: f64,
    stuck: bool,
}

impl LevenbergMarquardt {
    fn new(step_max: f64) -> Self {
        Self { step_max, damping: DAMPING_START, stuck: false }
    }

    /// From Jᵀ J and Jᵀ r.
    fn step(&self, mut gram: Matrix, gradient: Vec<f64>) -> Option<Vec<f64>> {
        for i in 0..gram.columns() {
            let diagonal = gram.row(i)[i];
            // The small constant keeps a parameter that has no effect (zero column) where it is.
            gram.row_mut(i)[i] = diagonal * (1.0 + self.damping) + 1e-9;
        }
        let mut step = solve_positive_definite(gram, gradient)?.x;
        let longest = step.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
        if longest > self.step_max {
            step.iter_mut().for_each(|value| *value *= self.step_max / longest);
        }
        Some(step)
    }
}

fn half_square(residuals: &[f64]) -> f64 {
    residuals.iter().map(|residual| residual * residual).sum::<f64>() / 2.0
}

impl<O> Solver<O, LeastSquaresState> for LevenbergMarquardt
where
    O: Operator<Param = Vec<f64>, Output = Vec<f64>>
        + Jacobian<Param = Vec<f64>, Jacobian = Matrix>,
{
    fn name(&self) -> &str {
        "Levenberg-Marquardt"
    }

    fn init(
        &mut self,
        problem: &mut Problem<O>,
        mut state: LeastSquaresState,
    ) -> Result<(LeastSquaresState, Option<KV>), Error> {
        let param = state.take_param().unwrap_or_default();
        let residuals = problem.apply(&param)?;
        let cost = half_square(&residuals);
        Ok((state.param(param).residuals(residuals).cost(cost), None))
    }

    fn next_iter(
        &mut self,
        problem: &mut Problem<O>,
        mut state: LeastSquaresState,
    ) -> Result<(LeastSquaresState, Option<KV>), Error> {
        let param = state.take_param().unwrap_or_default();
        let residuals = state.take_residuals().unwrap_or_default();
        let cost = state.get_cost();
        let jacobian = problem.jacobian(&param)?;
        let (gram, gradient) = (jacobian.gram(), jacobian.transposed_times(&residuals));
        while self.damping < DAMPING_MAX {
            if let Some(step) = self.step(gram.clone(), gradient.clone()) {
                let next: Vec<f64> = param.iter().zip(&step).map(|(p, s)| p - s).collect();
                let next_residuals = problem.apply(&next)?;
                let next_cost = half_square(&next_residuals);
                if next_cost < cost {
                    self.damping = (self.damping / 5.0).max(1e-9);
                    self.stuck = cost - next_cost < RELATIVE_GAIN_MIN * cost;
                    return Ok((state.param(next).residuals(next_residuals).cost(next_cost), None));
                }
            }
            self.damping *= 4.0;
        }
        self.stuck = true;
        Ok((state.param(param).residuals(residuals).cost(cost), None))
    }

    fn terminate(&mut self, _state: &LeastSquaresState) -> TerminationStatus {
        if self.stuck {
            return TerminationStatus::Terminated(TerminationReason::SolverConverged);
        }
        TerminationStatus::NotTerminated
    }
}

/// The best parameters from `start` on, and the reason for stopping there.
pub(crate) fn minimize<O>(
    problem: O,
    start: Vec<f64>,
    step_max: f64,
    iterations_max: u64,
) -> (Vec<f64>, &'static str)
where
    O: Operator<Param = Vec<f64>, Output = Vec<f64>>
        + Jacobian<Param = Vec<f64>, Jacobian = Matrix>,
{
    let result = Executor::new(problem, LevenbergMarquardt::new(step_max))
        .configure(|state| state.param(start.clone()).max_iters(iterations_max))
        .timer(false)
        .run();
    // Our problems are total functions: the only errors argmin could hand back are theirs.
    let Ok(mut result) = result else {
        return (start, "no step possible");
    };
    let reason = match result.state.get_termination_reason() {
        Some(TerminationReason::SolverConverged) => "converged",
        Some(TerminationReason::MaxItersReached) => "iteration limit",
        _ => "stopped",
    };
    (result.state.take_best_param().unwrap_or(start), reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rosenbrock's valley as two residuals.
    struct Valley;

    impl Operator for Valley {
        type Param = Vec<f64>;
        type Output = Vec<f64>;
        fn apply(&self, p: &Vec<f64>) -> Result<Vec<f64>, Error> {
            Ok(vec![10.0 * (p[1] - p[0] * p[0]), 1.0 - p[0]])
        }
    }

    impl Jacobian for Valley {
        type Param = Vec<f64>;
        type Jacobian = Matrix;
        fn jacobian(&self, p: &Vec<f64>) -> Result<Matrix, Error> {
            let mut jacobian = Matrix::zeros(2, 2);
            jacobian.row_mut(0).copy_from_slice(&[-20.0 * p[0], 10.0]);
            jacobian.row_mut(1).copy_from_slice(&[-1.0, 0.0]);
            Ok(jacobian)
        }
    }

    #[test]
    fn the_bottom_of_a_curved_valley_is_found() {
        let (best, _) = minimize(Valley, vec![-1.2, 1.0], 0.5, 100);
        assert!((best[0] - 1.0).abs() < 1e-4 && (best[1] - 1.0).abs() < 1e-4, "{best:?}");
    }

    #[test]
    fn a_start_at_the_bottom_stays_there_and_says_so() {
        let (best, reason) = minimize(Valley, vec![1.0, 1.0], 0.5, 100);
        assert_eq!(best, [1.0, 1.0]);
        assert_eq!(reason, "converged");
    }
}
