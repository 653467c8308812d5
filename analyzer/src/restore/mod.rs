//! What is broken in a recording, found in one pass and in bounded memory: where, how sure, how large.
//!
//! [`Hunt`] takes the sound block by block and gives a [`Damage`]. What it finds does not depend on how the sound arrives or on how many threads
//! there are.

mod chunks;
mod clicks;
mod crackle;
mod damage;
mod flat_tops;
mod hiss;
mod hum;
mod runs;

pub use chunks::Hunt;
pub use damage::{
    ClippedSection, CrackleSection, Damage, DamageKinds, DamagedStretch, HissFloor, HissPoint,
    HumLine, HumSection,
};
