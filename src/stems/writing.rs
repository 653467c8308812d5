//! One stem on its way to a file: integers as the master's, floats once it is above full scale.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use acetate_audio::{Audio, PcmBlock, PcmPlanes, SampleFormat, threads};
use acetate_files::{
    EncodeError, Existing, FileFormat, FirstPass, PcmFormat, SoundFile, Unpublished, Writer,
};

use crate::Error;
use crate::output::temporary::Temporary;

/// Why there is a file to be read.
const ON_DISK: &str = "stems are files, never sinks";

/// Writes a stem.
pub(super) struct StemWriter {
    path: PathBuf,
    existing: Existing,
    format: PcmFormat,
    /// Steps of the grid up to full scale; 1 for floats.
    steps: f64,
    writer: Writer,
    watched: Option<Temporary>,
}

/// A complete stem without its name; dropped, it is removed.
pub(super) struct Complete {
    file: Unpublished,
    /// The name it is to have.
    pub(super) path: PathBuf,
    pub(super) is_float: bool,
    _watched: Option<Temporary>,
}

impl StemWriter {
    pub(super) fn begin(path: &Path, format: PcmFormat, replace: bool) -> Result<Self, Error> {
        let existing = if replace { Existing::Replace } else { Existing::Error };
        let writer = begin(path, format, existing)?;
        let steps = match format.samples {
            SampleFormat::Float32 => 1.0,
            integers => f64::from(1u32 << (integers.bits() - 1)),
        };
        let watched = writer.temporary_path().map(Temporary::watch);
        Ok(Self { path: path.to_owned(), existing, format, steps, writer, watched })
    }

    /// Appends values in steps, by channel.
    pub(super) fn write(&mut self, values: &[Vec<f64>]) -> Result<(), Error> {
        let fits = |value: &f64| (-self.steps..self.steps).contains(value);
        if self.format.samples != SampleFormat::Float32 && !values.iter().flatten().all(fits) {
            self.go_on_in_floats()?;
        }
        let mut block = PcmBlock::new(self.format.spec, self.format.samples);
        match &mut block.planes {
            PcmPlanes::Int(planes) => {
                let pairs = planes.iter_mut().zip(values);
                pairs.for_each(|(plane, values)| plane.extend(values.iter().map(|&v| v as i32)));
            }
            PcmPlanes::Float(planes) => {
                for (plane, values) in planes.iter_mut().zip(values) {
                    plane.extend(values.iter().map(|&value| (value / self.steps) as f32));
                }
            }
        }
        self.writer.write(&block).map_err(|reason| cannot(&self.path, reason))
    }

    /// Floats hold what is above full scale, on the same grid; what was written so far is written again.
    fn go_on_in_floats(&mut self) -> Result<(), Error> {
        if self.format.file == FileFormat::Flac {
            self.format.file = FileFormat::Wav;
            self.path.set_extension(FileFormat::Wav.extension());
        }
        self.format.samples = SampleFormat::Float32;
        let writer = begin(&self.path, self.format, self.existing)?;
        let frames = self.writer.frames();
        let old = std::mem::replace(&mut self.writer, writer);
        let old_watched = self.watched.take();
        self.watched = self.writer.temporary_path().map(Temporary::watch);
        if frames == 0 {
            return Ok(());
        }
        let closed = old.close().map_err(|reason| cannot(&self.path, reason))?;
        let name = self.path.display().to_string();
        let old = closed.sound_file().expect(ON_DISK);
        let mut pass = FirstPass::open(old, 0).map_err(|error| Error::read(&name, error))?;
        let mut audio = Audio::silence(self.format.spec, 0);
        let mut block = PcmBlock::new(self.format.spec, SampleFormat::Float32);
        while pass.next_block(&mut audio).map_err(|error| Error::read(&name, error))? {
            block.planes = PcmPlanes::Float(audio.planes().to_vec());
            self.writer.write(&block).map_err(|reason| cannot(&self.path, reason))?;
        }
        drop(old_watched);
        Ok(())
    }

    pub(super) fn close(self) -> Result<Complete, Error> {
        let is_float = self.format.samples == SampleFormat::Float32;
        let file = self.writer.close().map_err(|reason| cannot(&self.path, reason))?;
        Ok(Complete { file, path: self.path, is_float, _watched: self.watched })
    }
}

impl Complete {
    pub(super) fn sound_file(&self) -> SoundFile {
        self.file.sound_file().expect(ON_DISK)
    }

    /// Gives it its name.
    pub(super) fn publish(self) -> Result<(), Error> {
        self.file.publish().map_err(|reason| cannot(&self.path, reason))
    }
}

/// Gives all their names, or none.
pub(super) fn publish(complete: Vec<Complete>) -> Result<Vec<PathBuf>, Error> {
    let published: Mutex<Vec<PathBuf>> = Mutex::default();
    let publish = |file: Complete| {
        let path = file.path.clone();
        file.publish()?;
        published.lock().expect("nobody panics with it").push(path);
        Ok(())
    };
    let done = each(complete, publish);
    let published = published.into_inner().expect("nobody panics with it");
    if let Err(error) = done {
        published.iter().for_each(|path| drop(std::fs::remove_file(path)));
        return Err(error);
    }
    Ok(published)
}

/// What `work` makes of each, in order, or the first error.
pub(super) fn each<T: Send, R: Send>(
    items: Vec<T>,
    work: impl Fn(T) -> Result<R, Error> + Send + Sync,
) -> Result<Vec<R>, Error> {
    let mut items: Vec<Option<T>> = items.into_iter().map(Some).collect();
    let mut results: Vec<Option<Result<R, Error>>> = items.iter().map(|_| None).collect();
    threads::for_each_pair(&mut items, &mut results, |_, item, result| {
        *result = item.take().map(&work);
    });
    results.into_iter().flatten().collect()
}

fn begin(path: &Path, format: PcmFormat, existing: Existing) -> Result<Writer, Error> {
    Writer::create(path, format, existing).map_err(|reason| cannot(path, reason))
}

pub(super) fn cannot(path: &Path, reason: EncodeError) -> Error {
    Error::Encode { name: path.display().to_string(), reason }
}
