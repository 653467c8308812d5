//! Songs as sources: several as one, one channel of two, held in memory while they are worked on.

use std::sync::Arc;

use acetate_analyzer::{LevelMeter, Levels};
use acetate_audio::units::db_to_amplitude;
use acetate_audio::{Audio, AudioSpec, Blocks, Mono, Origin, ReadError, Source, SourceFormat};
use acetate_engine::settings::{EqualizerBand, EqualizerSettings};
use acetate_engine::{Processor as _, stages::Equalizer};

use super::crossfade::{correlation, crossfade_gains};
use super::edges::Edges;
use super::groups::{Follows, Heard};
use super::record::RecordSong;

/// Sound up to this size is held in memory while it is rendered again and again, bytes.
const HELD_BYTES_MAX: u64 = 96 << 20;

/// The sound of songs that run into each other, and where each begins in it, in frames.
///
/// Joined songs are laid end to end: the recording they were cut from. Crossfaded ones overlap by the correlation measured there.
pub(super) fn joined(
    songs: &[RecordSong<'_>],
    heard: &[Heard],
    follows: &[Follows],
) -> Result<(Source, Vec<u64>), ReadError> {
    let list = songs.iter().zip(heard).zip(follows);
    let seconds = |follows: &Follows| match follows {
        Follows::Crossfade(seconds) => *seconds,
        _ => 0.0,
    };
    let list: Vec<Crossing<'_>> = list
        .map(|((song, heard), follows)| Crossing {
            source: song.source.clone(),
            edges: heard.edges,
            own: Own::NONE,
            seconds: seconds(follows),
            cuts: &[0],
        })
        .collect();
    if list[1..].iter().any(|song| song.seconds > 0.0) {
        return crossfaded(&list);
    }
    let mut cuts = Vec::new();
    let mut frames = 0;
    for song in songs {
        cuts.push(frames);
        frames += song.source.frames();
    }
    Ok((end_to_end(songs.iter().map(|song| song.source.clone()).collect()), cuts))
}

/// Sounds of one format laid end to end.
///
/// # Panics
/// When there is none.
pub fn end_to_end(parts: Vec<Source>) -> Source {
    let frames = parts.iter().map(Source::frames).sum();
    let first = parts.first().expect("there is a sound").clone();
    let format = SourceFormat { frames: Some(frames), ..first.format().clone() };
    let origin = Arc::new(EndToEnd { parts });
    Source::from_origin(format, Vec::new(), origin, None).stopped_with(&first)
}

/// Songs end to end.
#[derive(Debug)]
struct EndToEnd {
    parts: Vec<Source>,
}

impl Origin for EndToEnd {
    fn blocks(&self, _: &SourceFormat) -> Result<Box<dyn Blocks>, ReadError> {
        let mut parts = self.parts.clone().into_iter();
        let first = parts.next().expect("a group has songs");
        Ok(Box::new(EndToEndBlocks { now: first.blocks()?, parts }))
    }

    fn check_unchanged(&self) -> Result<(), ReadError> {
        self.parts.iter().try_for_each(Source::check_unchanged)
    }
}

struct EndToEndBlocks {
    now: Box<dyn Blocks>,
    parts: std::vec::IntoIter<Source>,
}

impl Blocks for EndToEndBlocks {
    fn spec(&self) -> AudioSpec {
        self.now.spec()
    }

    fn next_block(&mut self, block: &mut Audio) -> Result<bool, ReadError> {
        loop {
            if self.now.next_block(block)? {
                return Ok(true);
            }
            let Some(next) = self.parts.next() else { return Ok(false) };
            self.now = next.blocks()?;
        }
    }
}

/// The first channel of a sound whose channels are the same, heard from two loudspeakers.
pub(super) fn first_channel(source: &Source) -> Source {
    let spec = AudioSpec::new(source.spec().sample_rate_hz, 1);
    let format = SourceFormat { channels: 1, layout: spec.layout, ..source.format().clone() };
    let origin = Arc::new(FirstChannel { source: source.clone() });
    let one = Source::from_origin(format, Vec::new(), origin, None).heard(Mono::Dual);
    one.stopped_with(source)
}

#[derive(Debug)]
struct FirstChannel {
    source: Source,
}

impl Origin for FirstChannel {
    fn blocks(&self, format: &SourceFormat) -> Result<Box<dyn Blocks>, ReadError> {
        let all = Audio::silence(self.source.spec(), 0);
        Ok(Box::new(FirstChannelBlocks { pass: self.source.blocks()?, all, spec: format.spec() }))
    }

    fn check_unchanged(&self) -> Result<(), ReadError> {
        self.source.check_unchanged()
    }
}

struct FirstChannelBlocks {
    pass: Box<dyn Blocks>,
    all: Audio,
    spec: AudioSpec,
}

impl Blocks for FirstChannelBlocks {
    fn spec(&self) -> AudioSpec {
        self.spec
    }

    fn next_block(&mut self, block: &mut Audio) -> Result<bool, ReadError> {
        let any = self.pass.next_block(&mut self.all)?;
        let plane = &mut block.planes_mut()[0];
        plane.clear();
        plane.extend_from_slice(self.all.channel(0));
        Ok(any)
    }
}

/// The same sound in memory, where it is not too large.
pub(super) fn held(source: &Source) -> Result<Source, ReadError> {
    let spec = source.spec();
    if source.audio().is_some() || source.frames() * spec.channels as u64 * 4 > HELD_BYTES_MAX {
        return Ok(source.clone());
    }
    let audio = all_of(source)?.with_layout(spec.layout);
    Ok(Source::from_audio(audio).stopped_with(source))
}

fn all_of(source: &Source) -> Result<Audio, ReadError> {
    let mut all = Audio::silence(source.spec(), 0);
    all.planes_mut().iter_mut().for_each(|plane| plane.reserve_exact(source.frames() as usize));
    let mut blocks = source.blocks()?;
    let mut block = Audio::silence(source.spec(), 0);
    while blocks.next_block(&mut block)? {
        for (plane, block) in all.planes_mut().iter_mut().zip(block.planes()) {
            plane.extend_from_slice(block);
        }
    }
    Ok(all)
}

/// What a recording gets alone before it fades into another one; nothing where it stands alone, for its settings have it then.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Own {
    /// Gain, dB.
    pub gain_db: f64,
    /// Filters.
    pub bands: Vec<EqualizerBand>,
}

