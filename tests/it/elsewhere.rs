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
    assert!(text.contains("bass gone") || text.contains("bass at "), "{text}");
    let json = studio.run(&[&words[..], &["--json"]].concat()).exit(0).json();
    let systems = &json["files"][0]["translation"]["systems"];
    assert_eq!(systems[0]["stems"][0]["name"], "bass");
    assert_eq!(systems[0]["stems"][0]["gone"], true);
    assert_eq!(systems[1]["stems"][0]["gone"], false);
    // The song itself is no stem of it, stems that are not all of it are told, and those of another song are no stems.
    std::fs::copy(studio.path("song.wav"), studio.path("stems/song.wav")).unwrap();
    let inside = ["simulate", "stems/song.wav", "--on", "phone", "--stems", "stems"];
    let run = studio.run(&inside).exit(0);
    assert!(run.stderr.contains("song.wav is the song itself"), "{}", run.stderr);
    assert!(run.stderr.contains("it is the sum of the stems"), "{}", run.stderr);
    let mix_among = ["simulate", "song.wav", "--on", "phone", "--stems", "stems"];
    studio.run(&mix_among).one_line("song is the sum of the other stems");
    std::fs::remove_file(studio.path("stems/song.wav")).unwrap();
    write_song(&studio.path("stems/keys.wav"), 4, 0.0, 0.03);
    let run = studio.run(&words).exit(0);
    assert!(run.stderr.contains("keys is 4.0 s long and the song 8.0 s"), "{}", run.stderr);
    assert!(run.stderr.contains("a rest: a missing stem"), "{}", run.stderr);
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
fn a_page_of_six_channels_on_a_phone_is_refused_not_made_without_it() {
    let studio = Studio::new();
    let mut wav = Wav::seconds(1.0);
    wav.channels = 6;
    wav.write(&studio.path("surround.wav"), |channel, time| {
        0.1 * (f64::from(channel + 1) * 600.0 * time).sin()
    });
    let words = ["listen", "surround.wav", "--on", "phone"];
    studio.run(&words).exit(5).one_line("6 channels");
    assert!(!studio.path("listen.html").exists());
}

#[test]
fn what_was_asked_for_is_always_answered() {
    let studio = Studio::new();
    let answers = |name: &str, systems: &str| {
        let words = ["simulate", name, "--on", "phone", "--for", systems, "--json"];
        studio.run(&words).exit(0).json()["files"][0]["translation"]["answers"].clone()
    };
    // A second of it is too little; a line that is heard is not lost, and what cancels in the bass is for the mix.
    write_song(&studio.path("short.wav"), 1, 0.3, 0.03);
    let short = answers("short.wav", "phone,mono");
    assert_eq!(short[0]["outcome"], "too_little", "{short}");
    assert_eq!(short[1]["outcome"], "nothing_lost", "{short}");
    write_song(&studio.path("song.wav"), 8, 0.3, 0.03);
    let heard = answers("song.wav", "club");
    assert_eq!(heard[0]["outcome"], "nothing_lost", "{heard}");
    assert!(heard[0]["text"].as_str().unwrap().contains("its notes are heard, "));
    assert_eq!(heard.as_array().unwrap().len(), 1, "a club plays both channels: {heard}");
    Wav::seconds(8.0).write(&studio.path("turned.wav"), |channel, time| {
        let tone = |hz: f64| (std::f64::consts::TAU * hz * time).sin();
        let bass = 0.1 * tone([49.0, 55.0, 61.7][time as usize % 3]);
        let chord = 0.1 * [740.0, 932.0, 1_108.0].map(tone).iter().sum::<f64>();
        chord + if channel == 0 { bass } else { -bass }
    });
    let turned = answers("turned.wav", "club");
    assert_eq!(turned[1]["outcome"], "in_the_mix", "{turned}");
    // A plan says the same, and the table where no finding does.
    let plan = studio.run(&["suggest", "short.wav", "--for", "phone,mono"]).exit(0).json();
    let texts: Vec<&str> =
        plan["moves"].as_array().unwrap().iter().filter_map(|step| step["text"].as_str()).collect();
    assert!(texts.iter().any(|text| text.contains("are too little to tell")), "{texts:?}");
    let words = ["simulate", "short.wav", "--on", "phone", "--for", "phone,mono"];
    let text = studio.run(&words).exit(0).text();
    assert_eq!(text.matches("  for phone, mono: ").count(), 2, "{text}");
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
