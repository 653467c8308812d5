//! Samples that a caller gives: are they sound?

use acetate_audio::{CHANNELS_MAX, SAMPLE_RATE_HZ_MAX, SAMPLE_RATE_HZ_MIN, first_unsound};

use crate::Error;

/// Whether they are as many in each channel, and sound.
pub(crate) fn check_samples(
    name: &str,
    sample_rate_hz: u32,
    planes: &[Vec<f32>],
) -> Result<(), Error> {
    let frames = planes.first().map_or(0, Vec::len);
    check_shape(name, sample_rate_hz, planes.len(), frames as u64)?;
    if let Some((channel, plane)) = planes.iter().enumerate().find(|(_, p)| p.len() != frames) {
        return Err(Error::Samples(format!(
            "{name}: channel {} has {} samples, the first has {frames}",
            channel + 1,
            plane.len()
        )));
    }
    check_sound(name, planes, 0)
}

/// Whether there are samples, and as many channels and frames a second as are processed.
pub(crate) fn check_shape(
    name: &str,
    sample_rate_hz: u32,
    channels: usize,
    frames: u64,
) -> Result<(), Error> {
    let wrong = |what: String| Err(Error::Samples(format!("{name}: {what}")));
    if !(SAMPLE_RATE_HZ_MIN..=SAMPLE_RATE_HZ_MAX).contains(&sample_rate_hz) {
        return wrong(format!(
            "a sample rate of {sample_rate_hz} Hz is outside {SAMPLE_RATE_HZ_MIN} to {SAMPLE_RATE_HZ_MAX} Hz"
        ));
    }
    if channels == 0 || channels > CHANNELS_MAX {
        return wrong(format!("{channels} channels, and 1 to {CHANNELS_MAX} are processed"));
    }
    if frames == 0 { wrong("no samples".to_owned()) } else { Ok(()) }
}

/// Whether all samples are numbers that sound can have; `start` frames were before them.
pub(crate) fn check_sound(name: &str, planes: &[Vec<f32>], start: u64) -> Result<(), Error> {
    match first_unsound(planes) {
        Some((channel, frame)) => Err(Error::Samples(format!(
            "{name}: sample {} at channel {}, frame {} is no finite number below +120 dBFS",
            planes[channel][frame],
            channel + 1,
            start + frame as u64
        ))),
        None => Ok(()),
    }
}
