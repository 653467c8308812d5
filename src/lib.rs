//! Automatic mastering: a finished mix goes in; a finished master, and readable settings that explain it, come out.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use acetate::Source;
//! use acetate::audio::MEMORY_LIMIT_BYTES;
//!
//! let source = Source::open("mix.wav".as_ref(), MEMORY_LIMIT_BYTES)?;
//! let before = acetate::analyze(&source)?;
//! let target = acetate::target("streaming").expect("a built-in target");
//! let aim = acetate::Aim::of_target(target);
//! let fit = acetate::fit(&source, &before, &aim, &acetate::FitOptions::default(), &mut |_| {})?;
//! println!("{}", fit.summary);
//! # Ok(())
//! # }
//! ```

pub use acetate_analyzer as analyzer;
pub use acetate_audio as audio;
pub use acetate_engine as engine;
pub use acetate_optimizer as optimizer;
pub use acetate_references as references;

pub use acetate_analyzer::{Analysis, Levels, Measured, analyze};
pub use acetate_audio::{Audio, AudioSpec, Source};
pub use acetate_engine::Settings;
pub use acetate_optimizer::{Fit, FitOptions, SettingsDocument, Verdict, fit, verify};
pub use acetate_references::{Aim, Profile, Target, target, targets};

/// The guide's code, compiled.
#[cfg(doctest)]
#[doc = include_str!("../docs/guides/embed-the-library.md")]
struct EmbedTheLibrary;
