//! How a mix is brought to a record: what is wanted, and the few bands that do it.
//!
//! [`likeness`] compares moments of the mix with moments of the record in which like is played; [`wish`] believes the difference
//! where there is like, and follows the spectrum of the whole where there is not; [`curve`] holds the wish within bounds of level
//! and slope; [`search`] finds few bands that follow the curve and do not work against each other, first on the side alone, then
//! on everything. `docs/fit.md` has the equations and what was tried.

mod bounds;
mod covariance;
mod curve;
mod heard;
mod likeness;
mod moves;
mod problem;
mod response;
mod search;
mod wish;

pub(crate) use bounds::{nearly_mono, nearly_mono_record};
pub(crate) use heard::{heard_wish, leaning};
pub(crate) use moves::{WIDTH_SPLIT_HZ, equalize};
pub use wish::RecordWish;
pub(crate) use wish::record_wish;
