//! Says which commit a bench is built from: a result names the code that gave it, whatever is checked out when it runs.

use std::path::Path;
use std::process::Command;

/// What does not go into the programs: a changed page or result makes no other build.
const LEFT_OUT: [&str; 6] =
    [":!docs", ":!benches/results", ":!tests", ":!examples", ":!fuzz/corpus", ":!*.md"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let commit = git(&["rev-parse", "--short", "HEAD"]);
    let top = git(&["rev-parse", "--show-toplevel"]).unwrap_or_default();
    let sources = |command: &[&str]| git(&[command, &["--", &top], &LEFT_OUT].concat());
    let changed = sources(&["diff", "--name-only", "HEAD"]).is_some_and(|files| !files.is_empty());
    println!(
        "cargo::rustc-env=ACETATE_COMMIT={}{}",
        commit.as_deref().unwrap_or("unknown"),
        if changed { "-dirty" } else { "" }
    );
    let rustc = std::env::var("RUSTC").ok().and_then(|rustc| said(&rustc, &["--version"]));
    println!("cargo::rustc-env=ACETATE_RUSTC={}", rustc.as_deref().unwrap_or("unknown"));
    let files = sources(&["ls-files", "--full-name"]).unwrap_or_default();
    let files = files.lines().map(|file| format!("{top}/{file}"));
    // The log of HEAD grows with every commit, checkout and reset.
    let moves = ["HEAD", "logs/HEAD"].into_iter();
    let moves =
        moves.filter_map(|name| git(&["rev-parse", "--path-format=absolute", "--git-path", name]));
    // Cargo takes a path that is missing for one that always changed.
    for path in files.chain(moves).filter(|path| Path::new(path).exists()) {
        println!("cargo::rerun-if-changed={path}");
    }
}

/// What git says; `None` outside a checkout or without git.
fn git(arguments: &[&str]) -> Option<String> {
    said("git", arguments)
}

/// What a program says, when it succeeds.
fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let said = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    output.status.success().then_some(said)
}
