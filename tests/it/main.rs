//! The program from outside: what it writes, prints and returns.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "test signals, and helpers that only tests call"
)]

mod album;
mod album_again;
mod album_told;
mod analyze;
mod apply;
mod audition;
mod browser;
mod catalogue;
mod check;
mod compare;
mod config;
mod documents;
mod elsewhere;
mod embed;
mod export;
mod faults;
mod files;
mod guides;
mod house;
mod http;
mod interrupt;
mod lossy;
mod master;
mod odd;
mod predicted;
mod program;
mod readable;
mod references;
mod report;
mod restore;
mod schema;
mod sentences;
mod serve;
mod serve_load;
mod sessions;
mod simulate;
mod stems;
mod suggest;
mod targets;
mod translating;
mod usage;
mod walls;
mod words;
