//! What a musician stumbles over: words of the table that nobody explains, stems of another song, a folder that takes no files.

use std::collections::BTreeSet;

use crate::program::{Noise, Studio, Wav};

/// Words of any English sentence.
const PLAIN: [&str; 26] = [
    "of", "the", "to", "and", "on", "in", "at", "is", "are", "by", "it", "its", "from", "below",
    "too", "would", "do", "time", "an", "a", "what", "lies", "little", "judge", "none", "s",
];

/// Expects that `acetate explain` knows the words of lines of a table, each by itself or as a part of what stands between two figures.
#[track_caller]
fn explained(lines: &[&str]) {
    let mut unknown = BTreeSet::new();
    for line in lines {
        for cell in line.split("  ").flat_map(|cell| cell.split([';', ':', ','])) {
            let words: Vec<&str> = cell
                .split_whitespace()
                .filter(|word| word.chars().any(char::is_alphabetic))
                .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
                .collect();
            let own: Vec<&str> = words
                .iter()
                .copied()
                .filter(|word| !PLAIN.contains(word) && *word != "LUFS")
                .collect();
            let wholes = [cell.trim().to_owned(), words.join(" "), own.join(" ")];
            if wholes.iter().any(|whole| acetate::explain(whole).is_some()) {
                continue;
            }
            let missing = words
                .iter()
                .filter(|word| !PLAIN.contains(*word) && acetate::explain(word).is_none());
            unknown.extend(missing.map(|word| format!("{word} ({cell})")));
        }
    }
    assert!(unknown.is_empty(), "nobody explains {unknown:?} of {lines:#?}");
}

/// A bass of sines, a chord, noise: each in both channels, in one of them, or upside down in one.
fn write(studio: &Studio, name: &str, [bass, chord, noise]: [[f64; 2]; 3], soft_s: f64) {
    let mut made = Noise(3);
    let mut of_frame = 0.0;
    Wav::seconds(16.0).write(&studio.path(name), |channel, time| {
        let channel = usize::from(channel);
        let tone = |hz: f64| (std::f64::consts::TAU * hz * time).sin();
        if channel == 0 {
            of_frame = made.next();
        }
        let notes = tone([49.0, 55.0, 61.7][time as usize % 3]);
        let tones = [330.0, 740.0, 932.0, 1_108.0].map(tone).iter().sum::<f64>();
        let gain = if time < soft_s { 0.03 } else { 1.0 };
        gain * (bass[channel] * notes + chord[channel] * tones + noise[channel] * of_frame)
    });
}

#[test]
fn every_word_of_the_table_is_explained() {
    let studio = Studio::new();
    let both = |level: f64| [level, level];
    write(&studio, "soft.wav", [both(0.2), both(0.05), both(0.02)], 6.0);
    write(&studio, "turned.wav", [[0.2, -0.2], both(0.05), both(0.02)], 0.0);
    write(&studio, "silent.wav", [[0.2, -0.2], [0.05, -0.05], [0.02, -0.02]], 0.0);
    write(&studio, "wide.wav", [both(0.1), [0.1, -0.09], both(0.02)], 0.0);
    write(&studio, "loud.wav", [both(0.4), both(0.15), both(0.3)], 0.0);
    let mut all = BTreeSet::new();
    for name in ["soft.wav", "turned.wav", "silent.wav", "wide.wav", "loud.wav"] {
        for words in [&["--on", "all"][..], &["--on", "vinyl,cassette,headphones"]] {
            let run = studio.run(&[&["simulate", name, "--codec", "mp3_128"], words].concat());
            let text = run.text();
            // The first line is the file; what stands behind a code is a sentence, which the code explains.
            let is_sentence = |line: &str| {
                let line = line.trim_start();
                line.starts_with("M12") || line.starts_with("D32")
            };
            let sentences = text.lines().position(is_sentence);
            let table = text.lines().skip(1).take(sentences.unwrap_or(usize::MAX) - 1);
            all.extend(
                table.filter(|line| !line.trim_start().starts_with("for ")).map(str::to_owned),
            );
            let codes = text.split_whitespace().filter(|word| {
                word.len() == 4 && word.starts_with(['M', 'D']) && word[1..].parse::<u32>().is_ok()
            });
            for code in codes {
                studio.run(&["explain", code]).exit(0);
            }
        }
    }
    let lines: Vec<&str> = all.iter().map(String::as_str).collect();
    for seen in ["silent", "limiter", "covered", "quieter", "loses", "as most records", "heard"] {
        assert!(lines.iter().any(|line| line.contains(seen)), "{seen}: {lines:#?}");
    }
    explained(&lines);
    for word in
        ["phone", "car", "phon", "LU", "club", "earbuds", "crossfeed", "small Bluetooth speaker"]
    {
        studio.run(&["explain", word]).exit(0);
    }
}

