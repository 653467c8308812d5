//! `acetate apply`.

use crate::program::{Studio, samples, write_mix};

const NEUTRAL: &str = r#"{ "schema": "acetate.settings/1", "settings": { "limiter": { "kind": "off" },
    "output": { "format": "wav", "bits": BITS } } }"#;

#[test]
fn neutral_settings_give_back_the_same_samples() {
    let studio = Studio::new();
    let formats = [
        (hound::SampleFormat::Int, 16, "16"),
        (hound::SampleFormat::Int, 24, "24"),
        (hound::SampleFormat::Float, 32, "\"32f\""),
    ];
    for (sample_format, bits, word) in formats {
        write_mix(&studio.path("in.wav"), 44_100, sample_format, bits);
        std::fs::write(studio.path("neutral.json"), NEUTRAL.replace("BITS", word)).unwrap();
        studio.run(&["apply", "neutral.json", "in.wav", "-o", "out.wav", "-f"]).exit(0);
        assert!(samples(&studio.path("in.wav")) == samples(&studio.path("out.wav")), "{word} bits");
    }
}

#[test]
fn an_edited_gain_changes_the_spectrum_there_by_that_much() {
    let studio = Studio::with_mix();
    let settings = |gain: &str| {
        format!(
            r#"{{ "schema": "acetate.settings/1", "settings": {{ "equalizer": {{ "bands": [
                {{ "id": "eq1", "type": "bell", "freq_hz": 800, "gain_db": {gain}, "q": 0.5 }} ] }},
                "limiter": {{ "kind": "off" }} }} }}"#
        )
    };
    let level_at_800 = |gain: &str| {
        std::fs::write(studio.path("s.json"), settings(gain)).unwrap();
        studio.run(&["apply", "s.json", "mix.wav", "-o", "out.wav", "-f"]).exit(0);
        let analysis = studio.run(&["analyze", "out.wav", "--json"]).exit(0).json();
        let spectrum = &analysis["spectrum"];
        let at = spectrum["third_octave_hz"].as_array().unwrap().iter().position(|hz| hz == 800.0);
        spectrum["level_db"][at.unwrap()].as_f64().unwrap()
    };
    let change = level_at_800("3.0") - level_at_800("0.0");
    assert!((change - 3.0).abs() < 0.1, "{change}");
}

#[test]
fn single_settings_and_moves_can_be_changed_on_the_command_line() {
    let studio = Studio::with_mix();
    let json = studio.run(&["suggest", "mix.wav"]).exit(0).stdout;
    std::fs::write(studio.path("s.json"), json).unwrap();
    studio
        .run(&["apply", "s.json", "mix.wav", "-o", "a.wav", "--set", "limiter.ceiling_dbtp=-3"])
        .exit(0);
    let document = studio.json("a.settings.json");
    assert_eq!(document["settings"]["limiter"]["ceiling_dbtp"], -3.0);
    let peak = document["numbers"]["after"]["loudness"]["true_peak_dbtp"].as_f64().unwrap();
    assert!(peak <= -3.0, "{peak}");
    let wrong =
        studio.run(&["apply", "s.json", "mix.wav", "-o", "b.wav", "--set", "limiter.cieling=-3"]);
    wrong.exit(2).one_line("settings.limiter.cieling");
    studio
        .run(&["apply", "s.json", "mix.wav", "-o", "b.wav", "--skip", "eq99"])
        .exit(2)
        .one_line("eq99");
    assert!(!studio.names().contains(&"b.wav".to_owned()));
}

#[test]
fn settings_of_another_sound_are_a_note_or_refused() {
    let studio = Studio::with_mix();
    write_mix(&studio.path("other.wav"), 48_000, hound::SampleFormat::Int, 24);
    let json = studio.run(&["suggest", "mix.wav"]).exit(0).stdout;
    std::fs::write(studio.path("s.json"), json).unwrap();
    let run = studio.run(&["apply", "s.json", "other.wav", "-o", "a.wav"]).exit(0);
    assert!(run.stderr.contains("made for mix.wav"), "{}", run.stderr);
    let run = studio.run(&["apply", "s.json", "other.wav", "-o", "b.wav", "--expect-hash"]);
    run.exit(5).one_line("mix.wav");
}

#[test]
fn the_settings_file_is_an_input_and_never_overwritten() {
    let studio = Studio::with_mix();
    let json = studio.run(&["suggest", "mix.wav", "-t", "spotify"]).exit(0).stdout;
    std::fs::write(studio.path("mix.spotify.settings.json"), &json).unwrap();
    studio.run(&["apply", "mix.spotify.settings.json", "mix.wav"]).exit(0);
    assert!(studio.read("mix.spotify.settings.json") == json);
    assert!(studio.names().contains(&"mix.spotify.wav".to_owned()));
}
