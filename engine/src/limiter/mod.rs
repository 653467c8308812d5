//! What keeps the true peak under the ceiling.

pub(crate) mod annex2;
mod interpolator;
mod lookahead;
pub mod masked;
mod repair;
mod windows;

pub use lookahead::{Lookahead, SLOW_ATTACK_MS, SLOW_RELEASE_RATIO};
pub use repair::{CeilingRepair, working_ceiling};
