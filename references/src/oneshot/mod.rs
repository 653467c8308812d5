//! What is wrong with a mix, without a record to follow, and how sure that is.
//!
//! A [`Model`] says how commercial recordings lie among 45 [`Signs`], and what faults are like: broad curves of tone, broad changes
//! of density. Asked is not how far a mix is from the middle, but what is more likely: that it is another kind of record, or that
//! it was bent ([`Model::belief`]). The spreads of the levels tell kinds of music apart and are not bent by an equaliser. A
//! [`Hearing`] is what follows: done when it is nearly sure, said when it is likely, left alone otherwise, each with a sentence.
//!
//! `examples/fit_oneshot` fits the model and measures it (docs/oneshot.md).

mod certainty;
mod fit;
mod hearing;
mod model;
mod own;
mod posterior;
mod unjudged;

pub use crate::signs::{BandSigns, EXCERPT_S, Nine, SideSigns, Signs};
pub use certainty::{Line, drawn};
pub use fit::{FitChoices, fit, fit_once};
pub use hearing::{Boldness, Decision, Doubt, Hearing};
pub use model::{
    Axes, Directions, Faults, MODEL_SCHEMA, MOVED, Model, ToneSize, density_covariance, model,
    tone_covariance,
};
pub use posterior::{Belief, Suspicion};
pub use unjudged::Unjudged;
