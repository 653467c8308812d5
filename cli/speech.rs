//! What is said on standard error: lines for people, or JSON for programs, beside the bars.

use std::io::{Write, stderr};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{MultiProgress, ProgressDrawTarget};
use serde_json::{Value, json};

/// Name and version of a line on standard error with `--progress json`.
pub(crate) const PROGRESS_SCHEMA: &str = "acetate.progress/1";

/// Redraws a second, at most.
pub(crate) const REDRAWS_HZ: u8 = 10;

/// The bars of all files that are worked on, one under the other.
pub(crate) static BARS: LazyLock<MultiProgress> = LazyLock::new(|| {
    MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(REDRAWS_HZ))
});

/// Lets `write` use standard error while the bars are out of the way.
fn beside_bars(write: impl FnOnce()) {
    BARS.suspend(write);
}

/// Is standard error for programs (`--progress json`)?
static SPEAKS_JSON: AtomicBool = AtomicBool::new(false);

/// From now on every line on standard error is a JSON document.
pub(crate) fn speak_json() {
    SPEAKS_JSON.store(true, Ordering::Relaxed);
}

/// Is every line on standard error a JSON document?
pub(crate) fn speaks_json() -> bool {
    SPEAKS_JSON.load(Ordering::Relaxed)
}

/// Writes one line to standard error, as JSON where that is spoken; there is nobody to tell when that fails.
pub(crate) fn say(line: &str) {
    if !speaks_json() {
        return write_line(line);
    }
    let (field, text) = match line.strip_prefix("acetate: ") {
        Some(error) => ("error", error),
        None => ("text", line.trim()),
    };
    say_json(json!({ "schema": PROGRESS_SCHEMA, field: text }));
}

/// Writes one JSON document as a line to standard error.
pub(crate) fn say_json(document: Value) {
    write_line(&document.to_string());
}

fn write_line(line: &str) {
    beside_bars(|| {
        let _ = writeln!(stderr().lock(), "{line}");
    });
}
