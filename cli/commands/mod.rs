//! One file a command.

pub(crate) mod analyze;
pub(crate) mod apply;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod export;
pub(crate) mod man;
pub(crate) mod master;
pub(crate) mod suggest;
pub(crate) mod targets;
