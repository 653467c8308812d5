//! The largest magnitude of many samples.

use multiversion::multiversion;

/// Magnitudes compared side by side.
const LANES: usize = 16;

/// The larger of two numbers; unlike `f32::max` it spends nothing on NaN, which sound never holds.
#[inline(always)]
pub(crate) fn larger(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}

/// Largest magnitude of `samples`; 0 of none.
#[multiversion(targets("x86_64+avx2"))]
pub(crate) fn largest(samples: &[f32]) -> f32 {
    let mut lanes = [0.0f32; LANES];
    let chunks = samples.chunks_exact(LANES);
    for (lane, sample) in chunks.remainder().iter().enumerate() {
        lanes[lane] = sample.abs();
    }
    for chunk in chunks {
        for lane in 0..LANES {
            lanes[lane] = larger(lanes[lane], chunk[lane].abs());
        }
    }
    lanes.into_iter().fold(0.0, larger)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_is_found_wherever_it_is() {
        for length in 1..70 {
            for place in 0..length {
                let mut samples = vec![0.25; length];
                samples[place] = -0.5;
                assert_eq!(largest(&samples), 0.5, "{place} of {length}");
            }
        }
        assert_eq!(largest(&[]), 0.0);
    }
}
