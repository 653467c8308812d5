//! Why each thing is done, in numbers and words.

mod leftovers;
mod moves;
mod summary;
mod words;

pub(crate) use leftovers::leftovers;
pub use leftovers::{Leftover, LeftoverReason};
pub(crate) use moves::explain;
pub(crate) use summary::summarize;
pub use words::{BAND_WORDS, BandWords, words_for};
