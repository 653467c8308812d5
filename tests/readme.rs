//! The commands of README.md that are not `acetate`'s, run as they stand there in a fresh clone of HEAD.
//!
//! Not a part of `cargo test`, because a release build belongs to it: `./check` runs it as its last step. `./check`
//! itself is run with a `cargo` that only writes down what it was asked for: the real one is what runs this test,
//! in CI in a fresh clone.

#![allow(clippy::unwrap_used, reason = "a test")]

#[allow(dead_code, unreachable_pub, reason = "shared with the other tests, which use more of it")]
#[path = "it/sessions.rs"]
mod sessions;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Instant;

use acetate::files::MEMORY_LIMIT_BYTES;
use acetate::{SettingsDocument, analyze};

/// Meters may differ by this much: EBU Tech 3341.
const TOLERANCE_LU: f64 = 0.1;

/// Writes down what `cargo` is asked for, beside itself, and fails on demand.
const STAND_IN: &str = r#"#!/bin/sh
here=$(dirname "$0")
echo "$*" >> "$here/asked"
test ! -e "$here/asked.fail"
"#;

/// Clones what is committed; `None` where there is no repository, as in an archive.
fn fresh_clone() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if !root.join(".git").exists() {
        return None;
    }
    // Always the same place: cargo would keep a build for each.
    let clone = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fresh");
    let _ = fs::remove_dir_all(&clone);
    let mut git = Command::new("git");
    git.args(["clone", "--quiet", "--no-hardlinks"]).arg(root).arg(&clone);
    // The folder may be somebody else's, as in a container.
    git.env("GIT_CONFIG_COUNT", "1");
    git.env("GIT_CONFIG_KEY_0", "safe.directory").env("GIT_CONFIG_VALUE_0", "*");
    assert!(git.status().unwrap().success(), "{} cannot be cloned", root.display());
    Some(clone)
}

/// Runs a line in the clone, with the target folder of this build, so that libraries are compiled once.
fn run(line: &str, clone: &Path, path: Option<&Path>) -> Output {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).current_dir(clone).env("CARGO_TARGET_DIR", target);
    if let Some(first) = path {
        let rest = std::env::var("PATH").unwrap_or_default();
        shell.env("PATH", format!("{}:{rest}", first.display()));
    }
    shell.output().unwrap()
}

#[track_caller]
fn succeed(line: &str, output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line} failed in a fresh clone:\n{said}");
}

/// A master was written beside the example, at the loudness and below the peak that its target asks for.
fn look_at_master(line: &str, clone: &Path) {
    succeed(line, &run(line, clone, None));
    let master = clone.join("examples/mix.streaming.flac");
    let source = acetate::files::open(&master, MEMORY_LIMIT_BYTES).unwrap();
    let loudness = analyze(&source).unwrap().analysis.loudness;
    let target = acetate::target("streaming").unwrap();
    let wanted_lufs = target.integrated_lufs.unwrap();
    let lufs = loudness.integrated_lufs.unwrap();
    assert!((lufs - wanted_lufs).abs() <= TOLERANCE_LU, "{lufs} LUFS");
    assert!(loudness.true_peak_dbtp.unwrap() <= target.true_peak_dbtp);
    let settings =
        fs::read_to_string(clone.join("examples/mix.streaming.flac.settings.json")).unwrap();
    SettingsDocument::parse(&settings).unwrap();
}

/// `./check` does what the comment behind it in the README says, and stops at what fails.
fn look_at_check(line: &str, clone: &Path) {
    let tools = clone.join("target-of-the-test");
    fs::create_dir(&tools).unwrap();
    let asked = tools.join("asked");
    write_program(&tools.join("cargo"), STAND_IN);
    write_program(&tools.join("python3"), STAND_IN);
    // Nothing is built; an environment for Python that an earlier run left in the usual folder would be used in earnest.
    let line = &format!("CARGO_TARGET_DIR={} {line}", tools.display());
    succeed(line, &run(line, clone, Some(&tools)));
    let steps = fs::read_to_string(&asked).unwrap();
    for (what, step) in [
        ("format", "fmt --all --check"),
        ("lints", "clippy --workspace --all-targets -- -D warnings"),
        ("tests", "test --workspace"),
        ("docs", "doc --workspace --no-deps"),
        ("this test", "test --test readme"),
        ("the Python package", "-m venv"),
    ] {
        assert!(steps.lines().any(|line| line.starts_with(step)), "./check lacks {what}:\n{steps}");
    }
    fs::write(asked.with_extension("fail"), "").unwrap();
    assert!(!run(line, clone, Some(&tools)).status.success(), "./check succeeds when a step fails");
    let again = fs::read_to_string(&asked).unwrap();
    assert_eq!(again.lines().count(), steps.lines().count() + 1, "./check goes on after a failure");
    let ci = fs::read_to_string(clone.join(".ci/run")).unwrap();
    assert!(ci.ends_with("exec ./check\n"), "CI runs something else: {ci}");
}

fn write_program(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

#[test]
fn the_commands_of_the_readme_work_in_a_fresh_clone() {
    let Some(clone) = fresh_clone() else {
        eprintln!("skipped: this is no repository, there is nothing to clone");
        return;
    };
    let readme = fs::read_to_string(clone.join("README.md")).unwrap();
    let steps = sessions::steps(&readme);
    let ours = |command: &str| !command.starts_with("acetate ");
    let commands: Vec<&str> =
        steps.iter().map(|step| step.command).filter(|command| ours(command)).collect();
    assert_eq!(commands.len(), 2, "{commands:?}");
    for command in commands {
        let begun = Instant::now();
        match command {
            "./check" => look_at_check(command, &clone),
            line if line.contains("master examples/mix.flac -t streaming") => {
                look_at_master(line, &clone);
            }
            other => panic!("nobody looks at what {other} does"),
        }
        eprintln!("{command}: {:.0} s", begun.elapsed().as_secs_f64());
    }
    fs::remove_dir_all(&clone).unwrap();
}
