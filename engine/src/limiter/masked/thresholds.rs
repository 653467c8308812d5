//! The masking thresholds that pieces look at, each computed once.

use acetate_audio::threads;

use super::mask::MaskModel;
use super::tape::Tape;

/// Thresholds that are worth a thread.
const PLACES_TOGETHER: usize = 64;

/// A segment of a channel: its level, and how many segments of that level come before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) channel: usize,
    pub(super) index: i64,
}

/// Thresholds of one level by channel and segment, sorted.
#[derive(Default)]
pub(super) struct Thresholds {
    places: Vec<Place>,
    /// The threshold of each band, then the perceptual entropy.
    rows: Vec<f32>,
    bands: usize,
}

impl Thresholds {
    /// The thresholds at some places, given in any order and any number of times, for segments whose first one begins `offset`
    /// samples before the sound.
    pub(super) fn new(mut places: Vec<Place>, model: &MaskModel, offset: i64, tape: &Tape) -> Self {
        places.sort_unstable();
        places.dedup();
        let bands = model.bands();
        let length = model.length();
        let mut rows = vec![0.0; places.len() * (bands + 1)];
        threads::for_each_piece(
            &mut rows,
            bands + 1,
            PLACES_TOGETHER,
            || model.scratch(),
            |scratch, index, row| {
                let place = places[index];
                let start = place.index * length as i64 - offset - length as i64 / 2;
                let start = tape.sample_index(start);
                let signal = &tape.planes[place.channel][start..start + 2 * length];
                row[bands] = model.threshold(signal, &mut row[..bands], scratch);
            },
        );
        Self { places, rows, bands }
    }

    fn row(&self, channel: usize, index: i64) -> &[f32] {
        let place = Place { channel, index };
        let row = self.places.binary_search(&place).expect("the segment was asked for");
        &self.rows[row * (self.bands + 1)..(row + 1) * (self.bands + 1)]
    }

    /// The threshold of a segment by band.
    pub(super) fn get(&self, channel: usize, index: i64) -> &[f32] {
        &self.row(channel, index)[..self.bands]
    }

    /// The perceptual entropy of a segment, nepers.
    pub(super) fn entropy(&self, channel: usize, index: i64) -> f32 {
        self.row(channel, index)[self.bands]
    }
}
