//! Settings in, sound out: the processors of a mastering chain.

#![cfg_attr(
    test,
    allow(
        clippy::disallowed_methods,
        reason = "test signals need not be the same bits everywhere"
    )
)]

mod biquad;
mod chain;
mod compensated;
mod compressor;
mod convolver;
mod de_esser;
mod document;
mod dynamic_equalizer;
mod edges;
mod equalizer;
mod error;
pub mod export;
pub mod limiter;
mod linear_equalizer;
mod linear_filter;
mod moves;
mod noise_shaping;
mod oversample;
pub mod parameters;
mod peak;
mod quantiser;
mod queue;
mod render;
mod resample;
mod resonance;
mod reverb;
mod saturator;
mod schema;
pub mod settings;
mod stage;
pub mod stages;
mod stereo;
mod svf;
#[cfg(test)]
mod tests;
mod trace;

pub use chain::{Chain, ChainMoves, FloatChain, Mover, RealtimeChain};
pub use compressor::{CompressorTrace, over_knee_db, sidechain_power_gain};
pub use document::{check, check_for, from_value, parse};
pub use error::SettingsError;
pub use moves::{Listener, MoveUnit, Moves, Score};
pub use render::{Prepared, RenderError, finish, prepare, render};
pub use resample::resampled_frames;
pub use schema::settings_schema;
pub use settings::Settings;
pub use stage::{Processor, Stage};
pub use trace::LimiterTrace;

/// Version of the sound: the same input, settings and version give the same bytes.
pub const SOUND: &str = "2026.4";
