//! The program from outside: what it writes, prints and returns.

mod analyze;
mod apply;
mod check;
mod config;
mod export;
mod files;
mod master;
mod program;
mod references;
mod report;
mod schema;
mod suggest;
mod targets;
mod usage;
