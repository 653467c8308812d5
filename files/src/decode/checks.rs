//! The one place where finiteness is checked; inside, it is an invariant.

use acetate_audio::first_unsound;

use crate::{Audio, DecodeError};

/// Refuses samples that are not finite or absurdly large; `position` is the frame the block begins at.
pub(super) fn check_samples(block: &Audio, position: u64) -> Result<(), DecodeError> {
    let Some((channel, index)) = first_unsound(block.planes()) else { return Ok(()) };
    let value = block.channel(channel)[index];
    let (channel, frame) = (channel + 1, position + index as u64);
    Err(if value.is_finite() {
        DecodeError::AbsurdLevel { value, channel, frame }
    } else {
        DecodeError::NotFinite { channel, frame }
    })
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
