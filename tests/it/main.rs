//! The program from outside: what it writes, prints and returns.

mod analyze;
mod export;
mod program;
mod targets;
mod usage;
