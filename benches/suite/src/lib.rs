//! Quality and speed benches with their metrics.

#![allow(
    clippy::disallowed_methods,
    reason = "a bench renders nothing that must be the same bits everywhere"
)]

pub mod closeness;
pub mod masters;
pub mod metrics;
pub mod pairs;
pub mod peers;
pub mod person;
pub mod process;
pub mod provenance;
pub mod report;
pub mod sheet;
pub mod tone;
