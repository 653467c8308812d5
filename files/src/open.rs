//! From a file to a [`Source`]: read once to its end, held where memory allows, read again where not.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use acetate_audio::{
    Audio, AudioSpec, Blocks, Codec, Mono, Origin, ReadAhead, ReadError, Source, SourceFormat,
    threads,
};
use tempfile::TempPath;

use crate::{DecodeError, Reader, SoundFile, temporary_prefix};

/// Decoded sound up to this size is held in memory by default.
pub const MEMORY_LIMIT_BYTES: u64 = 512 << 20;

/// Opens a file and reads it to its end once: into memory when it decodes to at most `memory_limit_bytes`, else only to
/// count its frames.
///
/// # Errors
/// When it cannot be read as sound, or holds none.
pub fn open(file: impl Into<SoundFile>, memory_limit_bytes: u64) -> Result<Source, DecodeError> {
    let mut pass = FirstPass::open(file, memory_limit_bytes)?;
    let mut block = Audio::silence(pass.spec(), 0);
    while pass.next_block(&mut block)? {}
    pass.finish()
}

/// Copies a stream (standard input) to a temporary file, which goes with the last clone of what is opened from it.
///
/// # Errors
/// When the stream or the copy fails.
pub fn spool(stream: &mut dyn Read) -> Result<Spooled, DecodeError> {
    let mut builder = tempfile::Builder::new();
    let mut file = builder.prefix(&temporary_prefix()).tempfile().map_err(DecodeError::Io)?;
    io::copy(stream, &mut file).map_err(DecodeError::Io)?;
    Ok(Spooled { file: Arc::new(file.into_temp_path()) })
}

/// The temporary copy of a stream.
#[derive(Clone, Debug)]
pub struct Spooled {
    file: Arc<TempPath>,
}

impl Spooled {
    /// Begins to read it; see [`FirstPass::open`].
    ///
    /// # Errors
    /// When it cannot be read as sound.
    pub fn open(&self, memory_limit_bytes: u64) -> Result<FirstPass, DecodeError> {
        let path: &Path = &self.file;
        let pass = FirstPass::open(path, memory_limit_bytes)?;
        Ok(FirstPass { spooled: Some(self.clone()), ..pass })
    }
}

/// A file that is read for the first time: what passes is kept as far as memory allows, so that opening a [`Source`] and
/// measuring it take one pass.
pub struct FirstPass {
    reader: Reader,
    file: SoundFile,
    stamp: Option<Stamp>,
    spooled: Option<Spooled>,
    kept: Option<Audio>,
    memory_limit_bytes: u64,
    mono: Mono,
}

impl FirstPass {
    /// Opens a file that will be held in memory when it decodes to at most `memory_limit_bytes`.
    ///
    /// # Errors
    /// When it cannot be read as sound.
    pub fn open(file: impl Into<SoundFile>, memory_limit_bytes: u64) -> Result<Self, DecodeError> {
        let file = file.into();
        // Taken before the file is opened, but its refusal comes second: the reader knows better why.
        let stamp = file.path().map(Stamp::of);
        let reader = Reader::open(file.clone())?;
        let stamp = stamp.transpose()?;
        let frames_max = memory_limit_bytes / (4 * reader.spec().channels as u64);
        let promised = reader.format().frames;
        // What promises to be too long is not held until it is; a header that lies costs speed alone.
        let fits = promised.is_none_or(|frames| frames <= frames_max);
        let mut kept = fits.then(|| Audio::silence(reader.spec(), 0));
        // Plain samples are counted in the file itself; other headers may promise what they like.
        let counted = promised.filter(|_| reader.format().codec == Codec::Pcm);
        if let (Some(kept), Some(frames)) = (&mut kept, counted) {
            kept.planes_mut().iter_mut().for_each(|plane| plane.reserve_exact(frames as usize));
        }
        let (spooled, mono) = (None, Mono::Single);
        Ok(Self { reader, file, stamp, spooled, kept, memory_limit_bytes, mono })
    }

    /// The same pass, with a lone channel heard so.
    pub fn heard(self, mono: Mono) -> Self {
        Self { mono, ..self }
    }

    /// The file that is read.
    pub fn file(&self) -> &SoundFile {
        &self.file
    }

    /// What the header says; `frames` may be missing, or wrong, until the end was read.
    pub fn format(&self) -> &SourceFormat {
        self.reader.format()
    }

    /// As [`Blocks::next_block`], with the reason as it is.
    ///
    /// # Errors
    /// When the file cannot be read on, or holds a sample that is not finite.
    pub fn next_block(&mut self, block: &mut Audio) -> Result<bool, DecodeError> {
        let any = self.reader.next_block(block)?;
        let bytes = self.reader.position() * 4 * self.spec().channels as u64;
        if bytes > self.memory_limit_bytes {
            self.kept = None;
        }
        if let Some(audio) = &mut self.kept {
            for (all, plane) in audio.planes_mut().iter_mut().zip(block.planes()) {
                all.extend_from_slice(plane);
            }
        }
        Ok(any)
    }

    /// The source, after its last block.
    ///
    /// # Errors
    /// When the file held no frames, or was written to meanwhile.
    pub fn finish(self) -> Result<Source, DecodeError> {
        let reader = &self.reader;
        if reader.position() == 0 {
            return Err(DecodeError::NoFrames);
        }
        let format = SourceFormat { frames: Some(reader.position()), ..reader.format().clone() };
        let warnings = reader.warnings();
        let origin = FileOrigin { file: self.file, stamp: self.stamp, _spooled: self.spooled };
        origin.check()?;
        Ok(Source::from_origin(format, warnings, Arc::new(origin), self.kept).heard(self.mono))
    }
}

