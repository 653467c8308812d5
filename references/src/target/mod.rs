//! Delivery rules: how loud, how high the peaks, in what format, and where that is written down.
//!
//! The built-in rules are data (`data/targets.json`), each with its source, the date it was looked up and how
//! far to trust it. A person's own target file has the same shape. A rule never orders a loudness that a
//! platform merely plays back at: [`consequences`] says what playback will do instead.

pub mod check;
mod date;
mod document;
mod lint;
mod playback;

pub use date::Date;
pub use document::{
    Certainty, DeliveredAs, ExtraRule, FormatRule, MetadataRule, RuleKind, TARGET_SCHEMA, Target,
    TargetError, target, targets,
};
pub use lint::{TargetFinding, lint};
pub use playback::{Delivered, PlatformConsequence, Player, Raise, consequences, players};
