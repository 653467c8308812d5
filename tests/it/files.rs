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
