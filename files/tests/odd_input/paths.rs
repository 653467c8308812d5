//! Paths that lead to no plain file.

use std::path::Path;

use acetate_files::{DecodeError, Reader};

/// The kinds below, counted with the others.
pub(crate) const NAMES: [&str; 11] = [
    "a folder",
    "a pipe",
    "a socket",
    "a device",
    "a loop of links",
    "a link to nothing",
    "no such file",
    "a name that is too long",
    "a file inside a file",
    "RF64 of more than 4 GB",
    "WAV of more than 4 GB, whose length has wrapped around",
];

#[track_caller]
fn check(path: &Path, part: &str) {
    let error: DecodeError = acetate_files::open(path, 0).expect_err("it is no sound");
    assert!(error.to_string().contains(part), "{}: {error}", path.display());
}

#[test]
fn folders_and_missing_files_are_refused_by_kind() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    check(folder.path(), "is a folder");
    check(&folder.path().join("missing.wav"), "no such file");
    check(&folder.path().join("n".repeat(5_000)), "cannot be opened");
    let file = folder.path().join("file.wav");
    std::fs::write(&file, "text").expect("written");
    check(&file.join("inside.wav"), "no such file");
}

#[cfg(unix)]
#[test]
fn pipes_sockets_devices_and_loops_are_refused_without_waiting() {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    let made = std::process::Command::new("mkfifo").arg(at("pipe.wav")).status();
    assert!(made.expect("every Unix has mkfifo").success());
    check(&at("pipe.wav"), "is a pipe");
    let _listener = UnixListener::bind(at("socket.wav")).expect("a socket");
    check(&at("socket.wav"), "is a socket");
    check(Path::new("/dev/zero"), "is a device");
    symlink(at("loop.wav"), at("loop.wav")).expect("a link");
    check(&at("loop.wav"), "cannot be opened");
    symlink(at("nothing.wav"), at("link.wav")).expect("a link");
    check(&at("link.wav"), "no such file");
}

#[cfg(unix)]
#[test]
fn names_that_are_no_text_are_read() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in [&b"\xFF\xFE.wav"[..], b"new\nline.wav", "ünïcode ♪.wav".as_bytes(), &[b'n'; 255]]
    {
        let path = folder.path().join(OsStr::from_bytes(name));
        std::fs::write(&path, super::wav_kinds::plain()).expect("written");
        let source = acetate_files::open(&path, 1 << 20).expect("the name does not matter");
        assert_eq!(source.frames(), super::wav_kinds::FRAMES);
    }
}

/// A file with holes where most of its samples are: it takes next to no room.
#[cfg(unix)]
#[test]
fn lengths_beyond_4_gb_are_read() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("long.wav");
    // Frames of four bytes.
    let frames = (5u64 << 30) / 4;
    let open = |header: &[u8]| {
        std::fs::write(&path, header).expect("written");
        let file = std::fs::File::options().write(true).open(&path).expect("it is there");
        file.set_len(header.len() as u64 + 4 * frames).expect("a file with holes");
        Reader::open(&path).expect("sound")
    };
    let long = open(&super::wav_relatives::rf64(b"RF64", 4 * frames, &[]));
    assert_eq!((long.format().frames, long.warnings()), (Some(frames), vec![]));
    let wrapped = open(&super::wav_relatives::wrapped_header(4 * frames));
    assert_eq!(wrapped.format().frames, Some(frames));
    let warnings: Vec<String> = wrapped.warnings().iter().map(ToString::to_string).collect();
    assert!(
        warnings[0].starts_with("header says 268435456 frames, the data hold 1342177280"),
        "{warnings:?}"
    );
}
