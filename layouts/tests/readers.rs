//! Programs that are not ours read what the crate writes. One that is not installed is named, and its test does nothing.
//!
//! On Debian: `apt-get install flac mkvtoolnix cdrdao cuetools libcdio-utils shntool cdrskin`.

#![allow(clippy::unwrap_used, reason = "what cannot be set up has failed")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use acetate_layouts::{
    Disc, DiscFile, Ean, FRAMES_PER_SECTOR, Isrc, Sectors, Text, Track, cd_text, cue_sheet, toc,
};

const TITLES: [&str; 4] = ["Run", "Slow Air", "Final Step, one", "Final Step, two"];

/// Four songs: a pause, an index 02, a join, codes, a copy flag.
fn record() -> Disc {
    let track = |number: usize, pause_start: u32, start: u32| Track {
        text: Text {
            title: TITLES[number].to_owned(),
            performer: "The Test Band".to_owned(),
            songwriter: "A. Writer".to_owned(),
            ..Text::default()
        },
        isrc: Some(Isrc::parse(&format!("DEA12260000{}", number + 1)).unwrap()),
        copy_permitted: number != 1,
        pause_start: Sectors(pause_start),
        start: Sectors(start),
        indexes: Vec::new(),
    };
    let mut tracks = vec![
        track(0, 0, 0),
        track(1, 450, 600),
        track(2, 1000, 1150),
        // Joined: no pause.
        track(3, 1500, 1500),
    ];
    tracks[1].indexes = vec![Sectors(700)];
    let disc = Disc {
        text: Text {
            title: "Eight Rooms".to_owned(),
            performer: "The Test Band".to_owned(),
            ..Text::default()
        },
        ean: Some(Ean::parse("4006381333931").unwrap()),
        catalog: "TTB-001".to_owned(),
        date: "2026".to_owned(),
        tracks,
        end: Sectors(1950),
    };
    assert_eq!(disc.check(), Ok(vec![]));
    disc
}

/// The sound of a disc: noise, silent in the pauses.
fn samples(disc: &Disc) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut state = 1u32;
    for frame in 0..disc.end.frames() {
        let sector = Sectors((frame / FRAMES_PER_SECTOR) as u32);
        let silent = disc.tracks.iter().any(|t| t.pause_start <= sector && sector < t.start);
        for _ in 0..2 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let sample = if silent { 0 } else { (state >> 20) as i16 - 2048 };
            bytes.extend(sample.to_le_bytes());
        }
    }
    bytes
}

fn wav(samples: &[u8]) -> Vec<u8> {
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + samples.len() as u32).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x02\0");
    bytes.extend(44_100u32.to_le_bytes());
    bytes.extend((44_100u32 * 4).to_le_bytes());
    bytes.extend(b"\x04\0\x10\0data");
    bytes.extend((samples.len() as u32).to_le_bytes());
    bytes.extend(samples);
    bytes
}

/// A folder with every file of the record.
fn folder() -> (tempfile::TempDir, Disc) {
    let (folder, disc) = (tempfile::tempdir().unwrap(), record());
    let samples = samples(&disc);
    let path = folder.path();
    fs::write(path.join("rooms.wav"), wav(&samples)).unwrap();
    fs::write(path.join("rooms.cue"), cue_sheet(&disc, "rooms.wav", DiscFile::Wave)).unwrap();
    fs::write(path.join("rooms.bin"), &samples).unwrap();
    fs::write(path.join("image.cue"), cue_sheet(&disc, "rooms.bin", DiscFile::Binary)).unwrap();
    fs::write(path.join("rooms.toc"), toc(&disc, "rooms.wav")).unwrap();
    fs::write(path.join("CDTEXT.BIN"), cd_text(&disc).unwrap()).unwrap();
    (folder, disc)
}

/// Both outputs of a program run in `folder`; `None`, and a line that says so, when it is not installed.
#[track_caller]
fn run(folder: &Path, program: &str, arguments: &[&str]) -> Option<String> {
    let run = Command::new(program).args(arguments).current_dir(folder).output();
    let Ok(Output { status, stdout, stderr }) = run else {
        eprintln!("SKIPPED: {program} is not installed");
        return None;
    };
    let text = String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{program} {arguments:?}: {status}\n{text}");
    for word in ["warning", "error", "illegal", "invalid"] {
        assert!(!text.to_lowercase().contains(word), "{program} {arguments:?} complains:\n{text}");
    }
    Some(text)
}

#[track_caller]
fn check_has(text: &str, expected: &[&str]) {
    for part in expected {
        assert!(text.contains(part), "no {part:?} in:\n{text}");
    }
}

