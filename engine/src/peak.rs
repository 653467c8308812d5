//! The largest magnitude of a stretch of samples.

/// Magnitudes compared side by side, so that the compiler uses vectors.
const LANES: usize = 16;

/// The largest magnitude; 0 of nothing.
pub(crate) fn largest(x: &[f32]) -> f32 {
    let (chunks, rest) = x.as_chunks::<LANES>();
    let mut lanes = [0.0f32; LANES];
    for chunk in chunks {
        for (lane, x) in lanes.iter_mut().zip(chunk) {
            *lane = larger(*lane, x.abs());
        }
    }
    lanes.iter().chain(rest).fold(0.0, |max, x| larger(max, x.abs()))
}

/// The larger of two numbers; unlike `f32::max` it spends nothing on NaN, which sound never holds: elsewhere than on x86 that is a call of
/// a function for each sample.
#[inline(always)]
pub(crate) fn larger(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}
