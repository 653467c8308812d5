//! A record, decided: from measured songs and what is wanted to settings for every group and a time line.

use std::ops::Range;

use acetate_analyzer::{Analysis, Measured};
use acetate_audio::Source;
use acetate_engine::{Settings, resampled_frames};
use acetate_references::Aim;

use super::bring::{Goal, Group, bring};
use super::document::{AlbumDocument, AlbumGroup};
use super::file::SongEntry;
use super::gaps::{Gap, GapRule, plan_gap};
use super::groups::{Follows, Heard, grouped, hear};
use super::levels::{
    Anchor, LevelRule, MeasuredLevel, Place, is_finished, places_among, plan_levels,
};
use super::pieces::{PieceOf, pieces};
use super::record_error::RecordError;
use super::timeline::{Piece, Timeline};
use super::tone::{
    TonePlan, ToneTogether, common_settings, own_bands, plan_tone, tone_against, weight,
};
use crate::options::FitOptions;
use crate::trial::Settled;

/// A song as the plan of a record takes it.
#[derive(Clone, Copy, Debug)]
pub struct RecordSong<'a> {
    /// What messages call it.
    pub title: &'a str,
    /// The mix.
    pub source: &'a Source,
    /// What was measured of it.
    pub measured: &'a Measured,
    /// What the record's file says of it.
    pub entry: &'a SongEntry,
}

/// What is wanted of a record.
#[derive(Clone, Debug, Default)]
pub struct RecordWishes {
    /// How loud songs are against each other.
    pub levels: LevelRule,
    /// What is brought to the target's loudness.
    pub anchor: Anchor,
    /// The furthest that a song stays under the others, LU.
    pub spread_lu: Option<f64>,
    /// How much of a song's excess in tone is eased.
    pub together: ToneTogether,
    /// How pauses are chosen.
    pub gaps: GapRule,
    /// Rate of the record; without, the commonest of the mixes, and never up.
    pub sample_rate_hz: Option<u32>,
    /// A record that is finished, to which these songs come: they get its sound and a place among its songs.
    pub like: Option<Frozen>,
}

/// What is known of a record that songs come to.
#[derive(Clone, Debug)]
pub struct Frozen {
    common: Settings,
    centre_db: Vec<Option<f64>>,
    loudest_top_lufs: f64,
    levels: Vec<MeasuredLevel>,
    sample_rate_hz: u32,
}

impl From<&AlbumDocument> for Frozen {
    fn from(document: &AlbumDocument) -> Self {
        let rate = f64::from(document.sample_rate_hz);
        // Songs that run into each other have one place: that of the loudest of them.
        let level = |group: &AlbumGroup| {
            let songs = || group.songs.iter().filter_map(|&number| document.songs.get(number - 1));
            let top_lufs = songs().filter_map(|song| song.level.mix_top_lufs).reduce(f64::max)?;
            let integrated_lufs =
                songs().filter_map(|song| song.level.mix_lufs).reduce(f64::max)?;
            let duration_s = group.frames as f64 / rate;
            let true_peak_dbtp = 0.0;
            Some(MeasuredLevel {
                top_lufs,
                integrated_lufs,
                true_peak_dbtp,
                duration_s,
                level_lu: None,
            })
        };
        Self {
            common: document.common.clone(),
            centre_db: document.centre_db.clone(),
            loudest_top_lufs: document.loudest_top_lufs,
            levels: document.groups.iter().filter_map(level).collect(),
            sample_rate_hz: document.sample_rate_hz,
        }
    }
}

/// A record, decided.
#[derive(Clone, Debug)]
pub struct RecordPlan {
    /// Songs that run into each other, and songs that stand alone.
    pub groups: Vec<GroupPlan>,
    /// Every song.
    pub songs: Vec<SongPlan>,
    /// Where everything lies.
    pub timeline: Timeline,
    /// The tone of the songs against each other.
    pub tone: TonePlan,
    /// What every song does.
    pub common: Settings,
    /// What was aimed for.
    pub aim: Aim,
    /// Top of the loudest place, LUFS.
    pub loudest_top_lufs: f64,
    /// By how much the record was lowered for a song that could not follow, LU.
    pub lowered_lu: f64,
    /// Whether levels and tone were left as they are, for they are those of a finished record.
    pub finished: bool,
}

