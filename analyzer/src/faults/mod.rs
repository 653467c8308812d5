//! Faults of the recording itself: flat tops, clicks, hum, rumble, hiss, cut-off spectra, sharp "s" sounds, notes that boom, bands that ring.

mod bandwidth;
mod boom;
mod clicks;
mod flat_tops;
mod hum;
mod noise;
mod resonance;
mod rumble;
mod sibilance;
mod ultrasonic;

pub(crate) use bandwidth::bandwidth;
pub(crate) use boom::{BOOM_DB, Boom, boom};
pub(crate) use clicks::ClickTrack;
pub(crate) use flat_tops::{FlatTopTrack, FlatTops};
pub(crate) use hum::{Floor, HumTrack, hum_lines};
pub(crate) use noise::{Noise, noise};
pub(crate) use resonance::{RESONANCE_DB, Resonance, resonance};
pub(crate) use rumble::{RUMBLE_DBFS, rumble_dbfs};
pub(crate) use sibilance::sibilants;

/// Most places that a fault remembers.
pub(crate) const PLACES: usize = 32;
pub(crate) use ultrasonic::ultrasonic_lu;
