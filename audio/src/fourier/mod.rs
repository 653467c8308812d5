//! The discrete Fourier transform of single precision, in arithmetic that every processor does alike.
//!
//! The analyzer, the limiter and the linear-phase filters all use it: libraries that reach its speed choose their kernels, and
//! with them the last bits, at run time; here only the width of the instructions differs.

mod complex;
mod real;

pub use complex::{Fourier, LENGTH_MIN, Points, points, turn};
pub use real::{Bins, RealFourier, RealWorkspace};
