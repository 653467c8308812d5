//! A sound that is about to be read.

use acetate_analyzer::{LoudnessMeter, Measured, analyze_blocks};
use acetate_audio::units::Lufs;
use acetate_audio::{Audio, Blocks, Mono, Source};
use acetate_files::{FirstPass, MEMORY_LIMIT_BYTES, SoundFile, Spooled};

use crate::observer::{Watch, WatchedPass};
use crate::samples::{check_shape, check_sound};
use crate::{Error, Observer, Profile, Song, Stage};

/// A sound that is about to be read: how much of it may be held, and how a lone channel is heard.
#[derive(Clone, Debug)]
pub struct Opening {
    name: String,
    from: From,
    memory_limit_bytes: u64,
    mono: Mono,
}

/// Where it comes from.
#[derive(Clone, Debug)]
pub(crate) enum From {
    File(SoundFile),
    Spooled(Spooled),
    Source(Source),
}

impl Opening {
    pub(crate) fn new(name: String, from: From) -> Self {
        Self { name, from, memory_limit_bytes: MEMORY_LIMIT_BYTES / 2, mono: Mono::Dual }
    }

    /// Decoded sound up to this size is held in memory; what is longer is read again for each pass. 256 MB where nothing is said: a
    /// fit holds as much again beside it.
    pub fn memory_limit_bytes(self, memory_limit_bytes: u64) -> Self {
        Self { memory_limit_bytes, ..self }
    }

    /// How a lone channel is heard: from two loudspeakers where nothing is said.
    pub fn mono(self, mono: Mono) -> Self {
        Self { mono, ..self }
    }

    /// What it is called in errors and documents.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Integrated loudness alone (ITU-R BS.1770-5), in one pass that holds nothing; `None` when the sound is shorter than 400 ms or never
    /// above -70 LUFS.
    ///
    /// # Errors
    /// When it cannot be read as sound, or the observer stops it.
    pub fn loudness(self, observer: &mut dyn Observer) -> Result<Option<Lufs>, Error> {
        let watch = Watch::new(observer);
        let Self { name, from, mono, .. } = self;
        let cannot = |error| Error::read(&name, error);
        let first = |pass: FirstPass| {
            let frames = pass.format().frames;
            (Box::new(pass.heard(mono)) as Box<dyn Blocks>, frames)
        };
        let (mut pass, frames) = match from {
            From::Source(source) => {
                let source = source.heard(mono);
                let pass = source.blocks().map_err(|error| Error::read(&name, error))?;
                (pass, Some(source.frames()))
            }
            From::File(file) => first(FirstPass::open(file, 0).map_err(cannot)?),
            From::Spooled(copy) => first(copy.open(0).map_err(cannot)?),
        };
        loudness_of_pass(&mut *pass, frames, &watch, &name, |_, _| Ok(()))
    }

    /// Reads and measures a record, of which nothing is held: what a request follows
    /// ([`Request::reference_profile`](crate::Request::reference_profile)).
    ///
    /// # Errors
    /// When it cannot be read as sound, or the observer stops it.
    pub fn profile(self, observer: &mut dyn Observer) -> Result<Profile, Error> {
        Ok(self.memory_limit_bytes(0).measure(observer)?.profile())
    }

    /// Reads and measures it in one pass.
    ///
    /// # Errors
    /// When it cannot be read as sound.
    pub fn measure(self, observer: &mut dyn Observer) -> Result<Song, Error> {
        let watch = Watch::new(observer);
        let Self { name, from, memory_limit_bytes, mono } = self;
        let cannot = |error| Error::read(&name, error);
        let is_stream = matches!(from, From::Spooled(_));
        let (file, mut pass) = match from {
            From::Source(source) => {
                let source = source.heard(mono);
                let mut pass = source.blocks().map_err(|error| Error::read(&name, error))?;
                let measured = measured(&mut *pass, Some(source.frames()), &watch, &name)?;
                return Ok(Song::new(name, None, false, source, measured));
            }
            From::File(file) => {
                (file.clone(), FirstPass::open(file, memory_limit_bytes).map_err(cannot)?)
            }
            From::Spooled(copy) => {
                let pass = copy.open(memory_limit_bytes).map_err(cannot)?;
                (pass.file().clone(), pass)
            }
        };
        pass = pass.heard(mono);
        let frames = pass.format().frames;
        let measured = measured(&mut pass, frames, &watch, &name)?;
        let source = pass.finish().map_err(|error| Error::read(&name, error))?;
        Ok(Song::new(name, Some(file), is_stream, source, measured))
    }
}

fn measured(
    pass: &mut dyn Blocks,
    frames: Option<u64>,
    watch: &Watch<'_>,
    name: &str,
) -> Result<Measured, Error> {
    let mut pass = WatchedPass { pass, watch, stage: Stage::Measuring, frames, position: 0 };
    analyze_blocks(&mut pass).map_err(|error| Error::read(name, error))
}

/// Integrated loudness alone of samples that lie with somebody else: measured while they come, so that nothing is copied whole. `frames` are
/// promised. The number is that of [`Opening::loudness`].
///
/// # Errors
/// Those of [`Song::from_samples`], what `samples` fails with, or when the observer stops it.
pub fn loudness_of_samples(
    name: &str,
    samples: &mut dyn Blocks,
    frames: u64,
    observer: &mut dyn Observer,
) -> Result<Option<Lufs>, Error> {
    let spec = samples.spec();
    check_shape(name, spec.sample_rate_hz, spec.channels, frames)?;
    let check = |block: &Audio, start| check_sound(name, block.planes(), start);
    loudness_of_pass(samples, Some(frames), &Watch::new(observer), name, check)
}

/// `check` sees each block, and how many frames were before it.
fn loudness_of_pass(
    pass: &mut dyn Blocks,
    frames: Option<u64>,
    watch: &Watch<'_>,
    name: &str,
    check: impl Fn(&Audio, u64) -> Result<(), Error>,
) -> Result<Option<Lufs>, Error> {
    let mut pass = WatchedPass { pass, watch, stage: Stage::Measuring, frames, position: 0 };
    let mut meter = LoudnessMeter::new(pass.spec());
    let mut block = Audio::silence(pass.spec(), 0);
    while pass.next_block(&mut block).map_err(|error| Error::read(name, error))? {
        check(&block, pass.position - block.frames() as u64)?;
        meter.push(&block);
    }
    Ok(meter.finish())
}
