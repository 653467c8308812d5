//! True peak: the largest value of the waveform between the samples.

mod bs1770;
mod channel;
mod four_fold;
mod interpolator;
mod meter;

pub(crate) use channel::{CHUNK, ChannelPeak, FourFold};
pub use meter::{TruePeak, TruePeakMeter};
