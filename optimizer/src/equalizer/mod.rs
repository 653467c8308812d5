//! The bands of an equaliser as the solvers move them.

mod cells;
mod model;

pub(crate) use cells::Cells;
pub(crate) use model::{Band, Curve, Limits, Shape};
