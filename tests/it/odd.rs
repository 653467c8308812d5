//! Files that broke a decoder once, and files like them: no panic text, one line each, no signal.

use std::path::Path;

use crate::program::Studio;

#[test]
fn the_fuzz_corpus_makes_the_program_neither_panic_nor_stop() {
    let studio = Studio::new();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/decode");
    let mut files = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        let path = entry.unwrap().path();
        // A folder is searched for files that are named like sound.
        let name = path.file_name().unwrap().to_str().unwrap().replace('.', "-");
        std::fs::copy(&path, studio.path(&format!("{name}.wav"))).unwrap();
        files += 1;
    }
    let run = studio.run(&["analyze", ".", "--jsonl", "-q"]).exit(4);
    assert_eq!(run.text().lines().count(), files);
    for line in run.stderr.lines() {
        assert!(line.starts_with("acetate: ") && !line.contains("panicked"), "{line}");
    }
}

#[test]
fn lost_sound_is_said_by_every_command_and_is_exit_3_under_strict() {
    let studio = Studio::with_mix();
    let mut bytes = studio.read("mix.wav");
    bytes.truncate(bytes.len() * 3 / 4);
    std::fs::write(studio.path("cut.wav"), bytes).unwrap();
    for command in [&["analyze", "cut.wav"][..], &["compare", "mix.wav", "cut.wav"]] {
        let run = studio.run(command).exit(0);
        assert!(run.stderr.contains("cut short"), "{command:?}: {}", run.stderr);
        assert!(run.stderr.contains("1.0 s of sound are missing"), "{command:?}: {}", run.stderr);
    }
    let run = studio.run(&["check", "cut.wav", "--codec", "none"]);
    assert!(run.stderr.contains("cut short"), "{}", run.stderr);
    let master = ["master", "cut.wav", "--limiter", "fast", "-f"];
    assert!(studio.run(&master).exit(0).stderr.contains("cut short"));
    studio.run(&[&master[..], &["--strict"]].concat()).exit(3);
    let apply = ["apply", "cut.streaming.wav.settings.json", "cut.wav", "-f", "-o", "again.wav"];
    studio.run(&apply).exit(0);
    studio.run(&[&apply[..], &["--strict"]].concat()).exit(3);
    // What is whole is not concerned.
    studio.run(&["master", "mix.wav", "--limiter", "fast", "-f", "--strict"]).exit(0);
}

#[test]
fn boxes_inside_each_other_in_several_files_end_in_a_line_each() {
    let studio = Studio::new();
    let mut bytes = b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42".to_vec();
    for left in (1..=17_000u32).rev() {
        bytes.extend((8 * left).to_be_bytes());
        bytes.extend(b"moov");
    }
    for name in ["one.m4a", "two.m4a"] {
        std::fs::write(studio.path(name), &bytes).unwrap();
    }
    let run = studio.run(&["analyze", "one.m4a", "two.m4a"]);
    assert!(matches!(run.code, 1 | 4), "{}: {}", run.code, run.stderr);
    assert_eq!(run.stderr.lines().count(), 2, "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn paths_that_are_no_plain_files_are_one_line_each() {
    use std::os::unix::fs::symlink;

    let studio = Studio::new();
    std::process::Command::new("mkfifo").arg(studio.path("pipe.wav")).status().unwrap();
    let _listener = std::os::unix::net::UnixListener::bind(studio.path("socket.wav")).unwrap();
    symlink("loop.wav", studio.path("loop.wav")).unwrap();
    std::fs::create_dir(studio.path("folder")).unwrap();
    symlink("..", studio.path("folder/up")).unwrap();
    let long = format!("{}.wav", "n".repeat(300));
    for name in ["pipe.wav", "socket.wav", "loop.wav", "gone.wav", &long] {
        for command in ["analyze", "master", "check"] {
            studio.run(&[command, name]).exit(1).one_line(name);
        }
    }
    // A folder of nothing but such things holds no sound, and the loop of folders ends.
    studio.run(&["analyze", "."]).exit(2).one_line("no audio file");
    std::fs::remove_file(studio.path("pipe.wav")).unwrap();
}

#[cfg(unix)]
#[test]
fn names_that_are_no_text_or_very_long_are_mastered() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let studio = Studio::with_mix();
    for name in [&b"\xFF\xFE.wav"[..], b"new\nline.wav", &[&[b'n'; 200][..], b".wav"].concat()] {
        let path = studio.path("in").join(OsStr::from_bytes(name));
        std::fs::create_dir_all(studio.path("in")).unwrap();
        std::fs::copy(studio.path("mix.wav"), &path).unwrap();
    }
    studio.run(&["master", "in", "--limiter", "fast", "-q"]).exit(0);
    let made = std::fs::read_dir(studio.path("in/mastered")).unwrap().count();
    assert_eq!(made, 6, "a master and its settings each");
}
