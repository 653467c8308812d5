//! Where a result comes from: commit, processor, compiler.

use std::process::Command;

use serde::Serialize;

/// What must be known to judge or repeat a measurement.
#[derive(Clone, Debug, Serialize)]
pub struct Provenance {
    /// Commit of the checkout the bench was started in.
    pub commit: String,
    /// Model name of the processor.
    pub cpu: String,
    /// Logical processors.
    pub processors: usize,
    /// Version of the compiler on the path.
    pub rustc: String,
}

impl Provenance {
    /// Of this machine and checkout; `unknown` where something cannot be found out.
    pub fn here() -> Self {
        Self {
            commit: first_line("git", &["rev-parse", "--short", "HEAD"]),
            cpu: cpu_model(),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            rustc: first_line("rustc", &["--version"]),
        }
    }
}

fn cpu_model() -> String {
    std::fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?.to_owned();
            Some(line.split_once(':')?.1.trim().to_owned())
        })
        .unwrap_or_else(|| "unknown".into())
}

fn first_line(program: &str, arguments: &[&str]) -> String {
    Command::new(program)
        .args(arguments)
        .output()
        .ok()
        .and_then(|output| Some(String::from_utf8(output.stdout).ok()?.lines().next()?.to_owned()))
        .unwrap_or_else(|| "unknown".into())
}
