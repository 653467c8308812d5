//! Quality and speed benches with their metrics.

pub mod closeness;
pub mod masters;
pub mod metrics;
pub mod pairs;
pub mod peers;
pub mod process;
pub mod provenance;
pub mod tone;
