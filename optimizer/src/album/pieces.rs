//! Songs as what is rendered in one run: alone, or with those that they run into.

use std::ops::Range;

use acetate_analyzer::{Measured, analyze, codes};
use acetate_audio::Source;
use acetate_engine::Settings;

use super::edges::Edges;
use super::gaps::GapRule;
use super::groups::{Follows, Heard, edges_of};
use super::levels::MeasuredLevel;
use super::record::{RecordSong, name};
use super::record_error::RecordError;
use super::source::{first_channel, joined};
use crate::rounding;
use crate::top::top_lufs;

/// A group before anything is decided.
pub(super) struct PieceOf {
    pub(super) songs: Range<usize>,
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
    starts.windows(2).map(|range| piece(songs, heard, follows, range[0]..range[1])).collect()
}

fn piece(
    songs: &[RecordSong<'_>],
    heard: &[Heard],
    follows: &[Follows],
    range: Range<usize>,
) -> Result<PieceOf, RecordError> {
    let cannot = |source| RecordError::Render { song: name(songs, range.start), source };
    if range.len() > 1 {
        let (source, cuts) =
            joined(&songs[range.clone()], &heard[range.clone()], &follows[range.clone()])
                .map_err(|error| cannot(error.into()))?;
        let measured = analyze(&source).map_err(|error| cannot(error.into()))?;
        let edges = edges_of(&source).map_err(|error| cannot(error.into()))?;
        let edges = edges.ok_or_else(|| RecordError::Silent { song: name(songs, range.start) })?;
        return Ok(PieceOf { songs: range, source, measured: Some(measured), cuts, edges });
    }
    let (song, edges) = (&songs[range.start], heard[range.start].edges);
    // One channel twice stays so: dither of its own in each would end it.
    if song.measured.analysis.source.dual_mono && song.source.spec().is_stereo() {
        let source = first_channel(song.source);
        let measured = analyze(&source).map_err(|error| cannot(error.into()))?;
        return Ok(PieceOf {
            songs: range,
            source,
            measured: Some(measured),
            cuts: vec![0],
            edges,
        });
    }
    let source = song.source.clone();
    Ok(PieceOf { songs: range, source, measured: None, cuts: vec![0], edges })
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
