//! The surrogate: what a render would measure, without rendering.
//!
//! From tables made once by the analyzer, the whole record of the rendered file is predicted for any settings. Static
//! filters act on the long-term spectrum and on the energy of ERB bands over time; the compressor runs on the 1 ms
//! envelope; a look-ahead limiter does the same, the masked limiter takes what clipping
//! would, from histograms of the interpolated amplitudes; the rest is gating.

mod compression;
mod energy;
mod look_ahead;
mod peaks;
mod predict;
mod record;
mod tables;
mod tone;

pub(crate) use predict::MASKED_CEILING_SHARE;
pub use predict::{Prediction, Surrogate};
pub(crate) use record::forget_faint_sides;
pub(crate) use tone::{CellGains, ToneTable};
