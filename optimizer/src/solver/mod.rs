//! The solvers that argmin lacks, written as argmin solvers.

mod levenberg_marquardt;

pub(crate) use acetate_audio::linear::{Matrix, factorise, solve_positive_definite};
pub(crate) use levenberg_marquardt::minimize;
