//! The report in a real browser: the script is `tests/browser/run.mjs`, which says what it needs.

use std::path::Path;
use std::process::Command;

/// What the script ends with when the browser or its driver is absent.
const SKIPPED: i32 = 77;

#[test]
fn the_report_works_in_chromium() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/run.mjs");
    let run = Command::new("node").arg(script).arg(env!("CARGO_BIN_EXE_acetate")).output();
    let Ok(output) = run else {
        return println!("skipped: node is not installed");
    };
    let said = String::from_utf8_lossy(&output.stdout);
    match output.status.code() {
        Some(0) => println!("{}", said.lines().last().unwrap_or_default()),
        Some(SKIPPED) => println!("{said}"),
        _ => panic!("{said}\n{}", String::from_utf8_lossy(&output.stderr)),
    }
}
