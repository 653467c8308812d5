//! Quality and speed benches with their metrics.

pub mod closeness;
pub mod metrics;
pub mod pairs;
pub mod process;
pub mod provenance;
