//! What to aim for: delivery rules of platforms, what references and styles measure, and the aim that the
//! optimizer fits a mix to.
//!
//! It is: targets and the judging of a file by them ([`target`](mod@target)), profiles of records ([`profile`]), styles, and kinds
//! among a person's own records ([`style`]), and what all of them want of a mix ([`Aim`]). It is not: a fitter. It looks at
//! analyses, never at samples, opens no file, and reads no environment and no clock.
//!
//! ```
//! use acetate_analyzer::analyze;
//! use acetate_audio::{Audio, Source};
//! use acetate_references::oneshot::Boldness;
//! use acetate_references::{Aim, target};
//!
//! let noise = |frame: usize| ((frame * 7919) % 1000) as f32 / 1000.0 - 0.5;
//! let mix = Audio::from_planes(44_100, vec![(0..88_200).map(noise).collect(); 2]);
//! let mix = analyze(&Source::from_audio(mix))?.analysis;
//! let streaming = target("streaming").expect("a built-in target");
//! let aim = Aim::one_shot(&mix, streaming, Boldness::Normal);
//! assert_eq!(aim.loudness_lufs, streaming.integrated_lufs);
//! println!("{}", aim.style.expect("found automatically").text);
//! # Ok::<(), acetate_audio::ReadError>(())
//! ```

#![cfg_attr(
    test,
    allow(
        clippy::disallowed_methods,
        reason = "test signals need not be the same bits everywhere"
    )
)]

pub mod aim;
pub mod bands;
pub mod frames;
mod limits;
mod name;
mod nearest;
pub mod oneshot;
pub mod profile;
mod reference_use;
mod signs;
pub mod style;
pub mod target;
mod taste;

#[cfg(test)]
mod test_sounds;

pub use aim::{
    Aim, AimError, Alignment, BandAim, RecordFrames, References, StyleUse, UsualRange, Wanted,
};
pub use limits::OutOfRange;
pub use name::plain_id;
pub use nearest::{Near, closest};
pub use profile::{Profile, ProfileError};
pub use reference_use::ReferenceUse;
pub use target::{Target, TargetError, target, targets};
pub use taste::{TASTE_SCHEMA, Taste, TasteError};
