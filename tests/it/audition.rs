//! `audition`: which of two, a few times, from outside.

use std::path::Path;

use serde_json::Value;

use crate::program::{Studio, write_mix};

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Root mean square of a WAV of floats.
fn rms(path: &Path) -> f64 {
    let mut reader = hound::WavReader::open(path).unwrap();
    let samples: Vec<f64> = reader.samples::<f32>().map(|s| f64::from(s.unwrap())).collect();
    (samples.iter().map(|s| s * s).sum::<f64>() / samples.len() as f64).sqrt()
}

#[test]
fn eight_answers_are_settings_a_taste_and_a_master() {
    let studio = Studio::with_mix();
    studio.run(&["audition", "mix.wav", "--step"]).exit(0);
    let [first, second] = ["A", "B"].map(|l| studio.path(&format!("mix.wav.audition/1-{l}.wav")));
    let apart_db = 20.0 * (rms(&first) / rms(&second)).log10();
    assert!(apart_db.abs() < 3.0, "{apart_db} dB apart in level, though not in loudness");
    let mut said = String::new();
    for answer in ["a", "b", "undo", "same", "a", "a", "b", "a", "b", "a"] {
        let done = studio.run(&["audition", "mix.wav", "--answer", answer, "--json"]).exit(0);
        said = done.text();
        if json_of(&said)["done"] == true {
            break;
        }
    }
    let end = json_of(&said);
    assert_eq!(end["done"], true, "{said}");
    assert!(end["answered"].as_u64().unwrap() >= 5 && end["words"].is_string());
    assert!(end["certainty"]["tone_db"]["expected"].as_f64().unwrap() < 2.0);
    assert!(!first.exists() && !second.exists(), "pairs are gone at the end");
    let kept = studio.run(&["audition", "mix.wav", "--step", "--keep", "mine"]).exit(0);
    assert!(kept.stderr.contains("--style mine"), "{}", kept.stderr);
    studio.run(&["audition", "mix.wav", "--step", "--keep", "mine"]).exit(5);
    let taken = studio.run(&["audition", "mix.wav", "--step", "--keep", "Jazz"]).exit(5).stderr;
    assert!(taken.contains("\"jazz\" is already a style that is built in"), "{taken}");
    let listed = studio.run(&["styles"]).exit(0).text();
    assert!(listed.contains("mine (your taste)") && listed.contains("jazz-wide"), "{listed}");
    assert!(studio.run(&["styles", "mine"]).exit(0).text().contains("answers about mix.wav"));
    let list = studio.run(&["styles", "--json"]).exit(0).json();
    let last = list.as_array().unwrap().last().unwrap();
    assert!(last["id"] == "mine" && last["lean"]["tone_db"].is_array(), "{last}");
    studio.run(&["pick", "mix.wav.audition/settings.json"]).exit(0);
    studio.run(&["suggest", "mix.wav", "--style", "mine", "-o", "s.json"]).exit(0);
    let bands = |path: &str| {
        let text = std::fs::read_to_string(studio.path(path)).unwrap();
        json_of(&text)["settings"]["equalizer"]["bands"].clone()
    };
    assert_eq!(bands("s.json"), bands("mix.wav.audition/settings.json"), "the taste is the lean");
}

#[test]
fn an_audition_without_a_terminal_or_about_another_song_says_what_to_do() {
    let studio = Studio::with_mix();
    studio.run(&["audition", "mix.wav"]).exit(2).one_line("--step writes the first pair");
    studio
        .run(&["audition", "mix.wav", "--answer", "a"])
        .exit(2)
        .one_line("--step writes the first");
    assert!(!studio.path("mix.wav.audition").exists(), "nothing is written before it begins");
    studio.run(&["audition", "mix.wav", "-n"]).exit(0);
    studio.run(&["audition", "mix.wav", "--step"]).exit(0);
    studio
        .run(&["audition", "mix.wav", "--answer", "undo"])
        .exit(2)
        .one_line("no answer to take back");
    studio.run(&["audition", "mix.wav", "--step", "-t", "loud"]).exit(2).one_line("other wishes");
    std::fs::write(studio.path("mix.wav.audition/audition.json"), "{}").unwrap();
    studio.run(&["audition", "mix.wav", "--step"]).exit(2).one_line("audition.json");
    studio.run(&["audition", "mix.wav", "--step", "-f"]).exit(0);
    write_mix(&studio.path("other.wav"), 48_000, hound::SampleFormat::Int, 16);
    studio.run(&["audition", "mix.wav", "other.wav", "--step"]).exit(2);
    std::fs::write(studio.path("bad.json"), r#"{"schema": "acetate.taste/1"}"#).unwrap();
    studio.run(&["suggest", "mix.wav", "--style", "bad.json"]).exit(2).one_line("bad.json");
}
