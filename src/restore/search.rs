//! Looking for damage in a sound.

use std::ops::Range;

use acetate_analyzer::restore::{ClippedSection, Damage, Hunt};
use acetate_audio::{Audio, ReadError, Source, threads};
use acetate_engine::stages::KnownTops;

use super::{Found, RestoreWish};
use crate::observer::Watch;
use crate::{Observer, Stage};

/// In so many pieces of a sound known tops are hidden and rebuilt.
const PIECES: usize = 8;
/// Length of what is looked at of each, in steps of so many frames.
const STRETCH_STEPS: usize = 6;
const STEP: usize = 1 << 13;

impl Found {
    /// Looks for damage in a sound, in one pass (two where there are clipped tops) and in bounded memory, and says what is to be done about
    /// it.
    ///
    /// # Errors
    /// When the sound cannot be read again, or the observer stops it.
    pub fn of(
        source: &Source,
        wish: &RestoreWish,
        observer: &mut dyn Observer,
    ) -> Result<Self, ReadError> {
        let watch = Watch::new(observer);
        search(&source.clone().stopped_by(watch.stop()), wish, &watch)
    }
}

pub(super) fn search(
    source: &Source,
    wish: &RestoreWish,
    watch: &Watch<'_>,
) -> Result<Found, ReadError> {
    let frames = source.frames().max(1);
    let mut hunt = Hunt::new(source.spec(), wish.kinds);
    let mut pass = source.blocks()?;
    let mut block = Audio::silence(source.spec(), 0);
    let mut position = 0;
    while pass.next_block(&mut block)? {
        position += block.frames() as u64;
        hunt.push(&block);
        watch.progress(Stage::Searching, position as f64 / frames as f64);
    }
    let damage = hunt.finish();
    let share = believable_share(source, &damage, wish)?;
    Ok(Found::new(damage, wish, source.duration_s(), share))
}

/// How much of what is rebuilt of clipped tops can be believed, by tops that are known; `None` where none is, or nobody asks.
fn believable_share(
    source: &Source,
    damage: &Damage,
    wish: &RestoreWish,
) -> Result<Option<f64>, ReadError> {
    let asked = |section: &&ClippedSection| !section.meant && !wish.meant_too;
    let sections: Vec<&ClippedSection> = damage.clipping.iter().filter(asked).collect();
    let all: Vec<&[&ClippedSection]> =
        sections.chunk_by(|one, other| one.start_frame == other.start_frame).collect();
    let count = PIECES.min(all.len());
    let channels = source.spec().channels;
    let pieces: Vec<Piece> =
        (0..count).map(|n| Piece::of(all[n * all.len() / count], channels)).collect();
    let stretches = richest_of_each(source, &pieces)?;
    let cases: Vec<(&Audio, &Piece)> = stretches.iter().zip(&pieces).collect();
    let known =
        threads::map(&cases, |_, (stretch, piece)| KnownTops::hidden_in(stretch, &piece.levels));
    Ok(known.into_iter().fold(KnownTops::default(), KnownTops::and).believable_share())
}

/// A piece of a sound that is clipped.
struct Piece {
    frames: Range<u64>,
    /// Of each channel, the upper and the lower level at which it is.
    levels: Vec<[Option<f64>; 2]>,
}

impl Piece {
    /// Of the sections of one piece.
    fn of(sections: &[&ClippedSection], channels: usize) -> Self {
        let mut levels = vec![[None; 2]; channels];
        for section in sections {
            levels[section.channel] = [section.upper, section.lower].map(|of| of.map(f64::from));
        }
        let begin = sections[0].start_frame;
        Self { frames: begin..begin + sections[0].frames, levels }
    }
}

/// Of each of the pieces, which follow one another, the stretch that has the most known tops. One piece is held at a time.
fn richest_of_each(source: &Source, pieces: &[Piece]) -> Result<Vec<Audio>, ReadError> {
    let spec = source.spec();
    let (mut held, mut block) = (Audio::silence(spec, 0), Audio::silence(spec, 0));
    let mut stretches = Vec::new();
    if pieces.is_empty() {
        return Ok(stretches);
    }
    let mut pass = source.blocks()?;
    let mut position = 0;
    while stretches.len() < pieces.len() && pass.next_block(&mut block)? {
        let end = position + block.frames() as u64;
        while let Some(piece) = pieces.get(stretches.len()) {
            let (from, to) = (piece.frames.start.max(position), piece.frames.end.min(end));
            for (held, plane) in held.planes_mut().iter_mut().zip(block.planes()) {
                if from < to {
                    held.extend_from_slice(
                        &plane[(from - position) as usize..(to - position) as usize],
                    );
                }
            }
            if piece.frames.end > end {
                break;
            }
            stretches.push(richest(&held, &piece.levels));
            held.resize(0);
        }
        position = end;
    }
    Ok(stretches)
}

