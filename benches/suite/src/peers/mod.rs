//! Other programs, run beside ours when they are there.

use std::path::Path;
use std::process::Command;

/// Names a python that has Matchering and libsonare installed.
pub const PYTHON_VARIABLE: &str = "ACETATE_PEERS_PYTHON";

/// A program that matches a mix to a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Matchering 2: loudest-piece RMS matching, smoothed FIR on mid and side, limiter.
    Matchering,
    /// libsonare's match equaliser, on each channel.
    Libsonare,
}

impl Peer {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Matchering, Self::Libsonare];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Matchering => "matchering",
            Self::Libsonare => "libsonare",
        }
    }

    fn script(self) -> &'static str {
        match self {
            Self::Matchering => include_str!("matchering.py"),
            Self::Libsonare => include_str!("libsonare.py"),
        }
    }

    /// Matches `mix` to `reference` into the WAV file `output`.
    ///
    /// # Errors
    /// A line on what is missing or went wrong.
    pub fn run(self, mix: &Path, reference: &Path, output: &Path) -> Result<(), String> {
        let python = std::env::var(PYTHON_VARIABLE)
            .map_err(|_| format!("skipped: {PYTHON_VARIABLE} is not set"))?;
        let run = Command::new(python)
            .arg("-c")
            .arg(self.script())
            .args([mix, reference, output])
            .output()
            .map_err(|error| format!("skipped: {error}"))?;
        if run.status.success() {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&run.stderr);
        Err(text.lines().last().unwrap_or("failed without a word").to_owned())
    }
}
