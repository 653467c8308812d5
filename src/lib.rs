//! Automatic mastering.
