//! Power over frequency and time.

mod bins;
mod envelopes;
mod frames;
pub(crate) mod grids;
mod image;
mod low;
mod ltas;
mod powers;
mod stft;
mod transform;

pub(crate) use bins::BinSums;
pub(crate) use frames::Frames;
pub(crate) use image::Image;
pub(crate) use low::{Decimator, LowResult, LowTrack};
pub use ltas::tilt;
pub(crate) use ltas::{LongTerm, long_term};
pub(crate) use stft::{BandTrack, STEPS_PER_SECOND};
pub(crate) use transform::Transform;
