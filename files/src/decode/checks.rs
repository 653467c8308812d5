//! The one place where finiteness is checked; inside, it is an invariant.

use crate::{Audio, DecodeError};

/// Highest magnitude of a sample, 2^20 or +120 dBFS: no sound has it, squares and sums of it still fit `f32`.
const MAGNITUDE_MAX: f32 = (1u32 << 20) as f32;

/// Refuses samples that are not finite or absurdly large; `position` is the frame the block begins at.
pub(super) fn check_samples(block: &Audio, position: u64) -> Result<(), DecodeError> {
    if block.planes().iter().all(|plane| all_sane(plane)) {
        return Ok(());
    }
    let first = block
        .planes()
        .iter()
        .enumerate()
        .filter_map(|(channel, plane)| Some((plane.iter().position(|&s| !is_sane(s))?, channel)))
        .min();
    let (index, channel) = first.expect("a plane was found not to be sane");
    let value = block.channel(channel)[index];
    let (channel, frame) = (channel + 1, position + index as u64);
    Err(if value.is_finite() {
        DecodeError::AbsurdLevel { value, channel, frame }
    } else {
        DecodeError::NotFinite { channel, frame }
    })
}

/// Also false for NaN.
fn is_sane(sample: f32) -> bool {
    sample.abs() <= MAGNITUDE_MAX
}

/// Without an early exit inside a chunk, so that it vectorises.
fn all_sane(plane: &[f32]) -> bool {
    plane.chunks(1024).all(|chunk| chunk.iter().fold(true, |sane, &s| sane & is_sane(s)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(planes: Vec<Vec<f32>>) -> String {
        check_samples(&Audio::from_planes(48_000, planes), 5_000).unwrap_err().to_string()
    }

    #[test]
    fn the_first_frame_that_is_not_finite_is_named_with_its_channel() {
        let mut left = vec![0.0; 3000];
        let mut right = left.clone();
        left[2500] = f32::NAN;
        right[2100] = f32::NEG_INFINITY;
        assert!(error_of(vec![left, right]).contains("channel 2, frame 7100"));
    }

    #[test]
    fn integers_marked_as_floats_are_refused() {
        assert!(error_of(vec![vec![0.0, -2.0e9]]).contains("-2e9 at channel 1, frame 5001"));
    }

    #[test]
    fn loud_floats_and_denormals_pass() {
        let planes = vec![vec![1.0e6, -3.0, f32::MIN_POSITIVE / 4.0]];
        assert!(check_samples(&Audio::from_planes(48_000, planes), 0).is_ok());
    }
}