impl Blocks for FirstPass {
    fn spec(&self) -> AudioSpec {
        let spec = self.reader.spec();
        AudioSpec { layout: spec.layout.heard(self.mono), ..spec }
    }

    fn next_block(&mut self, block: &mut Audio) -> Result<bool, ReadError> {
        Ok(FirstPass::next_block(self, block)?)
    }
}

/// A file that can be read again as long as it is the one that was opened.
#[derive(Clone, Debug)]
struct FileOrigin {
    file: SoundFile,
    /// `None` for bytes in memory, which nobody changes.
    stamp: Option<Stamp>,
    /// Keeps the temporary copy of a stream while it is read, too.
    _spooled: Option<Spooled>,
}

impl FileOrigin {
    fn check(&self) -> Result<(), DecodeError> {
        match (self.file.path(), &self.stamp) {
            (Some(path), Some(stamp)) => stamp.check(path),
            _ => Ok(()),
        }
    }
}

impl Origin for FileOrigin {
    /// Decoded ahead of its use, where there is more than one thread.
    fn blocks(&self, format: &SourceFormat) -> Result<Box<dyn Blocks>, ReadError> {
        self.check()?;
        let again = AgainBlocks::open(self.clone(), format)?;
        if threads::count() == 1 {
            return Ok(Box::new(again));
        }
        Ok(Box::new(ReadAhead::new(again)))
    }

    fn check_unchanged(&self) -> Result<(), ReadError> {
        Ok(self.check()?)
    }

    fn path(&self) -> Option<&Path> {
        self.file.path()
    }
}

/// By what a file is told from another, or from itself after a change.
#[derive(Clone, Debug, PartialEq)]
struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
    inode: u64,
}

impl Stamp {
    fn of(path: &Path) -> Result<Self, DecodeError> {
        let metadata = fs::metadata(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => DecodeError::NotFound,
            _ => DecodeError::Unreadable(error),
        })?;
        let (bytes, modified) = (metadata.len(), metadata.modified().ok());
        Ok(Self { bytes, modified, inode: inode(&metadata) })
    }

    fn check(&self, path: &Path) -> Result<(), DecodeError> {
        if Self::of(path)? == *self { Ok(()) } else { Err(DecodeError::Changed) }
    }
}

#[cfg(unix)]
fn inode(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &fs::Metadata) -> u64 {
    0
}

/// A further pass over a file; refuses one that is not what it was.
struct AgainBlocks {
    reader: Reader,
    origin: FileOrigin,
    spec: AudioSpec,
    frames: u64,
}

impl AgainBlocks {
    fn open(origin: FileOrigin, format: &SourceFormat) -> Result<Self, DecodeError> {
        let reader = Reader::open(origin.file.clone())?;
        let spec = format.spec();
        let layout = reader.spec().layout.heard(spec.layout.mono());
        if (AudioSpec { layout, ..reader.spec() }) != spec {
            return Err(DecodeError::Changed);
        }
        let frames = format.frames.ok_or(DecodeError::Changed)?;
        Ok(Self { reader, origin, spec, frames })
    }
}

impl Blocks for AgainBlocks {
    fn spec(&self) -> AudioSpec {
        self.spec
    }

    fn next_block(&mut self, block: &mut Audio) -> Result<bool, ReadError> {
        let any = self.reader.next_block(block)?;
        let position = self.reader.position();
        if position > self.frames || (!any && position < self.frames) {
            return Err(DecodeError::Changed.into());
        }
        if !any {
            self.origin.check()?;
        }
        Ok(any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave() -> Vec<u8> {
        let mut wave = b"RIFF\x34\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\xBB\0\0\0\x77\x01\0\x02\0\x10\0data\x10\0\0\0".to_vec();
        wave.extend([1; 16]);
        wave
    }

    #[test]
    fn a_file_that_changes_between_two_passes_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let mut wave = wave();
        fs::write(&path, &wave).unwrap();
        let source = open(&path, 0).unwrap();
        assert!(source.pcm_md5().is_ok());
        // As long as before, and of the same format: only its time tells.
        let other = folder.path().join("b.wav");
        wave[50] = 2;
        fs::write(&other, &wave).unwrap();
        fs::rename(&other, &path).unwrap();
        let reason = |source: &Source| source.pcm_md5().unwrap_err();
        assert!(matches!(reason(&source).reason(), Some(DecodeError::Changed)));
        fs::remove_file(&path).unwrap();
        assert!(matches!(reason(&source).reason(), Some(DecodeError::NotFound)));
    }

    #[test]
    fn bytes_in_memory_are_the_sound_of_their_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        fs::write(&path, wave()).unwrap();
        let on_disk = open(&path, 0).unwrap().pcm_md5().unwrap();
        for memory_limit_bytes in [0, MEMORY_LIMIT_BYTES] {
            let source = open(wave(), memory_limit_bytes).unwrap();
            assert_eq!(source.pcm_md5().unwrap(), on_disk);
        }
        let copy = spool(&mut wave().as_slice()).unwrap();
        let mut pass = copy.open(0).unwrap();
        let mut block = Audio::silence(pass.spec(), 0);
        while pass.next_block(&mut block).unwrap() {}
        drop(copy);
        assert_eq!(pass.finish().unwrap().pcm_md5().unwrap(), on_disk);
    }
}
