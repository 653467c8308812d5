//! Sound that arrives in blocks, on its way to a WAV file of 32-bit floats.

use std::path::{Path, PathBuf};

use acetate_audio::{Audio, AudioSpec, PcmBlock, PcmPlanes, SampleFormat};
use acetate_files::{EncodeError, Existing, FileFormat, PcmFormat, Tags, Unpublished, Writer};

use crate::Error;
use crate::output::temporary::Temporary;

/// A file that is being written under a temporary name.
pub(crate) struct FloatFile {
    writer: Writer,
    path: PathBuf,
    block: PcmBlock,
    watched: Option<Temporary>,
}

/// The same, complete.
pub(crate) struct FinishedFloats {
    file: Unpublished,
    name: String,
    _watched: Option<Temporary>,
}

impl FloatFile {
    /// Begins a file.
    ///
    /// # Errors
    /// When it exists and is not to be replaced, or cannot be written.
    pub(crate) fn new(path: &Path, existing: Existing, spec: AudioSpec) -> Result<Self, Error> {
        let (file, samples) = (FileFormat::Wav, SampleFormat::Float32);
        let format = PcmFormat { file, samples, spec };
        let writer = Writer::create_tagged(path, format, existing, &Tags::none())
            .map_err(|reason| Error::Encode { name: path.display().to_string(), reason })?;
        let watched = writer.temporary_path().map(Temporary::watch);
        Ok(Self { writer, path: path.to_owned(), block: PcmBlock::new(spec, samples), watched })
    }

    /// Writes on.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub(crate) fn write(&mut self, mut sound: Audio) -> Result<(), Error> {
        let planes = sound.planes_mut().iter_mut().map(std::mem::take).collect();
        self.block.planes = PcmPlanes::Float(planes);
        self.writer.write(&self.block).map_err(|reason| self.cannot(reason))
    }

    /// Completes it, still under its temporary name.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub(crate) fn finish(self) -> Result<FinishedFloats, Error> {
        let name = self.path.display().to_string();
        match self.writer.close() {
            Ok(file) => Ok(FinishedFloats { file, name, _watched: self.watched }),
            Err(reason) => Err(Error::Encode { name, reason }),
        }
    }

    fn cannot(&self, reason: EncodeError) -> Error {
        Error::Encode { name: self.path.display().to_string(), reason }
    }
}

impl FinishedFloats {
    /// Gives it its name.
    ///
    /// # Errors
    /// When something of that name appeared and is not to be replaced.
    pub(crate) fn publish(self) -> Result<(), Error> {
        self.file.publish().map_err(|reason| Error::Encode { name: self.name, reason })
    }
}
