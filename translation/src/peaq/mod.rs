//! How audible a difference is, by the ear model of PEAQ.

mod ear;
mod noise_to_mask;

pub use noise_to_mask::{NoiseToMask, noise_to_mask};
