//! True peak: the largest value of the waveform between the samples.

mod amplitudes;
mod bs1770;
mod channel;
mod four_fold;
mod interpolator;
mod meter;
mod top_band;

pub(crate) use amplitudes::{AmplitudeResult, AmplitudeTrack, edges as amplitude_edges};
pub(crate) use channel::ChannelPeak;
pub(crate) use interpolator::sinc;
pub(crate) use meter::of_channels;
pub use meter::{TruePeak, TruePeakMeter};
