//! Settings in, sound out: the processors of a mastering chain.

mod stage;

pub use stage::{Processor, Stage};
