//! Rules about files: nothing is lost, nothing is half written.

use crate::program::{Studio, samples};

const FAST: [&str; 2] = ["--limiter", "fast"];

#[test]
fn the_input_is_never_overwritten_whatever_the_flags() {
    let studio = Studio::with_mix();
    let before = studio.read("mix.wav");
    std::fs::hard_link(studio.path("mix.wav"), studio.path("link.wav")).unwrap();
    for output in ["mix.wav", "./mix.wav", "link.wav"] {
        studio
            .run(&["master", "mix.wav", "-o", output, "-f"])
            .exit(5)
            .one_line("never overwritten");
    }
    assert!(studio.read("mix.wav") == before);
    assert_eq!(studio.names(), ["link.wav", "mix.wav"]);
}

#[test]
fn an_existing_output_follows_the_rule() {
    let studio = Studio::with_mix();
    let master = |more: &[&str]| studio.run(&[&["master", "mix.wav"], &FAST[..], more].concat());
    master(&[]).exit(0);
    let first = studio.read("mix.streaming.wav");
    master(&[]).exit(5).one_line("mix.streaming.wav exists");
    master(&["--existing", "skip", "--lufs", "-20"]).exit(0);
    assert!(studio.read("mix.streaming.wav") == first);
    master(&["--existing", "number"]).exit(0);
    assert!(studio.read("mix.streaming-2.wav") == first);
    master(&["-f", "--lufs", "-20"]).exit(0);
    assert!(studio.read("mix.streaming.wav") != first);
}

#[test]
fn update_renders_again_only_what_changed() {
    let studio = Studio::with_mix();
    let update = |more: &[&str]| {
        studio
            .run(&[&["master", "mix.wav", "--existing", "update"], &FAST[..], more].concat())
            .exit(0)
            .stderr
    };
    assert!(update(&[]).contains("Rendered"));
    assert!(update(&["-j", "1"]).contains("up to date"));
    assert!(update(&["--amount", "50"]).contains("Rendered"));
    assert!(update(&["--amount", "50"]).contains("up to date"));
    std::fs::remove_file(studio.path("mix.streaming.wav")).unwrap();
    assert!(update(&["--amount", "50"]).contains("Rendered"));
}

/// Sets a file's time to so many seconds before now.
fn age(path: &std::path::Path, seconds: u64) {
    let file = std::fs::File::options().append(true).open(path).unwrap();
    let time = std::time::SystemTime::now() - std::time::Duration::from_secs(seconds);
    file.set_modified(time).unwrap();
}

#[test]
fn a_second_update_reads_no_sound_and_a_touched_or_changed_file_is_told_apart() {
    let studio = Studio::with_mix();
    let path = studio.path("mix.wav");
    age(&path, 60);
    let update = || {
        let words = [&["master", "mix.wav", "--existing", "update"], &FAST[..]].concat();
        studio.run(&words).exit(0).stderr
    };
    assert!(update().contains("Rendered"));
    let second = update();
    assert!(second.contains("up to date") && !second.contains("Analyzed"), "{second}");
    // Touched, and the same: measured once, then known again.
    age(&path, 30);
    let touched = update();
    assert!(touched.contains("up to date") && touched.contains("Analyzed"), "{touched}");
    let known = update();
    assert!(known.contains("up to date") && !known.contains("Analyzed"), "{known}");
    // Changed, and of the same size.
    let mut bytes = studio.read("mix.wav");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    std::fs::write(&path, bytes).unwrap();
    age(&path, 20);
    assert!(update().contains("Rendered"));
    // Changed right after it was mastered, at a time that the clock of its file system cannot tell from before.
    let whole = std::time::UNIX_EPOCH
        + std::time::Duration::from_secs(
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs(),
        );
    std::fs::File::options().append(true).open(&path).unwrap().set_modified(whole).unwrap();
    assert!(update().contains("Analyzed"));
    assert!(update().contains("Analyzed"), "a coarse time is not believed so soon");
}

#[test]
fn a_changed_style_file_is_rendered_again() {
    let studio = Studio::with_mix();
    let style = include_str!("../../fuzz/corpus/style/first.json");
    std::fs::write(studio.path("own.json"), style).unwrap();
    let update = || {
        let words =
            [&["master", "mix.wav", "--existing", "update", "--style", "own.json"], &FAST[..]];
        studio.run(&words.concat()).exit(0).stderr
    };
    assert!(update().contains("Rendered"));
    assert!(update().contains("up to date"));
    let mut changed: serde_json::Value = serde_json::from_str(style).unwrap();
    let mean = changed.pointer_mut("/tone/mean_db/4").unwrap();
    *mean = (mean.as_f64().unwrap() + 1.0).into();
    std::fs::write(studio.path("own.json"), changed.to_string()).unwrap();
    assert!(update().contains("Rendered"));
}

