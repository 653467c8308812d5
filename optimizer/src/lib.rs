//! Where analyzer and engine meet.

mod document;
mod equalizer;
mod options;
mod solver;
mod surrogate;

pub use document::{
    AimRecord, Confidence, DocumentError, MadeBy, Move, Numbers, ReferenceRecord, SETTINGS_SCHEMA,
    SettingsDocument, SourceRecord, TargetRecord,
};
pub use options::{Amounts, Detail, FitOptions, Match};
pub use surrogate::Prediction;
