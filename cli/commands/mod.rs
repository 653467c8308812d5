//! One file a command.

pub(crate) mod analyze;
pub(crate) mod completions;
pub(crate) mod export;
pub(crate) mod man;
pub(crate) mod targets;
