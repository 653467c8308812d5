//! `acetate stems`: stems that add up to their master.

use crate::program::{Studio, Wav, names_in, samples};

/// A studio with a folder of three stems: something like music in 24 bits, a tone in 16 bits and one channel, and silence.
fn band() -> Studio {
    let studio = Studio::new();
    studio.mix("song/band.wav");
    let write = |name: &str, level: f64| {
        let mono = Wav { rate_hz: 44_100, channels: 1, bits: 16, frames: 3 * 44_100 };
        mono.write(&studio.path(name), |_, time| level * (2_646.0 * time).sin());
    };
    write("song/tone.wav", 0.2);
    write("song/tacet.wav", 0.0);
    studio
}

#[test]
fn stems_add_up_to_the_master_and_versions_do() {
    let studio = band();
    let also = "instrumental=-tone,acapella=tone";
    let run = studio.run(&["stems", "song", "-t", "loud", "--also", also, "--json"]).exit(0);
    assert!(run.stderr.contains("differ from the master by 0 LSB"), "{}", run.stderr);
    assert!(run.stderr.contains("worked by band"), "{}", run.stderr);
    let names = [
        "acapella.loud.wav",
        "band.loud.wav",
        "instrumental.loud.wav",
        "song.loud.wav",
        "song.loud.wav.settings.json",
        "tacet.loud.wav",
        "tone.loud.wav",
    ];
    assert_eq!(names_in(&studio.path("song/mastered")), names);
    let files = run.json()["files"].as_array().unwrap().clone();
    assert_eq!(files[0]["difference_lsb"], 0.0);
    assert!(files.iter().all(|file| file["is_float"] != true), "none is above full scale here");
    let read = |name: &str| samples(&studio.path(&format!("song/mastered/{name}.loud.wav")));
    let master = read("song");
    let sum = |names: &[&str]| {
        let mut sum = vec![0; master.len()];
        names.iter().for_each(|name| sum.iter_mut().zip(read(name)).for_each(|(s, x)| *s += x));
        sum
    };
    assert!(sum(&["band", "tone", "tacet"]) == master);
    assert!(sum(&["instrumental", "acapella"]) == master);
    assert!(read("tacet").iter().all(|&x| x == 0));
    assert!(read("tone").iter().any(|&x| x != 0));
    studio.run(&["stems", "song", "-t", "loud"]).exit(5).one_line("-f replaces it");
    studio.run(&["stems", "song", "-t", "loud", "-f", "-q"]).exit(0);
    // Another format does not take the place of what is there, and is told.
    let run = studio.run(&["stems", "song", "-t", "loud", "-f", "--format", "flac"]).exit(0);
    assert!(run.stderr.contains("song.loud.wav is of an earlier run"), "{}", run.stderr);
}

#[test]
fn masters_among_the_stems_are_no_stems_of_the_next_run() {
    let studio = band();
    let first = studio.run(&["stems", "song", "-d", "song/out", "--also", "a=-tone"]).exit(0);
    assert!(first.stderr.contains("Analyzed  3 stems"), "{}", first.stderr);
    studio.run(&["stems", "song", "-d", "song"]).exit(0);
    let again = studio.run(&["stems", "song", "-t", "loud", "-d", "other"]).exit(0);
    assert!(again.stderr.contains("Analyzed  3 stems"), "{}", again.stderr);
    let skipped = again.stderr.matches("is a mastered stem of acetate").count();
    assert_eq!(skipped, 5 + 4, "{}", again.stderr);
}

#[test]
fn a_mix_under_another_name_and_a_stem_that_is_there_twice_are_found() {
    let studio = band();
    std::fs::copy(studio.path("song/tone.wav"), studio.path("song/tone copy.wav")).unwrap();
    let run = studio.run(&["stems", "song", "-n"]).exit(0);
    assert!(run.stderr.contains("tone copy and tone are the very same sound"), "{}", run.stderr);
    std::fs::remove_file(studio.path("song/tone copy.wav")).unwrap();
    studio.run(&["stems", "song", "-d", "out"]).exit(0);
    let sum = studio.path("song/final.wav");
    std::fs::copy(studio.path("out/song.streaming.wav"), sum).unwrap();
    let refused = studio.run(&["stems", "song", "-q", "-d", "out2"]).exit(2);
    refused.one_line("final is the sum of the other stems");
}

#[test]
fn a_dry_run_names_the_files_and_says_why_nothing_is_balanced() {
    let studio = band();
    let also = "--also=instrumental=-tone";
    let run = studio.run(&["stems", "song", "-n", "--balance", also, "-t", "loud"]).exit(0);
    for name in ["song", "band", "tacet", "tone", "instrumental"] {
        let line = format!("Would  write song/mastered/{name}.loud.wav");
        assert!(run.stderr.contains(&line), "{}", run.stderr);
    }
    assert!(run.stderr.contains("Balance  nothing asks for a tone"), "{}", run.stderr);
    assert!(!studio.path("song/mastered").exists());
}

#[test]
fn what_cannot_be_is_said_before_anything_is_written() {
    let studio = band();
    studio.mix("song/mix.wav");
    studio.run(&["stems", "song"]).exit(2).one_line("--mix");
    let refused =
        studio.run(&["stems", "song", "--mix", "song/mix.wav", "--also", "a=guitar", "-q"]);
    refused.exit(2).one_line("there are band, tacet, tone, rest");
    studio.run(&["stems", "song/tone.wav", "--also", "guitar"]).exit(2).one_line("no version");
    let also = |version: &str| {
        let mix = ["--mix", "song/mix.wav"];
        studio.run(&["stems", "song", mix[0], mix[1], "-q", "--also", version]).exit(2)
    };
    also("a=tones").one_line("did you mean tone?");
    also("a=-band+tacet+tone+rest").one_line("has no stem left");
    also("a=band+tacet+tone+rest").one_line("that is the master");
    also("tone=-band").one_line("call it otherwise, or put {stem} into --name");
    studio.run(&["stems", "song/gone.wav"]).exit(1).one_line("gone.wav");
    assert_eq!(names_in(&studio.path("song")), ["band.wav", "mix.wav", "tacet.wav", "tone.wav"]);
}

#[test]
fn a_mix_that_is_not_the_sum_has_a_rest_and_is_not_taken_for_a_stem() {
    let studio = band();
    studio.mix("song/mix.wav");
    let run = studio.run(&["stems", "song", "--mix", "song/mix.wav", "-d", "out"]).exit(0);
    assert!(run.stderr.contains("is a rest: "), "{}", run.stderr);
    let names = names_in(&studio.path("out"));
    assert!(names.contains(&"rest.streaming.wav".to_owned()), "{names:?}");
    let read = |name: &str| samples(&studio.path(&format!("out/{name}.streaming.wav")));
    let mut sum = read("band");
    for name in ["tone", "tacet", "rest"] {
        sum.iter_mut().zip(read(name)).for_each(|(sum, x)| *sum += x);
    }
    assert!(sum == read("mix"));
}
