//! The solvers that argmin lacks, written as argmin solvers.

mod levenberg_marquardt;
mod linear;

pub(crate) use levenberg_marquardt::minimize;
pub(crate) use linear::{Matrix, solve_positive_definite};
