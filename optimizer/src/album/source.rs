//! Several songs as one sound.

use acetate_audio::{Audio, AudioSpec, DecodeError, Source};

use super::crossfade::{correlation, crossfade_gains};
use super::groups::{Follows, Heard};
use super::record::RecordSong;

/// The sound of songs that run into each other, and where each begins in it, in frames.
///
/// Joined songs are laid end to end: the recording they were cut from. Crossfaded ones overlap by the correlation measured there.
pub(super) fn joined(
    songs: &[RecordSong<'_>],
    heard: &[Heard],
    follows: &[Follows],
) -> Result<(Source, Vec<u64>), DecodeError> {
    let spec = songs[0].source.spec();
    let mut whole = Audio::silence(spec, 0);
    let mut cuts = Vec::new();
    for (index, song) in songs.iter().enumerate() {
        let next = all_of(song.source)?;
        match &follows[index] {
            Follows::Crossfade(seconds) if index > 0 => {
                // Silence after the last sound is no part of a fade.
                let edges = &heard[index - 1].edges;
                let silent_s = edges.duration_s - edges.sound_end_s;
                let silent = libm::round(silent_s * f64::from(spec.sample_rate_hz)) as usize;
                whole.resize(whole.frames() - silent);
                cuts.push(crossfade(&mut whole, &next, *seconds, &heard[index], spec));
            }
            _ => {
                cuts.push(whole.frames() as u64);
                for (plane, next) in whole.planes_mut().iter_mut().zip(next.planes()) {
                    plane.extend_from_slice(next);
                }
            }
        }
    }
    Ok((Source::from_audio(whole), cuts))
}

fn all_of(source: &Source) -> Result<Audio, DecodeError> {
    if let Some(audio) = source.audio() {
        return Ok(audio.clone());
    }
    let mut all = Audio::silence(source.spec(), 0);
    let mut blocks = source.blocks()?;
    let mut block = Audio::silence(source.spec(), 0);
    while blocks.next_block(&mut block)? {
        for (plane, block) in all.planes_mut().iter_mut().zip(block.planes()) {
            plane.extend_from_slice(block);
        }
    }
    Ok(all)
}

/// Lays the beginning of `next` over the end of `whole`; gives where the middle of the fade is, which is where players jump to.
fn crossfade(whole: &mut Audio, next: &Audio, seconds: f64, heard: &Heard, spec: AudioSpec) -> u64 {
    let rate = f64::from(spec.sample_rate_hz);
    // Silence before the first sound is no part of a fade.
    let skipped = libm::round(heard.edges.sound_start_s * rate) as usize;
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
