//! `acetate suggest`.

use crate::program::{Studio, Wav};

#[test]
fn settings_go_to_a_pipe_as_json_that_explains_itself() {
    let studio = Studio::with_mix();
    let run = studio.run(&["suggest", "mix.wav", "-t", "spotify"]).exit(0);
    let settings = run.json();
    assert_eq!(settings["schema"], "acetate.settings/1");
    assert_eq!(settings["source"]["name"], "mix.wav");
    assert_eq!(settings["source"]["pcm_md5"].as_str().unwrap().len(), 32);
    assert_eq!(settings["aim"]["target"]["id"], "spotify");
    assert_eq!(settings["made_by"]["command"], "acetate suggest mix.wav --target spotify");
    assert_eq!(settings["numbers"]["before"]["schema"], "acetate.analysis/1");
    assert_eq!(studio.names(), ["mix.wav"]);
    let keys: Vec<_> = run
        .text()
        .lines()
        .filter_map(|line| line.strip_prefix("  \""))
        .map(str::to_owned)
        .collect();
    assert!(keys[0].starts_with("schema") && keys[1].starts_with("summary"), "{keys:?}");
}

#[test]
fn options_that_make_no_sense_are_one_line_with_their_range() {
    let studio = Studio::with_mix();
    studio.run(&["suggest", "mix.wav", "--amount", "200"]).exit(2).one_line("0 to 150 %");
    studio.run(&["suggest", "mix.wav", "--lufs", "3"]).exit(2).one_line("-60 to 0 LUFS");
    studio
        .run(&["suggest", "mix.wav", "-t", "spotfy"])
        .exit(2)
        .one_line("did you mean \"spotify\"?");
    studio.run(&["suggest", "mix.wav", "-r", "gone.flac"]).exit(1).one_line("gone.flac");
    studio.run(&["suggest", "mix.wav", "--match", "ton"]).exit(2).one_line("tone");
    assert_eq!(studio.names(), ["mix.wav"]);
}

#[test]
fn without_amount_only_gain_and_ceiling_are_left() {
    let studio = Studio::with_mix();
    let settings = studio.run(&["suggest", "mix.wav", "--amount", "0%"]).exit(0).json();
    assert_eq!(settings["settings"]["equalizer"]["bands"].as_array().unwrap().len(), 0);
    assert!(settings["settings"]["drive_db"].as_f64().unwrap() > 1.0);
}

#[test]
fn silence_is_refused() {
    let studio = Studio::new();
    Wav::seconds(2.0).write(&studio.path("silence.wav"), |_, _| 0.0);
    studio.run(&["suggest", "silence.wav"]).exit(5).one_line("silent");
}
