//! Recordings with their levels, places and tone, and how they become groups.
//!
//! Two recordings that fade into each other are two: each has its place among the songs of the record, and its own tone. They are brought
//! there before they overlap; what comes after them, from the equaliser that all songs share to the dither, hears them as one.

use std::ops::Range;

use acetate_engine::settings::EqualizerBand;

use super::bring::Below;
use super::groups::Follows;
use super::levels::{MeasuredLevel, Place};
use super::pieces::{PieceOf, crossed};
use super::record::{RecordSong, name};
use super::record_error::RecordError;
use super::source::{Own, levels_after};
use super::tone::{TonePlan, own_bands};
use crate::rounding;

/// Every recording, in the same order everywhere.
pub(super) struct Recorded<'a> {
    pub(super) songs: &'a [RecordSong<'a>],
    pub(super) follows: &'a [Follows],
    pub(super) levels: Vec<MeasuredLevel>,
    pub(super) places: Vec<Place>,
    pub(super) tone: &'a TonePlan,
}

impl Recorded<'_> {
    /// The pieces that recordings are rendered in, and what each gets alone before it fades into another. Levels of those that do are as
    /// they are after their filters from then on.
    pub(super) fn together(
        &mut self,
        recordings: Vec<PieceOf>,
    ) -> Result<(Vec<Own>, Vec<PieceOf>), RecordError> {
        let mut own = vec![Own::default(); recordings.len()];
        for together in self.crossed(&recordings) {
            for at in together.clone() {
                own[at].bands = own_bands(&self.tone.own[at]);
                self.filter(at, &recordings[at], &own[at].bands)?;
            }
            // The loudest of them keeps its gain.
            let loudest = self.loudest(together.clone());
            for at in together {
                let before_lu = self.levels[loudest].top_lufs - self.levels[at].top_lufs;
                let under_lu = self.places[at].under_lu - self.places[loudest].under_lu;
                own[at].gain_db = rounding::to_step(before_lu - under_lu, 0.01);
            }
        }
        let pieces = crossed(self.songs, self.follows, recordings, &own)?;
        Ok((own, pieces))
    }

    /// Recordings that fade into each other: more than one each.
    fn crossed(&self, recordings: &[PieceOf]) -> Vec<Range<usize>> {
        let fades =
            |at: usize| matches!(self.follows[recordings[at].songs.start], Follows::Crossfade(_));
        let mut starts: Vec<usize> = (0..recordings.len()).filter(|&at| !fades(at)).collect();
        starts.push(recordings.len());
        let ranges = starts.windows(2).map(|pair| pair[0]..pair[1]);
        ranges.filter(|range| range.len() > 1).collect()
    }

    fn filter(
        &mut self,
        at: usize,
        recording: &PieceOf,
        bands: &[EqualizerBand],
    ) -> Result<(), RecordError> {
        if bands.is_empty() {
            return Ok(());
        }
        let song = || name(self.songs, recording.songs.start);
        let after = levels_after(&recording.source, bands)
            .map_err(|error| RecordError::Render { song: song(), source: error.into() })?;
        let level = &mut self.levels[at];
        level.top_lufs = after.top_lufs.unwrap_or(level.top_lufs);
        level.integrated_lufs = after.integrated_lufs.unwrap_or(level.integrated_lufs);
        Ok(())
    }

    fn loudest(&self, recordings: Range<usize>) -> usize {
        let under = |at: &usize| self.places[*at].under_lu;
        recordings.min_by(|a, b| under(a).total_cmp(&under(b))).expect("a piece has a recording")
    }

    /// The place of a piece: that of its loudest recording.
    pub(super) fn place_of(&self, piece: &PieceOf) -> Place {
        self.places[self.loudest(piece.recordings.clone())]
    }

    /// How far pieces measure under the loudest recording in them, as it was brought to its place: nothing for one that stands alone.
    pub(super) fn below(&self, piece: &PieceOf, level: &MeasuredLevel) -> Below {
        if piece.recordings.len() == 1 {
            return Below::default();
        }
        let loudest = &self.levels[self.loudest(piece.recordings.clone())];
        Below {
            integrated_lu: loudest.integrated_lufs - level.integrated_lufs,
            top_lu: loudest.top_lufs - level.top_lufs,
        }
    }

    /// The levels of pieces.
    pub(super) fn levels_of(&self, pieces: &[PieceOf]) -> Result<Vec<MeasuredLevel>, RecordError> {
        let level = |piece: &PieceOf| match piece.recordings.len() {
            1 => Ok(self.levels[piece.recordings.start]),
            _ => piece.level(self.songs),
        };
        pieces.iter().map(level).collect()
    }
}
