//! A record from outside: decided, rendered, laid out, and what is refused before any work.

use std::path::Path;

use acetate::Audio;
use acetate::audio::Source;
use serde_json::Value;

use crate::program::{Studio, names_in};

pub(crate) const SONGS: [&str; 3] =
    ["01 Lighthouse, day.flac", "02 Lighthouse, night.flac", "03 Low Tide.flac"];

/// A studio with the example record in `record`.
pub(crate) fn with_record() -> Studio {
    let studio = Studio::new();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/record");
    std::fs::create_dir(studio.path("record")).unwrap();
    for name in SONGS.iter().chain(&["album.toml"]) {
        std::fs::copy(from.join(name), studio.path("record").join(name)).unwrap();
    }
    studio
}

pub(crate) fn sound(path: &Path) -> Audio {
    let source: Source = acetate::files::open(path, 1 << 30).unwrap();
    source.audio().unwrap().clone()
}

/// Files laid end to end.
pub(crate) fn end_to_end(folder: &Path, names: &[&str]) -> Audio {
    let mut all = sound(&folder.join(names[0]));
    for name in &names[1..] {
        let next = sound(&folder.join(name));
        for (plane, next) in all.planes_mut().iter_mut().zip(next.planes()) {
            plane.extend_from_slice(next);
        }
    }
    all
}

