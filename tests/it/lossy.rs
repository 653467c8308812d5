//! Lossy deliveries, encoded by an installed ffmpeg.

use acetate::files::{MEMORY_LIMIT_BYTES, Tags};
use flac_codec::encode::{FlacChannelWriter, Options};
use flac_codec::metadata::{Picture, PictureType};

use crate::program::{Studio, samples};

/// A black pixel.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\0\0\0\nIDATx\x9cc`\0\0\0\x02\0\x01\x48\xaf\xa4\x71\0\0\0\0IEND\xaeB`\x82";
const TAGS: [(&str, &str); 3] =
    [("TITLE", "Night Bus, ünïcode"), ("ARTIST", "Nobody"), ("MY OWN NAME", "kept as well")];

/// A studio with a tagged mix, unless this machine has no ffmpeg.
fn studio() -> Option<Studio> {
    let studio = Studio::with_mix();
    if studio.run(&["doctor"]).text().lines().any(|l| l.starts_with("ffmpeg") && l.ends_with("ok"))
    {
        let mut options = Options::default().tag("REPLAYGAIN_TRACK_GAIN", "-7 dB");
        for (name, value) in TAGS {
            options = options.tag(name, value);
        }
        let cover = Picture::new(PictureType::FrontCover, "front", PNG).unwrap();
        let file = std::fs::File::create(studio.path("mix.flac")).unwrap();
        let mut writer =
            FlacChannelWriter::new(file, options.picture(cover), 44_100, 24, 2, None).unwrap();
        let all = samples(&studio.path("mix.wav"));
        let plane = |side: usize| -> Vec<i32> {
            all.iter().skip(side).step_by(2).map(|&sample| sample as i32).collect()
        };
        writer.write([plane(0), plane(1)]).unwrap();
        writer.finalize().unwrap();
        return Some(studio);
    }
    eprintln!("skipped: ffmpeg is not installed");
    None
}

#[test]
fn a_lossy_master_keeps_level_ceiling_length_tags_and_cover() {
    let Some(studio) = studio() else { return };
    for (name, rate_hz) in
        [("a.mp3", 44_100), ("a.ogg", 44_100), ("a.opus", 48_000), ("a.m4a", 44_100)]
    {
        let run = studio
            .run(&[
                "master",
                "mix.flac",
                "-t",
                "loud",
                "--limiter",
                "transparent",
                "-o",
                name,
                "--json",
                "-f",
            ])
            .exit(0);
        let result = run.json();
        let loudness = &result["files"][0]["numbers"]["after"]["loudness"];
        assert!(loudness["true_peak_dbtp"].as_f64().unwrap() <= -1.0, "{name}: {loudness}");
        let lufs = loudness["integrated_lufs"].as_f64().unwrap();
        assert!((lufs + 9.0).abs() <= 0.05, "{name}: {lufs} LUFS, {}", run.stderr);

        let path = studio.path(name);
        let sound = acetate::files::open(&path, MEMORY_LIMIT_BYTES).unwrap();
        assert_eq!(sound.spec().sample_rate_hz, rate_hz, "{name}");
        assert_eq!(sound.frames(), u64::from(4 * rate_hz), "{name}: the length stays");
        let (tags, warnings) = Tags::read(&path, rate_hz);
        assert_eq!(warnings, [], "{name}");
        let mut comments = tags.comments().to_vec();
        comments.sort();
        let mut kept: Vec<_> = TAGS.map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec();
        kept.sort();
        assert_eq!(comments, kept, "{name}");
        assert_eq!(tags.pictures(), 1, "{name}");
    }
}

#[test]
fn a_lossy_file_is_the_same_bytes_again_from_its_settings_and_through_a_pipe() {
    let Some(studio) = studio() else { return };
    studio.run(&["master", "mix.flac", "--limiter", "fast", "--format", "ogg"]).exit(0);
    let first = studio.read("mix.streaming.ogg");
    studio
        .run(&["apply", "mix.streaming.ogg.settings.json", "mix.flac", "-o", "again.ogg"])
        .exit(0);
    assert!(studio.read("again.ogg") == first);
    let piped = studio
        .run(&["apply", "mix.streaming.ogg.settings.json", "mix.flac", "-o", "-", "-q"])
        .exit(0);
    assert!(piped.stdout == first);
}

#[test]
fn options_that_do_not_fit_a_lossy_format_are_wrong_usage() {
    let Some(studio) = studio() else { return };
    let wrong = |more: &[&str], part: &str| {
        studio.run(&[&["master", "mix.flac"], more].concat()).exit(2).one_line(part);
    };
    wrong(&["-o", "a.mp3", "--bits", "16"], "--bitrate");
    wrong(&["-o", "a.opus", "--rate", "44100"], "48000");
    wrong(&["-o", "a.wav", "--bitrate", "320"], "bit rate");
}

#[test]
fn without_an_encoder_a_lossy_format_is_an_error_that_says_so() {
    let studio = Studio::with_mix();
    let mut command = studio.command();
    command.args(["master", "mix.wav", "-o", "a.mp3"]).env("PATH", "");
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("ffmpeg is not installed") && said.lines().count() == 1, "{said}");
}

#[test]
fn a_lossy_master_keeps_the_bound_on_damage_and_its_ceiling_at_the_price_of_loudness() {
    let Some(studio) = studio() else { return };
    let loud = |name: &str| {
        let asked = [
            "master",
            "mix.flac",
            "--lufs",
            "-5",
            "--max-damage",
            "-14",
            "-o",
            name,
            "--json",
            "-f",
        ];
        studio.run(&asked).exit(0).json()["files"][0].clone()
    };
    let (plain, coded) = (loud("a.wav"), loud("a.mp3"));
    let lufs = |file: &serde_json::Value| {
        file["numbers"]["after"]["loudness"]["integrated_lufs"].as_f64().unwrap()
    };
    assert!(lufs(&plain) < -5.1, "the bound holds the plain file back: {}", lufs(&plain));
    assert!(lufs(&coded) < lufs(&plain) + 0.1, "{} and {}", lufs(&coded), lufs(&plain));
    // 64 kbit/s adds decibels to the peaks: the file that is written keeps the ceiling all the same.
    let asked =
        ["master", "mix.flac", "-t", "loud", "--bitrate", "64", "-o", "b.m4a", "--json", "-f"];
    let coded = studio.run(&asked).exit(0).json()["files"][0].clone();
    let peak = coded["verdict"]["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["name"] == "true_peak")
        .unwrap();
    assert_eq!(peak["met"], true, "{coded}");
}
