//! A record, decided: from measured songs and what is wanted to settings for every group and a time line.

use std::ops::Range;

use acetate_analyzer::{Analysis, Measured};
use acetate_audio::Source;
use acetate_engine::{RenderError, Settings};
use acetate_references::Aim;

use super::bring::{Below, Goal, Group, Known, bring};
use super::document::{AlbumDocument, AlbumSong, StartKind};
use super::file::SongEntry;
use super::gaps::{Gap, GapRule};
use super::groups::{Follows, Heard, check_fades, grouped, hear};
use super::lay_out::{check_indexes, rendered_frames, song_plans, timeline_pieces};
use super::levels::{
    Anchor, LevelRule, MeasuredLevel, Place, is_finished, places_among, plan_levels,
};
use super::pieces::recordings;
use super::record_error::RecordError;
use super::recorded::Recorded;
use super::source::Own;
use super::timeline::Timeline;
use super::tone::{
    TonePlan, ToneTogether, common_settings, own_bands, plan_tone, tone_against, weight,
};
use crate::document::Move;
use crate::elsewhere::hold_elsewhere;
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
    /// The furthest that a song stays under the middle of the louder half, LU; the loudest may be one above that.
    pub spread_lu: Option<f64>,
    /// How much of a song's excess in tone is eased.
    pub together: ToneTogether,
    /// How pauses are chosen.
    pub gaps: GapRule,
    /// Rate of the record; without, the commonest of the mixes, and never up.
    pub sample_rate_hz: Option<u32>,
    /// A record that is finished, to which these songs come: they get its sound and a place among its songs.
    pub like: Option<Frozen>,
    /// What was settled before for the very same songs and wishes: nothing is rendered to settle it again.
    pub known: Option<Known>,
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
        // Songs that were cut from one recording have one place: that of the loudest of them.
        let level = |group: &[AlbumSong]| {
            let songs = || group.iter();
            let top_lufs = songs().filter_map(|song| song.level.mix_top_lufs).reduce(f64::max)?;
            let integrated_lufs =
                songs().filter_map(|song| song.level.mix_lufs).reduce(f64::max)?;
            let duration_s = songs().map(|song| song.frames as f64).sum::<f64>() / rate;
            let true_peak_dbtp = 0.0;
            Some(MeasuredLevel {
                top_lufs,
                integrated_lufs,
                true_peak_dbtp,
                duration_s,
                level_lu: None,
            })
        };
        let is_joined = |_: &AlbumSong, next: &AlbumSong| next.before_it.kind == StartKind::Join;
        let recordings = document.songs.chunk_by(is_joined);
        Self {
            common: document.common.clone(),
            centre_db: document.centre_db.clone(),
            loudest_top_lufs: document.loudest_top_lufs,
            levels: recordings.filter_map(level).collect(),
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
    /// The tone of the recordings against each other.
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
    /// How far it measures under the loudest recording in it.
    pub below: Below,
    /// The top it is to have, LUFS.
    pub wanted_top_lufs: f64,
    /// What the confirming render measured.
    pub settled: Settled,
    /// What it takes from other systems, where that is more than it may.
    pub elsewhere: Vec<Move>,
    /// Length of what is rendered, frames of the record's rate.
    pub frames: u64,
}

/// What was decided for a song.
#[derive(Clone, Debug)]
pub struct SongPlan {
    /// Its group.
    pub group: usize,
    /// Its recording: where [`RecordPlan::tone`] has it. Groups are one each, but for those in which recordings fade into each other.
    pub recording: usize,
    /// Its place among the others.
    pub place: Place,
    /// What its recording gets alone before it fades into another.
    pub own: Own,
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
    let follows = grouped(songs, &heard)?;
    check_fades(songs, &follows)?;
    let like = wishes.like.as_ref();
    let rate =
        wishes.sample_rate_hz.or(like.map(|like| like.sample_rate_hz)).unwrap_or_else(|| {
            let rate = |song: &RecordSong<'_>| song.source.spec().sample_rate_hz;
            common_rate_hz(&songs.iter().map(rate).collect::<Vec<_>>())
        });
    let recordings = recordings(songs, &heard, &follows)?;
    progress(0.1);
    let levels: Vec<MeasuredLevel> =
        recordings.iter().map(|one| one.level(songs)).collect::<Result<_, RecordError>>()?;
    let spread_lu = wishes.spread_lu.unwrap_or(super::SPREAD_LU);