/// Writes sound of 16 bits as a WAV.
pub(crate) fn write_16(path: &Path, audio: &Audio) {
    let spec = hound::WavSpec {
        channels: audio.planes().len() as u16,
        sample_rate: audio.spec().sample_rate_hz,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for frame in 0..audio.frames() {
        for plane in audio.planes() {
            writer.write_sample((plane[frame] * 32_768.0) as i16).unwrap();
        }
    }
    writer.finalize().unwrap();
}

pub(crate) fn plan(studio: &Studio, folder: &str) -> Value {
    studio.json(&format!("{folder}/album.acetate.json"))
}

#[test]
fn the_example_record_is_mastered_and_laid_out_for_every_medium() {
    let studio = with_record();
    let layouts = "streaming,cd,bin,ddp,vinyl,cassette";
    studio.run(&["album", "record", "--layout", layouts, "--preview", "--singles"]).exit(0);
    let folder = studio.path("record/mastered");
    let expected = [
        "album.acetate.json",
        "bin",
        "cassette",
        "cd",
        "ddp",
        "preview",
        "singles",
        "streaming",
        "vinyl",
    ];
    assert_eq!(names_in(&folder), expected);
    assert_eq!(names_in(&folder.join("streaming")), SONGS);
    assert_eq!(
        names_in(&folder.join("ddp")),
        ["CDTEXT.BIN", "CHECKSUM.MD5", "DDPID", "DDPMS", "IMAGE.DAT", "PQ SHEET.TXT", "PQDESCR"]
    );
    let plan = plan(&studio, "record/mastered");
    let songs = plan["songs"].as_array().unwrap();
    let kinds: Vec<&str> =
        songs.iter().map(|song| song["before_it"]["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["gap", "join", "gap"]);
    // The loudest is the recording that the first two are.
    assert!(plan["summary"].as_str().unwrap().contains("loudest -14.0 LUFS ok"), "{plan}");
    let lufs = |song: usize| songs[song]["level"]["master_lufs"].as_f64().unwrap();
    assert!(lufs(0) > lufs(2) && lufs(1) > lufs(2), "{songs:?}");
    assert!(plan["true_peak_dbtp"].as_f64().unwrap() <= -0.95, "{plan}");

    // Files end to end are the disc.
    let (streaming, disc) =
        (end_to_end(&folder.join("streaming"), &SONGS), sound(&folder.join("cd/harbour.wav")));
    assert_eq!(streaming.frames(), disc.frames());
    let power = |audio: &Audio, other: Option<&Audio>| -> f64 {
        let of = |plane: usize, frame: usize| {
            let below = other.map_or(0.0, |other| other.channel(plane)[frame]);
            f64::from(audio.channel(plane)[frame] - below).powi(2)
        };
        let frames = audio.frames();
        (0..2).map(|plane| (0..frames).map(|frame| of(plane, frame)).sum::<f64>()).sum::<f64>()
            / (2 * frames) as f64
    };
    let apart_db = 10.0 * power(&streaming, Some(&disc)).log10();
    assert!(apart_db < -90.0, "{apart_db}");
    let bin = studio.read("record/mastered/bin/harbour.bin");
    assert_eq!(bin, studio.read("record/mastered/cd/harbour.wav")[44..]);
    let image = studio.read("record/mastered/ddp/IMAGE.DAT");
    let (pause, sound) = image.split_at(150 * 2352);
    assert!(pause.iter().all(|&byte| byte == 0) && sound == bin);
}

#[test]
fn a_joined_pair_is_the_uncut_recording_mastered_whole() {
    let studio = with_record();
    studio.run(&["album", "record"]).exit(0);
    std::fs::create_dir(studio.path("uncut")).unwrap();
    write_16(&studio.path("uncut/1.wav"), &end_to_end(&studio.path("record"), &SONGS[..2]));
    write_16(&studio.path("uncut/2.wav"), &end_to_end(&studio.path("record"), &SONGS[2..]));
    studio.run(&["album", "uncut", "--format", "flac"]).exit(0);
    let joined = end_to_end(&studio.path("record/mastered/streaming"), &SONGS);
    let uncut = end_to_end(&studio.path("uncut/mastered/streaming"), &["01 1.flac", "02 2.flac"]);
    assert!(joined == uncut, "{} frames and {}", joined.frames(), uncut.frames());
}

#[test]
fn a_song_that_is_not_joined_is_apply_of_its_settings() {
    let studio = with_record();
    studio.run(&["album", "record"]).exit(0);
    let plan = plan(&studio, "record/mastered");
    let group = plan["groups"].as_array().unwrap().last().unwrap();
    let document =
        serde_json::json!({ "schema": "acetate.settings/1", "settings": group["settings"] });
    std::fs::write(studio.path("tide.json"), document.to_string()).unwrap();
    let song = format!("record/{}", SONGS[2]);
    studio.run(&["apply", "tide.json", &song, "-o", "tide.flac"]).exit(0);
    let (alone, file) = (
        sound(&studio.path("tide.flac")),
        sound(&studio.path("record/mastered/streaming").join(SONGS[2])),
    );
    for (alone, file) in alone.planes().iter().zip(file.planes()) {
        assert!(file.starts_with(alone));
        // To the next sector there is silence.
        assert!(file[alone.len()..].iter().all(|&sample| sample == 0.0));
    }
}

#[test]
fn the_page_of_a_record_has_every_song_with_its_reasons_and_sound() {
    let studio = with_record();
    let layouts = ["--layout", "cassette", "--report"];
    studio.run(&["album", "record", layouts[0], layouts[1], layouts[2]]).exit(0);
    // What was written for the page alone is gone.
    let folder = studio.path("record/mastered");
    assert_eq!(names_in(&folder), ["album.acetate.json", "album.html", "cassette"]);
    let page = String::from_utf8(studio.read("record/mastered/album.html")).unwrap();
    for part in ["Low Tide", "brought to 3.8", "id=\"tone-3\"", "id=\"loudness\"", "id=\"a0-0\""] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn a_dry_run_says_what_would_be_done_and_writes_nothing() {
    let studio = with_record();
    let run = studio.run(&["album", "record", "-n"]).exit(0);
    let text = run.text();
    assert!(text.contains("join") && text.contains("Low Tide"), "{text}");
    assert!(!studio.path("record/mastered").exists());
}

#[test]
fn what_is_there_stays_until_it_is_to_be_replaced() {
    let studio = with_record();
    studio.run(&["album", "record"]).exit(0);
    let before = studio.read("record/mastered/album.acetate.json");
    studio.run(&["album", "record"]).exit(5);
    let run = studio.run(&["album", "record", "--existing", "update"]).exit(0);
    assert!(run.stderr.contains("up to date"), "{}", run.stderr);
    studio.run(&["album", "record", "-f"]).exit(0);
    assert_eq!(studio.read("record/mastered/album.acetate.json"), before);
    let run = studio.run(&["album", "record", "--existing", "update", "--levels", "even"]).exit(0);
    assert!(!run.stderr.contains("up to date"), "{}", run.stderr);
    assert_eq!(names_in(&studio.path("record/mastered")), ["album.acetate.json", "streaming"]);
}

#[test]
fn a_bonus_song_comes_to_a_record_that_stays_as_it_is() {
    let studio = with_record();
    studio.run(&["album", "record"]).exit(0);
    let frozen = plan(&studio, "record/mastered");
    std::fs::create_dir(studio.path("bonus")).unwrap();
    std::fs::copy(studio.path("record").join(SONGS[2]), studio.path("bonus/x.flac")).unwrap();
    studio.run(&["album", "bonus", "--like", "record/mastered/album.acetate.json"]).exit(0);
    let bonus = plan(&studio, "bonus/mastered");
    assert_eq!(bonus["common"], frozen["common"]);
    // The same mix gets the same place.
    let top = |plan: &Value, song: usize| {
        plan["songs"][song]["level"]["master_top_lufs"].as_f64().unwrap()
    };
    assert!((top(&bonus, 0) - top(&frozen, 2)).abs() < 0.1, "{bonus}");
}

/// What is refused when `album.toml` says this, after what it says of the record.
#[track_caller]
fn check_refused(songs: &str, layout: &str, part: &str) {
    let studio = with_record();
    let text = format!("schema = \"acetate.album/1\"\n{songs}");
    std::fs::write(studio.path("record/album.toml"), text).unwrap();
    studio.run(&["album", "record", "-q", "--layout", layout]).exit(2).one_line(part);
    assert!(!studio.path("record/mastered").exists());
}

fn songs(second: &str) -> String {
    format!(
        "[[song]]\nfile = \"{}\"\nisrc = \"XXEX02600001\"\n[[song]]\nfile = \"{}\"\n{second}",
        SONGS[0], SONGS[2]
    )
}

#[test]
fn wrong_codes_are_refused_before_any_work() {
    check_refused("upc = \"2000000000009\"", "streaming", "its check digit is 8");
    check_refused(&songs("isrc = \"XXEX0260000\""), "streaming", "has 11 letters and digits");
    check_refused(&songs("isrc = \"XXEX02600001\""), "streaming", "belongs to song 1");
}

#[test]
fn songs_that_are_missing_named_twice_or_do_not_meet_are_refused() {
    let twice = format!("[[song]]\nfile = \"{0}\"\n[[song]]\nfile = \"{0}\"", SONGS[0]);
    check_refused(&twice, "streaming", "is song 1 already");
    check_refused("[[song]]\nfile = \"x.wav\"", "streaming", "there is no file");
    check_refused(&songs("join = \"gapless\""), "streaming", "does not go on where");
    let studio = with_record();
    let song = format!("record/{}", SONGS[0]);
    studio.run(&["album", "-q", &song, &song]).exit(2).one_line("is named twice");
}

#[test]
fn what_a_disc_cannot_hold_is_refused_for_discs_alone() {
    check_refused(&songs("title = \"Łódź\""), "cd", "CD-Text (ISO 8859-1) cannot hold");
    let studio = with_record();
    write_16(&studio.path("record/4.wav"), &{
        let mut short = sound(&studio.path("record").join(SONGS[0]));
        short.resize(44_100 * 3);
        short
    });
    let files = [format!("record/{}", SONGS[2]), "record/4.wav".to_owned()];
    studio
        .run(&["album", "-q", &files[0], &files[1], "-d", "out", "--layout", "cd"])
        .exit(2)
        .one_line("a CD track at least 00:04:00");
    assert!(!studio.path("out").exists());
    studio.run(&["album", "-q", &files[0], &files[1], "-d", "out"]).exit(0);
}

#[test]
fn a_cover_that_is_missing_and_a_hundredth_track_are_refused() {
    check_refused("cover = \"no.jpg\"", "streaming", "cover: there is no file");
    let studio = with_record();
    let mut short = sound(&studio.path("record").join(SONGS[0]));
    short.resize(44_100 * 5);
    std::fs::create_dir(studio.path("many")).unwrap();
    write_16(&studio.path("many/1.wav"), &short);
    for number in 2..=100 {
        let name = format!("many/{number}.wav");
        std::fs::hard_link(studio.path("many/1.wav"), studio.path(&name)).unwrap();
    }
    studio
        .run(&["album", "many", "-q", "--layout", "cd"])
        .exit(2)
        .one_line("100 songs are more than the 99 tracks");
}

#[test]
fn songs_of_one_channel_and_of_two_do_not_go_together() {
    let studio = with_record();
    let mut mono = sound(&studio.path("record").join(SONGS[0]));
    let plane = mono.planes_mut()[0].clone();
    write_16(&studio.path("record/mono.wav"), &Audio::from_planes(44_100, vec![plane]));
    let song = format!("record/{}", SONGS[0]);
    studio
        .run(&["album", "-q", &song, "record/mono.wav", "-d", "out"])
        .exit(2)
        .one_line("has 1 channel and song 1");
}

#[test]
fn a_mono_song_stays_the_same_left_and_right() {
    let studio = with_record();
    let mut one = sound(&studio.path("record").join(SONGS[2]));
    let left = one.channel(0).to_vec();
    one.planes_mut()[1] = left;
    write_16(&studio.path("record/4.wav"), &one);
    let song = format!("record/{}", SONGS[0]);
    studio.run(&["album", "-q", &song, "record/4.wav", "-d", "out"]).exit(0);
    let names = names_in(&studio.path("out/streaming"));
    let master = sound(&studio.path("out/streaming").join(&names[1]));
    assert!(master.channel(0) == master.channel(1));
}

#[test]
fn init_writes_what_is_known_and_nobody_s_words_are_lost() {
    let studio = with_record();
    studio.run(&["album", "init", "record"]).exit(5);
    std::fs::remove_file(studio.path("record/album.toml")).unwrap();
    studio.run(&["album", "init", "record"]).exit(0);
    let text = String::from_utf8(studio.read("record/album.toml")).unwrap();
    assert!(text.contains("title = \"Low Tide\""), "{text}");
    assert_eq!(text.matches("\njoin = \"gapless\"").count(), 1, "{text}");
    studio.run(&["album", "record", "-n"]).exit(0);
}

#[test]
fn the_record_s_file_gives_options_and_what_is_typed_wins() {
    let studio = with_record();
    let text = String::from_utf8(studio.read("record/album.toml")).unwrap();
    let text = text.replacen("[[song]]", "[sound]\nlufs = -16\nlevels = \"keep\"\n\n[[song]]", 1);
    std::fs::write(studio.path("record/album.toml"), text).unwrap();
    studio.run(&["album", "record", "-d", "a"]).exit(0);
    assert_eq!(plan(&studio, "a")["levels"], "keep");
    assert_eq!(plan(&studio, "a")["target"]["integrated_lufs"], -16.0);
    studio.run(&["album", "record", "-d", "b", "--levels", "even"]).exit(0);
    assert_eq!(plan(&studio, "b")["levels"], "even");
}

#[test]
fn songs_of_two_rates_do_not_cross_and_a_song_that_is_cut_short_is_told() {
    let studio = with_record();
    let planes = sound(&studio.path("record").join(SONGS[2])).planes().to_vec();
    write_16(&studio.path("record/48k.wav"), &Audio::from_planes(48_000, planes));
    let crossed = format!(
        "schema = \"acetate.album/1\"\n[[song]]\nfile = \"{}\"\n[[song]]\nfile = \"48k.wav\"\ncrossfade_s = 1",
        SONGS[0]
    );
    std::fs::write(studio.path("record/album.toml"), crossed).unwrap();
    studio.run(&["album", "record", "-q"]).exit(2).one_line("48000 Hz meets 44100 Hz");

    let whole = studio.read(&format!("record/{}", SONGS[2]));
    std::fs::write(studio.path("cut.flac"), &whole[..whole.len() / 2]).unwrap();
    let run = studio.run(&["album", "cut.flac", "-n"]).exit(0);
    assert!(run.stderr.contains("of sound are missing"), "{}", run.stderr);
}
