//! A sound elsewhere: what phones, laptops, cars and clubs keep of it, measured and made audible.
//!
//! It is: systems as data with their sources ([`systems`]), what of a sound is heard on each from the tables of its analysis
//! ([`translate`]), and sentences about what this song loses there and most others do not. It is not: a judge of taste, and no
//! listening test stands behind it. A fixed curve takes nearly the same from any record; what differs between songs is the bass line
//! through its harmonics, what cancels, what noise covers, what codecs and limiters of devices do.
//!
//! ```
//! use acetate_analyzer::analyze;
//! use acetate_audio::{Audio, Source};
//! use acetate_translation::{Listening, system, translate};
//!
//! let tone = |frame: usize| 0.3 * (std::f32::consts::TAU * 50.0 * frame as f32 / 48_000.0).sin();
//! let plane: Vec<f32> = (0..240_000).map(tone).collect();
//! let audio = Audio::from_planes(48_000, vec![plane.clone(), plane]);
//! let phone = [system("phone").expect("it is shipped").clone()];
//! let mut listening = Listening::new(audio.spec(), &phone);
//! listening.push(&audio);
//! let measured = analyze(&Source::from_audio(audio))?;
//! let found = translate(&measured, &listening.finish(), &phone, Vec::new());
//! let bass = found.systems[0].bass.as_ref().expect("a tone of 50 Hz is a bass line");
//! assert_eq!(bass.heard_pct, 0.0); // no phone plays it, and it has no harmonics
//! # Ok::<(), acetate_audio::ReadError>(())
//! ```

#![cfg_attr(
    test,
    allow(
        clippy::disallowed_methods,
        reason = "test signals need not be the same bits everywhere"
    )
)]

mod at_home;
mod balance;
mod bass;
mod cancels;
mod centre;
mod cover;
mod curve;
mod document;
mod ear;
mod findings;
mod heard;
mod lfe;
mod limiter;
mod listening;
mod lost_bass;
mod loudness;
mod lows;
mod medium;
mod mono;
mod noise;
mod peaq;
mod shares;
mod sibilance;
mod sound;
mod stems;
mod system;
mod system_error;
mod telling;
mod translate;
mod usual;
mod wobble;
pub mod worth;

pub use at_home::changes_at_home;
pub use curve::{Curve, THIRD_OCTAVES_HZ, a_weight_db};
pub use document::{
    AfterCodec, Answer, BandHeard, BassHeard, Centre, Covered, LostLows, MonoBand, MonoHeard,
    OnSystem, Outcome, SCHEMA, Sharpness, StemHeard, TakenBack, Translation, TranslationFinding,
};
pub use listening::{DeviceMeter, Listened, Listening};
pub use medium::{Medium, Tape, Wobble};
pub use noise::{Noise, noise, noises};
pub use peaq::{NoiseToMask, noise_to_mask};
pub use shares::{Everywhere, Shares};
pub use sound::Playback;
pub use stems::{Stem, stems_elsewhere};
pub use system::{
    Confidence, Device, SYSTEM_SCHEMA, Side, System, at_home, opt_in_systems, system, systems,
};
pub use system_error::SystemError;
pub use telling::{around, codes};
pub use translate::{field, full_scale_spl_db, regions, translate};
