//! Other programs, run beside ours when they are there.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Names a python that has Matchering and libsonare installed.
pub const PYTHON_VARIABLE: &str = "ACETATE_PEERS_PYTHON";

/// How often it is asked whether a program has ended.
const POLL: Duration = Duration::from_millis(5);
/// Longest that matching a song may take.
const PATIENCE: Duration = Duration::from_secs(3600);

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
        let mut command = python(self.script())?;
        finished(command.args([mix, reference, output]), PATIENCE)
    }
}

/// The Python that is named, about to run a script.
///
/// # Errors
/// When none is named.
pub fn python(script: &str) -> Result<Command, String> {
    let python = std::env::var(PYTHON_VARIABLE)
        .map_err(|_| format!("skipped: {PYTHON_VARIABLE} is not set"))?;
    let mut command = Command::new(python);
    command.arg("-c").arg(script);
    Ok(command)
}

/// Runs a program to its end, or stops it when that takes too long.
///
/// # Errors
/// A line on what is missing or went wrong: the last that the program wrote.
pub fn finished(command: &mut Command, patience: Duration) -> Result<(), String> {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| format!("skipped: {error}"))?;
    let mut stderr = child.stderr.take().expect("stderr is piped");
    let mut text = String::new();
    let status = std::thread::scope(|scope| {
        // Reading ends when the program closes its end; an error here means the same.
        scope.spawn(|| stderr.read_to_string(&mut text));
        let begun = Instant::now();
        loop {
            match child.try_wait() {
                Ok(None) if begun.elapsed() < patience => std::thread::sleep(POLL),
                Ok(None) => {
                    // One that has just ended cannot be stopped, and need not be.
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(format!("stopped after {} s", patience.as_secs()));
                }
                Ok(Some(status)) => return Ok(status),
                Err(error) => return Err(error.to_string()),
            }
        }
    })?;
    if status.success() {
        return Ok(());
    }
    Err(text.lines().last().unwrap_or("failed without a word").to_owned())
}
