//! What the program says about itself: predictions and verdicts against what the written file measures.

use acetate::analyze;
use acetate::files::MEMORY_LIMIT_BYTES;
use serde_json::Value;

use crate::program::{Studio, Wav};

/// How far a prediction may lie from the file, by the last name of its path; everything else has to be the same.
const TOLERANCES: [(&str, f64); 11] = [
    // Measured by the confirming render, whose bytes are the file's.
    ("integrated_lufs", 0.02),
    ("momentary_max_lufs", 0.02),
    ("short_term_max_lufs", 0.02),
    ("loudness_range_lu", 0.02),
    // Predicted.
    ("crest_factor_db", 0.5),
    ("tilt_db_per_octave", 0.3),
    ("level_std_db", 0.6),
    ("side_minus_mid_db", 1.5),
    ("width", 0.1),
    ("correlation", 0.05),
    ("level_db", 3.0),
];

/// The name of the measure that a path ends with, without the places in lists.
fn tolerance(path: &str) -> f64 {
    let name = path.rsplit('.').find(|part| part.parse::<usize>().is_err()).unwrap_or(path);
    let levels = name.ends_with("level_db") && path.contains("spectrum");
    let name = if levels { "level_db" } else { name };
    TOLERANCES.iter().find(|(known, _)| *known == name).map_or(0.02, |(_, tolerance)| *tolerance)
}

/// Every number of `predicted` that the file does not bear out.
fn untrue(path: &str, predicted: &Value, after: &Value, found: &mut Vec<String>) {
    match predicted {
        Value::Object(fields) => {
            fields.iter().filter(|(name, _)| *name != "file" && *name != "schema").for_each(
                |(name, value)| untrue(&format!("{path}.{name}"), value, &after[name], found),
            )
        }
        Value::Array(values) => values
            .iter()
            .enumerate()
            .for_each(|(at, value)| untrue(&format!("{path}.{at}"), value, &after[at], found)),
        Value::Number(number) => {
            let number = number.as_f64().unwrap();
            let near =
                after.as_f64().is_some_and(|after| (number - after).abs() <= tolerance(path));
            if !near {
                found.push(format!("{path}: {number}, the file has {after}"));
            }
        }
        Value::Null => {}
        other if other == after => {}
        other => found.push(format!("{path}: {other}, the file has {after}")),
    }
}

#[track_caller]
fn check_predictions(studio: &Studio, arguments: &[&str]) {
    let run =
        studio.run(&[&["master"], arguments, &["-o", "out.wav", "-f", "--json"]].concat()).exit(0);
    let numbers = &run.json()["files"][0]["numbers"];
    let mut found = Vec::new();
    untrue("", &numbers["predicted"], &numbers["after"], &mut found);
    assert!(found.is_empty(), "{arguments:?}: {found:#?}");
    let predicted = &numbers["predicted"];
    assert!(predicted["dynamics"]["crest_factor_db"].is_number(), "{predicted}");
    assert!(predicted["dynamics"]["attack_crest_db"].is_null());
    assert!(predicted["source"].is_null());
}

#[test]
fn every_number_that_is_predicted_is_that_of_the_file_within_its_tolerance_or_absent() {
    let studio = Studio::new();
    for name in ["mix.flac", "reference.flac"] {
        std::fs::copy(format!("examples/{name}"), studio.path(name)).unwrap();
    }
    check_predictions(&studio, &["mix.flac"]);
    check_predictions(&studio, &["mix.flac", "-t", "loud"]);
    check_predictions(&studio, &["mix.flac", "-r", "reference.flac"]);
}

