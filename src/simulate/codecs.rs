//! What a lossy codec leaves of a song: peaks, and how much of its noise is heard.

use std::path::Path;

use acetate_analyzer::{align, analyze};
use acetate_audio::{Audio, Source};
use acetate_engine::Stage as _;
use acetate_engine::stages::Resampler;
use acetate_files::MEMORY_LIMIT_BYTES;
use acetate_translation::{AfterCodec, noise_to_mask};

use crate::Song;
use crate::check::codec::Lossy;

/// Full scale of a decoder that rounds to 16 bits.
const FULL_SCALE_16: f32 = 32_767.0 / 32_768.0;
/// Overs closer than this are one place: a listener hears one crackle.
const ONE_PLACE_S: f64 = 0.01;

/// A song through a codec; `tell` hears how far that is. What could not be tried says why.
pub(super) fn after(song: &Song, codec: Lossy, tell: &dyn Fn(f64)) -> AfterCodec {
    let mut found = AfterCodec {
        codec: codec.name().to_owned(),
        encoder: codec.encoder(),
        not_tried: None,
        true_peak_dbtp: None,
        overs: None,
        first_over_s: None,
        nmr_db: None,
        heard_pct: None,
        bandwidth_hz: None,
    };
    if let Err(reason) = complete(&mut found, song, codec, tell) {
        found.not_tried = Some(reason);
    }
    found
}

fn complete(
    found: &mut AfterCodec,
    song: &Song,
    codec: Lossy,
    tell: &dyn Fn(f64),
) -> Result<(), String> {
    // Without a file, the codec says itself that there is none.
    let path = song.source().path().unwrap_or(Path::new(""));
    let (_folder, decoded) = codec.through(path, None)?;
    tell(0.3);
    let cannot = |error: acetate_audio::ReadError| error.to_string();
    let analysis = analyze(&decoded).map_err(cannot)?.analysis;
    found.true_peak_dbtp = analysis.loudness.true_peak_dbtp;
    found.bandwidth_hz = analysis.source.bandwidth_hz;
    tell(0.5);
    let over = if codec.clips() { FULL_SCALE_16 } else { 1.0 };
    let overs = overs(&decoded, over, codec.clips()).map_err(cannot)?;
    found.overs = Some(overs.count);
    found.first_over_s = overs.first_s;
    if let Some(heard) = heard(song.source(), &decoded).map_err(cannot)? {
        found.nmr_db = Some(heard.mean_db);
        found.heard_pct = Some(heard.disturbed_frames_percent);
    }
    Ok(())
}

/// Places over full scale.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Overs {
    count: u64,
    first_s: Option<f64>,
}

/// Counts places with samples above `full_scale`, or at it where that is as far as they go.
fn overs(
    decoded: &Source,
    full_scale: f32,
    at_it: bool,
) -> Result<Overs, acetate_audio::ReadError> {
    let rate_hz = f64::from(decoded.spec().sample_rate_hz);
    let one_place = (ONE_PLACE_S * rate_hz) as u64;
    let mut found = Overs::default();
    let (mut position, mut last) = (0u64, None::<u64>);
    let mut blocks = decoded.blocks()?;
    let mut block = Audio::silence(decoded.spec(), 0);
    let is_over = |sample: &f32| sample.abs() > full_scale || (at_it && sample.abs() >= full_scale);
    while blocks.next_block(&mut block)? {
        for frame in 0..block.frames() {
            if block.planes().iter().any(|plane| is_over(&plane[frame])) {
                let at = position + frame as u64;
                found.count += u64::from(last.is_none_or(|last| at - last > one_place));
                found.first_s = found.first_s.or(Some(at as f64 / rate_hz));
                last = Some(at);
            }
        }
        position += block.frames() as u64;
    }
    Ok(found)
}

/// Noise to mask of what was decoded; `None` where it cannot be laid beside the song, or both do not fit into memory.
fn heard(
    song: &Source,
    decoded: &Source,
) -> Result<Option<acetate_translation::NoiseToMask>, acetate_audio::ReadError> {
    let bytes = 4 * song.frames() * song.spec().channels as u64;
    if bytes > MEMORY_LIMIT_BYTES || song.spec().channels != decoded.spec().channels {
        return Ok(None);
    }
    let decoded = at_rate(decoded, song.spec().sample_rate_hz)?;
    let Some(alignment) = align(song, &decoded)? else { return Ok(None) };
    let (mut reference, mut output) = (whole(song)?, whole(&decoded)?);
    let [skip, late] = [-alignment.delay_frames, alignment.delay_frames]
        .map(|frames| usize::try_from(frames).unwrap_or(0));
    let frames = reference.frames().saturating_sub(skip).min(output.frames().saturating_sub(late));
    for (audio, skip) in [(&mut reference, skip), (&mut output, late)] {
        for plane in audio.planes_mut() {
            plane.drain(..skip.min(plane.len()));
            plane.truncate(frames);
        }
    }
    Ok((frames > 0).then(|| noise_to_mask(&reference, &output)))
}

/// The same sound at another rate, in memory.
fn at_rate(source: &Source, rate_hz: u32) -> Result<Source, acetate_audio::ReadError> {
    let Some(mut resampler) = Resampler::new(source.spec(), rate_hz) else {
        return Ok(source.clone());
    };
    let mut out =
        Audio::silence(acetate_audio::AudioSpec { sample_rate_hz: rate_hz, ..source.spec() }, 0);
    let mut blocks = source.blocks()?;
    let mut block = Audio::silence(source.spec(), 0);
    while blocks.next_block(&mut block)? {
        resampler.push(&block, &mut out);
    }
    resampler.finish(&mut out);
    Ok(Source::from_audio(out))
}

fn whole(source: &Source) -> Result<Audio, acetate_audio::ReadError> {
    let mut blocks = source.blocks()?;
    let (mut all, mut block) = (Audio::silence(source.spec(), 0), Audio::silence(source.spec(), 0));
    while blocks.next_block(&mut block)? {
        for (all, plane) in all.planes_mut().iter_mut().zip(block.planes()) {
            all.extend_from_slice(plane);
        }
    }
    Ok(all)
}
