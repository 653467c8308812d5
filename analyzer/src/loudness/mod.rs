//! Loudness after ITU-R BS.1770-5, EBU Tech 3341 and Tech 3342.

pub mod gating;
pub(crate) mod k_weighting;
mod meter;
mod stereo;
mod track;

pub use k_weighting::k_weighting;
pub use meter::LoudnessMeter;
pub(crate) use meter::levels_of;
pub use stereo::{StereoLoudness, StereoView};
pub(crate) use track::{LoudnessResult, LoudnessTrack, weighted};
