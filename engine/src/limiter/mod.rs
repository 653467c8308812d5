//! What keeps the true peak under the ceiling.

pub mod masked;
