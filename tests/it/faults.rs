//! What happens to a program at night, in small; `cargo run -p acetate-bench --bin faults` does it hundreds of times.
#![cfg(unix)]

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::program::{Studio, names_in};

const UPDATE: [&str; 7] = ["master", "record", "--existing", "update", "--limiter", "fast", "-q"];

fn record() -> Studio {
    let studio = Studio::new();
    studio.mix("record/one.wav");
    studio.mix("record/two.wav");
    studio
}

fn masters(studio: &Studio) -> Vec<(String, Vec<u8>)> {
    names_in(&studio.path("record/mastered"))
        .into_iter()
        .map(|name| {
            let bytes = studio.read(&format!("record/mastered/{name}"));
            (name, bytes)
        })
        .collect()
}

#[test]
fn a_killed_run_leaves_whole_masters_or_none_and_update_finishes_it() {
    let studio = record();
    studio.run(&UPDATE).exit(0);
    let whole = masters(&studio);
    for moment_ms in [60, 150, 300, 500] {
        std::fs::remove_dir_all(studio.path("record/mastered")).unwrap();
        let mut run = Command::new(env!("CARGO_BIN_EXE_acetate"))
            .args(UPDATE)
            .current_dir(studio.path("."))
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(moment_ms));
        run.kill().unwrap();
        run.wait().unwrap();
        for (name, bytes) in masters(&studio) {
            let temporary = name.starts_with(".acetate-");
            assert!(temporary || whole.contains(&(name.clone(), bytes)), "{name} is not whole");
        }
        studio.run(&UPDATE).exit(0);
        assert!(masters(&studio) == whole, "after {moment_ms} ms");
    }
}

#[test]
fn what_a_killed_run_left_is_swept_by_the_next_and_nothing_else_is() {
    let studio = Studio::with_mix();
    for name in [".acetate-Ab12Cd.tmp", ".acetate-notes.txt", "acetate-x.tmp"] {
        std::fs::write(studio.path(name), "left").unwrap();
    }
    studio.run(&["master", "mix.wav", "-o", "out.wav", "--limiter", "fast"]).exit(0);
    assert_eq!(
        studio.names(),
        [".acetate-notes.txt", "acetate-x.tmp", "mix.wav", "out.wav", "out.wav.settings.json"]
    );
}

#[test]
fn settings_without_their_master_do_not_pass_for_up_to_date() {
    let studio = record();
    studio.run(&UPDATE).exit(0);
    let whole = masters(&studio);
    std::fs::remove_file(studio.path("record/mastered/one.streaming.wav")).unwrap();
    std::fs::remove_file(studio.path("record/mastered/two.streaming.wav.settings.json")).unwrap();
    studio.run(&UPDATE).exit(0);
    assert!(masters(&studio) == whole);
}

#[test]
fn of_two_runs_that_write_one_name_one_wins_entirely() {
    let studio = Studio::with_mix();
    let words = |lufs: &'static str| {
        ["master", "mix.wav", "-o", "out.wav", "-f", "-q", "--limiter", "fast", "--lufs", lufs]
    };
    let alone = ["-14", "-20"].map(|lufs| {
        studio.run(&words(lufs)).exit(0);
        (studio.read("out.wav"), studio.read("out.wav.settings.json"))
    });
    for _ in 0..2 {
        std::thread::scope(|scope| {
            scope.spawn(|| studio.run(&words("-14")).exit(0));
            scope.spawn(|| studio.run(&words("-20")).exit(0));
        });
        let now = (studio.read("out.wav"), studio.read("out.wav.settings.json"));
        assert!(alone.contains(&now), "master and settings are of two runs");
    }
}

#[test]
fn a_folder_where_the_output_should_be_is_refused_and_stays() {
    let studio = Studio::with_mix();
    std::fs::create_dir(studio.path("mix.streaming.wav")).unwrap();
    for words in [&["-f"][..], &["--existing", "update"], &[]] {
        studio
            .run(&[&["master", "mix.wav"], words].concat())
            .exit(5)
            .one_line("mix.streaming.wav is a folder");
    }
    assert_eq!(studio.names(), ["mix.streaming.wav", "mix.wav"]);
}