#[test]
fn two_inputs_of_one_stem_have_masters_settings_and_pages_of_their_own() {
    let studio = Studio::with_mix();
    let flac = ["apply", "neutral.json", "mix.wav", "-o", "mix.flac", "-q"];
    std::fs::write(
        studio.path("neutral.json"),
        r#"{ "schema": "acetate.settings/1", "settings": { "drive_db": -1 } }"#,
    )
    .unwrap();
    studio.run(&flac).exit(0);
    let words = ["master", "mix.wav", "mix.flac", "-d", "out", "--existing", "update", "--report"];
    let all = [&words[..], &FAST[..]].concat();
    studio.run(&all).exit(0);
    let names = crate::program::names_in(&studio.path("out"));
    assert_eq!(
        names,
        [
            "mix.streaming.flac",
            "mix.streaming.flac.html",
            "mix.streaming.flac.settings.json",
            "mix.streaming.wav",
            "mix.streaming.wav.html",
            "mix.streaming.wav.settings.json"
        ]
    );
    let again = studio.run(&all).exit(0).stderr;
    assert_eq!(again.matches("is up to date").count(), 2, "{again}");
    assert!(again.contains("2 up to date"), "{again}");
    // One format: the rule says whether the second is refused or numbered.
    let one = |existing: &str| {
        let words = ["master", "mix.wav", "mix.flac", "--format", "wav", "-d", "one"];
        studio.run(&[&words[..], &["--existing", existing], &FAST[..]].concat())
    };
    assert!(one("number").exit(0).stderr.contains("mix.streaming-2.wav"));
    assert!(one("number").exit(0).stderr.contains("mix.streaming-4.wav"));
    assert_eq!(crate::program::names_in(&studio.path("one")).len(), 8);
    one("replace").exit(4);
}

#[test]
fn a_reference_and_a_target_are_both_in_the_name() {
    let studio = Studio::with_mix();
    studio.run(&["master", "mix.wav", "-t", "loud", "-o", "record.wav", "-q"]).exit(0);
    let name = |more: &[&str]| {
        let words = [&["master", "mix.wav", "-r", "record.wav", "-n", "--json"], more].concat();
        let result = studio.run(&words).exit(0).json();
        result["files"][0]["would_write"].as_str().unwrap().to_owned()
    };
    assert_eq!(name(&[]), "mix.record.master.wav");
    assert_eq!(name(&["-t", "spotify"]), "mix.record.spotify.wav");
    // Settings are applied to the same name.
    for more in [&[][..], &["-t", "spotify"]] {
        let words = [&["suggest", "mix.wav", "-r", "record.wav"], more].concat();
        std::fs::write(studio.path("s.json"), studio.run(&words).exit(0).stdout).unwrap();
        let result = studio.run(&["apply", "s.json", "mix.wav", "-n", "--json"]).exit(0).json();
        assert_eq!(result["files"][0]["would_write"], name(more));
    }
}

#[test]
fn bits_are_kept_and_the_limiter_can_be_off() {
    let studio = Studio::new();
    for (format, bits, kept) in [
        (hound::SampleFormat::Int, 16, "16"),
        (hound::SampleFormat::Int, 24, "24"),
        (hound::SampleFormat::Float, 32, "\"32f\""),
    ] {
        crate::program::write_mix(&studio.path("mix.wav"), 44_100, format, bits);
        let words = ["master", "mix.wav", "--bits", "keep", "--limiter", "off", "-f"];
        let run = studio.run(&words).exit(0);
        let document = studio.json("mix.streaming.wav.settings.json");
        assert_eq!(document["settings"]["output"]["bits"].to_string(), kept, "{}", run.stderr);
        assert_eq!(document["settings"]["limiter"]["kind"], "off");
        let lufs = document["numbers"]["after"]["loudness"]["integrated_lufs"].as_f64().unwrap();
        assert!((lufs + 14.0).abs() < 0.05, "{lufs}");
        let drive = document["moves"].as_array().unwrap().iter().find(|step| step["id"] == "drive");
        assert!(drive.unwrap()["what"].as_str().unwrap().ends_with("no limiter"));
    }
}

