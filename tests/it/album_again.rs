//! A record that exists: brought up to date song by song, in lossy files, in another order.

use std::path::Path;

use crate::album::{SONGS, end_to_end, plan, sound, with_record};
use crate::program::{Studio, names_in};

/// What `album.toml` says, changed.
#[track_caller]
fn change(studio: &Studio, from: &str, to: &str) {
    let text = String::from_utf8(studio.read("record/album.toml")).unwrap();
    assert!(text.contains(from), "{text}");
    std::fs::write(studio.path("record/album.toml"), text.replacen(from, to, 1)).unwrap();
}

/// The record brought up to date must be what it is when everything is rendered; gives what was kept.
#[track_caller]
fn check_update(studio: &Studio, layouts: &str) -> String {
    let run = studio
        .run(&["album", "record", "--layout", layouts, "--existing", "update", "--singles"])
        .exit(0);
    studio.run(&["album", "record", "--layout", layouts, "-d", "fresh", "-f", "--singles"]).exit(0);
    for layout in layouts.split(',').chain(["singles"]) {
        let (new, fresh) =
            (studio.path("record/mastered").join(layout), studio.path("fresh").join(layout));
        assert_eq!(names_in(&new), names_in(&fresh));
        for name in names_in(&new) {
            let read = |folder: &Path| std::fs::read(folder.join(&name)).unwrap();
            assert!(read(&new) == read(&fresh), "{layout}/{name}");
        }
    }
    let kept = run.stderr.lines().find(|line| line.trim_start().starts_with("Kept"));
    kept.unwrap_or_default().trim().to_owned()
}

#[test]
fn an_update_renders_the_songs_that_changed_and_no_other() {
    let studio = with_record();
    studio.run(&["album", "record", "--layout", "streaming,cd,cassette"]).exit(0);
    // Other words and another pause: all samples are there.
    change(&studio, "title = \"Low Tide\"", "title = \"Lower Tide\"\ngap_s = 3.0");
    let kept = check_update(&studio, "streaming,cd,cassette");
    assert_eq!(kept, "Kept  song 1, song 2, song 3");
    // Another ending of one song.
    change(&studio, "gap_s = 3.0", "gap_s = 3.0\nfade_out_s = 2.0");
    assert_eq!(check_update(&studio, "streaming,cd,cassette"), "Kept  song 1, song 2");
    // Another layout beside those that are there.
    let kept = check_update(&studio, "streaming,cd,cassette,bin");
    assert_eq!(kept, "Kept  streaming, cd, cassette, song 1, song 2, song 3");
}

#[test]
fn samples_that_somebody_changed_are_rendered_again() {
    let studio = with_record();
    studio.run(&["album", "record"]).exit(0);
    let streaming = studio.path("record/mastered/streaming");
    std::fs::copy(streaming.join(SONGS[0]), streaming.join(SONGS[2])).unwrap();
    change(&studio, "title = \"Low Tide\"", "title = \"Low Tide\"\ngap_s = 3.0");
    assert_eq!(check_update(&studio, "streaming"), "Kept  song 1, song 2");
}

#[test]
fn lossy_songs_have_the_length_the_tags_and_the_level_of_the_record() {
    let studio = with_record();
    if !studio.run(&["doctor"]).text().lines().any(|l| l.starts_with("ffmpeg") && l.ends_with("ok"))
    {
        return eprintln!("skipped: ffmpeg is not installed");
    }
    for (format, rate_hz) in [("mp3", 44_100), ("opus", 48_000), ("m4a", 44_100), ("ogg", 44_100)] {
        studio.run(&["album", "record", "--format", format, "-d", format, "--singles"]).exit(0);
        let plan = plan(&studio, format);
        let lufs = plan["groups"][0]["master_lufs"].as_f64().unwrap();
        assert!((lufs + 14.0).abs() < 0.1, "{format}: {lufs}");
        assert!(plan["true_peak_dbtp"].as_f64().unwrap() < -0.95, "{format}: no room");
        let folder = studio.path(format).join("streaming");
        let names: Vec<String> = SONGS.iter().map(|name| name.replace(".flac", "")).collect();
        let names: Vec<String> = names.iter().map(|name| format!("{name}.{format}")).collect();
        assert_eq!(names_in(&folder), names);
        let all = end_to_end(&folder, &names.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(all.spec().sample_rate_hz, rate_hz);
        assert_eq!(all.frames() as u64, plan["frames"].as_u64().unwrap(), "{format}");
        let (tags, _) = acetate::files::Tags::read(&folder.join(&names[2]), rate_hz);
        assert_eq!(tags.comment("TITLE"), Some("Low Tide"), "{format}");
        assert_eq!(tags.comment("ISRC"), Some("XXEX02600003"), "{format}");
        assert_eq!(names_in(&studio.path(format).join("singles")), names);
    }
}

#[test]
fn an_order_is_suggested_and_nothing_is_done() {
    let studio = with_record();
    let run = studio.run(&["album", "record", "--order", "suggest"]).exit(0);
    let text = run.text();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].contains("Lighthouse, day") && lines[1].contains("goes on"), "{lines:?}");
    assert!(lines[2].contains("Low Tide") && lines[2].contains("the quietest closes"), "{lines:?}");
    assert!(!studio.path("record/mastered").exists());
}

#[test]
fn the_rate_of_the_record_is_the_commonest_and_a_rate_that_is_asked_for_wins() {
    let studio = with_record();
    let mut other = sound(&studio.path("record").join(SONGS[2]));
    other = acetate::Audio::from_planes(48_000, other.planes().to_vec());
    for name in ["4.wav", "5.wav"] {
        crate::album::write_16(&studio.path("record").join(name), &other);
    }
    let song = format!("record/{}", SONGS[0]);
    let songs = ["album", "-q", song.as_str(), "record/4.wav", "record/5.wav", "-d"];
    let rate = |out: &str, more: &[&str]| {
        studio.run(&[&songs[..], &[out], more].concat()).exit(0);
        plan(&studio, out)["sample_rate_hz"].as_u64()
    };
    assert_eq!(rate("a", &[]), Some(44_100), "the lowest: nothing is raised");
    assert_eq!(rate("b", &["--rate", "44100"]), Some(44_100));
    assert_eq!(rate("c", &["--rate", "48000"]), Some(48_000));
}
