//! Which songs run into each other.

use acetate_audio::{Audio, ReadError, Source};
use acetate_engine::RenderError;

use super::edges::{Edges, EdgesMeter};
use super::file::JoinWord;
use super::joins::{EDGE_FRAMES, JOIN_SCORE_MAX, join_score};
use super::record::{RecordSong, name};
use super::record_error::RecordError;

/// What a pass over a song tells the plan.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Where it begins and ends to the ear.
    pub edges: Edges,
    head: Vec<Vec<f32>>,
    tail: Vec<Vec<f32>>,
}

/// How a song follows the one before.
#[derive(Clone, Debug, PartialEq)]
pub enum Follows {
    /// It is the first.
    Nothing,
    /// After silence.
    Silence,
    /// As the same recording.
    Join {
        /// Whether nobody said so.
        found: bool,
    },
    /// While the one before fades, over so many seconds.
    Crossfade(f64),
}

impl Follows {
    /// Whether the two belong to one group.
    pub fn runs_on(&self) -> bool {
        matches!(self, Self::Join { .. } | Self::Crossfade(_))
    }
}

/// Listens to a song for its edges, and keeps what a join is found by.
pub(super) fn hear(song: &RecordSong<'_>) -> Result<Heard, RecordError> {
    let title = || format!("{:?}", song.title);
    let listen = || -> Result<_, ReadError> {
        let spec = song.source.spec();
        let mut meter = EdgesMeter::new(spec);
        let (mut head, mut tail) =
            (vec![Vec::new(); spec.channels], vec![Vec::new(); spec.channels]);
        let mut blocks = song.source.blocks()?;
        let mut block = Audio::silence(spec, 0);
        while blocks.next_block(&mut block)? {
            meter.push(&block);
            for ((plane, head), tail) in block.planes().iter().zip(&mut head).zip(&mut tail) {
                let room = EDGE_FRAMES.saturating_sub(head.len());
                head.extend(plane.iter().take(room));
                tail.extend_from_slice(&plane[plane.len().saturating_sub(EDGE_FRAMES)..]);
                tail.drain(..tail.len().saturating_sub(EDGE_FRAMES));
            }
        }
        Ok((meter.finish(), head, tail))
    };
    let (edges, head, tail) = listen()
        .map_err(|error| RecordError::Render { song: title(), source: RenderError::from(error) })?;
    let edges = edges.ok_or_else(|| RecordError::Silent { song: title() })?;
    Ok(Heard { edges, head, tail })
}

/// Listens to a whole sound for its edges; `None` of digital silence.
pub(super) fn edges_of(source: &Source) -> Result<Option<Edges>, ReadError> {
    let mut meter = EdgesMeter::new(source.spec());
    let mut blocks = source.blocks()?;
    let mut block = Audio::silence(source.spec(), 0);
    while blocks.next_block(&mut block)? {
        meter.push(&block);
    }
    Ok(meter.finish())
}

/// Which songs go on where the one before ended, as one recording.
///
/// # Errors
/// When a song cannot be read again, is silent, or says what cannot be.
pub fn find_joins(songs: &[RecordSong<'_>]) -> Result<Vec<bool>, RecordError> {
    let heard = songs.iter().map(hear).collect::<Result<Vec<Heard>, RecordError>>()?;
    let follows = grouped(songs, &heard)?;
    Ok(follows.iter().map(|follows| matches!(follows, Follows::Join { .. })).collect())
}

/// How each song follows the one before: as it is asked for, else as one recording where both files meet in sound.
pub(super) fn grouped(
    songs: &[RecordSong<'_>],
    heard: &[Heard],
) -> Result<Vec<Follows>, RecordError> {
    (0..songs.len()).map(|index| follows(songs, heard, index)).collect()
}

fn follows(
    songs: &[RecordSong<'_>],
    heard: &[Heard],
    index: usize,
) -> Result<Follows, RecordError> {
    let Some(before) = index.checked_sub(1) else { return Ok(Follows::Nothing) };
    let entry = songs[index].entry;
    if let Some(seconds) = entry.crossfade_s {
        let half =
            |song: usize| (heard[song].edges.sound_end_s - heard[song].edges.sound_start_s) / 2.0;
        if seconds > half(index).min(half(before)) {
            let (song, before) = (name(songs, index), name(songs, before));
            return Err(RecordError::LongCrossfade { song, seconds, before });
        }
        let [old, new] = [before, index].map(|song| rate_hz(songs, song));
        if old != new {
            let (song, before) = (name(songs, index), name(songs, before));
            return Err(RecordError::CrossfadeRates { song, new, before, old });
        }
        return Ok(Follows::Crossfade(seconds));
    }
    let met = met(songs, heard, index);
    match (entry.join, met) {
        (Some(JoinWord::Gapless), Err(why)) => {
            let (song, before) = (name(songs, index), name(songs, before));
            Err(RecordError::NotMeeting { song, before, why })
        }
        (Some(JoinWord::Gapless), Ok(())) => Ok(Follows::Join { found: false }),
        // A pause between songs of a record is none within a recording; `gap_s` of the song parts it.
        (None, Ok(())) if entry.gap_s.is_none() => Ok(Follows::Join { found: true }),
        _ => Ok(Follows::Silence),
    }
}

/// A song that another goes on from has no end that could fade.
pub(super) fn check_fades(
    songs: &[RecordSong<'_>],
    follows: &[Follows],
) -> Result<(), RecordError> {
    for (index, follows) in follows.iter().enumerate().filter(|(_, follows)| follows.runs_on()) {
        if songs[index - 1].entry.fade_out_s.is_some() {
            let crossed = matches!(follows, Follows::Crossfade(_));
            let (song, next) = (name(songs, index - 1), name(songs, index));
            return Err(RecordError::FadeWithin { song, next, crossed });
        }
    }
    Ok(())
}

fn rate_hz(songs: &[RecordSong<'_>], song: usize) -> u32 {
    songs[song].source.spec().sample_rate_hz
}

/// Whether a song goes on where the one before ended; else why not.
fn met(songs: &[RecordSong<'_>], heard: &[Heard], index: usize) -> Result<(), String> {
    let (before, after) = (&heard[index - 1], &heard[index]);
    let [old, new] = [index - 1, index].map(|song| rate_hz(songs, song));
    if old != new {
        return Err(format!("{old} Hz meets {new} Hz"));
    }
    if !before.edges.ends_sounding || !after.edges.starts_sounding {
        return Err("one of them is silent there".to_owned());
    }
    match join_score(&before.tail, &after.head) {
        None => Err("one of them is faded or silent there".to_owned()),
        Some(score) if score > JOIN_SCORE_MAX => {
            Err(format!("the step is {score:.0} times what the sound predicts"))
        }
        Some(_) => Ok(()),
    }
}
