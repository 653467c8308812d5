//! Tags, pictures and chunks go from any format to any other; what would be false of the new sound stays behind.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "test signals, and helpers that only tests call"
)]
#![expect(clippy::unwrap_used, reason = "a test fails by unwrapping, in its helpers as well")]

use std::path::{Path, PathBuf};

use acetate_audio::{
    AudioSpec, Existing, FileFormat, MEMORY_LIMIT_BYTES, OutputFormat, PcmBlock, PcmPlanes,
    SampleFormat, Source, TagWarning, Tags, Writer,
};
use flac_codec::encode::{FlacChannelWriter, Options};
use flac_codec::metadata::{Picture, PictureType};
use tempfile::TempDir;

const SPEC: AudioSpec = AudioSpec { sample_rate_hz: 48_000, channels: 2 };
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
    let output = OutputFormat { file, samples: SampleFormat::Int16, spec: SPEC };
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
            let sound = Source::open(&path, MEMORY_LIMIT_BYTES).unwrap();
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
    assert_eq!(warnings, []);
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
fn loop_points_are_dropped_with_a_warning_when_the_rate_changes() {
    let folder = tempfile::tempdir().unwrap();
    let (tags, warnings) = Tags::read(&broadcast_wav(&folder), 96_000);
    assert_eq!(warnings, [TagWarning::LoopsDropped]);
    let path = folder.path().join("out.wav");
    write_with(&path, FileFormat::Wav, &tags);
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(find(&bytes, b"smpl"), None);
    let bext = find(&bytes, b"bext").unwrap() + 8;
    assert_eq!(bytes[bext + 338..bext + 346], (96_000u64 * 60).to_le_bytes());
}

#[test]
fn a_file_that_is_no_sound_has_no_tags_and_does_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("text.wav");
    std::fs::write(&path, "once upon a time".repeat(50)).unwrap();
    let (tags, _) = Tags::read(&path, 48_000);
    assert_eq!(tags.comments(), []);
}
