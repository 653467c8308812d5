//! One pass over a sound, from blocks to everything measured.

use acetate_audio::{Audio, AudioSpec, Blocks, ReadError, Source, threads};

use crate::analysis::Analysis;
use crate::assemble::{Collected, assemble};
use crate::conveyor::{self, Listen};
use crate::faults::{ClickTrack, FlatTopTrack};
use crate::loudness::LoudnessTrack;
use crate::series::Series;
use crate::source::ChannelFaults;
use crate::spectrum::{BandTrack, LowTrack};
use crate::tables::Tables;
use crate::tamed::tamed;
use crate::true_peak::{AmplitudeTrack, ChannelPeak};
use crate::waveform::WaveformTrack;

/// All that an analysis gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The document.
    pub analysis: Analysis,
    /// What a prediction needs.
    pub tables: Tables,
    /// Measures over time.
    pub series: Series,
}

/// Measures everything of `source`; the next block is decoded while the last one is measured.
///
/// # Errors
/// When the source cannot be read, or holds a sample that is not finite.
pub fn analyze(source: &Source) -> Result<Measured, ReadError> {
    let mut measured = analyze_blocks(&mut *source.blocks()?)?;
    measured.analysis.format.describe(source.format());
    Ok(measured)
}

/// Measures everything that passes, to the end. What only a file knows (container, codec, bits) is not in the analysis:
/// [`Format::describe`](crate::Format::describe).
///
/// # Errors
/// When the sound cannot be read on, or holds a sample that is not finite.
pub fn analyze_blocks(pass: &mut dyn Blocks) -> Result<Measured, ReadError> {
    let Analyzer { spec, tracks } = Analyzer::new(pass.spec());
    let tracks = conveyor::run(pass, tracks)?;
    Ok(Analyzer { spec, tracks }.finish())
}

/// Measures sound that arrives in blocks of any size: neither their size nor the number of threads
/// changes a bit of the result.
#[derive(Debug)]
pub struct Analyzer {
    spec: AudioSpec,
    tracks: Vec<Track>,
}

/// Measures that share no state, and so run side by side.
#[derive(Debug)]
enum Track {
    Bands(Box<BandTrack>),
    Amplitude(Box<ChannelTrack>),
    Loudness(Box<LoudnessTrack>),
    Low(Box<LowTrack>),
    Waveform(Box<WaveformTrack>),
}

/// One kind of measuring by itself, so that it can be timed.
#[doc(hidden)]
#[derive(Debug)]
pub struct Part {
    track: Track,
}

impl Part {
    /// All that an analyzer of two channels runs side by side.
    pub fn all(spec: AudioSpec) -> Vec<Self> {
        Analyzer::new(spec).tracks.into_iter().map(|track| Self { track }).collect()
    }

    /// What it measures.
    pub fn name(&self) -> &'static str {
        match self.track {
            Track::Bands(_) => "bands over time, envelopes",
            Track::Amplitude(_) => "peaks, amplitudes, flat tops, clicks of a channel",
            Track::Loudness(_) => "loudness",
            Track::Low(_) => "low bands, hum",
            Track::Waveform(_) => "envelope, correlation, offset",
        }
    }

    /// Listens on.
    pub fn push(&mut self, block: &Audio) {
        self.track.listen(block);
    }
}

/// True peak, amplitudes and faults of one channel.
#[derive(Debug)]
struct ChannelTrack {
    channel: usize,
    frames: u64,
    peak: ChannelPeak,
    amplitudes: AmplitudeTrack,
    flat_tops: FlatTopTrack,
    clicks: ClickTrack,
}

impl Analyzer {
    /// An analyzer that has heard nothing yet.
    pub fn new(spec: AudioSpec) -> Self {
        // The longest first: with two threads that is the better split.
        let mut tracks = vec![Track::Bands(Box::new(BandTrack::new(spec)))];
        tracks.extend((0..spec.channels).map(|channel| {
            Track::Amplitude(Box::new(ChannelTrack {
                channel,
                frames: 0,
                peak: ChannelPeak::new(),
                amplitudes: AmplitudeTrack::new(spec.sample_rate_hz),
                flat_tops: FlatTopTrack::new(),
                clicks: ClickTrack::new(spec.sample_rate_hz),
            }))
        }));
        tracks.push(Track::Loudness(Box::new(LoudnessTrack::new(spec))));
        tracks.push(Track::Low(Box::new(LowTrack::new(spec))));
        tracks.push(Track::Waveform(Box::new(WaveformTrack::new(spec))));
        Self { spec, tracks }
    }

    /// Listens on.
    pub fn push(&mut self, block: &Audio) {
        let block = &*tamed(block);
        threads::for_each(&mut self.tracks, |_, track| track.listen(block));
    }

    /// Everything measured of what was heard.
    pub fn finish(self) -> Measured {
        let mut collected = Collected::default();
        for track in self.tracks {
            match track {
                Track::Bands(track) => collected.bands = Some(track.finish()),
                Track::Loudness(track) => collected.loudness = Some(track.finish()),
                Track::Low(track) => collected.low = Some(track.finish()),
                Track::Waveform(track) => collected.waveform = Some(track.finish()),
                Track::Amplitude(mut track) => {
                    track.end();
                    let (clicks, clicks_at_frames) = track.clicks.finish();
                    let flat_tops = track.flat_tops.finish();
                    collected.faults.push(ChannelFaults { flat_tops, clicks, clicks_at_frames });
                    collected.amplitudes.push(track.amplitudes.finish());
                    collected.peaks.push(track.peak);
                }
            }
        }
        assemble(self.spec, collected)
    }
}

impl Listen for Track {
    fn listen(&mut self, block: &Audio) {
        match self {
            Self::Bands(track) => track.push(block),
            Self::Amplitude(track) => track.push(block),
            Self::Loudness(track) => track.push(block),
            Self::Low(track) => track.push(block),
            Self::Waveform(track) => track.push(block),
        }
    }
}

impl ChannelTrack {
    fn push(&mut self, block: &Audio) {
        let samples = block.channel(self.channel);
        self.frames += samples.len() as u64;
        self.clicks.push(samples);
        let (amplitudes, flat_tops) = (&mut self.amplitudes, &mut self.flat_tops);
        self.peak.push(samples, |position, chunk| {
            amplitudes.count(position, &chunk, u64::MAX);
            flat_tops.push(chunk.samples, chunk.peak);
        });
    }

    fn end(&mut self) {
        let (amplitudes, flat_tops) = (&mut self.amplitudes, &mut self.flat_tops);
        let frames = self.frames;
        self.peak.finish(|position, chunk| {
            amplitudes.count(position, &chunk, frames);
            let left = frames.saturating_sub(position).min(chunk.samples.len() as u64);
            flat_tops.push(&chunk.samples[..left as usize], chunk.peak);
        });
    }
}