#[test]
fn flac_takes_the_cue_sheet_and_gives_every_index_back() {
    let (folder, _) = folder();
    let arguments = ["--silent", "--cuesheet=rooms.cue", "-o", "rooms.flac", "rooms.wav"];
    if run(folder.path(), "flac", &arguments).is_none() {
        return;
    }
    let arguments = ["--export-cuesheet-to=-", "rooms.flac"];
    let Some(text) = run(folder.path(), "metaflac", &arguments) else { return };
    check_has(
        &text,
        &["CATALOG 4006381333931", "ISRC DEA122600004", "INDEX 00 00:06:00", "INDEX 01 00:08:00"],
    );
    check_has(&text, &["INDEX 02 00:09:25", "INDEX 01 00:20:00"]);
}

#[test]
fn mkvmerge_reads_titles_and_indexes_from_the_cue_sheet() {
    let (folder, _) = folder();
    let arguments = ["-q", "-o", "rooms.mka", "--chapters", "rooms.cue", "rooms.wav"];
    if run(folder.path(), "mkvmerge", &arguments).is_none() {
        return;
    }
    let arguments = ["rooms.mka", "cuesheet", "-"];
    let Some(text) = run(folder.path(), "mkvextract", &arguments) else { return };
    check_has(&text, &TITLES);
    check_has(&text, &["ISRC DEA122600001", "INDEX 00 00:06:00", "INDEX 02 00:09:25"]);
}

#[test]
fn cdrdao_finds_the_sound_of_the_table_and_of_the_cue_sheet() {
    let (folder, _) = folder();
    let Some(text) = run(folder.path(), "cdrdao", &["show-toc", "rooms.toc"]) else { return };
    check_has(&text, &["ISRC DE A12 26 00001", "TRACK  4", "00:26:00"]);
    run(folder.path(), "cdrdao", &["read-test", "rooms.toc"]);
    // Its reader of CUE sheets knows no index beyond 01: a sheet without.
    let mut disc = record();
    disc.tracks[1].indexes.clear();
    fs::write(folder.path().join("plain.cue"), cue_sheet(&disc, "rooms.bin", DiscFile::Binary))
        .unwrap();
    run(folder.path(), "cdrdao", &["show-toc", "plain.cue"]);
}

#[test]
fn cueprint_reads_codes_and_titles_from_both_sheets() {
    let (folder, _) = folder();
    for sheet in ["rooms.cue", "rooms.toc", "image.cue"] {
        let arguments = ["-d", "%N %T %P\n", "-t", "%n %t %i\n", sheet];
        let Some(text) = run(folder.path(), "cueprint", &arguments) else { return };
        check_has(&text, &["4 Eight Rooms The Test Band", "3 Final Step, one DEA122600003"]);
    }
}

#[test]
fn cd_info_reads_the_image() {
    let (folder, _) = folder();
    fs::write(folder.path().join("rooms.cue"), fs::read(folder.path().join("image.cue")).unwrap())
        .unwrap();
    let arguments = ["--no-header", "--no-device-info", "--cue-file=rooms.cue"];
    let Some(text) = run(folder.path(), "cd-info", &arguments) else { return };
    check_has(&text, &["4006381333931", "00:02:00", "00:10:00", "00:22:00", "00:28:00"]);
}

#[test]
fn shnlen_says_that_every_file_fits_a_cd() {
    let (folder, disc) = folder();
    let samples = samples(&disc);
    let ends = disc.tracks[1..].iter().map(|t| t.start).chain([disc.end]);
    for ((track, end), number) in disc.tracks.iter().zip(ends).zip(1..) {
        let [from, to] = [track.start, end].map(|place| place.frames() as usize * 4);
        fs::write(folder.path().join(format!("{number:02}.wav")), wav(&samples[from..to])).unwrap();
    }
    let files = ["01.wav", "02.wav", "03.wav", "04.wav"];
    let Some(text) = run(folder.path(), "shnlen", &files) else { return };
    // The column of CD trouble: "---" is none.
    for file in files {
        let line = text.lines().find(|line| line.contains(file)).unwrap();
        assert!(line.contains("---"), "{text}");
    }
}

#[test]
fn cdrskin_reads_the_packs() {
    let (folder, _) = folder();
    let argument = "textfile_to_v07t=CDTEXT.BIN";
    let Some(text) = run(folder.path(), "cdrskin", &[argument]) else { return };
    check_has(&text, &["Eight Rooms", "Final Step, two", "4006381333931", "DEA122600004"]);
}
