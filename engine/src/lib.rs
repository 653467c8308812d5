//! Settings in, sound out: the processors of a mastering chain.

mod compensated;
mod de_esser;
mod document;
mod dynamic_equalizer;
mod error;
mod kaiser;
pub mod limiter;
mod oversample;
pub mod parameters;
mod resample;
mod saturator;
mod schema;
pub mod settings;
mod stage;
mod svf;

pub use de_esser::DeEsser;
pub use document::{check, from_value, parse};
pub use dynamic_equalizer::DynamicEqualizer;
pub use error::SettingsError;
pub use resample::{Resampler, resampled_frames};
pub use saturator::Saturator;
pub use schema::settings_schema;
pub use settings::Settings;
pub use stage::{Processor, Stage};

/// Version of the sound: the same input, settings and version give the same bytes.
pub const SOUND: &str = "2026.1";
