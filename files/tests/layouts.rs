//! Where channels are heard survives reading and writing, in every container that has a word for it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use acetate_audio::{AudioSpec, ChannelLayout, Mono, PcmBlock, PcmPlanes, SampleFormat};
use acetate_files::{
    EncodeError, Existing, FileFormat, MEMORY_LIMIT_BYTES, PcmFormat, Reader, Writer,
};

/// Layouts of two to eight channels, with those that are not the usual ones of their number.
const MASKS: [u32; 24] = [
    0x003, 0x00C, 0x00B, 0x007, 0x103, 0x00F, 0x107, 0x033, 0x603, 0x10F, 0x037, 0x607, 0x03F,
    0x60F, 0x707, 0x137, 0x70F, 0x13F, 0x637, 0x6C7, 0x63F, 0x0FF, 0x503F, 0x1B3,
];

fn spec_of(mask: u32) -> AudioSpec {
    let channels = mask.count_ones() as usize;
    let layout = ChannelLayout::from_mask(mask, channels);
    AudioSpec { sample_rate_hz: 48_000, channels, layout }
}

/// Every channel holds its own number.
fn block(spec: AudioSpec, samples: SampleFormat) -> PcmBlock {
    let mut block = PcmBlock::new(spec, samples);
    block.planes = match samples {
        SampleFormat::Float32 => {
            PcmPlanes::Float((0..spec.channels).map(|c| vec![c as f32 / 16.0; 100]).collect())
        }
        _ => PcmPlanes::Int((0..spec.channels).map(|c| vec![c as i32 * 256; 100]).collect()),
    };
    block
}

fn write(path: &std::path::Path, format: PcmFormat) -> Result<(), EncodeError> {
    let mut writer = Writer::create(path, format, Existing::Replace)?;
    writer.write(&block(format.spec, format.samples))?;
    writer.finish()
}

#[test]
fn every_layout_survives_every_writer() {
    let folder = tempfile::tempdir().unwrap();
    for file in [FileFormat::Wav, FileFormat::Flac, FileFormat::Aiff] {
        for samples in [SampleFormat::Int16, SampleFormat::Int24, SampleFormat::Float32] {
            if file == FileFormat::Flac && samples == SampleFormat::Float32 {
                continue;
            }
            for mask in MASKS {
                let path = folder.path().join(format!("{mask:x}.{}", file.extension()));
                let spec = spec_of(mask);
                write(&path, PcmFormat { file, samples, spec }).unwrap();
                let source = acetate_files::open(&path, MEMORY_LIMIT_BYTES).unwrap();
                assert_eq!(source.spec(), spec, "{file:?} {samples:?} {mask:#x}");
                let audio = source.audio().unwrap();
                let levels: Vec<f32> = (0..spec.channels).map(|c| audio.channel(c)[0]).collect();
                assert!(levels.is_sorted(), "{file:?} {mask:#x}: {levels:?}");
            }
        }
    }
}

#[test]
fn a_layout_that_a_container_has_no_word_for_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let positions =
        [acetate_audio::ChannelPosition::FrontLeft, acetate_audio::ChannelPosition::Lfe2];
    let (layout, _) = ChannelLayout::from_positions(&positions).unwrap();
    let spec = AudioSpec { layout, ..AudioSpec::new(48_000, 2) };
    for file in [FileFormat::Wav, FileFormat::Flac, FileFormat::Aiff] {
        let path = folder.path().join("out");
        let output = PcmFormat { file, samples: SampleFormat::Int16, spec };
        let refused = write(&path, output).unwrap_err().to_string();
        assert!(refused.contains("FL+LFE2"), "{refused}");
    }
    assert_eq!(folder.path().read_dir().unwrap().count(), 0, "nothing is left behind");
}

#[test]
fn a_lone_channel_is_heard_as_asked_and_is_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mono.wav");
    let spec = AudioSpec::new(48_000, 1);
    let samples = SampleFormat::Int16;
    write(&path, PcmFormat { file: FileFormat::Wav, samples, spec }).unwrap();
    for limit in [0, MEMORY_LIMIT_BYTES] {
        let source = acetate_files::open(&path, limit).unwrap().heard(Mono::Dual);
        assert!(source.spec().is_dual_mono());
        assert!(source.blocks().unwrap().spec().is_dual_mono(), "limit {limit}");
    }
}

/// A CAF file of 16-bit samples, one frame in which every channel holds its own number.
fn caf(channels: u32, layout: &[u32], labels: &[u32]) -> Vec<u8> {
    let mut file = b"caff\0\x01\0\0desc\0\0\0\0\0\0\0\x20".to_vec();
    file.extend(48_000f64.to_be_bytes());
    file.extend(b"lpcm");
    for word in [0, 2 * channels, 1, channels, 16] {
        file.extend(word.to_be_bytes());
    }
    if !layout.is_empty() {
        file.extend(b"chan");
        file.extend((12 + 20 * labels.len() as u64).to_be_bytes());
        layout.iter().for_each(|word| file.extend(word.to_be_bytes()));
        file.extend((labels.len() as u32).to_be_bytes());
        for label in labels {
            file.extend(label.to_be_bytes());
            file.extend([0; 16]);
        }
    }
    file.extend(b"data");
    file.extend((4 + 2 * u64::from(channels) * 64).to_be_bytes());
    file.extend([0; 4]);
    for _ in 0..64 {
        (0..channels as i16).for_each(|channel| file.extend((channel * 256).to_be_bytes()));
    }
    file
}

/// The mask, and which channel of the file each of ours is.
#[track_caller]
fn check_caf(file: Vec<u8>, mask: u32, order: &[usize]) {
    let mut reader = Reader::open(file).unwrap();
    assert_eq!(reader.format().layout.mask(), mask);
    let mut block = acetate_audio::Audio::silence(reader.format().spec(), 0);
    acetate_audio::Blocks::next_block(&mut reader, &mut block).unwrap();
    let found: Vec<usize> =
        (0..order.len()).map(|channel| (block.channel(channel)[0] * 128.0) as usize).collect();
    assert_eq!(found, order);
}

#[test]
fn channels_of_caf_are_put_where_its_layout_says() {
    check_caf(caf(2, &[], &[]), 0x003, &[0, 1]);
    check_caf(caf(6, &[], &[]), 0x03F, &[0, 1, 2, 3, 4, 5]);
    check_caf(caf(6, &[(124 << 16) | 6, 0], &[]), 0x03F, &[1, 2, 0, 5, 3, 4]);
    check_caf(caf(5, &[(137 << 16) | 5, 0], &[]), 0x10F, &[0, 1, 2, 3, 4]);
    check_caf(caf(3, &[(133 << 16) | 3, 0], &[]), 0x00B, &[0, 1, 2]);
    check_caf(caf(5, &[1 << 16, 0x10F], &[]), 0x10F, &[0, 1, 2, 3, 4]);
    check_caf(caf(6, &[0, 0], &[3, 1, 2, 10, 11, 4]), 0x60F, &[1, 2, 0, 5, 3, 4]);
    // Of another number of channels: it says nothing.
    check_caf(caf(4, &[(124 << 16) | 6, 0], &[]), 0x033, &[0, 1, 2, 3]);
}
