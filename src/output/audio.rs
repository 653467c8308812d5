//! Sound in memory as a file of 32-bit floats, which hold every sample as it is.

use std::io::stdout;

use acetate_audio::{Audio, PcmBlock, PcmPlanes, SampleFormat};
use acetate_files::{EncodeError, Existing, FileFormat, PcmFormat, Tags, Writer};

use crate::Error;
use crate::output::temporary::Temporary;
use crate::output::{Output, Place};

/// Writes sound as WAV of 32-bit floats: an impulse response, or what was taken away. Gives the bytes where they stay in memory.
///
/// # Errors
/// When the file exists or cannot be written.
pub fn write_audio(audio: &Audio, output: Output) -> Result<Option<Vec<u8>>, Error> {
    let (file, samples) = (FileFormat::Wav, SampleFormat::Float32);
    let format = PcmFormat { file, samples, spec: audio.spec() };
    let name = output.path().map_or_else(|| "the sound".to_owned(), |p| p.display().to_string());
    let cannot = |reason: EncodeError| Error::Encode { name: name.clone(), reason };
    let existing = if output.replace { Existing::Replace } else { Existing::Error };
    let mut writer = match output.place {
        Place::File(path) => Writer::create(&path, format, existing),
        Place::Stream(stream) => Writer::to_stream(stream, format, &Tags::none()),
        Place::Memory => Writer::to_memory(format, &Tags::none()),
    }
    .map_err(cannot)?;
    let _watched = writer.temporary_path().map(Temporary::watch);
    let mut block = PcmBlock::new(format.spec, format.samples);
    block.planes = PcmPlanes::Float(audio.planes().to_vec());
    writer.write(&block).map_err(cannot)?;
    let file = writer.close().map_err(cannot)?;
    if file.temporary_path().is_none() {
        return Ok(file.into_bytes());
    }
    file.publish().map_err(cannot)?;
    Ok(None)
}

impl Output {
    /// Standard output: it gets the file in one piece after it was verified.
    pub fn stdout() -> Self {
        Self::stream(stdout())
    }
}
