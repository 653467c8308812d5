//! Plans for other systems and codecs; stems, vinyl and cassette elsewhere.

use crate::program::{Noise, Studio, Wav};

/// Two seconds and more of bass notes without harmonics under a soft chord, or either alone.
fn write_song(path: &std::path::Path, seconds: u32, bass: f64, chord: f64) {
    Wav::seconds(seconds.into()).write(path, |_, time| {
        let tone = |hz: f64| (std::f64::consts::TAU * hz * time).sin();
        let note = [49.0, 55.0, 61.7][time as usize % 3];
        bass * tone(note) + chord * [740.0, 932.0, 1_108.0].map(tone).iter().sum::<f64>()
    });
}

#[test]
fn stems_that_disappear_are_named() {
    let studio = Studio::new();
    std::fs::create_dir(studio.path("stems")).unwrap();
    write_song(&studio.path("song.wav"), 8, 0.3, 0.03);
    write_song(&studio.path("stems/bass.wav"), 8, 0.3, 0.0);
    write_song(&studio.path("stems/keys.wav"), 8, 0.0, 0.03);
    let words = ["simulate", "song.wav", "--on", "phone,club", "--stems", "stems"];
    let text = studio.run(&words).exit(0).text();
    assert!(text.contains("without bass"), "{text}");
    let json = studio.run(&[&words[..], &["--json"]].concat()).exit(0).json();
    let systems = &json["files"][0]["translation"]["systems"];
    assert_eq!(systems[0]["stems"][0]["name"], "bass");
    assert_eq!(systems[0]["stems"][0]["gone"], true);
    assert_eq!(systems[1]["stems"][0]["gone"], false);
    let two = ["simulate", "song.wav", "stems/bass.wav", "--stems", "stems"];
    studio.run(&two).exit(2).one_line("--stems are of one song");
}

#[test]
fn what_mastering_could_do_is_tried_when_asked_and_both_numbers_are_told() {
    let studio = Studio::new();
    write_song(&studio.path("song.wav"), 8, 0.3, 0.03);
    let words = ["simulate", "song.wav", "--on", "phone", "--for", "phone", "--json"];
    let found = studio.run(&words).exit(0).json()["files"][0]["translation"].clone();
    let finding = &found["findings"][0];
    assert_eq!(finding["code"], "M121");
    let told = finding["in_mastering"].as_str().unwrap();
    assert!(told.starts_with("bass_harmonics: ") && told.contains("phon from"), "{told}");
    let pays = told.contains("(it pays)");
    assert_eq!(finding["move"].is_string(), pays, "{finding}");
    assert_eq!(finding["predicted"].is_object(), pays, "{finding}");
    let plan = studio.run(&["suggest", "song.wav", "--for", "phone"]).exit(0).json();
    assert_eq!(plan["settings"]["bass_harmonics"]["enabled"].as_bool() == Some(true), pays);
    let moves = plan["moves"].as_array().unwrap();
    let told = moves.iter().find(|step| step["text"].as_str().unwrap().contains("phon from"));
    assert!(told.is_some(), "{moves:?}");
    studio
        .run(&["suggest", "song.wav", "--for", "fone"])
        .exit(2)
        .one_line("did you mean \"phone\"");
}

#[test]
fn vinyl_and_cassette_are_heard_where_they_are_asked_for() {
    let studio = Studio::with_mix();
    let words = ["simulate", "mix.wav", "--on", "vinyl,tape", "--json"];
    let found = studio.run(&words).exit(0).json()["files"][0]["translation"].clone();
    assert_eq!(found["systems"][0]["id"], "vinyl");
    assert_eq!(found["systems"][1]["id"], "cassette");
    let words = ["simulate", "mix.wav", "--on", "cassette", "-d", "heard", "--true-level"];
    studio.run(&words).exit(0);
}

#[test]
fn the_ceiling_goes_as_low_as_the_encodes_of_this_song_need() {
    let studio = Studio::new();
    // Noise at 1 kHz and above, driven hard: codecs move its peaks.
    let mut noise = Noise(1);
    let mut of_frame = 0.0;
    Wav::seconds(6.0).write(&studio.path("song.wav"), |channel, time| {
        if channel == 0 {
            of_frame = 0.24 * (noise.next() + (std::f64::consts::TAU * 110.0 * time).sin());
        }
        of_frame
    });
    let words = [
        "suggest",
        "song.wav",
        "--lufs",
        "-5",
        "--ceiling",
        "-0.1",
        "--limiter",
        "fast",
        "--force",
    ];
    let ceiling = |more: &[&str]| {
        let plan = studio.run(&[&words[..], more].concat()).exit(0).json();
        plan["settings"]["limiter"]["ceiling_dbtp"].as_f64().unwrap()
    };
    assert_eq!(ceiling(&[]), -0.1);
    let lowered = ceiling(&["--codec", "aac128"]);
    let command = studio.command().env("PATH", "").args(words).args(["--codec", "aac128"]).output();
    let stderr = String::from_utf8_lossy(&command.unwrap().stderr).into_owned();
    assert!(stderr.contains("aac128 was not tried, and the ceiling left alone"), "{stderr}");
    let has_ffmpeg = studio.shell("ffmpeg -version").code == 0;
    assert!(!has_ffmpeg || lowered < -0.1, "{lowered}");
    studio.run(&["suggest", "song.wav", "--codec", "acc128"]).exit(2).one_line("aac128");
}
