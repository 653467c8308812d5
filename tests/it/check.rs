//! `acetate check`.

use crate::program::Studio;

#[test]
fn a_quiet_mix_fails_and_a_master_passes() {
    let studio = Studio::with_mix();
    studio.run(&["master", "mix.wav", "-o", "ok.wav", "--limiter", "fast"]).exit(0);
    studio.run(&["check", "ok.wav"]).exit(0);
    let run = studio.run(&["check", "mix.wav", "-t", "spotify"]).exit(3);
    assert!(run.text().contains("D101"), "{}", run.text());
    studio.run(&["check", "mix.wav", "--fail-on", "never"]).exit(0);
}

#[test]
fn every_format_reports_the_same_failures() {
    let studio = Studio::with_mix();
    let run = |format: &str| studio.run(&["check", "mix.wav", "--format", format]).exit(3);
    let json = run("json").json();
    assert_eq!(json["schema"], "acetate.result/1");
    assert_eq!(json["files"][0]["targets"][0]["checks"][0]["code"], "D101");
    let junit = run("junit").text();
    assert!(
        junit.contains("<failure message=\"loudness is") && junit.contains("failures=\"1\""),
        "{junit}"
    );
    assert!(
        run("github").text().starts_with("::error file=mix.wav,title=D101 streaming::loudness")
    );
    let sarif = run("sarif").json();
    assert_eq!(sarif["version"], "2.1.0");
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "D101");
}

#[test]
fn what_is_in_the_baseline_does_not_count() {
    let studio = Studio::with_mix();
    let known = studio.run(&["check", "mix.wav", "--json"]).exit(3).stdout;
    std::fs::write(studio.path("known.json"), known).unwrap();
    let run = studio.run(&["check", "mix.wav", "--baseline", "known.json"]).exit(0);
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
