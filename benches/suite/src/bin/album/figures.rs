//! What a record has to keep, measured.

use std::convert::Infallible;

use acetate_analyzer::Levels;
use acetate_engine::render;
use acetate_optimizer::album::{RecordError, RecordPlan};
use acetate_references::Aim;

use crate::{Figure, LOUDEST_LU, Song, TOPS_LU, append, group_range, planned, rendered};

pub(crate) fn loudest(plan: &RecordPlan, levels: &[Levels], target_lufs: Option<f64>) -> Figure {
    let lufs = levels.iter().filter_map(|levels| levels.integrated_lufs);
    let loudest = lufs.fold(f64::NEG_INFINITY, f64::max);
    let wanted = target_lufs.map_or(loudest, |lufs| lufs - plan.lowered_lu);
    Figure {
        name: "loudest song against target, LU",
        value: (loudest - wanted).abs(),
        limit: LOUDEST_LU,
    }
}

pub(crate) fn tops(plan: &RecordPlan, levels: &[Levels]) -> Figure {
    let missed = |(levels, group): (&Levels, &acetate_optimizer::album::GroupPlan)| {
        let top = levels.top_lufs.or(levels.integrated_lufs).unwrap_or(f64::NEG_INFINITY);
        // A song that cannot follow stays lower, and says so.
        if group.settled.cannot.is_some() { 0.0 } else { (top - group.wanted_top_lufs).abs() }
    };
    let value = levels.iter().zip(&plan.groups).map(missed).fold(0.0, f64::max);
    Figure { name: "tops against the plan, LU", value, limit: TOPS_LU }
}

/// Pairs of songs that changed places in loudness.
pub(crate) fn order(plan: &RecordPlan, levels: &[Levels]) -> Figure {
    let before: Vec<f64> = plan.groups.iter().map(|group| -group.place.before_lu).collect();
    let after: Vec<f64> = levels.iter().map(|levels| levels.top_lufs.unwrap_or(0.0)).collect();
    // Two songs that are equal on purpose may measure a hair apart.
    let swapped = |i: usize, j: usize| before[i] > before[j] && after[i] < after[j] - TOPS_LU;
    let pairs = (0..before.len()).flat_map(|i| (0..before.len()).map(move |j| (i, j)));
    let value = pairs.filter(|&(i, j)| swapped(i, j)).count() as f64;
    Figure { name: "pairs that changed places in loudness", value, limit: 0.0 }
}

/// Frames of the record that are in no file or in two.
pub(crate) fn end_to_end(plan: &RecordPlan, sound: &[Vec<i32>]) -> Figure {
    let mut at = 0;
    let mut wrong = 0;
    for song in 0..plan.songs.len() {
        let file = plan.timeline.file(song);
        wrong += file.start.abs_diff(at);
        at = file.end;
    }
    let value = (wrong + at.abs_diff(sound[0].len() as u64)) as f64;
    Figure { name: "files end to end against the record, frames", value, limit: 0.0 }
}

/// Samples of songs that stand alone which differ from a plain render of their settings.
pub(crate) fn alone(plan: &RecordPlan, sound: &[Vec<i32>]) -> Figure {
    let mut differ = 0;
    for (index, group) in plan.groups.iter().enumerate().filter(|(_, group)| group.songs.len() == 1)
    {
        let mut planes = vec![Vec::new(); group.source.spec().channels];
        render::<Infallible>(&group.source, &group.settings, &mut |block| {
            append(block, &mut planes);
            Ok(())
        })
        .expect("settings that were confirmed");
        let range = group_range(plan, index);
        let part = range.start as usize..range.end as usize;
        for (channel, plane) in sound.iter().enumerate() {
            let own = &planes[channel.min(planes.len() - 1)];
            differ += own.len().abs_diff(part.len());
            differ += plane[part.clone()].iter().zip(own).filter(|(a, b)| a != b).count();
        }
    }
    Figure { name: "songs alone against apply, samples", value: differ as f64, limit: 0.0 }
}

/// Samples of the joined pair that differ from the uncut recording in the same record.
pub(crate) fn uncut(
    plan: &RecordPlan,
    sound: &[Vec<i32>],
    whole: &[Song],
    aim: &dyn Fn(&acetate_analyzer::Analysis) -> Result<Aim, RecordError>,
) -> Figure {
    let name = "joined pair against the uncut, samples";
    let Some(group) = plan.groups.iter().position(|group| group.songs.len() == 2) else {
        return Figure { name, value: f64::INFINITY, limit: 0.0 };
    };
    let other = planned(whole, aim);
    let other_sound = rendered(&other);
    let (range, other_range) = (group_range(plan, group), group_range(&other, group));
    let mut differ = (range.end - range.start).abs_diff(other_range.end - other_range.start);
    for (plane, other) in sound.iter().zip(&other_sound) {
        let (one, other) = (
            &plane[range.start as usize..range.end as usize],
            &other[other_range.start as usize..other_range.end as usize],
        );
        differ += one.iter().zip(other).filter(|(a, b)| a != b).count() as u64;
    }
    Figure { name, value: differ as f64, limit: 0.0 }
}

/// The largest own move, dB.
pub(crate) fn own_moves_within(plan: &RecordPlan) -> Figure {
    let moves = plan.tone.own.iter().flatten();
    let value = moves.map(|own| own.gain_db.abs()).fold(0.0, f64::max);
    Figure { name: "largest move of one song alone, dB", value, limit: 1.5 }
}