#[test]
fn a_dry_run_says_what_would_be_written_and_writes_nothing() {
    let studio = Studio::with_mix();
    let run = studio.run(&["master", "mix.wav", "-t", "cd", "-t", "club", "-n"]).exit(0);
    assert!(
        run.stderr.contains("mix.cd.wav") && run.stderr.contains("mix.club.wav"),
        "{}",
        run.stderr
    );
    assert_eq!(studio.names(), ["mix.wav"]);
}

#[test]
fn outputs_are_named_as_asked() {
    let studio = Studio::with_mix();
    studio
        .run(&["master", "mix.wav", "--name", "{target}/{stem}", "-d", "out", "--limiter", "fast"])
        .exit(0);
    assert!(studio.path("out/streaming/mix.wav").exists());
    studio.run(&["master", "mix.wav", "--name", "{what}"]).exit(2).one_line("{what}");
    studio
        .run(&["master", "mix.wav", "-o", "a.wav", "-t", "cd", "-t", "club"])
        .exit(2)
        .one_line("-d DIR");
    studio.run(&["master", "mix.wav", "-o", "a.docx"]).exit(2).one_line(".docx");
}

#[test]
fn a_failure_leaves_nothing_behind() {
    let studio = Studio::with_mix();
    std::fs::write(studio.path("broken.wav"), b"RIFF\0\0\0\0WAVEfmt ").unwrap();
    studio.run(&["master", "broken.wav"]).exit(1);
    studio.run(&["master", "mix.wav", "broken.wav", "-d", "out", "--limiter", "fast"]).exit(4);
    assert_eq!(studio.names(), ["broken.wav", "mix.wav", "out"]);
    assert_eq!(crate::program::names_in(&studio.path("out")).len(), 2);
}

#[test]
fn two_inputs_do_not_go_to_one_output() {
    let studio = Studio::with_mix();
    studio.mix("a/mix.wav");
    let run =
        studio.run(&["master", "mix.wav", "a/mix.wav", "-d", "out", "--limiter", "fast"]).exit(4);
    assert!(run.stderr.contains("output of another input"), "{}", run.stderr);
}

#[test]
fn the_format_follows_the_name_the_input_and_the_flags() {
    let studio = Studio::with_mix();
    studio.run(&["master", "mix.wav", "-o", "a.flac", "--limiter", "fast"]).exit(0);
    assert!(studio.read("a.flac").starts_with(b"fLaC"));
    studio.run(&["master", "a.flac", "--limiter", "fast"]).exit(0);
    assert!(studio.read("a.streaming.flac").starts_with(b"fLaC"));
    studio
        .run(&["master", "mix.wav", "--format", "aiff", "--bits", "16", "--limiter", "fast"])
        .exit(0);
    assert!(studio.read("mix.streaming.aiff").starts_with(b"FORM"));
    studio.run(&["master", "mix.wav", "-o", "b.wav", "--format", "flac"]).exit(2).one_line(".wav");
    studio
        .run(&["master", "mix.wav", "--format", "flac", "--bits", "32f"])
        .exit(2)
        .one_line("FLAC");
}

#[test]
fn the_length_stays() {
    let studio = Studio::with_mix();
    studio.run(&["master", "mix.wav", "-o", "a.wav"]).exit(0);
    assert_eq!(samples(&studio.path("a.wav")).len(), samples(&studio.path("mix.wav")).len());
}

/// Far below what it takes when each output is compared with each input (a minute and more), far above what it takes.
const PLANNING: std::time::Duration = std::time::Duration::from_secs(20);

#[test]
fn planning_a_folder_takes_time_in_proportion_to_its_files() {
    const FILES: usize = 4_000;
    let studio = Studio::new();
    studio.mix("songs/0.wav");
    let sound = studio.read("songs/0.wav");
    let short = &sound[..2_000];
    std::fs::create_dir(studio.path("songs/mastered")).unwrap();
    for index in 0..FILES {
        std::fs::write(studio.path(&format!("songs/{index}.wav")), short).unwrap();
        std::fs::write(studio.path(&format!("songs/mastered/{index}.streaming.wav")), "").unwrap();
    }
    let begun = std::time::Instant::now();
    let run = studio.run(&["master", "songs", "-n", "-f"]).exit(0);
    assert!(begun.elapsed() < PLANNING, "{:?}", begun.elapsed());
    assert_eq!(run.stderr.lines().filter(|line| line.contains("Would")).count(), FILES);
}
