//! Every session in `docs/guides` and `README.md` is run as it stands there, on the music in `examples`.
//!
//! `tests/readme.rs` runs the commands of the README that are not `acetate`'s.

use std::path::{Path, PathBuf};

use crate::program::{Studio, names_in};
use crate::sessions::{Step, matches, steps};

/// Guides without a session: a table of the others, and code that `src/lib.rs` compiles.
const NO_SESSION: [&str; 3] = ["README.md", "embed-the-library.md", "the-page.md"];

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs the sessions of a text from beginning to end, in a folder with the example music.
#[track_caller]
fn check(path: &str) -> Studio {
    let text = std::fs::read_to_string(root(path)).unwrap();
    let studio = Studio::new();
    for name in ["mix.flac", "reference.flac"] {
        std::fs::copy(root("examples").join(name), studio.path(name)).unwrap();
    }
    for (folder, command) in [("record", "acetate album record"), ("stems", "acetate stems stems")]
    {
        if text.contains(command) {
            std::fs::create_dir(studio.path(folder)).unwrap();
            for entry in std::fs::read_dir(root("examples").join(folder)).unwrap() {
                let path = entry.unwrap().path();
                let copy = studio.path(folder).join(path.file_name().unwrap());
                if path.is_file() {
                    std::fs::copy(&path, copy).unwrap();
                }
            }
        }
    }
    if text.contains("acetate restore tape.wav") {
        write_tape(&studio);
    }
    if let Some((_, after)) = text.split_once("(`kitchen.json`)") {
        let block = after.split("```json").nth(1).and_then(|rest| rest.split("```").next());
        std::fs::write(studio.path("kitchen.json"), block.unwrap()).unwrap();
    }
    let mut steps = steps(&text);
    if path == "README.md" {
        steps.retain(|step| step.command.starts_with("acetate "));
    }
    assert!(!steps.is_empty(), "{path} has no session");
    for step in &steps {
        check_step(path, &studio, step);
    }
    studio
}

