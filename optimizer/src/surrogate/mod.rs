//! The surrogate: what a render would measure, without rendering.
//!
//! From tables made once by the analyzer, the whole record of the rendered file is predicted for any settings. Static
//! filters act on the long-term spectrum and on the energy of ERB bands over time; the compressor runs on the 1 ms
//! envelope; the limiter is what clipping would take, from histograms of the interpolated amplitudes; the rest is gating.

mod compression;
mod energy;
mod gating;
mod peaks;
mod predict;
mod tone;

pub use predict::{Prediction, Surrogate};
pub(crate) use tone::{Part, ToneTable};
