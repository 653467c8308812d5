//! What is read at all.

use crate::{CHANNELS_MAX, DecodeError, SAMPLE_RATE_HZ_MAX, SAMPLE_RATE_HZ_MIN};

/// Refuses rates and channel counts that cannot be processed.
pub(crate) fn check_spec(sample_rate_hz: u32, channels: usize) -> Result<(), DecodeError> {
    match (sample_rate_hz, channels) {
        (0, _) => Err(DecodeError::ZeroRate),
        (_, 0) => Err(DecodeError::ZeroChannels),
        (given_hz, _) if !(SAMPLE_RATE_HZ_MIN..=SAMPLE_RATE_HZ_MAX).contains(&given_hz) => {
            Err(DecodeError::RateOutOfRange { given_hz })
        }
        (_, given) if given > CHANNELS_MAX => Err(DecodeError::TooManyChannels { given }),
        _ => Ok(()),
    }
}
