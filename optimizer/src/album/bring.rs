//! Every group of a record brought to its place with real renders.

use std::ops::Range;

use acetate_analyzer::Measured;
use acetate_audio::Source;
use acetate_engine::Settings;

use super::levels::{Anchor, MeasuredLevel, Place, album_lufs, anchor_of, lowered_lu};
use super::record::{GroupPlan, RecordSong, cannot_render};
use super::record_error::RecordError;
use super::source::held;
use crate::confirm::settle_within;
use crate::document::Move;
use crate::trial::Settled;
use crate::wanted::Level;

/// Rounds in which a record is moved so that its loudest song measures what is wanted.
const ROUNDS_MAX: usize = 3;
/// The loudest song is this near to the target, LU.
const NEAR_LU: f64 = 0.04;

/// How far a group measures under the loudest recording in it, which is what stands in its place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Below {
    /// Integrated loudness, LU.
    pub integrated_lu: f64,
    /// Top, LU.
    pub top_lu: f64,
}

/// A group on its way to its place.
pub(super) struct Group<'a> {
    pub(super) songs: Range<usize>,
    pub(super) source: &'a Source,
    pub(super) measured: &'a Measured,
    pub(super) settings: Settings,
    pub(super) elsewhere: Vec<Move>,
    pub(super) place: Place,
    pub(super) below: Below,
}

/// Where the record is brought to.
pub(super) struct Goal<'a> {
    pub(super) target_lufs: f64,
    pub(super) anchor: &'a Anchor,
    /// The top of the loudest place, where it is known: songs come to a record that is finished.
    pub(super) top_lufs: Option<f64>,
    pub(super) one_gain: bool,
    pub(super) known: Option<&'a Known>,
    pub(super) max_damage_db: f64,
}

/// A record that was settled before.
#[derive(Clone, Debug)]
pub struct Known {
    /// What was settled for each group.
    pub groups: Vec<Settled>,
    /// Top of the loudest place, LUFS.
    pub loudest_top_lufs: f64,
    /// By how much the record was lowered, LU.
    pub lowered_lu: f64,
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
    if let Some(known) = goal.known.filter(|known| known.groups.len() == groups.len()) {
        let settled = known.groups.iter().cloned();
        return Ok(leveled(groups, settled, known.loudest_top_lufs, known.lowered_lu));
    }
    let settle = |group: &Group<'_>, level: Level| {
        let cannot = |error| cannot_render(songs, group.songs.start, error);
        let held = held(group.source).map_err(|error| cannot(error.into()))?;
        settle_within(&held, group.measured, &group.settings, Some(level), goal.max_damage_db)
            .map_err(cannot)
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
            let below = groups[anchor].below;
            let wanted = Level::Lufs(goal.target_lufs - below.integrated_lu);
            let found = settle(&groups[anchor], wanted)?;
            let top = top_of(&found) + below.top_lu + places[anchor].under_lu;
            settled[anchor] = Some(found);
            top
        }
    };
    let mut lowered = 0.0;
    for round in 0..ROUNDS_MAX {
        let drive_db = settled[anchor].as_ref().map(|found| found.settings.drive_db);
        for (index, group) in groups.iter().enumerate() {
            if settled[index].is_none() {
                let wanted = top_lufs - places[index].under_lu - group.below.top_lu;
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
            .zip(&groups)
            .map(|(found, group)| {
                top_lufs - group.place.under_lu - group.below.top_lu - top_of(found)
            })
            .collect();
        let lower = if goal.one_gain || lowered > 0.0 { 0.0 } else { lowered_lu(&short) };
        // What measures loudest is at the target, whichever it is.
        let missed = match goal.anchor {
            Anchor::Loudest => loudest(&reached, &groups) - (goal.target_lufs - lowered),
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
    let settled = settled.into_iter().map(|found| found.expect("every group was settled"));
    Ok(leveled(groups, settled, top_lufs, lowered))
}

/// Groups that stand in their places.
fn leveled(
    groups: Vec<Group<'_>>,
    settled: impl Iterator<Item = Settled>,
    top_lufs: f64,
    lowered_lu: f64,
) -> Leveled {
    let plan = |(group, settled): (Group<'_>, Settled)| GroupPlan {
        songs: group.songs,
        source: group.source.clone(),
        settings: settled.settings.clone(),
        place: group.place,
        wanted_top_lufs: top_lufs - group.place.under_lu - group.below.top_lu,
        below: group.below,
        settled,
        elsewhere: group.elsewhere,
        frames: 0,
    };
    Leveled { groups: groups.into_iter().zip(settled).map(plan).collect(), top_lufs, lowered_lu }
}

fn shifted(songs: &[(f64, f64)], by: f64) -> Vec<(f64, f64)> {
    songs.iter().map(|(lufs, duration_s)| (lufs + by, *duration_s)).collect()
}

fn top_of(settled: &Settled) -> f64 {
    settled.levels.top_lufs.or(settled.levels.integrated_lufs).unwrap_or(f64::NEG_INFINITY)
}

fn loudest(settled: &[&Settled], groups: &[Group<'_>]) -> f64 {
    let lufs = settled.iter().zip(groups).filter_map(|(found, group)| {
        Some(found.levels.integrated_lufs? + group.below.integrated_lu)
    });
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
    let cannot = |error| cannot_render(songs, group.songs.start, error);
    let held = held(group.source).map_err(|error| cannot(error.into()))?;
    settle_within(&held, group.measured, &settings, None, f64::INFINITY).map_err(cannot)
}
