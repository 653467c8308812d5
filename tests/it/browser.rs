//! The report and the page in a real browser: the scripts are in `tests/browser`, and say what they need.

use std::path::Path;
use std::process::Command;

/// What a script ends with when the browser, its driver or the page is absent.
const SKIPPED: i32 = 77;

fn in_chromium(script: &str) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser").join(script);
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

#[test]
fn the_report_works_in_chromium() {
    in_chromium("run.mjs");
}

#[test]
fn the_page_masters_in_chromium_what_the_program_does() {
    in_chromium("web.mjs");
}

#[test]
fn the_page_of_the_server_masters_in_chromium_what_the_program_does() {
    in_chromium("serve.mjs");
}
