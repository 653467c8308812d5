//! Sound that can be read from its beginning as often as needed.

use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

use crate::blocks::Stoppable;
use crate::{
    Audio, AudioSpec, BLOCK_FRAMES, Blocks, Mono, PcmMd5, ReadError, SourceFormat, SourceWarning,
    Stop,
};

/// Loss of sound that is only told of, in seconds and as a share of the whole; more makes a file incomplete.
const LOST_S_MAX: f64 = 0.5;
const LOST_SHARE_MAX: f64 = 0.01;

/// Where sound that is not held in memory is read again from: a file, most often.
pub trait Origin: Debug + Send + Sync {
    /// A new pass from the first frame over sound of this format.
    ///
    /// # Errors
    /// When it cannot be opened again, or is another by now.
    fn blocks(&self, format: &SourceFormat) -> Result<Box<dyn Blocks>, ReadError>;

    /// Makes sure that it is still what was opened.
    ///
    /// # Errors
    /// When it is gone, or another by now.
    fn check_unchanged(&self) -> Result<(), ReadError>;

    /// The file, where it is one.
    fn path(&self) -> Option<&Path> {
        None
    }
}

/// Sound to measure or render: held in memory, or read again for each pass.
///
/// Cheap to clone. Its length is exact, and all of its warnings are known, once it is open.
#[derive(Clone, Debug)]
pub struct Source {
    format: SourceFormat,
    warnings: Arc<[SourceWarning]>,
    origin: Option<Arc<dyn Origin>>,
    audio: Option<Arc<Audio>>,
    stop: Option<Stop>,
}

impl Source {
    /// Sound that is already in memory.
    ///
    /// Its samples are taken for finite.
    pub fn from_audio(audio: Audio) -> Self {
        Self {
            format: SourceFormat::of_memory(audio.spec(), audio.frames() as u64),
            warnings: Arc::default(),
            origin: None,
            audio: Some(Arc::new(audio)),
            stop: None,
        }
    }

    /// Sound that was read once to its end, and can be read again; `format.frames` is its counted length. `audio` is all of it, where
    /// that is held.
    ///
    /// # Panics
    /// When the length is not known.
    pub fn from_origin(
        format: SourceFormat,
        warnings: Vec<SourceWarning>,
        origin: Arc<dyn Origin>,
        audio: Option<Audio>,
    ) -> Self {
        assert!(format.frames.is_some(), "the length is counted when sound is opened");
        Self {
            format,
            warnings: warnings.into(),
            origin: Some(origin),
            audio: audio.map(Arc::new),
            stop: None,
        }
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

    /// The same sound; passes over it end when the switch is thrown.
    pub fn stopped_by(self, stop: Stop) -> Self {
        Self { stop: Some(stop), ..self }
    }

    /// The same sound; passes over it end with those over `other`.
    pub fn stopped_with(self, other: &Self) -> Self {
        Self { stop: other.stop.clone(), ..self }
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
        self.origin.as_ref().and_then(|origin| origin.path())
    }

    /// Where it is read again from; `None` for sound that never was a file.
    pub fn origin(&self) -> Option<&Arc<dyn Origin>> {
        self.origin.as_ref()
    }

    /// The sound, when it is held in memory.
    pub fn audio(&self) -> Option<&Audio> {
        self.audio.as_deref()
    }

    /// A new pass from the first frame.
    ///
    /// # Errors
    /// When the file cannot be opened again, or is another by now.
    pub fn blocks(&self) -> Result<Box<dyn Blocks>, ReadError> {
        let pass: Box<dyn Blocks> = match (&self.audio, &self.origin) {
            (Some(audio), _) => {
                let audio = Arc::clone(audio);
                Box::new(MemoryBlocks { audio, spec: self.spec(), position: 0 })
            }
            (None, Some(origin)) => origin.blocks(&self.format)?,
            (None, None) => unreachable!("sound without an origin is in memory"),
        };
        match &self.stop {
            Some(stop) => Ok(Box::new(Stoppable { pass, stop: stop.clone() })),
            None => Ok(pass),
        }
    }

    /// Makes sure that the file is still the one that was opened.
    ///
    /// # Errors
    /// When it was removed, replaced or written to.
    pub fn check_unchanged(&self) -> Result<(), ReadError> {
        self.origin.as_ref().map_or(Ok(()), |origin| origin.check_unchanged())
    }

    /// The fingerprint of the sound ([`PcmMd5`]), from a pass over it.
    ///
    /// # Errors
    /// As reading.
    pub fn pcm_md5(&self) -> Result<String, ReadError> {
        let mut blocks = self.blocks()?;
        let mut block = Audio::silence(self.spec(), 0);
        let mut md5 = PcmMd5::new(&self.format);
        while blocks.next_block(&mut block)? {
            md5.update(&block);
        }
        Ok(md5.finish())
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

    fn next_block(&mut self, block: &mut Audio) -> Result<bool, ReadError> {
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
}
