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
