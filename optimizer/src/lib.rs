//! Where analyzer and engine meet: predict, search, confirm, explain.
//!
//! [`fit`] finds the settings that bring a measured sound to an [`Aim`](acetate_references::Aim); [`verify`] compares the written file with what was
//! asked for; [`scale`] takes more or less of existing settings.

#![cfg_attr(
    test,
    allow(
        clippy::disallowed_methods,
        reason = "test signals need not be the same bits everywhere"
    )
)]

pub mod album;
mod audition;
mod balance;
mod belief;
mod confirm;
mod curve;
mod damage;
mod difference;
mod document;
mod dynamics;
mod elsewhere;
mod equalizer;
mod expected;
mod explain;
mod fit;
mod implied;
mod joint;
mod kept;
mod loudness;
mod matching;
mod medley;
mod objective;
mod options;
mod plan;
mod progress;
mod refine;
mod rounding;
mod scale;
mod sections;
mod solve;
mod solver;
mod subject;
mod surrogate;
mod tone;
mod top;
mod trade;
mod trial;
mod verdict;
mod wanted;
mod width;

pub use audition::{
    ANSWERS_MAX, ANSWERS_MIN, ANSWERS_USUAL, Answer, Answered, Audition, AuditionError, Certainty,
    Pair, Reach, TasteSpace, Way,
};
pub use balance::{Balance, STEM_MOVE_DB_MAX, SparedMove, StemMove, asks_for_tone, balance};
pub use confirm::{settle_level, settle_loudness, settle_within};
pub use curve::{CurvePoint, loudness_curve};
pub use difference::{SourceDifference, source_difference};
pub use document::{
    AimRecord, Confidence, DocumentError, FileStamp, MadeBy, Mark, Move, Numbers, ReferenceRecord,
    SETTINGS_SCHEMA, SettingsDocument, SourceRecord, TargetRecord, ToneRecord,
};
pub use explain::{
    BAND_WORDS, BandWords, Leftover, LeftoverReason, bass_harmonics_text, capital, drive_text,
    repair_moves, repairs_in_words, what_was_done, words_for, words_of_change,
};
pub use fit::wish_of_records;
pub use implied::{drafted, implied_settings};
pub use kept::Kept;
pub use matching::RecordWish;
pub use objective::Term;
pub use options::{Amounts, Detail, FitOptions, Match};
pub use plan::{Fit, aim_record, fit, fit_keeping};
pub use progress::Progress;
pub use scale::{ScaleError, Scaling, scale};
pub use subject::damage_db;
pub use surrogate::{Prediction, Surrogate};
pub use trial::Settled;
pub use verdict::{Cannot, Check, LOUDNESS_TOLERANCE_LU, Verdict, Worst, tone_error_db, verify};
pub use wanted::Level;
