//! From groups that stand in their places to songs with their pauses, and to the time line.

use acetate_audio::Source;
use acetate_engine::{Settings, resampled_frames};

use super::gaps::plan_gap;
use super::groups::Follows;
use super::pieces::PieceOf;
use super::record::{GroupPlan, RecordPlan, RecordSong, RecordWishes, SongPlan, name};
use super::record_error::RecordError;
use super::recorded::Recorded;
use super::source::Own;
use super::timeline::Piece;

/// Frames that a render of these settings gives.
pub(super) fn rendered_frames(source: &Source, settings: &Settings, rate: u32) -> u64 {
    let own = source.spec().sample_rate_hz;
    let cut = |seconds: f64| libm::round(seconds * f64::from(own)) as u64;
    let input = &settings.input;
    let kept = source.frames().saturating_sub(cut(input.trim_start_s) + cut(input.trim_end_s));
    resampled_frames(kept, own, rate)
}

pub(super) fn song_plans(
    recorded: &Recorded<'_>,
    own: &[Own],
    pieces: &[PieceOf],
    groups: &[GroupPlan],
    wishes: &RecordWishes,
) -> Vec<SongPlan> {
    let (songs, follows) = (recorded.songs, recorded.follows);
    let gain_db = |group: usize| {
        let before = pieces[group].measured(songs).analysis.loudness.integrated_lufs;
        let after = groups[group].settled.levels.integrated_lufs;
        after.zip(before).map_or(0.0, |(after, before)| after - before)
    };
    let mut plans = Vec::new();
    for (group, piece) in pieces.iter().enumerate() {
        let mut recording = piece.recordings.start;
        for song in piece.songs.clone() {
            if song > piece.songs.start && matches!(follows[song], Follows::Crossfade(_)) {
                recording += 1;
            }
            let first = song == piece.songs.start && group > 0;
            let gap = first.then(|| {
                let (before, after) = (&pieces[group - 1].edges, &piece.edges);
                let jump_lu = after.start_db + gain_db(group) - before.end_db - gain_db(group - 1);
                plan_gap(wishes.gaps, songs[song].entry.gap_s, before, after, jump_lu)
            });
            let index_s = songs[song].entry.index_s.clone();
            plans.push(SongPlan {
                group,
                recording,
                place: recorded.places[recording],
                own: own[recording].clone(),
                follows: follows[song].clone(),
                gap,
                index_s,
            });
        }
    }
    plans
}

pub(super) fn timeline_pieces(plan: &RecordPlan, pieces: &[PieceOf], rate: u32) -> Vec<Piece> {
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

pub(super) fn check_indexes(
    songs: &[RecordSong<'_>],
    plan: &RecordPlan,
) -> Result<(), RecordError> {
    for (index, song) in plan.songs.iter().enumerate() {
        let file = plan.timeline.file(index);
        let end_s = (file.end - file.start) as f64 / f64::from(plan.timeline.sample_rate_hz);
        if let Some(&seconds) = song.index_s.iter().find(|&&seconds| seconds >= end_s) {
            return Err(RecordError::IndexBeyond { song: name(songs, index), seconds, end_s });
        }
    }
    Ok(())
}
