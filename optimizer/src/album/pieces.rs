//! Songs as what is rendered in one run: alone, or with those that they run into.

use std::ops::Range;

use acetate_analyzer::{Measured, analyze, codes};
use acetate_audio::Source;
use acetate_engine::Settings;

use super::edges::Edges;
use super::gaps::GapRule;
use super::groups::{Follows, Heard, edges_of};
use super::levels::MeasuredLevel;
use super::record::{RecordSong, cannot_render, name};
use super::record_error::RecordError;
use super::source::{Crossing, Own, crossfaded, first_channel, joined};
use crate::rounding;
use crate::top::top_lufs;

/// A group, or a recording of one, before anything is decided.
pub(super) struct PieceOf {
    pub(super) songs: Range<usize>,
    /// The recordings that fade into each other in it, by their places among all.
    pub(super) recordings: Range<usize>,
    pub(super) source: Source,
    /// Of the group as a whole, where it is more than a song, or a song that is one channel twice.
    pub(super) measured: Option<Measured>,
    /// Where its songs begin, frames of the source.
    pub(super) cuts: Vec<u64>,
    /// Where it begins and ends to the ear.
    pub(super) edges: Edges,
}

/// Songs of a record may be so much denser than its middle and be compressed like the others, dB; twice that is compressed no more.
const DENSER_DB: f64 = 3.0;

/// How much of the record's compression a song gets that is so much denser than the middle of the record.
fn compression_share(denser_db: f64) -> f64 {
    (2.0 - denser_db / DENSER_DB).clamp(0.0, 1.0)
}