/// What is rendered in one run.
#[derive(Clone, Debug)]
pub struct GroupPlan {
    /// Its songs.
    pub songs: Range<usize>,
    /// Its sound: the song, or all of them as one.
    pub source: Source,
    /// What is done to it.
    pub settings: Settings,
    /// Its place among the others.
    pub place: Place,
    /// The top it is to have, LUFS.
    pub wanted_top_lufs: f64,
    /// What the confirming render measured.
    pub settled: Settled,
    /// Length of what is rendered, frames of the record's rate.
    pub frames: u64,
}

/// What was decided for a song.
#[derive(Clone, Debug)]
pub struct SongPlan {
    /// Its group.
    pub group: usize,
    /// How it follows the song before.
    pub follows: Follows,
    /// The silence before it, when it follows after one.
    pub gap: Option<Gap>,
    /// Places of further indexes, seconds from its start.
    pub index_s: Vec<f64>,
}

/// Decides a record. `aim_for` gives the aim for the record's middle; `progress` is told the share that is done.
///
/// # Errors
/// When songs do not go together or say what cannot be, when one cannot be read again, and those of `aim_for`.
pub fn plan_record<E: From<RecordError>>(
    songs: &[RecordSong<'_>],
    wishes: &RecordWishes,
    options: &FitOptions,
    aim_for: &mut dyn FnMut(&Analysis) -> Result<Aim, E>,
    progress: &mut dyn FnMut(f64),
) -> Result<RecordPlan, E> {
    check(songs, wishes)?;
    let heard = songs.iter().map(hear).collect::<Result<Vec<Heard>, RecordError>>()?;
    let follows = grouped(songs, &heard, wishes.gaps)?;
    let like = wishes.like.as_ref();
    let rate =
        wishes.sample_rate_hz.or(like.map(|like| like.sample_rate_hz)).unwrap_or_else(|| {
            let rate = |song: &RecordSong<'_>| song.source.spec().sample_rate_hz;
            common_rate_hz(&songs.iter().map(rate).collect::<Vec<_>>())
        });
    let pieces = pieces(songs, &heard, &follows)?;
    progress(0.1);
    let levels: Vec<MeasuredLevel> =
        pieces.iter().map(|piece| piece.level(songs)).collect::<Result<_, RecordError>>()?;
    let spread_lu = wishes.spread_lu.unwrap_or(super::SPREAD_LU);

    // The tone of the middle, and the aim for it. Groups count, not songs: a recording that was cut is what it was before.
    let places = match like {
        Some(like) => places_among(&like.levels, &levels, wishes.levels, spread_lu),
        None => plan_levels(&levels, wishes.levels, spread_lu),
    };
    let measured: Vec<&Measured> = pieces.iter().map(|piece| piece.measured(songs)).collect();
    let analyses: Vec<&Analysis> = measured.iter().map(|measured| &measured.analysis).collect();
    let weights: Vec<f64> = levels
        .iter()
        .zip(&places)
        .map(|(level, place)| weight(place.under_lu, level.duration_s))
        .collect();
    let mut tone = match like {
        Some(like) => tone_against(&analyses, &like.centre_db, wishes.together),
        None => plan_tone(&analyses, &weights, wishes.together),
    };
    let aim = aim_for(analyses[tone.closest])?;
    let target_lufs =
        options.lufs.or(aim.reference_lufs.filter(|_| options.take.loudness)).or(aim.loudness_lufs);
    let ceiling_dbtp = options.ceiling_dbtp.unwrap_or(aim.ceiling_dbtp);
    let finished = like.is_none()
        && wishes.levels == LevelRule::Natural
        && levels.iter().all(|level| level.level_lu.is_none())
        && target_lufs.is_some_and(|lufs| is_finished(&levels, lufs, ceiling_dbtp, spread_lu));
    let places = if finished { plan_levels(&levels, LevelRule::Keep, spread_lu) } else { places };
    let mut of_middle = options.clone();
    if finished && aim.style.is_some() {
        of_middle.take =
            crate::Match { tone: false, dynamics: false, width: false, ..options.take };
    }
    if finished {
        tone.own.iter_mut().for_each(Vec::clear);
    }
    let mut common = match like {
        Some(like) => like.common.clone(),
        None => common_settings(measured[tone.closest], &tone, &aim, &of_middle),
    };
    common.output.sample_rate_hz = Some(rate);
    progress(0.2);

    // Every group is brought to its place.
    let middle_lufs = levels[tone.closest].integrated_lufs;
    let mut plrs_db: Vec<f64> = pieces.iter().filter_map(|piece| piece.plr_db(songs)).collect();
    plrs_db.sort_by(f64::total_cmp);
    let middle_plr_db = plrs_db.get(plrs_db.len() / 2).copied();
    let mut groups = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        let mut settings = common.clone();
        settings.equalizer.bands.extend(own_bands(&tone.own[index]));
        let louder_db = levels[index].integrated_lufs - middle_lufs;
        let denser_db = piece.plr_db(songs).zip(middle_plr_db).map_or(0.0, |(own, all)| all - own);
        piece.adapt(&mut settings, songs, louder_db, denser_db, wishes.gaps);
        groups.push(Group {
            songs: piece.songs.clone(),
            source: &piece.source,
            measured: measured[index],
            settings,
            place: places[index],
        });
    }
    let own_lufs =
        levels.iter().map(|level| level.integrated_lufs).fold(f64::NEG_INFINITY, f64::max);
    let goal = Goal {
        target_lufs: target_lufs.unwrap_or(own_lufs),
        anchor: &wishes.anchor,
        top_lufs: like.map(|like| like.loudest_top_lufs),
        one_gain: wishes.levels == LevelRule::Keep || finished,
        max_damage_db: if options.force { f64::INFINITY } else { options.max_damage_db },
    };
    let anchor_song = anchor_song(songs, &wishes.anchor)?;
    let group_of = |song: usize| {
        pieces.iter().position(|piece| piece.songs.contains(&song)).expect("every song has one")
    };
    let leveled = bring(groups, &levels, &goal, anchor_song.map(group_of), songs, progress)?;

    let mut plan = RecordPlan {
        songs: song_plans(songs, &follows, &pieces, &leveled.groups, wishes),
        timeline: Timeline::new(rate, &[]),
        tone,
        common,
        aim,
        loudest_top_lufs: leveled.top_lufs,
        lowered_lu: leveled.lowered_lu,
        finished,
        groups: leveled.groups,
    };
    for group in &mut plan.groups {
        group.frames = rendered_frames(&group.source, &group.settings, rate);
    }
    plan.timeline = Timeline::new(rate, &timeline_pieces(&plan, &pieces, rate));
    check_indexes(songs, &plan)?;
    Ok(plan)
}

