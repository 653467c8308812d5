//! What keeps the true peak under the ceiling.

pub(crate) mod annex2;
mod interpolator;
mod lookahead;
pub mod masked;
mod repair;
mod windows;

pub(crate) use lookahead::Lookahead;
pub use lookahead::{SLOW_ATTACK_MS, SLOW_RELEASE_RATIO};
pub(crate) use repair::{CeilingRepair, working_ceiling};
