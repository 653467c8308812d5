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

/// Noise that swells twice a second by `depth` as a natural logarithm, at a level that goes by the time.
fn swells(path: &std::path::Path, seconds: f64, depth: f64, level: impl Fn(f64) -> f64) {
    let mut state = 1_u32;
    Wav::seconds(seconds).write(path, |_, time_s| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = f64::from(state >> 8) / f64::from(1 << 24) - 0.5;
        let swell = 0.5 - 0.5 * (time_s * 2.0 * std::f64::consts::TAU).cos();
        noise * level(time_s) * (-depth * swell).exp()
    });
}

/// Level of so many seconds of a WAV file from a time on, dB.
fn level_db(path: &std::path::Path, from_s: f64, seconds: f64) -> f64 {
    let mut reader = hound::WavReader::open(path).unwrap();
    let spec = reader.spec();
    let full = f64::from(1_u32 << (spec.bits_per_sample - 1));
    let per_second = f64::from(spec.sample_rate) * f64::from(spec.channels);
    let samples = reader.samples::<i32>().skip((from_s * per_second) as usize);
    let count = (seconds * per_second) as usize;
    let energy: f64 = samples.take(count).map(|x| (f64::from(x.unwrap()) / full).powi(2)).sum();
    10.0 * (energy / count as f64).log10()
}

#[test]
fn a_quiet_verse_is_compressed_like_the_chorus_and_stays_as_quiet_beside_it() {
    let studio = Studio::new();
    let mix = studio.path("mix.wav");
    swells(&mix, 50.0, 2.0, |time_s| if time_s < 25.0 { 0.2 } else { 0.6 });
    swells(&studio.path("record.wav"), 30.0, 0.5, |_| 0.6);
    let arguments = ["suggest", "mix.wav", "-r", "record.wav", "--match", "dynamics"];
    let document = studio.run(&arguments).exit(0).json();
    let compressor = &document["settings"]["compressor"];
    let sections = compressor["sections"].as_array().unwrap();
    assert_eq!(sections.len(), 2, "{compressor}");
    assert_eq!((&sections[0]["from_s"], &sections[1]["from_s"]), (&0.into(), &25.into()));
    assert!(sections[0]["threshold_offset_db"].as_f64().unwrap() == -9.5, "{compressor}");
    let told = document["moves"].to_string();
    assert!(told.contains("threshold by section: -9.5 dB from 0:00, as it is from 0:25"), "{told}");

    let apart_db = |settings: &serde_json::Value, name: &str| {
        let mut alone = document.clone();
        alone["settings"] = serde_json::json!({ "compressor": settings });
        std::fs::write(studio.path("s.json"), alone.to_string()).unwrap();
        studio.run(&["apply", "s.json", "mix.wav", "-o", name, "--skip", "limiter"]).exit(0);
        level_db(&studio.path(name), 30.0, 15.0) - level_db(&studio.path(name), 5.0, 15.0)
    };
    let before_db = level_db(&mix, 30.0, 15.0) - level_db(&mix, 5.0, 15.0);
    let by_section_db = apart_db(compressor, "sections.wav");
    let mut one = compressor.clone();
    one.as_object_mut().unwrap().remove("sections");
    let at_once_db = apart_db(&one, "one.wav");
    assert!((by_section_db - before_db).abs() < 0.7, "{before_db} dB apart, then {by_section_db}");
    assert!(at_once_db < before_db - 1.0, "{before_db} dB apart, then {at_once_db}");
}
