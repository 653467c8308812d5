//! Tags, pictures and chunks go from any format to any other; what would be false of the new sound stays behind.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "test signals, and helpers that only tests call"
)]
#![expect(clippy::unwrap_used, reason = "a test fails by unwrapping, in its helpers as well")]

use std::path::{Path, PathBuf};

use acetate_audio::{AudioSpec, PcmBlock, PcmPlanes, SampleFormat};
use acetate_files::{
    Existing, FileFormat, MEMORY_LIMIT_BYTES, PcmFormat, TagWarning, Tags, Writer,
};
use flac_codec::encode::{FlacChannelWriter, Options};
use flac_codec::metadata::{Picture, PictureType};
use tempfile::TempDir;

const SPEC: AudioSpec = AudioSpec::new(48_000, 2);
const FORMATS: [FileFormat; 3] = [FileFormat::Wav, FileFormat::Flac, FileFormat::Aiff];
/// A black pixel.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\0\0\0\nIDATx\x9cc`\0\0\0\x02\0\x01\x48\xaf\xa4\x71\0\0\0\0IEND\xaeB`\x82";

const KEPT: [(&str, &str); 6] = [
    ("TITLE", "Night Bus, ünïcode ♪"),
    ("ARTIST", "Nobody"),
    ("ISRC", "XX0000000001"),
    ("DATE", "2026"),
    ("TRACKNUMBER", "3"),
    ("MY OWN NAME", "kept as well"),
];
const STALE: [(&str, &str); 4] = [
    ("REPLAYGAIN_TRACK_GAIN", "-7.1 dB"),
    ("R128_TRACK_GAIN", "-512"),
    ("ENCODER", "somebody else"),
    ("replaygain_album_peak", "1.0"),
];

fn tagged_flac(folder: &TempDir) -> PathBuf {
    let path = folder.path().join("source.flac");
    let mut options = Options::default();
    for (name, value) in KEPT.into_iter().chain(STALE) {
        options = options.tag(name, value);
    }
    let picture = Picture::new(PictureType::FrontCover, "front", PNG).unwrap();
    let file = std::fs::File::create(&path).unwrap();
    let mut writer =
        FlacChannelWriter::new(file, options.picture(picture), 48_000, 16, 2, None).unwrap();
    writer.write([vec![1i32; 100], vec![2i32; 100]]).unwrap();
    writer.finalize().unwrap();
    path
}

fn write_with(path: &Path, file: FileFormat, tags: &Tags) {
    let output = PcmFormat { file, samples: SampleFormat::Int16, spec: SPEC };
    let mut block = PcmBlock::new(SPEC, SampleFormat::Int16);
    block.planes = PcmPlanes::Int(vec![vec![5; 333], vec![-5; 333]]);
    let mut writer = Writer::create_tagged(path, output, Existing::Error, tags).unwrap();
    writer.write(&block).unwrap();
    writer.finish().unwrap();
}

#[track_caller]
fn check_tags(path: &Path) -> Tags {
    let (tags, warnings) = Tags::read(path, 48_000);
    assert_eq!(warnings, [], "{}", path.display());
    let mut comments: Vec<_> =
        tags.comments().iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    comments.sort_unstable();
    let mut expected = KEPT.to_vec();
    expected.sort_unstable();
    assert_eq!(comments, expected, "{}", path.display());
    assert_eq!(tags.pictures(), 1, "{}", path.display());
    tags
}

#[test]
fn tags_and_the_cover_survive_every_pair_of_formats_and_stale_ones_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let source = check_tags(&tagged_flac(&folder));
    for first in FORMATS {
        let path = folder.path().join(format!("first.{}", first.extension()));
        write_with(&path, first, &source);
        let again = check_tags(&path);
        for second in FORMATS {
            let name = format!("{}.{}", first.extension(), second.extension());
            let path = folder.path().join(name);
            write_with(&path, second, &again);
            check_tags(&path);
            let sound = acetate_files::open(&path, MEMORY_LIMIT_BYTES).unwrap();
            assert_eq!((sound.frames(), sound.warnings()), (333, &[][..]), "{}", path.display());
        }
    }
}

fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut bytes = name.to_vec();
    bytes.extend((content.len() as u32).to_le_bytes());
    bytes.extend(content);
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    bytes
}

/// A broadcast WAV with a time reference of one minute, a loudness of -9 LUFS, and a loop.
fn broadcast_wav(folder: &TempDir) -> PathBuf {
    let mut bext = vec![0; 602];
    bext[..5].copy_from_slice(b"Scene");
    bext[338..346].copy_from_slice(&(48_000u64 * 60).to_le_bytes());
    bext[346..348].copy_from_slice(&2u16.to_le_bytes());
    bext[412..414].copy_from_slice(&(-900i16).to_le_bytes());
    bext.extend(b"A=ANALOGUE,M=stereo,T=tape\r\n\0\0");
    let mut fmt = vec![1, 0, 2, 0];
    fmt.extend(48_000u32.to_le_bytes());
    fmt.extend(192_000u32.to_le_bytes());
    fmt.extend([4, 0, 16, 0]);
    let mut body = b"WAVE".to_vec();
    body.extend(chunk(b"bext", &bext));
    body.extend(chunk(b"fmt ", &fmt));
    body.extend(chunk(b"data", &[0; 400]));
    body.extend(chunk(b"smpl", &[7; 60]));
    body.extend(chunk(b"LIST", b"adtlnote"));
    body.extend(chunk(b"odd!", &[1, 2, 3]));
    let path = folder.path().join("broadcast.wav");
    std::fs::write(&path, chunk(b"RIFF", &body)).unwrap();
    path
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[test]
fn broadcast_chunks_are_carried_with_their_loudness_unset_and_their_history_continued() {
    let folder = tempfile::tempdir().unwrap();
    let (tags, warnings) = Tags::read(&broadcast_wav(&folder), 48_000);
    assert_eq!(warnings, [TagWarning::LeftOut { names: vec!["odd!".to_owned()] }]);
    let path = folder.path().join("out.wav");
    write_with(&path, FileFormat::Wav, &tags);
    let bytes = std::fs::read(&path).unwrap();
    let bext = find(&bytes, b"bext").unwrap() + 8;
    assert!(bext < find(&bytes, b"data").unwrap(), "the bext chunk precedes the samples");
    assert_eq!(bytes[bext + 338..bext + 346], (48_000u64 * 60).to_le_bytes());
    assert_eq!(bytes[bext + 412..bext + 414], 0x7FFFu16.to_le_bytes());
    let history = b"A=ANALOGUE,M=stereo,T=tape\r\nA=PCM,F=48000,W=16,M=stereo,T=acetate\r\n";
    assert_eq!(find(&bytes, history), Some(bext + 602));
    assert!(find(&bytes, &chunk(b"smpl", &[7; 60])).is_some());
    assert!(find(&bytes, b"adtlnote").is_some());
    assert_eq!(find(&bytes, b"odd!"), None);
}

#[test]
fn loop_points_and_markers_move_with_the_rate() {
    let folder = tempfile::tempdir().unwrap();
    let path = broadcast_wav(&folder);
    let words = |values: &[u32]| -> Vec<u8> {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    };
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend(chunk(b"cue ", &words(&[1, 7, 30, 0, 0, 0, 30])));
    std::fs::write(&path, bytes).unwrap();
    let (tags, _) = Tags::read(&path, 96_000);
    let path = folder.path().join("out.wav");
    write_with(&path, FileFormat::Wav, &tags);
    let bytes = std::fs::read(&path).unwrap();
    assert!(find(&bytes, &chunk(b"cue ", &words(&[1, 7, 60, 0, 0, 0, 60]))).is_some());
    // Begin and end of the loop: 0x07070707 doubled.
    let moved = (0x0707_0707u32 * 2).to_le_bytes();
    let smpl = find(&bytes, b"smpl").unwrap() + 8;
    assert_eq!([&bytes[smpl + 44..smpl + 48], &bytes[smpl + 48..smpl + 52]], [moved, moved]);
    let bext = find(&bytes, b"bext").unwrap() + 8;
    assert_eq!(bytes[bext + 338..bext + 346], (96_000u64 * 60).to_le_bytes());
}

#[test]
fn fields_of_a_wav_beyond_the_common_ones_reach_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let path = broadcast_wav(&folder);
    let mut info = b"INFO".to_vec();
    for (name, text) in [(b"IENG", "Ann"), (b"IKEY", "calm"), (b"ISFT", "Old"), (b"IXYZ", "own")] {
        info.extend(chunk(name, text.as_bytes()));
    }
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend(chunk(b"LIST", &info));
    let length = (bytes.len() as u32 - 8).to_le_bytes();
    bytes[4..8].copy_from_slice(&length);
    std::fs::write(&path, bytes).unwrap();
    let (tags, _) = Tags::read(&path, 48_000);
    for format in FORMATS {
        let path = folder.path().join(format!("out.{}", format.extension()));
        write_with(&path, format, &tags);
        let (again, _) = Tags::read(&path, 48_000);
        let value = |name: &str| {
            again.comments().iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
        };
        let path = path.display();
        assert_eq!(value("ENGINEER"), Some("Ann"), "{path}");
        assert_eq!(value("KEYWORDS"), Some("calm"), "{path}");
        assert_eq!(value("IXYZ"), Some("own"), "{path}");
    }
    let bytes = std::fs::read(folder.path().join("out.wav")).unwrap();
    assert!(find(&bytes, &chunk(b"IKEY", b"calm")).is_some());
    assert_eq!(find(&bytes, b"ISFT"), None);
}