/// The stretch of a piece that has the most tops which are known.
fn richest(piece: &Audio, levels: &[[Option<f64>; 2]]) -> Audio {
    let known = |n: usize| {
        let planes = piece.planes().iter().zip(levels);
        planes.filter(|(plane, levels)| KnownTops::are_at(plane[n], levels)).count()
    };
    let steps: Vec<usize> = (0..piece.frames())
        .step_by(STEP)
        .map(|from| (from..piece.frames().min(from + STEP)).map(known).sum())
        .collect();
    let length = STRETCH_STEPS.min(steps.len());
    let windows = steps.windows(length).map(|steps| steps.iter().sum::<usize>());
    let best = windows.enumerate().max_by_key(|(at, sum)| (*sum, std::cmp::Reverse(*at)));
    let from = best.map_or(0, |(at, _)| at * STEP);
    let to = piece.frames().min(from + length * STEP);
    let planes = piece.planes().iter().map(|plane| plane[from..to].to_vec());
    Audio::from_planes(piece.spec().sample_rate_hz, planes.collect())
}

#[cfg(test)]
mod tests {
    use acetate_analyzer::restore::DamageKinds;

    use super::*;

    /// What is found in four seconds that are cut off at a level.
    fn found(meant_too: bool, level: f64, sound: impl Fn(f64) -> f64) -> Found {
        let samples = (0..176_400).map(|n| sound(f64::from(n)).clamp(-level, level) as f32);
        let source = Source::from_audio(Audio::from_planes(44_100, vec![samples.collect()]));
        let kinds = DamageKinds { clipping: true, ..DamageKinds::NONE };
        let wish = RestoreWish { kinds, meant_too, ..RestoreWish::default() };
        Found::of(&source, &wish, &mut ()).unwrap()
    }

    fn tones(n: f64) -> f64 {
        let swell = 0.7 + 0.3 * libm::sin(n * 0.0004);
        swell * (0.5 * libm::sin(n * 0.031) + 0.3 * libm::sin(n * 0.171 + 1.0))
    }

    /// Tones and a little noise in a limiter that holds all that is loud at 0.8.
    fn limited(n: f64) -> f64 {
        let noise = (n as u64).wrapping_mul(6_364_136_223_846_793_005) >> 40;
        let loud = 2.0 * (tones(n) + 0.1 * (noise as f64 / f64::from(1 << 24) - 0.5));
        if n < 60_000.0 {
            loud / libm::pow(1.0 + libm::pow(loud / 0.8, 6.0), 1.0 / 6.0)
        } else {
            0.5 * tones(n)
        }
    }

    #[test]
    fn tops_that_would_come_back_are_rebuilt_whole() {
        let plan = found(false, 0.7, tones).settings.clipping;
        assert_eq!(plan.strength_pct, 100.0);
        assert!(!plan.is_neutral());
    }

    #[test]
    fn tops_that_a_limiter_had_held_are_given_back_in_part_unless_they_are_meant_to_be_rebuilt() {
        let part = found(false, 0.78, limited);
        let strength_pct = part.settings.clipping.strength_pct;
        assert!(strength_pct < 80.0, "{strength_pct} {:?}", part.lines);
        assert!(part.lines[0].1.contains("only in part"), "{:?}", part.lines);
        assert_eq!(found(true, 0.78, limited).settings.clipping.strength_pct, 100.0);
    }

    #[test]
    fn pieces_are_cut_out_where_they_are_whatever_the_blocks() {
        let ramp: Vec<f32> = (0..60_000u16).map(f32::from).collect();
        let source = Source::from_audio(Audio::from_planes(44_100, vec![ramp]));
        let piece = |frames| Piece { frames, levels: vec![[None; 2]] };
        let pieces = [0..1_000, 1_000..3_000, 59_000..60_000].map(piece);
        let stretches = richest_of_each(&source, &pieces).unwrap();
        assert_eq!(stretches.len(), pieces.len());
        for (stretch, piece) in stretches.iter().zip(&pieces) {
            assert_eq!(stretch.frames() as u64, piece.frames.end - piece.frames.start);
            assert_eq!(stretch.channel(0)[0], piece.frames.start as f32);
        }
    }

    #[test]
    fn what_nothing_is_clipped_in_is_not_asked_about() {
        assert!(found(false, 2.0, tones).settings.is_neutral());
    }
}
