//! Every group of a record brought to its place with real renders.

use std::ops::Range;

use acetate_analyzer::Measured;
use acetate_audio::Source;
use acetate_engine::Settings;

use super::levels::{Anchor, MeasuredLevel, Place, album_lufs, anchor_of, lowered_lu};
use super::record::{GroupPlan, RecordSong, name};
use super::record_error::RecordError;
use super::source::held;
use crate::confirm::settle_within;
use crate::trial::Settled;
use crate::wanted::Level;

/// Rounds in which a record is moved so that its loudest song measures what is wanted.
const ROUNDS_MAX: usize = 3;
/// The loudest song is this near to the target, LU.
const NEAR_LU: f64 = 0.04;

/// A group on its way to its place.
pub(super) struct Group<'a> {
    pub(super) songs: Range<usize>,
    pub(super) source: &'a Source,
    pub(super) measured: &'a Measured,
    pub(super) settings: Settings,
    pub(super) place: Place,
}

/// Where the record is brought to.
pub(super) struct Goal<'a> {
    pub(super) target_lufs: f64,
    pub(super) anchor: &'a Anchor,
    /// The top of the loudest place, where it is known: songs come to a record that is finished.
    pub(super) top_lufs: Option<f64>,
    pub(super) one_gain: bool,
    pub(super) max_damage_db: f64,
}

pub(super) struct Leveled {
    pub(super) groups: Vec<GroupPlan>,
    pub(super) top_lufs: f64,
    pub(super) lowered_lu: f64,
}

pub(super) fn bring(
    groups: Vec<Group<'_>>,
    levels: &[MeasuredLevel],
    goal: &Goal<'_>,
    anchor_group: Option<usize>,
    songs: &[RecordSong<'_>],
    progress: &mut dyn FnMut(f64),
) -> Result<Leveled, RecordError> {
    let settle = |group: &Group<'_>, level: Level| {
        let held = held(group.source).map_err(|error| RecordError::Render {
            song: name(songs, group.songs.start),
            source: error.into(),
        })?;
        settle_within(&held, group.measured, &group.settings, Some(level), goal.max_damage_db)
            .map_err(|source| RecordError::Render { song: name(songs, group.songs.start), source })
    };
    let places: Vec<Place> = groups.iter().map(|group| group.place).collect();
    let anchor = anchor_group.unwrap_or_else(|| anchor_of(levels, &places));
    let mut settled: Vec<Option<Settled>> = groups.iter().map(|_| None).collect();
    let mut top_lufs = match (goal.top_lufs, goal.anchor) {
        (Some(top_lufs), _) => top_lufs,
        (None, Anchor::Album) => {
            // With every top in its place, the record's loudness moves with the loudest top.
            let songs: Vec<(f64, f64)> = levels
                .iter()
                .zip(&places)
                .map(|(level, place)| {
                    (level.integrated_lufs - level.top_lufs - place.under_lu, level.duration_s)
                })
                .collect();
            goal.target_lufs - album_lufs(&shifted(&songs, -20.0)).map_or(0.0, |lufs| lufs + 20.0)
        }
        (None, _) => {
            let found = settle(&groups[anchor], Level::Lufs(goal.target_lufs))?;
            let top = top_of(&found) + places[anchor].under_lu;
            settled[anchor] = Some(found);
            top
        }
    };
    let mut lowered = 0.0;
    for round in 0..ROUNDS_MAX {
        let drive_db = settled[anchor].as_ref().map(|found| found.settings.drive_db);
        for (index, group) in groups.iter().enumerate() {
            if settled[index].is_none() {
                let wanted = top_lufs - places[index].under_lu;
                settled[index] = Some(match drive_db.filter(|_| goal.one_gain) {
                    Some(drive_db) => at_drive(group, drive_db, songs)?,
                    None => settle(group, Level::TopLufs(wanted))?,
                });
            }
            let share =
                (round * groups.len() + index + 1) as f64 / (ROUNDS_MAX * groups.len()) as f64;
            progress(0.2 + 0.8 * share);
        }
        let reached: Vec<&Settled> = settled.iter().flatten().collect();
        let short: Vec<f64> = reached
            .iter()
            .zip(&places)
            .map(|(found, place)| top_lufs - place.under_lu - top_of(found))
            .collect();
        let lower = if goal.one_gain || lowered > 0.0 { 0.0 } else { lowered_lu(&short) };
        // What measures loudest is at the target, whichever it is.
        let missed = match goal.anchor {
            Anchor::Loudest => loudest(&reached) - (goal.target_lufs - lowered),
            Anchor::Album => whole(&reached, levels) - (goal.target_lufs - lowered),
            Anchor::Song(_) => 0.0,
        };
        let over = if missed.abs() > NEAR_LU && !goal.one_gain { missed } else { 0.0 };
        // A record that falls short as a whole is not driven on.
        let over = if over < 0.0 && reached.iter().any(|found| found.cannot.is_some()) {
            0.0
        } else {
            over
        };
        if (lower == 0.0 && over == 0.0) || goal.top_lufs.is_some() {
            break;
        }
        lowered += lower;
        top_lufs -= if lower > 0.0 { lower } else { over };
        if round + 1 < ROUNDS_MAX {
            settled.iter_mut().for_each(|found| *found = None);
        }
    }
    let groups = groups
        .into_iter()
        .zip(settled)
        .map(|(group, settled)| {
            let settled = settled.expect("every group was settled");
            GroupPlan {
                songs: group.songs,
                source: group.source.clone(),
                settings: settled.settings.clone(),
                place: group.place,
                wanted_top_lufs: top_lufs - group.place.under_lu,
                settled,
                frames: 0,
            }
        })
        .collect();
    Ok(Leveled { groups, top_lufs, lowered_lu: lowered })
}

fn shifted(songs: &[(f64, f64)], by: f64) -> Vec<(f64, f64)> {
    songs.iter().map(|(lufs, duration_s)| (lufs + by, *duration_s)).collect()
}

fn top_of(settled: &Settled) -> f64 {
    settled.levels.top_lufs.or(settled.levels.integrated_lufs).unwrap_or(f64::NEG_INFINITY)
}

fn loudest(settled: &[&Settled]) -> f64 {
    let lufs = settled.iter().filter_map(|found| found.levels.integrated_lufs);
    lufs.fold(f64::NEG_INFINITY, f64::max)
}

fn whole(settled: &[&Settled], levels: &[MeasuredLevel]) -> f64 {
    let songs = settled.iter().zip(levels);
    let songs: Vec<(f64, f64)> = songs
        .filter_map(|(found, level)| Some((found.levels.integrated_lufs?, level.duration_s)))
        .collect();
    album_lufs(&songs).unwrap_or(f64::NEG_INFINITY)
}

/// One render at a given drive: for a record whose songs keep one gain.
fn at_drive(
    group: &Group<'_>,
    drive_db: f64,
    songs: &[RecordSong<'_>],
) -> Result<Settled, RecordError> {
    let settings = Settings { drive_db, ..group.settings.clone() };
    let song = || name(songs, group.songs.start);
    let held = held(group.source)
        .map_err(|error| RecordError::Render { song: song(), source: error.into() })?;
    settle_within(&held, group.measured, &settings, None, f64::INFINITY)
        .map_err(|source| RecordError::Render { song: name(songs, group.songs.start), source })
}
