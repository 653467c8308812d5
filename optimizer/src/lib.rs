//! Where analyzer and engine meet: predict, search, confirm, explain.
//!
//! [`fit`] finds the settings that bring a measured sound to an [`Aim`](acetate_references::Aim); [`verify`] compares the written file with what was
//! asked for; [`scale`] takes more or less of existing settings.

mod document;
mod dynamics;
mod equalizer;
mod fit;
mod loudness;
mod options;
mod rounding;
mod scale;
mod solver;
mod surrogate;
mod tone;
mod verdict;
mod width;

pub use document::{
    AimRecord, Confidence, DocumentError, MadeBy, Move, Numbers, ReferenceRecord, SETTINGS_SCHEMA,
    SettingsDocument, SourceRecord, TargetRecord,
};
pub use options::{Amounts, Detail, FitOptions, Match};
pub use scale::{ScaleError, Scaling, scale};
pub use surrogate::Prediction;
pub use verdict::{Cannot, Check, LOUDNESS_TOLERANCE_LU, Verdict, tone_error_db, verify};
