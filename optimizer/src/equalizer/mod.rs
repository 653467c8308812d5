//! Few, readable equaliser bands that follow a wanted curve.

mod goal;
mod greedy;
mod model;
mod swarm;

pub(crate) use goal::{Cells, Goal};
pub(crate) use greedy::{BandBudget, fit_bands};
pub(crate) use model::{Band, Limits, Shape};
pub(crate) use swarm::search_bands;
