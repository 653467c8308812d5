//! `acetate check`.

use std::f64::consts::TAU;

use serde_json::Value;

use crate::program::{Studio, Wav, names_in};

/// Writes ten seconds of two channels in 24 bits.
fn sound(studio: &Studio, name: &str, voice: impl Fn(f64) -> [f64; 2]) {
    Wav::seconds(10.0).write(&studio.path(name), |channel, time| voice(time)[usize::from(channel)]);
}

/// Quiet syllables with pauses between them.
fn speech(time_s: f64) -> f64 {
    let syllable = if time_s % 0.5 < 0.3 { 0.03 } else { 1e-5 };
    let voice: f64 =
        (1..6).map(|n| (TAU * 140.0 * f64::from(n) * time_s).sin() / f64::from(n)).sum();
    syllable * voice
}

fn codes(checks: &Value, outcome: &str) -> Vec<String> {
    let checks = checks.as_array().unwrap().iter();
    checks
        .filter(|check| check["outcome"] == outcome)
        .map(|check| check["code"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_master_for_audiobooks_lies_in_their_window_and_check_says_so_too() {
    let studio = Studio::new();
    sound(&studio, "book.wav", |time_s| [speech(time_s); 2]);
    studio.run(&["check", "book.wav", "-t", "acx", "--codec", "none"]).exit(3);
    let master = ["master", "book.wav", "-t", "acx", "-o", "out.wav", "--strict", "--json"];
    let run = studio.run(&master).exit(0);
    assert!(run.stderr.contains("Rules  acx:"), "{}", run.stderr);
    let verdict = run.json()["files"][0]["verdict"].clone();
    let rms = verdict["checks"][0]["measured"].as_f64().unwrap();
    assert!(verdict["checks"][0]["name"] == "rms" && (-23.0..=-18.0).contains(&rms), "{verdict}");
    assert!(verdict["delivery"]["ok"] == true, "{verdict}");
    studio.run(&["check", "out.wav", "-t", "acx", "--codec", "none"]).exit(0);
    let settings = studio.json("out.wav.settings.json");
    assert!(settings["aim"]["target"]["rms_dbfs"].is_number(), "{}", settings["aim"]["target"]);
    // Less of everything, settled again to the same level.
    let less = ["apply", "out.wav.settings.json", "book.wav", "--amount", "50", "-o", "less.wav"];
    studio.run(&[&less[..], &["--strict"]].concat()).exit(0);
}

#[test]
fn master_under_strict_and_check_of_its_file_say_the_same_for_every_target() {
    let studio = Studio::with_mix();
    for target in ["acx", "podcast-mono", "cd", "spotify", "ebu-r128", "soundcloud"] {
        let line = ["master", "mix.wav", "-t", target, "-o", "out.wav", "--limiter", "fast", "-f"];
        let made = studio.run(&[&line[..], &["--strict", "--json"]].concat());
        let checked = studio.run(&["check", "out.wav", "-t", target, "--codec", "none", "--json"]);
        let judged = &made.json()["files"][0]["verdict"]["delivery"]["checks"];
        let again = &checked.json()["files"][0]["targets"][0]["checks"];
        assert_eq!(codes(judged, "fail"), codes(again, "fail"), "{target}");
        assert_eq!(made.code, checked.code, "{target}: {}", made.stderr);
    }
}

#[test]
fn a_broken_rule_is_printed_with_its_code_and_is_exit_3_only_when_strict() {
    let studio = Studio::with_mix();
    let line =
        ["master", "mix.wav", "-t", "podcast-mono", "-o", "out.wav", "--limiter", "fast", "-f"];
    let run = studio.run(&line).exit(0);
    assert!(run.stderr.contains("Broken  D106"), "{}", run.stderr);
    assert!(!run.stderr.contains("Verified") && run.stderr.contains("Missed"), "{}", run.stderr);
    studio.run(&[&line[..], &["--strict"]].concat()).exit(3);
}

#[test]
fn severe_faults_fail_whatever_the_target() {
    let studio = Studio::with_mix();
    let tone =
        |time_s: f64| 0.1 * (TAU * 110.0 * time_s).sin() + 0.02 * (TAU * 1_511.0 * time_s).sin();
    sound(&studio, "dead.wav", |time_s| [tone(time_s), 0.0]);
    sound(&studio, "upside-down.wav", |time_s| [tone(time_s), -tone(time_s)]);
    sound(&studio, "clipped.wav", |time_s| {
        [1.3 * (TAU * 87.0 * time_s).sin(), 1.25 * (TAU * 91.0 * time_s).sin()]
    });
    let mut whole = studio.read("mix.wav");
    whole.truncate(whole.len() / 2);
    std::fs::write(studio.path("short.wav"), whole).unwrap();
    for (name, code) in
        [("dead", "D117"), ("upside-down", "D118"), ("clipped", "D119"), ("short", "D120")]
    {
        let file = format!("{name}.wav");
        let run = studio.run(&["check", &file, "-t", "bandcamp", "--codec", "none", "--json"]);
        let checks = &run.exit(3).json()["files"][0]["targets"][0]["checks"];
        assert!(codes(checks, "fail").contains(&code.to_owned()), "{name}: {checks}");
    }
}

#[test]
fn master_says_what_is_wrong_with_the_recording_in_a_line_each() {
    let studio = Studio::new();
    sound(&studio, "ill.wav", |time_s| {
        let loud = 1.4 * (TAU * 110.0 * time_s).sin() * (time_s % 1.0);
        [loud, 0.3 * loud + 0.02]
    });
    let run = studio.run(&["master", "ill.wav", "--limiter", "fast", "--progress", "none"]).exit(0);
    for part in ["(S201)", "(S204)", "(M113)"] {
        let lines: Vec<&str> = run.stderr.lines().filter(|line| line.contains(part)).collect();
        assert!(lines.len() == 1 && lines[0].contains("; "), "{part} in {}", run.stderr);
    }
    assert!(run.stderr.contains("first at 0:0"), "{}", run.stderr);
}

#[test]
fn a_folder_is_judged_file_by_file_by_what_each_was_made_for() {
    let studio = Studio::new();
    studio.mix("one.wav");
    let fast = ["--limiter", "fast", "-q"];
    for target in ["podcast", "cd"] {
        let output = format!("out/{target}.wav");
        let line = ["master", "one.wav", "-t", target, "-o", &output];
        studio.run(&[&line[..], &fast].concat()).exit(0);
    }
    std::fs::copy(studio.path("one.wav"), studio.path("out/other.wav")).unwrap();
    let check = ["check", "out", "--codec", "none"];
    let json = studio.run(&[&check[..], &["--json"]].concat()).exit(0).json();
    let targets: Vec<&str> = json["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["targets"][0]["target"].as_str().unwrap())
        .collect();
    assert_eq!(targets, ["cd", "streaming", "podcast"]);
    let text = studio.run(&check).exit(0).text();
    assert!(text.ends_with("3 files: 3 pass, 0 fail\n"), "{text}");
    let run = studio.run(&[&check[..], &["-q"]].concat()).exit(0);
    assert!(run.stdout.is_empty() && run.stderr.is_empty(), "{}{}", run.text(), run.stderr);
    let csv = studio.run(&[&check[..], &["--format", "csv"]].concat()).exit(0).text();
    assert!(
        csv.starts_with("file,target,code,rule,outcome,measured,low,high,unit,text\n"),
        "{csv}"
    );
    assert!(csv.contains("out/cd.wav,cd,D102,true peak,pass,-"), "{csv}");
    // What a shell makes of out/*.
    let named: Vec<String> =
        names_in(&studio.path("out")).iter().map(|name| format!("out/{name}")).collect();
    let all: Vec<&str> = named.iter().map(String::as_str).chain(["--codec", "none"]).collect();
    let text = studio.run(&[&["check"], &all[..]].concat()).exit(0).text();
    assert!(named.len() == 5 && text.ends_with("3 files: 3 pass, 0 fail\n"), "{text}");
}

#[test]
fn a_playback_level_is_a_notice_and_no_failure() {
    let studio = Studio::with_mix();
    let run = studio.run(&["check", "mix.wav", "-t", "spotify", "--codec", "none"]).exit(0);
    assert!(
        run.text().contains("D101  notice") && run.text().starts_with("pass"),
        "{}",
        run.text()
    );
}

#[test]
fn a_quiet_mix_fails_and_a_master_passes() {
    let studio = Studio::with_mix();
    studio.run(&["master", "mix.wav", "-o", "ok.wav", "--limiter", "fast"]).exit(0);
    studio.run(&["check", "ok.wav"]).exit(0);
    let run = studio.run(&["check", "mix.wav", "-t", "podcast"]).exit(3);
    assert!(run.text().contains("D101"), "{}", run.text());
    studio.run(&["check", "mix.wav", "-t", "podcast", "--fail-on", "never"]).exit(0);
}

#[test]
fn every_format_reports_the_same_failures() {
    let studio = Studio::with_mix();
    let run = |format: &str| {
        studio.run(&["check", "mix.wav", "-t", "podcast", "--format", format]).exit(3)
    };
    let json = run("json").json();
    assert_eq!(json["schema"], "acetate.result/1");
    assert_eq!(json["files"][0]["targets"][0]["checks"][0]["code"], "D101");
    let junit = run("junit").text();
    assert!(
        junit.contains("<failure message=\"loudness is") && junit.contains("failures=\"1\""),
        "{junit}"
    );
    assert!(run("github").text().starts_with("::error file=mix.wav,title=D101 podcast::loudness"));
    let sarif = run("sarif").json();
    assert_eq!(sarif["version"], "2.1.0");
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "D101");
}

#[test]
fn what_is_in_the_baseline_does_not_count() {
    let studio = Studio::with_mix();
    let known = studio.run(&["check", "mix.wav", "-t", "podcast", "--json"]).exit(3).stdout;
    std::fs::write(studio.path("known.json"), known).unwrap();
    let run =
        studio.run(&["check", "mix.wav", "-t", "podcast", "--baseline", "known.json"]).exit(0);
    assert!(run.text().contains("known"), "{}", run.text());
    studio.run(&["check", "mix.wav", "-t", "cd", "--baseline", "known.json"]).exit(3);
    studio.run(&["check", "mix.wav", "--baseline", "mix.wav"]).exit(2);
}

#[test]
fn a_codec_that_cannot_be_run_is_not_checked_and_said_so() {
    let studio = Studio::with_mix();
    let mut command = studio.command();
    command.args(["check", "mix.wav", "--codec", "aac256", "--fail-on", "never"]).env("PATH", "");
    let out = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(out.contains("not checked") && out.contains("ffmpeg"), "{out}");
    studio.run(&["check", "mix.wav", "--codec", "aac255"]).exit(2).one_line("aac256");
}

#[test]
fn suggest_expects_of_the_rules_what_the_master_then_has() {
    let studio = Studio::new();
    sound(&studio, "book.wav", |time_s| [speech(time_s); 2]);
    sound(&studio, "noisy.wav", |time_s| {
        [speech(time_s) + 0.002 * (TAU * 4_321.0 * time_s * time_s).sin(); 2]
    });
    for (name, words) in [("book.wav", "rules met"), ("noisy.wav", "1 broken")] {
        let run = studio.run(&["suggest", name, "-t", "acx", "-o", "plan.json", "-f"]).exit(0);
        assert!(run.stderr.contains("Expected  acx:"), "{}", run.stderr);
        let line = run.stderr.lines().find(|line| line.contains("acx:")).unwrap();
        assert!(line.contains(words), "{}", run.stderr);
        let master = ["master", name, "-t", "acx", "-o", "out.wav", "--strict", "-f"];
        let made = studio.run(&master);
        assert_eq!(made.code, if words == "1 broken" { 3 } else { 0 }, "{}", made.stderr);
        assert_eq!(run.stderr.contains("D109"), made.stderr.contains("D109"), "{}", made.stderr);
    }
}