    // The tone of the middle, and the aim for it. Recordings count, not songs: one that was cut is what it was before.
    let places = match like {
        Some(like) => places_among(&like.levels, &levels, wishes.levels, spread_lu),
        None => plan_levels(&levels, wishes.levels, spread_lu),
    };
    let measured: Vec<&Measured> = recordings.iter().map(|one| one.measured(songs)).collect();
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
    let mut plrs_db: Vec<f64> = recordings.iter().filter_map(|one| one.plr_db(songs)).collect();
    plrs_db.sort_by(f64::total_cmp);
    let middle_plr_db = plrs_db.get(plrs_db.len() / 2).copied();
    let mut recorded = Recorded { songs, follows: &follows, levels, places, tone: &tone };
    let (own, pieces) = recorded.together(recordings)?;
    let levels = recorded.levels_of(&pieces)?;
    let mut groups = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        let mut settings = common.clone();
        if let [alone] = &tone.own[piece.recordings.clone()] {
            settings.equalizer.bands.extend(own_bands(alone));
        }
        let louder_db = levels[index].integrated_lufs - middle_lufs;
        let denser_db = piece.plr_db(songs).zip(middle_plr_db).map_or(0.0, |(own, all)| all - own);
        piece.adapt(&mut settings, songs, louder_db, denser_db, wishes.gaps);
        let measured = piece.measured(songs);
        let elsewhere = match options.hold_elsewhere {
            true => hold_elsewhere(&piece.source, measured, &mut settings)
                .map_err(|error| cannot_render(songs, piece.songs.start, error.into()))?,
            false => Vec::new(),
        };
        groups.push(Group {
            songs: piece.songs.clone(),
            source: &piece.source,
            measured,
            settings,
            elsewhere,
            place: recorded.place_of(piece),
            below: recorded.below(piece, &levels[index]),
        });
    }
    let own_lufs =
        levels.iter().map(|level| level.integrated_lufs).fold(f64::NEG_INFINITY, f64::max);
    let goal = Goal {
        target_lufs: target_lufs.unwrap_or(own_lufs),
        anchor: &wishes.anchor,
        top_lufs: like.map(|like| like.loudest_top_lufs),
        one_gain: wishes.levels == LevelRule::Keep || finished,
        known: wishes.known.as_ref(),
        max_damage_db: if options.force { f64::INFINITY } else { options.max_damage_db },
    };
    let anchor_song = anchor_song(songs, &wishes.anchor)?;
    let group_of = |song: usize| {
        pieces.iter().position(|piece| piece.songs.contains(&song)).expect("every song has one")
    };
    let leveled = bring(groups, &levels, &goal, anchor_song.map(group_of), songs, progress)?;

    let mut plan = RecordPlan {
        songs: song_plans(&recorded, &own, &pieces, &leveled.groups, wishes),
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
        let length_s = song.measured.analysis.format.duration_s;
        if let Some(seconds) = song.entry.fade_out_s.filter(|&seconds| seconds > length_s) {
            return Err(RecordError::LongFade { song: name(songs, index), seconds, length_s });
        }
    }
    anchor_song(songs, &wishes.anchor).map(|_| ())
}

/// How messages call a song.
pub(super) fn name(songs: &[RecordSong<'_>], index: usize) -> String {
    format!("song {} {:?}", index + 1, songs[index].title)
}

/// A song that could not be read again.
pub(super) fn cannot_render(
    songs: &[RecordSong<'_>],
    song: usize,
    source: RenderError,
) -> RecordError {
    RecordError::Render { song: name(songs, song), source }
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
