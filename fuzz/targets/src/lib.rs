//! What each fuzz target does with its bytes: called by libFuzzer (`fuzz/fuzz_targets`) and by the replay
//! (`fuzz/targets/tests/replay.rs`), so that both hold the code to the same promises.

#![allow(clippy::disallowed_methods, reason = "test signals need not be the same bits everywhere")]

mod arbitrary;
mod chain;
mod config;
mod documents;
mod name;
mod sound;
#[path = "../../../cli/suggestion.rs"]
mod suggestion;

// What the program's file above talks to.
use acetate as _;

pub use chain::chain;
pub use config::config;
pub use documents::{profile, settings, style, target};
pub use name::name;
pub use sound::{decode, tags};

/// A fuzz target: any bytes, and a panic when a promise does not hold.
pub type Target = fn(&[u8]);

/// Every target, by the name of its corpus.
pub const TARGETS: [(&str, Target); 9] = [
    ("decode", decode),
    ("tags", tags),
    ("settings", settings),
    ("profile", profile),
    ("target", target),
    ("style", style),
    ("config", config),
    ("chain", chain),
    ("name", name),
];