/// The example mix with six clicks, left and right by turns, and hum in it, in 24 bits.
fn write_tape(studio: &Studio) {
    let source = acetate::files::open(&root("examples/mix.flac"), 1 << 30).unwrap();
    let sound = source.audio().unwrap();
    let rate_hz = sound.spec().sample_rate_hz;
    let spec = hound::WavSpec {
        channels: sound.spec().channels as u16,
        sample_rate: rate_hz,
        bits_per_sample: 24,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(studio.path("tape.wav"), spec).unwrap();
    for frame in 0..sound.frames() {
        let turn = 50.03 * std::f64::consts::TAU * frame as f64 / f64::from(rate_hz);
        let hum: f64 = (1..=6).map(|k| 0.01 / f64::from(k) * (f64::from(k) * turn).sin()).sum();
        let (which, since) = (frame / (sound.frames() / 7), frame % (sound.frames() / 7));
        for (channel, plane) in sound.planes().iter().enumerate() {
            let is_hit = since < 4 && frame > 100 && channel == which % 2;
            let click = if is_hit { 0.4 } else { 0.0 };
            let x = f64::from(plane[frame]) + hum + click;
            writer.write_sample((x.clamp(-0.99, 0.99) * 8_388_607.0) as i32).unwrap();
        }
    }
    writer.finalize().unwrap();
}

#[track_caller]
fn check_step(path: &str, studio: &Studio, step: &Step<'_>) {
    assert!(step.command.starts_with("acetate "), "{path}: nobody runs {}", step.command);
    let run = studio.shell(step.command).exit(step.exit);
    let said = run.text() + &run.stderr;
    let lines: Vec<&str> =
        said.lines().filter(|line| !is_progress(line)).map(without_times).collect();
    assert!(
        step.shown.is_empty() || matches(&step.shown, &lines),
        "{path}: {} says\n{said}",
        step.command
    );
}

/// What a slow machine says in between: `Rendering  mix.flac  40 %`.
fn is_progress(line: &str) -> bool {
    let percent = line.strip_suffix(" %").and_then(|line| line.rsplit("  ").next());
    percent.is_some_and(|number| number.parse::<u8>().is_ok())
}

/// A line without how long it took and how fast that is.
fn without_times(line: &str) -> &str {
    let untimed = line.strip_suffix(" s").and_then(|line| line.rsplit_once("  "));
    let line = match untimed {
        Some((line, seconds)) if seconds.trim().parse::<f64>().is_ok() => line.trim_end(),
        _ => line,
    };
    let quick = line.strip_suffix("x real time)").and_then(|line| line.rsplit_once("  ("));
    quick.map_or(line, |(line, _)| line)
}

#[test]
fn the_session_of_the_readme_runs() {
    let studio = check("README.md");
    check_moves(&studio);
}

/// The table of moves in the README says what the settings file of its session says.
fn check_moves(studio: &Studio) {
    let readme = std::fs::read_to_string(root("README.md")).unwrap();
    let settings = studio.json("mix.reference.master.flac.settings.json");
    let moves = settings["moves"].as_array().unwrap();
    let table = readme.split_once("| move |").unwrap().1;
    let rows: Vec<&str> = table.lines().skip(2).take_while(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), 3);
    let numbers = [
        "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "thirteen", "fourteen", "fifteen",
    ];
    let count = numbers[moves.len() - 3];
    assert!(readme.contains(&format!("three of the {count} moves")), "there are {count} moves");
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let step = moves.iter().find(|step| step["what"] == cells[0]);
        let step = step.unwrap_or_else(|| panic!("no move is {}", cells[0]));
        let because = step["text"].as_str().unwrap().trim_end_matches('.');
        assert!(because.eq_ignore_ascii_case(cells[1]), "{because}");
        let numbers: Vec<f64> = cells[2].split(' ').filter_map(|word| word.parse().ok()).collect();
        assert_eq!(
            numbers,
            [step["measured"].as_f64().unwrap(), step["expected"].as_f64().unwrap()]
        );
    }
}

#[test]
fn the_sessions_of_matching_a_reference_run() {
    check("docs/guides/match-a-reference.md");
}

#[test]
fn the_sessions_of_mastering_for_a_platform_run() {
    check("docs/guides/master-for-a-platform.md");
}

#[test]
fn the_sessions_of_mastering_in_a_daw_run() {
    check("docs/guides/master-in-a-daw.md");
}

#[test]
fn the_sessions_of_checking_a_catalogue_run() {
    check("docs/guides/check-a-catalogue.md");
}

#[test]
fn the_guide_to_a_record_runs() {
    check("docs/guides/master-an-album.md");
}

#[test]
fn the_sessions_of_mastering_stems_run() {
    check("docs/guides/master-stems.md");
}

#[test]
fn the_guide_to_a_catalogue_runs() {
    check("docs/guides/master-a-catalogue.md");
}

#[test]
fn the_jobs_of_other_tools_run() {
    check("docs/guides/if-you-know.md");
}

#[test]
fn the_guide_to_restoring_runs() {
    check("docs/guides/restore.md");
}

#[test]
fn the_guide_to_other_loudspeakers_runs() {
    check("docs/guides/will-it-translate.md");
}

#[test]
fn the_guide_to_taste_runs() {
    check("docs/guides/find-your-taste.md");
}

#[test]
fn every_guide_is_run() {
    let tests = include_str!("guides.rs");
    for name in names_in(&root("docs/guides")) {
        let run = tests.contains(&format!("check(\"docs/guides/{name}\")"));
        let text = std::fs::read_to_string(root("docs/guides").join(&name)).unwrap();
        let shown = steps(&text).len();
        assert_eq!(run, !NO_SESSION.contains(&name.as_str()), "{name}");
        assert!(run || shown == 0, "{name} shows commands");
    }
}