#[test]
fn stems_of_another_song_are_refused_with_the_figure() {
    let studio = Studio::new();
    std::fs::create_dir(studio.path("stems")).unwrap();
    let none = [0.0, 0.0];
    write(&studio, "song.wav", [[0.3, 0.3], [0.1, 0.1], [0.1, 0.1]], 0.0);
    write(&studio, "stems/chord.wav", [none, [0.1, 0.1], none], 0.0);
    write(&studio, "stems/noise.wav", [none, none, [0.02, 0.02]], 0.0);
    let words = ["simulate", "song.wav", "--on", "phone", "--stems", "stems"];
    // The bass has two thirds and more of the power of the song, and is in none of the stems.
    let run = studio.run(&words).exit(2);
    run.one_line("what is in none of them is only 1.6 dB quieter than the song");
    write(&studio, "stems/bass.wav", [[0.3, 0.3], none, none], 0.0);
    let run = studio.run(&words).exit(0);
    assert!(run.stderr.contains("below it is a rest"), "{}", run.stderr);
    let text = run.text();
    assert!(!text.contains("without"), "{text}");
    assert!(text.contains("bass gone") || text.contains("bass at "), "{text}");
}

#[test]
fn a_folder_that_takes_no_files_is_told_before_any_work() {
    let studio = Studio::with_mix();
    std::fs::write(studio.path("file"), "no folder").unwrap();
    std::fs::create_dir(studio.path("songs")).unwrap();
    studio.mix("songs/one.wav");
    studio.mix("songs/two.wav");
    let commands: [&[&str]; 9] = [
        &["master", "mix.wav", "-d", "file/in"],
        &["master", "mix.wav", "--choices", "-d", "file/in"],
        &["album", "songs", "-d", "file/in"],
        &["restore", "mix.wav", "-d", "file/in"],
        &["simulate", "mix.wav", "--on", "phone", "-d", "file/in"],
        &["stems", "songs", "-d", "file/in"],
        &["audition", "mix.wav", "--step", "-d", "file/in"],
        &["listen", "mix.wav", "--on", "phone", "-o", "file/in/a.html"],
        &["report", "mix.wav", "-o", "file/in/a.html"],
    ];
    for words in commands {
        let run = studio.run(words);
        assert_eq!(run.code, 1, "{words:?}: {}", run.stderr);
        let lines: Vec<&str> = run.stderr.lines().collect();
        let told = lines.iter().find(|line| line.contains("file is a file"));
        assert!(told.is_some(), "{words:?}: {lines:?}");
        assert!(!lines.iter().any(|line| line.contains("Fitted")), "{words:?}: {lines:?}");
    }
}

#[test]
fn a_page_is_no_choice_and_settings_that_are_not_there_are_named() {
    let studio = Studio::with_mix();
    studio.run(&["suggest", "mix.wav", "-o", "mix.cd.wav.settings.json"]).exit(0);
    let said = |words: &[&str], part: &str| {
        studio.run(words).exit(2).one_line(part);
    };
    said(&["report", "mix.settings.json"], "settings beside it: mix.cd.wav.settings.json");
    std::fs::create_dir(studio.path("mix.wav.choices")).unwrap();
    std::fs::write(studio.path("mix.wav.choices/choices.html"), "<html>").unwrap();
    std::fs::copy(
        studio.path("mix.cd.wav.settings.json"),
        studio.path("mix.wav.choices/B.settings.json"),
    )
    .unwrap();
    let meant = "is the page to listen on, no choice; acetate pick mix.wav.choices/B.settings.json";
    said(&["pick", "mix.wav.choices/choices.html"], meant);
    std::fs::write(studio.path("notes.settings.json"), "dear diary").unwrap();
    said(&["report", "notes.settings.json"], "is no settings document: line 1 is not JSON");
    std::fs::write(studio.path("bare.settings.json"), "{\"schema\":\"acetate.settings/1\"}")
        .unwrap();
    let run = studio.run(&["report", "bare.settings.json"]);
    assert!(!run.stderr.contains("the source  is"), "{}", run.stderr);
}

#[test]
fn names_keep_their_letters() {
    let studio = Studio::new();
    studio.mix("Müller – Größe.wav");
    studio.run(&["references", "add", "Müller – Größe.wav", "-q"]).exit(0);
    let list = studio.run(&["references", "list", "--json"]).exit(0).text();
    assert!(list.contains("müller-größe"), "{list}");
    studio.run(&["references", "show", "müller-größe"]).exit(0);
    studio.run(&["references", "show", "Müller Größe"]).exit(0);
    let kitchen = r#"{"id":"küche","hz":[100,200,300],"curve_db":[0,0,0]}"#;
    std::fs::write(studio.path("küche.json"), kitchen).unwrap();
    let words = ["simulate", "Müller – Größe.wav", "--system", "küche.json", "-d", "heard"];
    studio.run(&words).exit(0);
    assert!(studio.path("heard/Müller – Größe.küche.wav").exists());
}
