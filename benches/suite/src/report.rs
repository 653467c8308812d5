//! Where the results of a bench go.

use std::path::Path;

use serde::Serialize;

/// Writes a report as JSON, where a file is named.
///
/// # Errors
/// When it cannot be written.
pub fn write_json(path: Option<&Path>, report: &impl Serialize) -> Result<(), String> {
    let Some(path) = path else { return Ok(()) };
    let text = serde_json::to_string_pretty(report).map_err(|error| error.to_string())? + "\n";
    std::fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}