fn check(songs: &[RecordSong<'_>], wishes: &RecordWishes) -> Result<(), RecordError> {
    let first = songs.first().ok_or(RecordError::Empty)?;
    let expected = first.source.spec().channels;
    for (index, song) in songs.iter().enumerate() {
        let channels = song.source.spec().channels;
        if channels != expected {
            let (song, other) = (name(songs, index), name(songs, 0));
            return Err(RecordError::Channels { song, channels, other, expected });
        }
        if song.measured.analysis.loudness.integrated_lufs.is_none() {
            return Err(RecordError::Silent { song: name(songs, index) });
        }
    }
    anchor_song(songs, &wishes.anchor).map(|_| ())
}

/// How messages call a song.
pub(super) fn name(songs: &[RecordSong<'_>], index: usize) -> String {
    format!("song {} {:?}", index + 1, songs[index].title)
}

fn anchor_song(songs: &[RecordSong<'_>], anchor: &Anchor) -> Result<Option<usize>, RecordError> {
    let Anchor::Song(wanted) = anchor else { return Ok(None) };
    let is = |song: &RecordSong<'_>| {
        song.title.eq_ignore_ascii_case(wanted) || song.entry.file.eq_ignore_ascii_case(wanted)
    };
    let titles = || songs.iter().map(|song| song.title).collect::<Vec<_>>().join(", ");
    let found = songs.iter().position(is);
    found.map(Some).ok_or_else(|| RecordError::NoAnchor { name: wanted.clone(), titles: titles() })
}

/// The commonest of the rates of mixes; the lowest, where that would raise one.
///
/// # Panics
/// When there is none.
pub fn common_rate_hz(rates: &[u32]) -> u32 {
    let count = |rate: u32| rates.iter().filter(|&&other| other == rate).count();
    let commonest = rates.iter().copied().max_by_key(|&rate| (count(rate), rate));
    let lowest = rates.iter().copied().min();
    commonest.into_iter().chain(lowest).min().expect("there is a song")
}

/// Frames that a render of these settings gives.
pub(super) fn rendered_frames(source: &Source, settings: &Settings, rate: u32) -> u64 {
    let own = source.spec().sample_rate_hz;
    let cut = |seconds: f64| libm::round(seconds * f64::from(own)) as u64;
    let input = &settings.input;
    let kept = source.frames().saturating_sub(cut(input.trim_start_s) + cut(input.trim_end_s));
    resampled_frames(kept, own, rate)
}

fn song_plans(
    songs: &[RecordSong<'_>],
    follows: &[Follows],
    pieces: &[PieceOf],
    groups: &[GroupPlan],
    wishes: &RecordWishes,
) -> Vec<SongPlan> {
    let gain_db = |group: usize| {
        let before = pieces[group].measured(songs).analysis.loudness.integrated_lufs;
        let after = groups[group].settled.levels.integrated_lufs;
        after.zip(before).map_or(0.0, |(after, before)| after - before)
    };
    let mut plans = Vec::new();
    for (group, piece) in pieces.iter().enumerate() {
        for song in piece.songs.clone() {
            let first = song == piece.songs.start && group > 0;
            let gap = first.then(|| {
                let (before, after) = (&pieces[group - 1].edges, &piece.edges);
                let jump_lu = after.start_db + gain_db(group) - before.end_db - gain_db(group - 1);
                plan_gap(wishes.gaps, songs[song].entry.gap_s, before, after, jump_lu)
            });
            let index_s = songs[song].entry.index_s.clone();
            plans.push(SongPlan { group, follows: follows[song].clone(), gap, index_s });
        }
    }
    plans
}

fn timeline_pieces(plan: &RecordPlan, pieces: &[PieceOf], rate: u32) -> Vec<Piece> {
    let mut tail_s = 0.0;
    plan.groups
        .iter()
        .zip(pieces)
        .map(|(group, piece)| {
            let (input, edges) = (&group.settings.input, &piece.edges);
            let head_s = edges.sound_start_s - input.trim_start_s;
            // From what is heard to what is heard: heads and tails count.
            let gap = plan.songs[group.songs.start].gap.as_ref();
            let silence_s: f64 = (gap.map_or(0.0, |gap| gap.seconds) - head_s - tail_s).max(0.0);
            tail_s = edges.duration_s - edges.sound_end_s - input.trim_end_s;
            let own = group.source.spec().sample_rate_hz;
            let trimmed = libm::round(input.trim_start_s * f64::from(own)) as u64;
            let cut = |&cut: &u64| resampled_frames(cut.saturating_sub(trimmed), own, rate);
            Piece {
                frames: group.frames,
                cuts: piece.cuts.iter().map(cut).collect(),
                silence: libm::round(silence_s * f64::from(rate)) as u64,
            }
        })
        .collect()
}

fn check_indexes(songs: &[RecordSong<'_>], plan: &RecordPlan) -> Result<(), RecordError> {
    for (index, song) in plan.songs.iter().enumerate() {
        let file = plan.timeline.file(index);
        let end_s = (file.end - file.start) as f64 / f64::from(plan.timeline.sample_rate_hz);
        if let Some(&seconds) = song.index_s.iter().find(|&&seconds| seconds >= end_s) {
            return Err(RecordError::IndexBeyond { song: name(songs, index), seconds, end_s });
        }
    }
    Ok(())
}
