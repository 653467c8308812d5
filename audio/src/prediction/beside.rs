//! What another channel says of a stretch of this one.

use multiversion::multiversion;

use super::gap::bridged;
use super::{Freed, Freeing, error_filter, forward_errors, free};
use crate::linear::{Matrix, dot, solve_positive_definite};

/// The other channel is heard from so many samples before to as many after: the time between two microphones, or ears, that are 6 cm apart.
pub const BESIDE_REACH: usize = 8;
/// Errors beyond this many medians say nothing of how channels belong together: they are other damage.
const OUTLIER: f64 = 6.0;
/// Keeps the equations solvable, as a share of their diagonal.
const RIDGE: f64 = 1e-6;

/// [`free`], with a second channel of the same sound that is whole there: what of it is in this one as well is taken off first and put back after.
///
/// Both channels are whitened by this one's model; the short filter from one to the other that leaves the least error is that of least squares over
/// the surroundings, so that a channel which has nothing in common leaves all as it is. What it explains needs no interpolation.
///
/// # Panics
/// When the stretch is empty or not in `y`, or the channels differ in length.
pub fn free_beside(y: &[f64], other: &[f64], from: usize, to: usize, how: Freeing) -> Freed {
    assert_eq!(y.len(), other.len(), "channels of one sound");
    let (start, end) = (from.saturating_sub(how.context), y.len().min(to + how.context));
    let (y, other) = (&y[start..end], &other[start..end]);
    let (from, to) = (from - start, to - start);
    // At an end there is one side alone, and what is left of the other channel there is predicted worse than it helps.
    let needed = how.order.max(1);
    let at_an_end = from < needed || to + needed > y.len();
    let learnt = if at_an_end { None } else { taps(y, other, from, to, how.order) };
    let Some(taps) = learnt else { return free(y, from, to, how) };
    let shared: Vec<f64> = (0..y.len()).map(|n| heard(&taps, other, n)).collect();
    let own: Vec<f64> = y.iter().zip(&shared).map(|(y, shared)| y - shared).collect();
    let mut freed = free(&own, from, to, how);
    freed.samples.iter_mut().zip(&shared[from..to]).for_each(|(x, shared)| *x += shared);
    freed
}

/// The filtered other channel at a sample; beyond its ends it is silent.
fn heard(taps: &[f64], other: &[f64], n: usize) -> f64 {
    let first = n.saturating_sub(BESIDE_REACH);
    let skipped = first + BESIDE_REACH - n;
    taps[skipped..].iter().zip(&other[first..]).map(|(tap, x)| tap * x).sum()
}

/// The filter from the other channel to this one, its middle tap at the same time; `None` where there is nothing to learn it from.
fn taps(y: &[f64], other: &[f64], from: usize, to: usize, order: usize) -> Option<Vec<f64>> {
    let count = 2 * BESIDE_REACH + 1;
    if y.len() <= to - from + 4 * order.max(count) {
        return None;
    }
    let bridged = bridged(y, from, to);
    let filter = error_filter(&bridged, order);
    let (mut own, mut theirs) = (Vec::new(), Vec::new());
    forward_errors(&filter, &bridged, &mut own);
    forward_errors(&filter, other, &mut theirs);
    // The n-th error is that of sample n + order; those that use the stretch say nothing.
    let uses_it = from.saturating_sub(order)..to;
    let known = || (BESIDE_REACH..own.len() - BESIDE_REACH).filter(|n| !uses_it.contains(n));
    let mut sizes: Vec<f64> = known().map(|n| own[n].abs()).collect();
    let middle = sizes.len() / 2;
    let limit = OUTLIER * *sizes.select_nth_unstable_by(middle, f64::total_cmp).1;
    let mut counts = vec![0.0; own.len() - 2 * BESIDE_REACH];
    known().filter(|&n| own[n].abs() <= limit).for_each(|n| counts[n - BESIDE_REACH] = 1.0);
    let (mut equations, wanted) = least_squares(&own[BESIDE_REACH..], &theirs, &counts);
    let trace: f64 = (0..count).map(|i| equations.row(i)[i]).sum();
    if trace <= 0.0 {
        return None;
    }
    for i in 0..count {
        equations.row_mut(i)[i] += RIDGE * trace / count as f64;
    }
    solve_positive_definite(equations, wanted).map(|solution| solution.x)
}

/// The equations of the filter from `theirs`, which begins [`BESIDE_REACH`] samples earlier, to `own`, over the samples that count.
#[multiversion(targets("x86_64+avx2"))]
fn least_squares(own: &[f64], theirs: &[f64], counts: &[f64]) -> (Matrix, Vec<f64>) {
    let taps = 2 * BESIDE_REACH + 1;
    let mut equations = Matrix::zeros(taps, taps);
    let mut wanted = vec![0.0; taps];
    let mut heard = vec![0.0; counts.len()];
    for i in 0..taps {
        for (n, (heard, count)) in heard.iter_mut().zip(counts).enumerate() {
            *heard = count * theirs[n + i];
        }
        wanted[i] = dot(&heard, &own[..counts.len()]);
        for (j, sum) in equations.row_mut(i)[..=i].iter_mut().enumerate() {
            *sum = dot(&heard, &theirs[j..j + counts.len()]);
        }
    }
    (equations, wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOW: Freeing =
        Freeing { order: 32, context: 1000, rounds: 5, smooth: 15, damage_order: 2 };
    const PLACE: std::ops::Range<usize> = 2000..2030;

    fn noise(seed: u32, count: usize) -> Vec<f64> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / 8_388_608.0 - 1.0
        };
        (0..count).map(|_| 0.1 * next()).collect()
    }

    /// Largest error of both ways within a damaged stretch of a channel, beside another one.
    fn errors(clean: &[f64], other: &[f64]) -> (f64, f64) {
        let mut damaged = clean.to_vec();
        for (n, x) in damaged[PLACE].iter_mut().enumerate() {
            *x += 0.5 * libm::sin(0.7 * n as f64);
        }
        let worst = |freed: Freed| {
            let errors = freed.samples.iter().zip(&clean[PLACE]).map(|(x, y)| (x - y).abs());
            errors.fold(0.0, f64::max)
        };
        (
            worst(free(&damaged, PLACE.start, PLACE.end, HOW)),
            worst(free_beside(&damaged, other, PLACE.start, PLACE.end, HOW)),
        )
    }

    #[test]
    fn what_is_in_the_other_channel_needs_no_guess() {
        // The same noise, later and softer, and a little of its own.
        let (shared, own) = (noise(1, 4000), noise(2, 4000));
        let clean: Vec<f64> =
            (0..4000_usize).map(|n| 0.8 * shared[n.saturating_sub(3)] + 0.01 * own[n]).collect();
        let (alone, beside) = errors(&clean, &shared);
        assert!(alone > 0.03 && beside < 0.005, "{alone} {beside}");
    }

    #[test]
    fn a_channel_that_has_nothing_in_common_or_is_silent_changes_little() {
        let clean = noise(1, 4000);
        let (alone, beside) = errors(&clean, &noise(2, 4000));
        assert!(beside < 1.1 * alone, "{alone} {beside}");
        let (alone, beside) = errors(&clean, &[0.0; 4000]);
        assert_eq!(alone, beside);
    }

    #[test]
    fn at_the_first_and_the_last_samples_each_channel_is_freed_alone() {
        let clean = noise(1, 4000);
        for (from, to) in [(0, 20), (3980, 4000)] {
            let beside = free_beside(&clean, &clean, from, to, HOW);
            assert_eq!(beside.samples, free(&clean, from, to, HOW).samples);
        }
    }
}
