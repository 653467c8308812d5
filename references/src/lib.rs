//! What to aim for: delivery rules of platforms, what references and styles measure, and the aim that the
//! optimizer fits a mix to.

pub mod aim;
pub mod bands;
pub mod profile;
pub mod style;
pub mod target;

#[cfg(test)]
mod test_sounds;

pub use aim::{Aim, AimError, BandAim, Range, ReferenceUse, References, StyleUse, Wanted};
pub use profile::{Profile, ProfileError};
pub use target::{Target, TargetError, target, targets};
