//! Sound that can be read from its beginning as often as needed.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use tempfile::TempPath;

use crate::{
    Audio, AudioSpec, Codec, DecodeError, Mono, PcmMd5, ReadAhead, Reader, SourceFormat,
    SourceWarning,
};

/// Most frames in one block.
pub const BLOCK_FRAMES: usize = 1 << 15;

/// Loss of sound that is only told of, in seconds and as a share of the whole; more makes a file incomplete.
const LOST_S_MAX: f64 = 0.5;
const LOST_SHARE_MAX: f64 = 0.01;

/// Decoded sound up to this size is held in memory by default.
pub const MEMORY_LIMIT_BYTES: u64 = 512 << 20;

/// A pass over sound, block by block.
pub trait Blocks: Send {
    /// Rate and channel count of every block.
    fn spec(&self) -> AudioSpec;

    /// Replaces `block` with the next frames, at most [`BLOCK_FRAMES`]; `false` (and an empty block) at the end.
    ///
    /// # Errors
    /// When the file cannot be read on, or holds a sample that is not finite.
    fn next_block(&mut self, block: &mut Audio) -> Result<bool, DecodeError>;
}

/// Sound to measure or render: held in memory, or read again for each pass.
///
/// Cheap to clone. Its length is exact, and all of its warnings are known, once it is open.
#[derive(Clone, Debug)]
pub struct Source {
    format: SourceFormat,
    warnings: Arc<[SourceWarning]>,
    path: Option<Arc<Path>>,
    stamp: Option<Stamp>,
    /// Removes the temporary copy of standard input with the last clone.
    spool: Option<Arc<TempPath>>,
    audio: Option<Arc<Audio>>,
}

impl Source {
    /// Sound that is already in memory.
    pub fn from_audio(audio: Audio) -> Self {
        Self {
            format: SourceFormat::of_memory(audio.spec(), audio.frames() as u64),
            warnings: Arc::default(),
            path: None,
            stamp: None,
            spool: None,
            audio: Some(Arc::new(audio)),
        }
    }

    /// Opens a file and reads it to its end once: into memory when it decodes to at most `memory_limit_bytes`,
    /// else only to count its frames.
    ///
    /// # Errors
    /// When it cannot be read as sound, or holds none.
    pub fn open(path: &Path, memory_limit_bytes: u64) -> Result<Self, DecodeError> {
        let mut pass = FirstPass::open(path, memory_limit_bytes)?;
        let mut block = Audio::silence(pass.spec(), 0);
        while pass.next_block(&mut block)? {}
        pass.finish()
    }

    /// Reads sound from a stream (standard input), which is copied to a temporary file first.
    ///
    /// # Errors
    /// When the stream or the copy fails, or as [`Source::open`].
    pub fn from_stream(
        stream: &mut dyn Read,
        memory_limit_bytes: u64,
    ) -> Result<Self, DecodeError> {
        let mut builder = tempfile::Builder::new();
        let mut file =
            builder.prefix(&crate::temporary_prefix()).tempfile().map_err(DecodeError::Io)?;
        io::copy(stream, &mut file).map_err(DecodeError::Io)?;
        let spool = file.into_temp_path();
        let mut source = Self::open(&spool, memory_limit_bytes)?;
        source.spool = Some(Arc::new(spool));
        Ok(source)
    }

    /// Rate and channel count.
    pub fn spec(&self) -> AudioSpec {
        self.format.spec()
    }

    /// The same sound, with a lone channel heard so.
    pub fn heard(mut self, mono: Mono) -> Self {
        self.format.layout = self.format.layout.heard(mono);
        self
    }

    /// Number of frames, counted.
    pub fn frames(&self) -> u64 {
        self.format.frames.expect("counted when it was opened")
    }

    /// Length in seconds.
    pub fn duration_s(&self) -> f64 {
        self.frames() as f64 / f64::from(self.format.sample_rate_hz)
    }

    /// What the file holds; `frames` is always there, and counted.
    pub fn format(&self) -> &SourceFormat {
        &self.format
    }

    /// What is wrong with the file although it could be read.
    pub fn warnings(&self) -> &[SourceWarning] {
        &self.warnings
    }

    /// Sound that should be there and is not, as far as that can be told, in seconds.
    pub fn lost_s(&self) -> f64 {
        let frames: u64 =
            self.warnings.iter().fold(0, |sum, warning| sum.saturating_add(warning.lost_frames()));
        frames as f64 / f64::from(self.format.sample_rate_hz)
    }

    /// Whether more is lost than a listener would forgive: half a second, or a hundredth.
    pub fn is_incomplete(&self) -> bool {
        let lost_s = self.lost_s();
        lost_s > LOST_S_MAX || lost_s > LOST_SHARE_MAX * (self.duration_s() + lost_s)
    }

    /// Where the file is (the temporary copy of a stream); `None` for sound that never was a file.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The sound, when it is held in memory.
    pub fn audio(&self) -> Option<&Audio> {
        self.audio.as_deref()
    }

    /// A new pass from the first frame. Sound that is not in memory is decoded ahead of its use, where there is more
    /// than one thread.
    ///
    /// # Errors
    /// When the file cannot be opened again, or is another by now.
    pub fn blocks(&self) -> Result<Box<dyn Blocks>, DecodeError> {
        match (&self.audio, &self.path) {
            (Some(audio), _) => Ok(Box::new(MemoryBlocks {
                audio: Arc::clone(audio),
                spec: self.spec(),
                position: 0,
            })),
            (None, Some(path)) => {
                self.check_unchanged()?;
                let again = AgainBlocks::open(path, self.clone())?;
                if rayon::current_num_threads() == 1 {
                    return Ok(Box::new(again));
                }
                Ok(Box::new(ReadAhead::new(again)))
            }
            (None, None) => unreachable!("sound without a file is in memory"),
        }
    }

