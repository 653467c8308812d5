//! Ctrl-C and termination: exit 130, one line, and nothing left behind.

#![cfg(unix)]

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::program::{Studio, names_in, write_long_mix};

/// The program at work in the studio, with a temporary folder of its own.
fn start(studio: &Studio, arguments: &[&str], stdin: Stdio) -> Child {
    std::fs::create_dir_all(studio.path("tmp")).unwrap();
    Command::new(env!("CARGO_BIN_EXE_acetate"))
        .args(arguments)
        .current_dir(studio.path("."))
        .env("TMPDIR", studio.path("tmp"))
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn wait_until(what: &str, mut happened: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !happened() {
        assert!(begun.elapsed() < Duration::from_secs(300), "{what} did not happen");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn interrupt(mut child: Child, signal: &str) -> (Option<i32>, String) {
    // Held open until the end: the end of the input would be another reason to stop.
    let _stdin = child.stdin.take();
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn an_interruption_while_a_file_is_written_leaves_nothing() {
    let studio = Studio::new();
    write_long_mix(&studio.path("long.wav"));
    for signal in ["-INT", "-TERM"] {
        let child =
            start(&studio, &["master", "long.wav", "--limiter", "fast", "-q"], Stdio::null());
        wait_until("writing", || {
            studio
                .names()
                .iter()
                .any(|name| name.starts_with(".acetate-") && name.ends_with(".tmp"))
        });
        let (code, stderr) = interrupt(child, signal);
        assert_eq!(code, Some(130), "{stderr}");
        assert_eq!(stderr, "acetate: interrupted; no unfinished file was left\n");
        assert_eq!(studio.names(), ["long.wav", "tmp"]);
        assert_eq!(names_in(&studio.path("tmp")), [""; 0]);
    }
}

#[test]
fn an_interruption_while_a_record_is_laid_out_leaves_no_layout() {
    let studio = crate::album::with_record();
    write_long_mix(&studio.path("record/long.wav"));
    for signal in ["-INT", "-TERM"] {
        let words = ["album", "record/long.wav", "--limiter", "fast", "-q", "-d", "out"];
        let child = start(&studio, &words, Stdio::null());
        let unfinished =
            || studio.path("out").is_dir() && !names_in(&studio.path("out")).is_empty();
        wait_until("writing", unfinished);
        let (code, stderr) = interrupt(child, signal);
        assert_eq!(code, Some(130), "{stderr}");
        assert_eq!(names_in(&studio.path("out")), [""; 0]);
    }
}

#[test]
fn a_record_that_cannot_be_written_leaves_the_one_that_is_there() {
    let studio = crate::album::with_record();
    studio.run(&["album", "record", "--layout", "streaming,cd", "--limiter", "fast"]).exit(0);
    let disc = studio.read("record/mastered/cd/harbour.wav");
    // Files of at most 2.5 MB stand for a full disk: the disc is larger, the songs are not. XFSZ would end the program.
    let line = "trap '' XFSZ; ulimit -f 5000; exec \"$0\" album record -f -q --lufs -16 --layout streaming,cd --limiter fast";
    let output = Command::new("sh")
        .args(["-c", line, env!("CARGO_BIN_EXE_acetate")])
        .current_dir(studio.path("."))
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.starts_with("acetate: record/mastered/cd/harbour.wav: "), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    let folder = studio.path("record/mastered");
    assert_eq!(names_in(&folder), ["album.acetate.json", "cd", "streaming"]);
    assert!(studio.read("record/mastered/cd/harbour.wav") == disc);
    assert_eq!(
        studio.json("record/mastered/album.acetate.json")["target"]["integrated_lufs"],
        -14.0
    );
}

#[test]
fn an_interruption_while_standard_input_is_read_leaves_nothing() {
    let studio = Studio::new();
    // The pipe stays open: the program waits for more.
    let child = start(&studio, &["analyze", "-"], Stdio::piped());
    wait_until("reading", || !names_in(&studio.path("tmp")).is_empty());
    let (code, stderr) = interrupt(child, "-INT");
    assert_eq!((code, stderr.lines().count()), (Some(130), 1), "{stderr}");
    assert_eq!(names_in(&studio.path("tmp")), [""; 0]);
}
