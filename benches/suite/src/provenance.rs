//! Where a result comes from: commit, processor, compiler.

use serde::Serialize;

/// What must be known to judge or repeat a measurement.
#[derive(Clone, Debug, Serialize)]
pub struct Provenance {
    /// Commit that the bench was built from, `-dirty` if the sources had changed since (`build.rs`).
    pub commit: &'static str,
    /// Model name of the processor.
    pub cpu: String,
    /// Logical processors.
    pub processors: usize,
    /// Version of the compiler that built it.
    pub rustc: &'static str,
}

impl Provenance {
    /// Of this machine and build; `unknown` where something cannot be found out.
    pub fn here() -> Self {
        Self {
            commit: env!("ACETATE_COMMIT"),
            cpu: cpu_model(),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            rustc: env!("ACETATE_RUSTC"),
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
