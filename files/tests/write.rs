//! What the writer writes, other programs' libraries and our own reader read back bit for bit.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "test signals, and helpers that only tests call"
)]
#![expect(clippy::unwrap_used, reason = "a test fails by unwrapping, in its helpers as well")]

use std::path::Path;

use acetate_audio::{Audio, AudioSpec, Blocks, PcmBlock, PcmPlanes, SampleFormat};
use acetate_files::{
    EncodeError, Existing, FileFormat, MEMORY_LIMIT_BYTES, PcmFormat, Tags, Writer,
};

/// Deterministic samples over the whole range, extremes included.
fn noise(format: SampleFormat, channels: usize, frames: usize) -> PcmPlanes {
    let mut state = 1u32;
    let mut next = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state as i32
    };
    let shift = 32 - format.bits().min(24);
    let mut plane = |_| -> Vec<i32> {
        let mut plane: Vec<i32> = (0..frames).map(|_| next() >> shift).collect();
        let ends = [i32::MIN >> shift, i32::MAX >> shift];
        plane.iter_mut().zip(ends).for_each(|(sample, end)| *sample = end);
        plane
    };
    let planes: Vec<Vec<i32>> = (0..channels).map(&mut plane).collect();
    if format != SampleFormat::Float32 {
        return PcmPlanes::Int(planes);
    }
    let scale = |plane: Vec<i32>| plane.iter().map(|&s| s as f32 / 4_194_304.0).collect();
    PcmPlanes::Float(planes.into_iter().map(scale).collect())
}

fn block_of(output: PcmFormat, frames: usize) -> PcmBlock {
    let mut block = PcmBlock::new(output.spec, output.samples);
    block.planes = noise(output.samples, output.spec.channels, frames);
    block
}

fn write(
    path: &Path,
    output: PcmFormat,
    blocks: &[PcmBlock],
    existing: Existing,
) -> Result<(), EncodeError> {
    let mut writer = Writer::create(path, output, existing)?;
    for block in blocks {
        writer.write(block)?;
    }
    writer.finish()
}

fn decoded(block: &PcmBlock, spec: AudioSpec) -> Audio {
    let mut audio = Audio::silence(spec, 0);
    block.decode_into(&mut audio);
    audio
}

#[track_caller]
fn check_round_trip(file: FileFormat, samples: SampleFormat, channels: usize, frames: usize) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("out.{}", file.extension()));
    let spec = AudioSpec::new(48_000, channels);
    let output = PcmFormat { file, samples, spec };
    let block = block_of(output, frames);
    write(&path, output, std::slice::from_ref(&block), Existing::Error).unwrap();
    let source = acetate_files::open(&path, MEMORY_LIMIT_BYTES).unwrap();
    assert_eq!(source.warnings(), [], "{file:?} {samples:?}");
    assert_eq!(source.format().bits, Some(samples.bits()), "{file:?} {samples:?}");
    assert_eq!(source.format().is_float, samples == SampleFormat::Float32);
    assert_eq!(source.spec(), spec);
    assert!(source.audio().unwrap() == &decoded(&block, spec), "{file:?} {samples:?} {channels}");
    let names: Vec<_> = folder.path().read_dir().unwrap().collect();
    assert_eq!(names.len(), 1, "no temporary file is left");
}

#[test]
fn every_format_reads_back_bit_for_bit() {
    for channels in [1, 2, 3, 6, 8] {
        for frames in [1, 2, 4_097, 70_001] {
            for samples in [SampleFormat::Int16, SampleFormat::Int24] {
                check_round_trip(FileFormat::Wav, samples, channels, frames);
                check_round_trip(FileFormat::Aiff, samples, channels, frames);
                check_round_trip(FileFormat::Flac, samples, channels, frames);
            }
            check_round_trip(FileFormat::Wav, SampleFormat::Float32, channels, frames);
            check_round_trip(FileFormat::Aiff, SampleFormat::Float32, channels, frames);
        }
    }
}

const STEREO: AudioSpec = AudioSpec::new(44_100, 2);
const WAV24: PcmFormat =
    PcmFormat { file: FileFormat::Wav, samples: SampleFormat::Int24, spec: STEREO };

#[test]
fn hound_reads_the_same_samples_from_our_wav() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.wav");
    let block = block_of(WAV24, 1_001);
    write(&path, WAV24, std::slice::from_ref(&block), Existing::Error).unwrap();
    let mut reader = hound::WavReader::open(&path).unwrap();
    let samples: Vec<i32> = reader.samples::<i32>().map(Result::unwrap).collect();
    let PcmPlanes::Int(planes) = &block.planes else { panic!("24 bits are integers") };
    let expected: Vec<i32> = planes[0].iter().zip(&planes[1]).flat_map(|(&l, &r)| [l, r]).collect();
    assert_eq!(samples, expected);
}