impl Own {
    const NONE: &Self = &Self { gain_db: 0.0, bands: Vec::new() };

    fn on(&self, mut sound: Audio) -> Audio {
        if self.gain_db != 0.0 {
            let gain = db_to_amplitude(self.gain_db) as f32;
            sound.planes_mut().iter_mut().flatten().for_each(|x| *x *= gain);
        }
        let bands = self.bands.clone();
        let settings = EqualizerSettings { bands, ..EqualizerSettings::default() };
        if let Some(mut equalizer) = Equalizer::new(&settings, sound.spec()) {
            equalizer.process(&mut sound);
        }
        sound
    }
}

/// A recording on its way over the end of the one before.
pub(super) struct Crossing<'a> {
    pub(super) source: Source,
    pub(super) edges: Edges,
    pub(super) own: &'a Own,
    /// Over how many seconds the one before fades; 0 lays it behind it.
    pub(super) seconds: f64,
    /// Where its songs begin in it.
    pub(super) cuts: &'a [u64],
}

/// What a sound measures after filters.
pub(super) fn levels_after(source: &Source, bands: &[EqualizerBand]) -> Result<Levels, ReadError> {
    let own = Own { gain_db: 0.0, bands: bands.to_vec() };
    let sound = own.on(all_of(source)?);
    let mut meter = LevelMeter::new(sound.spec());
    meter.push(&sound);
    Ok(meter.finish())
}

impl Crossing<'_> {
    /// Its sound at its own level and in its own tone.
    fn sound(&self) -> Result<Audio, ReadError> {
        Ok(self.own.on(all_of(&self.source)?))
    }
}

/// Recordings of which at least two overlap, and where each song begins.
pub(super) fn crossfaded(list: &[Crossing<'_>]) -> Result<(Source, Vec<u64>), ReadError> {
    let spec = list[0].source.spec();
    let mut whole = Audio::silence(spec, 0).with_layout(spec.layout);
    let mut cuts = Vec::new();
    for (index, recording) in list.iter().enumerate() {
        let next = recording.sound()?;
        if index > 0 && recording.seconds > 0.0 {
            // Silence after the last sound is no part of a fade.
            let edges = &list[index - 1].edges;
            let silent_s = edges.duration_s - edges.sound_end_s;
            let silent = libm::round(silent_s * f64::from(spec.sample_rate_hz)) as usize;
            whole.resize(whole.frames() - silent);
            let cut = crossfade(&mut whole, &next, recording.seconds, &recording.edges, spec);
            let begin = (whole.frames() - next.frames()) as u64;
            cuts.push(cut);
            cuts.extend(recording.cuts[1..].iter().map(|cut| begin + cut));
        } else {
            let begin = whole.frames() as u64;
            cuts.extend(recording.cuts.iter().map(|cut| begin + cut));
            for (plane, next) in whole.planes_mut().iter_mut().zip(next.planes()) {
                plane.extend_from_slice(next);
            }
        }
    }
    Ok((Source::from_audio(whole), cuts))
}

/// Lays the beginning of `next` over the end of `whole`; gives where the middle of the fade is, which is where players jump to.
fn crossfade(whole: &mut Audio, next: &Audio, seconds: f64, edges: &Edges, spec: AudioSpec) -> u64 {
    let rate = f64::from(spec.sample_rate_hz);
    // Silence before the first sound is no part of a fade.
    let skipped = libm::round(edges.sound_start_s * rate) as usize;
    let frames =
        (libm::round(seconds * rate) as usize).min(whole.frames()).min(next.frames() - skipped);
    let begin = whole.frames() - frames;
    let going: Vec<&[f32]> = whole.planes().iter().map(|plane| &plane[begin..]).collect();
    let coming: Vec<&[f32]> =
        next.planes().iter().map(|plane| &plane[skipped..skipped + frames]).collect();
    let rho = correlation(&going, &coming);
    for (plane, next) in whole.planes_mut().iter_mut().zip(next.planes()) {
        for (frame, sample) in plane[begin..].iter_mut().enumerate() {
            let progress = (frame as f64 + 0.5) / frames as f64;
            let [going, coming] = crossfade_gains(progress, rho);
            let mixed = going * f64::from(*sample) + coming * f64::from(next[skipped + frame]);
            *sample = mixed as f32;
        }
        plane.extend_from_slice(&next[skipped + frames..]);
    }
    (begin + frames / 2) as u64
}