pub(super) fn pieces(
    songs: &[RecordSong<'_>],
    heard: &[Heard],
    follows: &[Follows],
) -> Result<Vec<PieceOf>, RecordError> {
    let mut starts: Vec<usize> =
        (0..songs.len()).filter(|&song| !follows[song].runs_on()).collect();
    starts.push(songs.len());
    let pieces = starts.windows(2).enumerate();
    pieces.map(|(at, range)| piece(songs, heard, follows, range[0]..range[1], at)).collect()
}

fn piece(
    songs: &[RecordSong<'_>],
    heard: &[Heard],
    follows: &[Follows],
    range: Range<usize>,
    at: usize,
) -> Result<PieceOf, RecordError> {
    let cannot = |source| cannot_render(songs, range.start, source);
    let recordings = at..at + 1;
    if range.len() > 1 {
        let (source, cuts) =
            joined(&songs[range.clone()], &heard[range.clone()], &follows[range.clone()])
                .map_err(|error| cannot(error.into()))?;
        let measured = analyze(&source).map_err(|error| cannot(error.into()))?;
        let edges = edges_of(&source).map_err(|error| cannot(error.into()))?;
        let edges = edges.ok_or_else(|| RecordError::Silent { song: name(songs, range.start) })?;
        let measured = Some(measured);
        return Ok(PieceOf { songs: range, recordings, source, measured, cuts, edges });
    }
    let (song, edges) = (&songs[range.start], heard[range.start].edges);
    // One channel twice stays so: dither of its own in each would end it.
    if song.measured.analysis.source.dual_mono && song.source.spec().is_stereo() {
        let source = first_channel(song.source);
        let measured = analyze(&source).map_err(|error| cannot(error.into()))?;
        return Ok(PieceOf {
            songs: range,
            recordings,
            source,
            measured: Some(measured),
            cuts: vec![0],
            edges,
        });
    }
    let source = song.source.clone();
    Ok(PieceOf { songs: range, recordings, source, measured: None, cuts: vec![0], edges })
}

/// Every recording by itself: songs that were cut from one are one; what fades into another is one of its own.
pub(super) fn recordings(
    songs: &[RecordSong<'_>],
    heard: &[Heard],
    follows: &[Follows],
) -> Result<Vec<PieceOf>, RecordError> {
    let alone = |follows: &Follows| match follows {
        Follows::Crossfade(_) => Follows::Silence,
        other => other.clone(),
    };
    pieces(songs, heard, &follows.iter().map(alone).collect::<Vec<_>>())
}

/// Recordings that fade into each other as one piece, each brought to its own level and tone before; the others as they are.
pub(super) fn crossed(
    songs: &[RecordSong<'_>],
    follows: &[Follows],
    recordings: Vec<PieceOf>,
    own: &[Own],
) -> Result<Vec<PieceOf>, RecordError> {
    let mut groups: Vec<Vec<PieceOf>> = Vec::new();
    for recording in recordings {
        match (&follows[recording.songs.start], groups.last_mut()) {
            (Follows::Crossfade(_), Some(group)) => group.push(recording),
            _ => groups.push(vec![recording]),
        }
    }
    groups.into_iter().map(|group| piece_of(songs, follows, group, own)).collect()
}

fn piece_of(
    songs: &[RecordSong<'_>],
    follows: &[Follows],
    mut group: Vec<PieceOf>,
    own: &[Own],
) -> Result<PieceOf, RecordError> {
    let (first, last) = (&group[0], &group[group.len() - 1]);
    let range = first.songs.start..last.songs.end;
    let recordings = first.recordings.start..last.recordings.end;
    if group.len() == 1 {
        return Ok(group.remove(0));
    }
    let cannot = |source| cannot_render(songs, range.start, source);
    let crossing = |recording| of_piece(songs, follows, own, recording);
    let list: Vec<Crossing<'_>> = group.iter().map(crossing).collect();
    let (source, cuts) = crossfaded(&list).map_err(|error| cannot(error.into()))?;
    let measured = analyze(&source).map_err(|error| cannot(error.into()))?;
    let edges = edges_of(&source).map_err(|error| cannot(error.into()))?;
    let edges = edges.ok_or_else(|| RecordError::Silent { song: name(songs, range.start) })?;
    Ok(PieceOf { songs: range, recordings, source, measured: Some(measured), cuts, edges })
}

fn of_piece<'a>(
    songs: &[RecordSong<'_>],
    follows: &[Follows],
    own: &'a [Own],
    recording: &'a PieceOf,
) -> Crossing<'a> {
    Crossing {
        // One channel twice has to lie over what has two.
        source: match recording.songs.len() {
            1 => songs[recording.songs.start].source.clone(),
            _ => recording.source.clone(),
        },
        edges: recording.edges,
        own: &own[recording.recordings.start],
        seconds: match follows[recording.songs.start] {
            Follows::Crossfade(seconds) => seconds,
            _ => 0.0,
        },
        cuts: &recording.cuts,
    }
}

impl PieceOf {
    pub(super) fn measured<'a>(&'a self, songs: &'a [RecordSong<'_>]) -> &'a Measured {
        self.measured.as_ref().unwrap_or(songs[self.songs.start].measured)
    }

    pub(super) fn level(&self, songs: &[RecordSong<'_>]) -> Result<MeasuredLevel, RecordError> {
        let measured = self.measured(songs);
        let loudness = &measured.analysis.loudness;
        let silent = || RecordError::Silent { song: name(songs, self.songs.start) };
        let integrated_lufs = loudness.integrated_lufs.ok_or_else(silent)?;
        let asked = songs[self.songs.clone()].iter().filter_map(|song| song.entry.level_lu);
        Ok(MeasuredLevel {
            top_lufs: top_lufs(&measured.series).unwrap_or(integrated_lufs),
            integrated_lufs,
            true_peak_dbtp: loudness.true_peak_dbtp.unwrap_or(0.0),
            duration_s: measured.analysis.format.duration_s,
            level_lu: asked.reduce(f64::max),
        })
    }

    /// Peaks over loudness, dB: how dense a mix is already.
    pub(super) fn plr_db(&self, songs: &[RecordSong<'_>]) -> Option<f64> {
        self.measured(songs).analysis.loudness.plr_db
    }

    /// Makes the settings of the record's middle those of this group: thresholds at its level, less compression where it is far denser
    /// than the others, and its edges.
    pub(super) fn adapt(
        &self,
        settings: &mut Settings,
        songs: &[RecordSong<'_>],
        louder_db: f64,
        denser_db: f64,
        gaps: GapRule,
    ) {
        let share = compression_share(denser_db);
        for band in &mut settings.compressor.bands {
            band.threshold_db = rounding::to_step(band.threshold_db + louder_db, 0.1);
            band.mix_pct = rounding::to_step(band.mix_pct * share, 1.0);
        }
        let findings = &self.measured(songs).analysis.findings;
        settings.input.remove_dc = findings.iter().any(|finding| finding.code == codes::DC_OFFSET);
        let trimmed = match gaps {
            GapRule::Keep => self.edges.untouched(),
            _ => self.edges.trimmed(songs[self.songs.end - 1].entry.fade_out_s),
        };
        settings.input.trim_start_s = rounding::to_step(trimmed.start_s, 0.001);
        settings.input.trim_end_s = rounding::to_step(trimmed.end_s, 0.001);
        settings.fades.in_ms = trimmed.fade_in_ms;
        settings.fades.out_ms = libm::round(trimmed.fade_out_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::compression_share;

    #[test]
    fn only_outliers_are_compressed_less_and_nobody_more() {
        assert_eq!([-9.0, 0.0, 3.0].map(compression_share), [1.0; 3]);
        assert_eq!([4.5, 6.0, 9.0].map(compression_share), [0.5, 0.0, 0.0]);
    }
}
