//! From a source to quantised sound, in one go or in two.

use std::sync::mpsc;

use acetate_audio::{Audio, AudioSpec, PcmBlock, ReadError, Source, threads};
use thiserror::Error;

use crate::chain::{End, FirstHalf, Rounding, SecondHalf};
use crate::compressor::CompressorTrace;
use crate::queue::append;
use crate::queue::clear;
use crate::resample::resampled_frames;
use crate::trace::LimiterTrace;
use crate::{Settings, SettingsError, Stage};

/// Blocks that the first half may be ahead of the second.
const BLOCKS_AHEAD: usize = 4;

/// Why a render stopped; `E` is the error of whoever takes the sound.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RenderError<E = std::convert::Infallible> {
    /// The settings cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The source cannot be read.
    #[error("{0}")]
    Decode(#[from] ReadError),
    /// The sound could not be written.
    #[error("cannot write the rendered sound")]
    Sink(#[source] E),
}

/// Sound after everything that comes before the drive.
///
/// Held in memory when its source is; else made again on each use.
pub struct Prepared {
    kept: Kept,
    spec: AudioSpec,
    /// What the compressor did, when the sound is held in memory.
    compressor: CompressorTrace,
}

enum Kept {
    Sound(Source),
    Recipe { source: Source, settings: Box<Settings> },
}

impl Prepared {
    /// Rate and channel count of the output.
    pub fn spec(&self) -> AudioSpec {
        self.spec
    }

    /// The sound, when it is held in memory.
    pub fn audio(&self) -> Option<&Audio> {
        match &self.kept {
            Kept::Sound(source) => source.audio(),
            Kept::Recipe { .. } => None,
        }
    }

    /// Calls `take` with the sound, block by block.
    ///
    /// # Errors
    /// Those of `take`, and those of reading the source again.
    pub fn for_each_block<E: From<ReadError>>(
        &self,
        take: &mut dyn FnMut(&Audio) -> Result<(), E>,
    ) -> Result<(), E> {
        self.run(take).map(|_| ())
    }

    /// As [`for_each_block`](Self::for_each_block), and says what the compressor did.
    fn run<E: From<ReadError>>(
        &self,
        take: &mut dyn FnMut(&Audio) -> Result<(), E>,
    ) -> Result<CompressorTrace, E> {
        match &self.kept {
            Kept::Sound(source) => for_each_block(source, take).map(|()| self.compressor.clone()),
            Kept::Recipe { source, settings } => ahead(source, settings, take),
        }
    }
}

/// Runs the first half of the chain: everything up to and including the change of rate.
///
/// # Errors
/// When a setting is out of range, or the source cannot be read.
pub fn prepare(source: &Source, settings: &Settings) -> Result<Prepared, RenderError> {
    crate::check_for(settings, source.spec().sample_rate_hz)?;
    let spec = FirstHalf::new(settings, source.spec()).output_spec();
    if source.audio().is_none() {
        let settings = Box::new(settings.clone());
        let kept = Kept::Recipe { source: source.clone(), settings };
        return Ok(Prepared { kept, spec, compressor: CompressorTrace::default() });
    }
    let mut audio = Audio::silence(spec, 0);
    let (from_hz, to_hz) = (source.spec().sample_rate_hz, spec.sample_rate_hz);
    // Growing by doubling would hold it up to three times.
    let frames = resampled_frames(source.frames(), from_hz, to_hz) as usize;
    audio.planes_mut().iter_mut().for_each(|plane| plane.reserve_exact(frames));
    let compressor = first_half(source, settings, &mut |block| {
        append(block, &mut audio);
        Ok::<(), ReadError>(())
    })?;
    let sound = Source::from_audio(audio).stopped_with(source);
    Ok(Prepared { kept: Kept::Sound(sound), spec, compressor })
}

/// Runs the second half of the chain, drive to quantiser, and gives `sink` the blocks to write.
///
/// The settings may differ from those of [`prepare`] in drive, limiter, fades and the output's bits and dither.
///
/// # Errors
/// When a setting is out of range, the source cannot be read again, or `sink` fails.
pub fn finish<E>(
    prepared: &Prepared,
    settings: &Settings,
    sink: &mut dyn FnMut(&PcmBlock) -> Result<(), E>,
) -> Result<LimiterTrace, RenderError<E>> {
    crate::check(settings)?;
    let mut rounding = Rounding::new(settings, prepared.spec);
    let mut pcm = rounding.block();
    let trace = second_half(prepared, settings, &mut |block| {
        rounding.push(block, &mut pcm);
        give(&pcm, sink)
    })?;
    let rounded_peak = rounding.finish(&Audio::silence(prepared.spec, 0), &mut pcm);
    give(&pcm, sink)?;
    Ok(LimiterTrace { rounded_peak, ..trace })
}

/// As [`finish`], but before dither and rounding: a [`Rounding`] makes of these blocks what [`finish`] gives, bit for bit.
///
/// # Errors
/// As [`finish`].
pub fn finish_float<E>(
    prepared: &Prepared,
    settings: &Settings,
    sink: &mut dyn FnMut(&Audio) -> Result<(), E>,
) -> Result<LimiterTrace, RenderError<E>> {
    crate::check(settings)?;
    second_half(prepared, settings, &mut |block| sink(block).map_err(RenderError::Sink))
}

fn second_half<E: From<ReadError>>(
    prepared: &Prepared,
    settings: &Settings,
    take: &mut dyn FnMut(&Audio) -> Result<(), E>,
) -> Result<LimiterTrace, E> {
    let mut half = SecondHalf::new(settings, prepared.spec);
    let compressor = prepared.run(&mut |block| take(half.push_through(block, End::More)))?;
    take(half.push_through(&Audio::silence(prepared.spec, 0), End::Last))?;
    Ok(LimiterTrace { compressor, ..half.take_trace() })
}

/// Renders in bounded memory: the bytes of [`prepare`] and [`finish`] together, without holding what lies between.
///
/// # Errors
/// As [`prepare`] and [`finish`].
pub fn render<E>(
    source: &Source,
    settings: &Settings,
    sink: &mut dyn FnMut(&PcmBlock) -> Result<(), E>,
) -> Result<LimiterTrace, RenderError<E>> {
    crate::check_for(settings, source.spec().sample_rate_hz)?;
    let spec = FirstHalf::new(settings, source.spec()).output_spec();
    let settings_kept = Box::new(settings.clone());
    let kept = Kept::Recipe { source: source.clone(), settings: settings_kept };
    let compressor = CompressorTrace::default();
    finish(&Prepared { kept, spec, compressor }, settings, sink)
}

fn for_each_block<E: From<ReadError>>(
    source: &Source,
    take: &mut dyn FnMut(&Audio) -> Result<(), E>,
) -> Result<(), E> {
    let mut blocks = source.blocks()?;
    let mut block = Audio::silence(source.spec(), 0);
    while blocks.next_block(&mut block)? {
        take(&block)?;
    }
    Ok(())
}

/// Runs the first half, and says what its compressor did; `take` may keep the block and leave another.
fn first_half<E: From<ReadError>>(
    source: &Source,
    settings: &Settings,
    take: &mut dyn FnMut(&mut Audio) -> Result<(), E>,
) -> Result<CompressorTrace, E> {
    let mut half = FirstHalf::of_frames(settings, source.spec(), Some(source.frames()));
    let mut out = Audio::silence(half.output_spec(), 0);
    for_each_block(source, &mut |block| {
        clear(&mut out, half.output_spec());
        half.push(block, &mut out);
        take(&mut out)
    })?;
    clear(&mut out, half.output_spec());
    half.finish(&mut out);
    take(&mut out)?;
    Ok(half.take_trace())
}

/// Runs the first half on a thread of its own, a few blocks ahead of `take`; on the same one where there is only one.
fn ahead<E: From<ReadError>>(
    source: &Source,
    settings: &Settings,
    take: &mut dyn FnMut(&Audio) -> Result<(), E>,
) -> Result<CompressorTrace, E> {
    if threads::count() == 1 {
        return first_half(source, settings, &mut |block| take(block));
    }
    let (full, arriving) = mpsc::sync_channel::<Audio>(BLOCKS_AHEAD);
    let (used, spare) = mpsc::channel::<Audio>();
    std::thread::scope(|scope| {
        let producer = scope.spawn(move || {
            first_half(source, settings, &mut |block| {
                let empty = spare.try_recv().unwrap_or_else(|_| Audio::silence(block.spec(), 0));
                full.send(std::mem::replace(block, empty)).map_err(|_| Halt::NobodyListens)
            })
        });
        for block in arriving {
            take(&block)?;
            // The producer may have finished: then nobody needs the memory.
            let _ = used.send(block);
        }
        match producer.join() {
            Ok(Err(Halt::Decode(error))) => Err(error.into()),
            Ok(Err(Halt::NobodyListens)) => unreachable!("every block was taken"),
            Ok(Ok(compressor)) => Ok(compressor),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Why the first half stopped early.
enum Halt {
    Decode(ReadError),
    NobodyListens,
}

impl From<ReadError> for Halt {
    fn from(error: ReadError) -> Self {
        Self::Decode(error)
    }
}

fn give<E>(
    pcm: &PcmBlock,
    sink: &mut dyn FnMut(&PcmBlock) -> Result<(), E>,
) -> Result<(), RenderError<E>> {
    if pcm.frames() == 0 { Ok(()) } else { sink(pcm).map_err(RenderError::Sink) }
}