#[test]
fn suggest_says_missed_where_its_own_render_fell_short_and_names_what_helps() {
    let studio = Studio::with_mix();
    let asked = ["suggest", "mix.wav", "--lufs", "-4", "--max-damage", "-20"];
    let run = studio.run(&asked).exit(0);
    for word in ["Missed", "Reason", "Helps", "--max-damage", "--force"] {
        assert!(run.stderr.contains(word), "{word}: {}", run.stderr);
    }
    let document = run.json();
    let reached = document["cannot"]["reached_lufs"].as_f64().unwrap();
    let drive =
        document["moves"].as_array().unwrap().iter().find(|step| step["id"] == "drive").unwrap();
    assert!((drive["expected"].as_f64().unwrap() - reached).abs() < 0.06, "{drive} {reached}");
    let predicted = &document["numbers"]["predicted"]["loudness"]["integrated_lufs"];
    assert!((predicted.as_f64().unwrap() - reached).abs() < 0.01);
}

#[test]
fn a_master_ends_with_one_sentence_and_a_folder_with_totals() {
    let studio = Studio::new();
    for name in ["songs/a.wav", "songs/b.wav", "songs/c.wav"] {
        studio.mix(name);
    }
    std::fs::write(studio.path("songs/broken.wav"), b"RIFF").unwrap();
    let run = studio.run(&["master", "songs", "--jobs", "2"]).exit(4);
    let lines: Vec<&str> = run.stderr.lines().collect();
    let last = lines.last().unwrap();
    assert!(last.contains("Total  3 written, 1 failed: ") && last.contains("broken.wav"), "{last}");
    let done: Vec<&&str> = lines.iter().filter(|line| line.contains(" Done  ")).collect();
    assert_eq!(done.len(), 3, "{}", run.stderr);
    assert!(
        done[0].contains("tone left alone: ")
            || done[0].contains("lifted")
            || done[0].contains("eased")
    );
    // The lines of a file stand together: from its analysis to its sentence nothing of another.
    let mut working_on = "";
    for line in &lines {
        let name = ["a.wav", "b.wav", "c.wav"].into_iter().find(|name| line.contains(name));
        if let (true, Some(name)) = (line.contains("Analyzed"), name) {
            assert!(working_on.is_empty(), "{}", run.stderr);
            working_on = name;
        }
        if line.contains(" Done  ") {
            working_on = "";
        }
    }
}

#[test]
fn very_quiet_sound_is_not_called_silent_and_the_gain_that_is_offered_works() {
    let studio = Studio::new();
    let mono = Wav { rate_hz: 48_000, channels: 1, bits: 24, frames: 96_000 };
    mono.write(&studio.path("quiet.wav"), |_, time| 7.15e-5 * (2_400.0 * time).sin());
    let said = studio.run(&["master", "quiet.wav"]).exit(5).stderr;
    assert!(said.contains("is not silent") && said.contains("-82.9 dBFS"), "{said}");
    let begin = said.find('{').unwrap();
    let end = said.rfind("}}").unwrap() + 2;
    std::fs::write(studio.path("gain.json"), &said[begin..end]).unwrap();
    studio.run(&["apply", "gain.json", "quiet.wav", "-o", "louder.wav"]).exit(0);
    let louder =
        analyze(&acetate::files::open(&studio.path("louder.wav"), MEMORY_LIMIT_BYTES).unwrap())
            .unwrap();
    let peak = louder.analysis.loudness.sample_peak_dbfs.unwrap();
    assert!((peak - -22.9).abs() < 0.2, "{peak}");
}

#[test]
fn a_stray_sample_is_named_with_its_time_and_what_mends_it() {
    let studio = Studio::new();
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 44_100,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(studio.path("stray.wav"), spec).unwrap();
    for n in 0..4 * 44_100 {
        let sample = if n == 66_150 { 17_600.0 } else { 0.2 * (n as f32 * 0.03).sin() };
        writer.write_sample(sample).unwrap();
        writer.write_sample(0.2 * (n as f32 * 0.04).sin()).unwrap();
    }
    writer.finalize().unwrap();
    let said = studio.run(&["master", "stray.wav", "-o", "out.wav"]).exit(0).stderr;
    for words in ["+84.9 dBFS at 1.500 s", "redraw or silence that sample in an audio editor"] {
        assert!(said.contains(words), "{said}");
    }
}
