//! What to aim for: delivery rules of platforms, what references and styles measure, and the aim that the
//! optimizer fits a mix to.

#![cfg_attr(
    test,
    allow(
        clippy::disallowed_methods,
        reason = "test signals need not be the same bits everywhere"
    )
)]

pub mod aim;
pub mod bands;
mod document;
pub mod frames;
mod limits;
mod nearest;
pub mod profile;
pub mod style;
pub mod target;

#[cfg(test)]
mod test_sounds;

pub use aim::{
    Aim, AimError, Alignment, BandAim, Range, RecordFrames, ReferenceUse, References, StyleUse,
    Wanted,
};
pub use limits::OutOfRange;
pub use nearest::{Near, closest};
pub use profile::{Profile, ProfileError};
pub use target::{Target, TargetError, target, targets};
