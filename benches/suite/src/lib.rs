//! Quality and speed benches with their metrics.
