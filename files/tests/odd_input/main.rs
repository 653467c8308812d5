//! Odd and hostile files of every kind, made here byte by byte, each with what a good tool does with it.
//!
//! Nothing may panic, hang, or take memory that the file does not have.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "test signals, and helpers that only tests call"
)]

mod bytes;
mod coded_kinds;
mod kind;
mod mp4_kinds;
mod paths;
mod stream_kinds;
mod wav_kinds;
mod wav_relatives;

use std::time::{Duration, Instant};

use acetate_audio::Audio;
use acetate_files::{DecodeError, Reader};
use kind::{Expected, Kind};

/// Generous for debug builds on a busy machine; a file that makes a decoder spin takes for ever.
const LONGEST: Duration = Duration::from_secs(10);

fn all() -> Vec<Kind> {
    let mut kinds = wav_kinds::all();
    kinds.extend(wav_relatives::all());
    kinds.extend(coded_kinds::all());
    kinds.extend(mp4_kinds::all());
    kinds.extend(stream_kinds::all());
    kinds
}

fn read(bytes: Vec<u8>) -> Result<(Reader, Vec<Audio>), DecodeError> {
    use acetate_audio::Blocks;
    let mut reader = Reader::open(bytes)?;
    let mut blocks = Vec::new();
    let mut block = Audio::silence(reader.spec(), 0);
    while reader.next_block(&mut block)? {
        blocks.push(block.clone());
    }
    Ok((reader, blocks))
}

/// What went wrong, if anything did.
fn judge(kind: &Kind) -> Result<(), String> {
    let begin = Instant::now();
    let outcome = read(kind.bytes.clone());
    if begin.elapsed() > LONGEST {
        return Err(format!("took {:?}", begin.elapsed()));
    }
    match (&kind.expected, outcome) {
        (Expected::Fails(part), Err(error)) if error.to_string().contains(part) => Ok(()),
        (Expected::Sound { frames, warning }, Ok((reader, blocks))) => {
            let found: u64 = blocks.iter().map(|block| block.frames() as u64).sum();
            let warnings: Vec<String> = reader.warnings().iter().map(ToString::to_string).collect();
            let warned = match warning {
                Some(part) => warnings.iter().any(|text| text.contains(part)),
                None => warnings.is_empty(),
            };
            match (found == *frames, warned) {
                (true, true) => Ok(()),
                _ => Err(format!("{found} frames, warnings {warnings:?}")),
            }
        }
        (Expected::Anything, _) => Ok(()),
        (_, Ok((reader, blocks))) => {
            Err(format!("{} blocks of {:?}", blocks.len(), reader.format()))
        }
        (_, Err(error)) => Err(format!("refused: {error}")),
    }
}

#[test]
fn every_kind_of_odd_file_is_read_warned_about_or_refused_as_it_should_be() {
    let kinds = all();
    let wrong: Vec<String> = kinds
        .iter()
        .filter_map(|kind| {
            Some(format!("{}: {}, expected {:?}", kind.name, judge(kind).err()?, kind.expected))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} kinds:\n{}", wrong.len(), kinds.len(), wrong.join("\n"));
}

#[test]
fn there_are_at_least_two_hundred_kinds_and_no_name_twice() {
    let mut names: Vec<&str> = all().iter().map(|kind| kind.name).collect();
    names.extend(paths::NAMES);
    names.sort_unstable();
    names.dedup();
    assert!(names.len() >= 200, "{}", names.len());
    assert_eq!(names.len(), all().len() + paths::NAMES.len());
}

#[test]
fn a_refusal_is_one_line_that_says_what_to_do() {
    for kind in all() {
        if let Err(error) = read(kind.bytes) {
            let text = error.to_string();
            assert!(!text.contains('\n') && text.contains([';', ',']), "{}: {text}", kind.name);
        }
    }
}

#[test]
fn every_prefix_of_every_kind_is_survived() {
    for kind in all() {
        // The header closely, the rest in steps.
        let ends = (0..kind.bytes.len().min(96))
            .chain((96..kind.bytes.len()).step_by((kind.bytes.len() / 256).max(997)));
        for end in ends {
            let _ = read(kind.bytes[..end].to_vec());
        }
    }
}

#[test]
fn a_file_of_one_kind_named_as_another_is_read_by_its_content() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for extension in ["flac", "mp3", "txt", "ogg", "m4a"] {
        let path = folder.path().join(format!("wrong.{extension}"));
        std::fs::write(&path, wav_kinds::plain()).expect("written");
        let source = acetate_files::open(&path, 1 << 20).expect("WAV whatever its name");
        assert_eq!(source.frames(), wav_kinds::FRAMES);
    }
}
