//! Files in.

use acetate_audio::{
    Audio, AudioSpec, BLOCK_FRAMES, Blocks, CHANNELS_MAX, PcmBlock, PcmPlanes, SAMPLE_RATE_HZ_MAX,
    SAMPLE_RATE_HZ_MIN, SampleFormat,
};
use acetate_files::{FileFormat, PcmFormat, Reader, Tags, Writer};

/// More is only more of the same.
const FRAMES_MAX: u64 = 1 << 20;

/// Any bytes through the reader: every container is recognised by its own bytes, so one target reaches them all.
///
/// What must hold: no panic, no unbounded memory or time, blocks of equal planes, only finite samples.
///
/// # Panics
/// When that does not hold.
pub fn decode(bytes: &[u8]) {
    let Ok(mut reader) = Reader::open(bytes.to_vec()) else { return };
    let spec = reader.spec();
    assert!((1..=CHANNELS_MAX).contains(&spec.channels), "{spec:?}");
    assert!((SAMPLE_RATE_HZ_MIN..=SAMPLE_RATE_HZ_MAX).contains(&spec.sample_rate_hz), "{spec:?}");
    let mut block = Audio::silence(spec, 0);
    while reader.position() < FRAMES_MAX && reader.next_block(&mut block).unwrap_or(false) {
        assert_eq!(block.planes().len(), spec.channels);
        assert!(block.frames() <= BLOCK_FRAMES);
        for plane in block.planes() {
            assert_eq!(plane.len(), block.frames());
            assert!(plane.iter().all(|sample| sample.is_finite()));
        }
    }
    let _ = reader.warnings();
}

/// Any bytes through the tag reader, and what it found through the tag writers, which take everything.
///
/// # Panics
/// When a writer refuses.
pub fn tags(bytes: &[u8]) {
    let file = tempfile::NamedTempFile::new().expect("the temporary folder takes files");
    std::fs::write(file.path(), bytes).expect("the temporary folder takes files");
    let (tags, _) = Tags::read(file.path(), 48_000);
    let spec = AudioSpec::new(48_000, 1);
    for file in [FileFormat::Wav, FileFormat::Flac, FileFormat::Aiff] {
        let format = PcmFormat { file, samples: SampleFormat::Int16, spec };
        let mut block = PcmBlock::new(spec, SampleFormat::Int16);
        block.planes = PcmPlanes::Int(vec![vec![1; 100]]);
        let mut writer =
            Writer::to_stream(Box::new(std::io::sink()), format, &tags).expect("tags never refuse");
        writer.write(&block).expect("a sink takes everything");
        writer.finish().expect("a sink takes everything");
    }
}