#[test]
fn an_existing_file_is_kept_unless_told_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.wav");
    std::fs::write(&path, "precious").unwrap();
    let block = block_of(WAV24, 10);
    let refused = write(&path, WAV24, std::slice::from_ref(&block), Existing::Error);
    assert!(matches!(refused, Err(EncodeError::Exists)));
    assert_eq!(std::fs::read(&path).unwrap(), b"precious");
    write(&path, WAV24, &[block], Existing::Replace).unwrap();
    assert!(acetate_files::open(&path, 0).is_ok());
}

#[test]
fn a_file_that_appears_while_we_write_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.wav");
    let mut writer = Writer::create(&path, WAV24, Existing::Error).unwrap();
    writer.write(&block_of(WAV24, 10)).unwrap();
    std::fs::write(&path, "precious").unwrap();
    assert!(matches!(writer.finish(), Err(EncodeError::Exists)));
    assert_eq!(std::fs::read(&path).unwrap(), b"precious");
    assert_eq!(folder.path().read_dir().unwrap().count(), 1);
}

#[test]
fn a_writer_dropped_before_its_end_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for file in [FileFormat::Wav, FileFormat::Flac, FileFormat::Aiff] {
        let output = PcmFormat { file, ..WAV24 };
        let path = folder.path().join("out");
        let mut writer = Writer::create(&path, output, Existing::Replace).unwrap();
        writer.write(&block_of(output, 5_000)).unwrap();
        drop(writer);
        assert_eq!(folder.path().read_dir().unwrap().count(), 0, "{file:?}");
    }
}

#[test]
fn folders_and_missing_folders_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &Path| Writer::create(path, WAV24, Existing::Replace).unwrap_err().to_string();
    assert!(at(folder.path()).starts_with("is a folder"));
    assert!(at(&folder.path().join("missing/out.wav")).contains("folder does not exist"));
}

#[test]
fn flac_refuses_floats_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let output = PcmFormat { file: FileFormat::Flac, samples: SampleFormat::Float32, spec: STEREO };
    let error = Writer::create(&folder.path().join("out.flac"), output, Existing::Error);
    assert_eq!(error.unwrap_err().to_string(), "FLAC cannot hold 32-bit float samples; choose WAV");
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

/// A stream that keeps what it gets.
#[derive(Clone, Default)]
struct Pipe(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_stream_gets_the_same_bytes_as_a_file() {
    let folder = tempfile::tempdir().unwrap();
    for file in [FileFormat::Wav, FileFormat::Flac, FileFormat::Aiff] {
        let output = PcmFormat { file, ..WAV24 };
        let block = block_of(output, 3_000);
        let path = folder.path().join(file.extension());
        write(&path, output, std::slice::from_ref(&block), Existing::Error).unwrap();
        let pipe = Pipe::default();
        let mut writer = Writer::to_stream(Box::new(pipe.clone()), output, &Tags::none()).unwrap();
        writer.write(&block).unwrap();
        let closed = writer.close().unwrap();
        assert_eq!(
            acetate_files::open(closed.temporary_path().unwrap(), 0).unwrap().frames(),
            3_000
        );
        assert!(pipe.0.lock().unwrap().is_empty(), "nothing goes out before it is complete");
        closed.publish().unwrap();
        assert!(*pipe.0.lock().unwrap() == std::fs::read(&path).unwrap(), "{file:?}");
    }
}

#[test]
fn sound_is_the_same_from_memory_from_the_file_and_from_a_stream() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.flac");
    let output = PcmFormat { file: FileFormat::Flac, ..WAV24 };
    let block = block_of(output, 100_000);
    write(&path, output, &[block], Existing::Error).unwrap();
    let in_memory = acetate_files::open(&path, MEMORY_LIMIT_BYTES).unwrap();
    let on_disk = acetate_files::open(&path, 1_000).unwrap();
    let mut bytes = std::io::Cursor::new(std::fs::read(&path).unwrap());
    let mut pass = acetate_files::spool(&mut bytes).unwrap().open(1_000).unwrap();
    let mut passing = Audio::silence(pass.spec(), 0);
    while pass.next_block(&mut passing).unwrap() {}
    let streamed = pass.finish().unwrap();
    assert!(in_memory.audio().is_some() && on_disk.audio().is_none());
    // What the reference encoder stores in the header, as `metaflac --show-md5sum` prints it.
    let header = std::fs::read(&path).unwrap();
    let stored: String = header[26..42].iter().map(|byte| format!("{byte:02x}")).collect();
    for source in [in_memory, on_disk, streamed] {
        assert_eq!(source.frames(), 100_000);
        assert_eq!(source.pcm_md5().unwrap(), stored);
    }
}

#[test]
fn a_file_that_changes_between_passes_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.wav");
    write(&path, WAV24, &[block_of(WAV24, 50_000)], Existing::Error).unwrap();
    let source = acetate_files::open(&path, 0).unwrap();
    for frames in [49_999, 50_001] {
        write(&path, WAV24, &[block_of(WAV24, frames)], Existing::Replace).unwrap();
        let error = source.pcm_md5().unwrap_err();
        let reason = error.reason::<acetate_files::DecodeError>();
        assert!(matches!(reason, Some(acetate_files::DecodeError::Changed)), "{frames}");
    }
}
