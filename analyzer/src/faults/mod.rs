//! Faults of the recording itself: flat tops, clicks, hum, hiss, cut-off spectra, sharp "s" sounds.

mod bandwidth;
mod clicks;
mod flat_tops;
mod hum;
mod noise;
mod sibilance;
mod ultrasonic;

pub(crate) use bandwidth::bandwidth;
pub(crate) use clicks::ClickTrack;
pub(crate) use flat_tops::{FlatTopTrack, FlatTops};
pub(crate) use hum::{Floor, HumTrack, hum_lines};
pub(crate) use noise::{Noise, noise};
pub(crate) use sibilance::sibilants;

/// Most places that a fault remembers.
pub(crate) const PLACES: usize = 32;
pub(crate) use ultrasonic::ultrasonic_lu;