    /// Makes sure that the file is still the one that was opened.
    ///
    /// # Errors
    /// When it was removed, replaced or written to.
    pub fn check_unchanged(&self) -> Result<(), DecodeError> {
        match (&self.path, &self.stamp) {
            (Some(path), Some(stamp)) => stamp.check(path),
            _ => Ok(()),
        }
    }

    /// The fingerprint of the sound ([`PcmMd5`]), from a pass over it.
    ///
    /// # Errors
    /// As reading.
    pub fn pcm_md5(&self) -> Result<String, DecodeError> {
        let mut blocks = self.blocks()?;
        let mut block = Audio::silence(self.spec(), 0);
        let mut md5 = PcmMd5::new(&self.format);
        while blocks.next_block(&mut block)? {
            md5.update(&block);
        }
        Ok(md5.finish())
    }
}

/// A file that is read for the first time: what passes is kept as far as memory allows, so that opening a
/// [`Source`] and measuring it take one pass.
pub struct FirstPass {
    reader: Reader,
    path: Arc<Path>,
    stamp: Stamp,
    kept: Option<Audio>,
    memory_limit_bytes: u64,
    mono: Mono,
}

impl FirstPass {
    /// Opens a file that will be held in memory when it decodes to at most `memory_limit_bytes`.
    ///
    /// # Errors
    /// When it cannot be read as sound.
    pub fn open(path: &Path, memory_limit_bytes: u64) -> Result<Self, DecodeError> {
        let stamp = Stamp::of(path);
        let reader = Reader::open(path)?;
        let stamp = stamp?;
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
        let (path, mono) = (Arc::from(path), Mono::Single);
        Ok(Self { reader, path, stamp, kept, memory_limit_bytes, mono })
    }

    /// The same pass, with a lone channel heard so.
    pub fn heard(self, mono: Mono) -> Self {
        Self { mono, ..self }
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
        self.stamp.check(&self.path)?;
        let format = SourceFormat { frames: Some(reader.position()), ..reader.format().clone() };
        let source = Source {
            format,
            warnings: reader.warnings().into(),
            path: Some(self.path),
            stamp: Some(self.stamp),
            spool: None,
            audio: self.kept.map(Arc::new),
        };
        Ok(source.heard(self.mono))
    }
}

impl Blocks for FirstPass {
    fn spec(&self) -> AudioSpec {
        let spec = self.reader.spec();
        AudioSpec { layout: spec.layout.heard(self.mono), ..spec }
    }

    fn next_block(&mut self, block: &mut Audio) -> Result<bool, DecodeError> {
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
}

struct MemoryBlocks {
    audio: Arc<Audio>,
    spec: AudioSpec,
    position: usize,
}

impl Blocks for MemoryBlocks {
    fn spec(&self) -> AudioSpec {
        self.spec
    }

    fn next_block(&mut self, block: &mut Audio) -> Result<bool, DecodeError> {
        let end = self.audio.frames().min(self.position + BLOCK_FRAMES);
        for (plane, all) in block.planes_mut().iter_mut().zip(self.audio.planes()) {
            plane.clear();
            plane.extend_from_slice(&all[self.position..end]);
        }
        let any = end > self.position;
        self.position = end;
        Ok(any)
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
    /// Keeps the temporary copy of a stream while it is read, too.
    source: Source,
}

impl AgainBlocks {
    fn open(path: &Path, source: Source) -> Result<Self, DecodeError> {
        let reader = Reader::open(path)?;
        let layout = reader.spec().layout.heard(source.spec().layout.mono());
        if (AudioSpec { layout, ..reader.spec() }) != source.spec() {
            return Err(DecodeError::Changed);
        }
        Ok(Self { reader, source })
    }
}

impl Blocks for AgainBlocks {
    fn spec(&self) -> AudioSpec {
        self.source.spec()
    }

    fn next_block(&mut self, block: &mut Audio) -> Result<bool, DecodeError> {
        let any = self.reader.next_block(block)?;
        let frames = self.source.frames();
        if self.reader.position() > frames || (!any && self.reader.position() < frames) {
            return Err(DecodeError::Changed);
        }
        if !any {
            self.source.check_unchanged()?;
        }
        Ok(any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_blocks_of_a_pass_are_the_sound() {
        let plane: Vec<f32> = (0..BLOCK_FRAMES * 2 + 5).map(|i| i as f32).collect();
        let source = Source::from_audio(Audio::from_planes(48_000, vec![plane.clone()]));
        for _ in 0..2 {
            let mut pass = source.blocks().unwrap();
            let mut block = Audio::silence(pass.spec(), 0);
            let mut seen = Vec::new();
            while pass.next_block(&mut block).unwrap() {
                seen.extend_from_slice(block.channel(0));
            }
            assert_eq!(seen, plane);
        }
    }

    #[test]
    fn a_file_that_changes_between_two_passes_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let mut wave = b"RIFF\x34\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\xBB\0\0\0\x77\x01\0\x02\0\x10\0data\x10\0\0\0".to_vec();
        wave.extend([1; 16]);
        fs::write(&path, &wave).unwrap();
        let source = Source::open(&path, 0).unwrap();
        assert!(source.pcm_md5().is_ok());
        // As long as before, and of the same format: only its time tells.
        let other = folder.path().join("b.wav");
        wave[50] = 2;
        fs::write(&other, &wave).unwrap();
        fs::rename(&other, &path).unwrap();
        assert!(matches!(source.pcm_md5(), Err(DecodeError::Changed)));
        fs::remove_file(&path).unwrap();
        assert!(matches!(source.pcm_md5(), Err(DecodeError::NotFound)));
    }
}
