//! Short runs of damage are lifted off a sound, many at once.

use std::ops::Range;

use super::BlockModels;

/// Variance that damage begins with: far above what it has.
const VARIANCE_START: f64 = 1e-3;
/// Times that variances are learnt.
const ROUNDS: usize = 3;
/// Samples before a run that may be damaged, too: [`lifted`] reaches so far.
pub const LIFTED_BEFORE: usize = 2;
/// The same after it.
pub const LIFTED_AFTER: usize = 6;
/// Share of the variance nearby that the damage of these samples has.
const NEAR_SHARE: f64 = 0.03;
/// What is nearby: so many samples on either side.
const NEARBY: usize = 17;
/// Least variance near a run.
const NEAR_LEAST: f64 = 1e-6;

/// How runs are lifted.
#[derive(Clone, Copy, Debug)]
pub struct Lifting {
    /// Order of the models.
    pub order: usize,
    /// Sample rate, Hz.
    pub rate_hz: f64,
    /// Degrees of freedom, when errors of the models are Student's.
    pub freedom: Option<f64>,
}

/// What `y` was before something was added to short runs of its samples, which are given in order and do not meet.
///
/// Its models are those of `estimate`, a first idea of the result. The damage of a run has a variance that expectation maximisation learns; that of the
/// samples about it a share of it. Samples further away stay as they are. Godsill and Rayner (1998), section 5.2, with the precision AᵀWA of a
/// sound whose prediction errors change in level.
///
/// # Panics
/// When a run is not in `y`, or the lengths differ.
pub fn lifted(y: &[f64], estimate: &[f64], runs: &[Range<usize>], how: Lifting) -> Vec<f64> {
    assert_eq!(y.len(), estimate.len());
    let models = BlockModels::of(estimate, how.order, how.rate_hz, how.freedom);
    let pulls = models.pull(y);
    let mut variances = near_variances(y, estimate, runs);
    runs.iter().for_each(|run| variances[run.clone()].fill(VARIANCE_START));
    let equations = models.equations(&variances);
    for _ in 0..ROUNDS {
        let added = equations.added(&pulls, &variances);
        equations.learn_variances(&added, runs, &mut variances);
    }
    let added = equations.added(&pulls, &variances);
    y.iter().zip(added).map(|(y, added)| y - added).collect()
}

/// Variances of the samples about the runs: a share of what was taken away nearby.
fn near_variances(y: &[f64], estimate: &[f64], runs: &[Range<usize>]) -> Vec<f64> {
    let mut variances = vec![0.0; y.len()];
    let squares = |run: &Range<usize>| -> f64 {
        run.clone().map(|n| (y[n] - estimate[n]) * (y[n] - estimate[n])).sum()
    };
    let energies: Vec<f64> = runs.iter().map(squares).collect();
    for (index, run) in runs.iter().enumerate() {
        let nearby =
            |other: &Range<usize>| other.start < run.end + NEARBY && run.start < other.end + NEARBY;
        let (mut energy, mut count) = (energies[index], run.len());
        let before = (0..index).rev().take_while(|&k| nearby(&runs[k]));
        for k in before.chain((index + 1..runs.len()).take_while(|&k| nearby(&runs[k]))) {
            energy += energies[k];
            count += runs[k].len();
        }
        let variance = (NEAR_SHARE * energy / count as f64).max(NEAR_LEAST);
        let about = run.start.saturating_sub(LIFTED_BEFORE)..(run.end + LIFTED_AFTER).min(y.len());
        about.for_each(|n| variances[n] = variance.max(variances[n]));
    }
    variances
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_crackle_are_lifted_and_the_rest_is_the_same() {
        let mut state = 3u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / 8_388_608.0 - 1.0
        };
        let tone = |n: f64| 0.2 * libm::sin(n * 0.05) + 0.1 * libm::sin(n * 0.31);
        let clean: Vec<f64> = (0..9000).map(|n| tone(f64::from(n)) + 1e-4 * noise()).collect();
        let runs: Vec<Range<usize>> = (0..60).map(|k| 500 + 130 * k..503 + 130 * k).collect();
        let mut y = clean.clone();
        runs.iter().flat_map(Clone::clone).for_each(|n| y[n] += 0.02 * noise());
        let how = Lifting { order: 32, rate_hz: 44_100.0, freedom: None };
        let once = lifted(&y, &y, &runs, how);
        let twice = lifted(&y, &once, &runs, how);
        let error = |x: &[f64]| x.iter().zip(&clean).map(|(x, c)| (x - c) * (x - c)).sum::<f64>();
        assert!(error(&twice) < 0.02 * error(&y), "{} of {}", error(&twice), error(&y));
        assert_eq!(twice[540..620], y[540..620]);
    }
}
