//! Quality and speed benches with their metrics.

pub mod metrics;
