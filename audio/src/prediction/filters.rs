//! What a model does not explain, from the samples before and from those after.

use multiversion::multiversion;

/// Samples filtered together: they stay near while the taps go over them.
const TOGETHER: usize = 512;

/// Σ a_k x[n − k] for each n from the order on: `errors` has that many fewer values than `x`, and none when `x` is shorter.
pub fn forward_errors(filter: &[f64], x: &[f64], errors: &mut Vec<f64>) {
    let reversed: Vec<f64> = filter.iter().rev().copied().collect();
    backward_errors(&reversed, x, errors);
}

/// Σ a_k x[n + k] for each n that has as many samples after it.
pub fn backward_errors(filter: &[f64], x: &[f64], errors: &mut Vec<f64>) {
    errors.clear();
    errors.resize(x.len().saturating_sub(filter.len() - 1), 0.0);
    for (index, errors) in errors.chunks_mut(TOGETHER).enumerate() {
        correlate(filter, &x[index * TOGETHER..], errors);
    }
}

/// Tap by tap over many samples, so that each sum has one order of additions.
#[multiversion(targets("x86_64+avx2"))]
fn correlate(filter: &[f64], x: &[f64], errors: &mut [f64]) {
    let count = errors.len();
    let quads = filter.chunks_exact(4);
    let rest = quads.remainder();
    for (index, taps) in quads.enumerate() {
        let at = index * 4;
        let (x0, x1, x2, x3) = (
            &x[at..at + count],
            &x[at + 1..][..count],
            &x[at + 2..][..count],
            &x[at + 3..][..count],
        );
        for n in 0..count {
            errors[n] += taps[0] * x0[n] + taps[1] * x1[n] + (taps[2] * x2[n] + taps[3] * x3[n]);
        }
    }
    for (at, tap) in (filter.len() - rest.len()..).zip(rest) {
        for (error, x) in errors.iter_mut().zip(&x[at..]) {
            *error += tap * x;
        }
    }
}
