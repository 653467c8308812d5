//! One file a command.

pub(crate) mod album;
pub(crate) mod analyze;
pub(crate) mod apply;
pub(crate) mod catalogue;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod listen;
pub(crate) mod man;
pub(crate) mod master;
pub(crate) mod pick;
pub(crate) mod references;
pub(crate) mod report;
pub(crate) mod restore;
pub(crate) mod schema;
#[cfg(feature = "serve")]
pub(crate) mod serve;
pub(crate) mod simulate;
pub(crate) mod stems;
pub(crate) mod styles;
pub(crate) mod suggest;
pub(crate) mod targets;
