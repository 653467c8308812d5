//! Settings in, sound out: the processors of a mastering chain.
//!
//! It is: one parameter table ([`parameters`]), the document of settings ([`settings`], [`parse`], [`check_for`]), the chain as a
//! renderer ([`render`]), block by block ([`Chain`]), in floats and in lock-step ([`FloatChain`]), live ([`RealtimeChain`]), and its
//! processors one by one ([`stages`]). It is not: a judge. It measures nothing but what a processor must hear, knows no target,
//! opens no file and reads no clock; the same input, settings and [`SOUND`] give the same bytes everywhere.
//!
//! ```
//! use acetate_audio::{Audio, Source};
//! use acetate_engine::settings::LimiterKind;
//! use acetate_engine::{Settings, render};
//!
//! let tone: Vec<f32> = (0..30_000).map(|n| (n % 100) as f32 / 125.0 - 0.4).collect();
//! let mix = Source::from_audio(Audio::from_planes(44_100, vec![tone.clone(), tone]));
//! let mut settings = Settings::default();
//! settings.drive_db = 9.0;
//! settings.limiter.kind = LimiterKind::Transparent;
//! settings.limiter.ceiling_dbtp = -1.0;
//! let mut frames = 0;
//! let trace = render(&mix, &settings, &mut |block| {
//!     frames += block.frames(); // what an encoder writes, bit for bit
//!     Ok::<(), std::convert::Infallible>(())
//! })?;
//! assert_eq!(frames, 30_000);
//! assert!(trace.reduction_db_max() > 1.0);
//! # Ok::<(), acetate_engine::RenderError>(())
//! ```

#![cfg_attr(
    test,
    allow(
        clippy::disallowed_methods,
        reason = "test signals need not be the same bits everywhere"
    )
)]

mod bass_harmonics;
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
mod restore;
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

pub use chain::{Chain, ChainMoves, FloatChain, Mover, RealtimeChain, Rounding, amplify};
pub use compressor::{CompressorTrace, over_knee_db, sidechain_power_gain};
pub use document::{check, check_for, from_value, parse};
pub use error::SettingsError;
pub use moves::{Listener, MoveUnit, Moves, Score};
pub use render::{Prepared, RenderError, finish, finish_float, prepare, render};
pub use resample::resampled_frames;
pub use schema::settings_schema;
pub use settings::Settings;
pub use stage::{Processor, Stage};
pub use trace::LimiterTrace;

/// Version of the sound: the same input, settings and version give the same bytes.
pub const SOUND: &str = "2026.7";
