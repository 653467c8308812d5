//! Any bytes through the tag reader, and what it found through the tag writers.
#![no_main]

use acetate_audio::{
    AudioSpec, FileFormat, OutputFormat, PcmBlock, PcmPlanes, SampleFormat, Tags, Writer,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = std::env::temp_dir();
    let path = folder.join(format!("acetate-fuzz-tags-{}", std::process::id()));
    std::fs::write(&path, bytes).expect("the temporary folder takes files");
    let (tags, _) = Tags::read(&path, 48_000);
    let _ = std::fs::remove_file(&path);
    let spec = AudioSpec { sample_rate_hz: 48_000, channels: 1 };
    for file in [FileFormat::Wav, FileFormat::Flac, FileFormat::Aiff] {
        let format = OutputFormat { file, samples: SampleFormat::Int16, spec };
        let mut block = PcmBlock::new(spec, SampleFormat::Int16);
        block.planes = PcmPlanes::Int(vec![vec![1; 100]]);
        let mut writer =
            Writer::to_stream(Box::new(std::io::sink()), format, &tags).expect("tags never refuse");
        writer.write(&block).expect("a sink takes everything");
        writer.finish().expect("a sink takes everything");
    }
});