#[test]
fn what_only_the_source_can_hold_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("markers.aiff");
    let iff = |name: &[u8; 4], content: &[u8]| {
        [&name[..], &(content.len() as u32).to_be_bytes(), content].concat()
    };
    let body = [b"AIFF".to_vec(), iff(b"MARK", &[0, 0]), iff(b"INST", &[0; 20])].concat();
    std::fs::write(&path, iff(b"FORM", &body)).unwrap();
    let (_, warnings) = Tags::read(&path, 48_000);
    let text: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    assert!(text.iter().any(|text| text.ends_with("metadata: MARK, INST")), "{text:?}");
}

/// An ID3v2.3 tag of chapters inside each other.
fn nested_chapters(depth: usize) -> Vec<u8> {
    // Identifier, times and offsets, then the chapters inside.
    let bytes = |inside: usize| inside * 28;
    let mut tag = b"ID3\x03\0\0".to_vec();
    let size = bytes(depth) as u32;
    tag.extend((0..4).rev().map(|part| (size >> (7 * part)) as u8 & 0x7F));
    for inside in (0..depth).rev() {
        tag.extend(b"CHAP");
        tag.extend((18 + bytes(inside) as u32).to_be_bytes());
        tag.extend([0, 0, b'c', 0]);
        tag.extend([0; 16]);
    }
    tag
}

#[test]
fn chapters_inside_each_other_do_not_overflow_the_stack() {
    let folder = tempfile::tempdir().unwrap();
    for depth in [3, 900, 36_000] {
        let path = folder.path().join("deep.mp3");
        let mut bytes = nested_chapters(depth);
        for _ in 0..4 {
            bytes.extend([0xFF, 0xFB, 0x90, 0x00]);
            bytes.extend([0; 413]);
        }
        std::fs::write(&path, bytes).unwrap();
        let (tags, warnings) = Tags::read(&path, 48_000);
        assert_eq!(warnings.is_empty(), depth < 1_000, "{depth}: {warnings:?}");
        write_with(&folder.path().join(format!("{depth}.wav")), FileFormat::Wav, &tags);
        assert_eq!(acetate_files::open(&path, MEMORY_LIMIT_BYTES).unwrap().frames(), 4 * 1152);
    }
}

#[test]
fn a_file_that_is_no_sound_has_no_tags_and_does_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("text.wav");
    std::fs::write(&path, "once upon a time".repeat(50)).unwrap();
    let (tags, _) = Tags::read(&path, 48_000);
    assert_eq!(tags.comments(), []);
}
