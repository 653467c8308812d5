//! Where in the third octaves there is how much sound.

use acetate_audio::units::{db_to_power, power_to_db};

/// The points of all third octaves, one after another.
///
/// The level of a third octave after the equaliser is the energy-weighted mean of the response over its points, so a narrow band counts
/// for what it does to the sound that is there, not for what it does at the centre.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cells {
    /// Frequency of each point.
    pub(crate) hz: Vec<f64>,
    /// Share of each point in the energy of its third octave.
    pub(crate) share: Vec<f64>,
    /// Where the points of each third octave end.
    pub(crate) end: Vec<usize>,
}

impl Cells {
    /// Three points of equal share in each third octave.
    #[cfg(test)]
    pub(crate) fn even(centres_hz: &[f64]) -> Self {
        let mut cells = Self::default();
        for &centre in centres_hz {
            cells.push([-1.0, 0.0, 1.0].map(|step| (centre * libm::exp10(step / 30.0), 1.0)));
        }
        cells
    }

    /// Adds a third octave with points of these energies; evenly shared when there is none.
    pub(crate) fn push(&mut self, points: impl IntoIterator<Item = (f64, f64)>) {
        let start = self.hz.len();
        for (hz, energy) in points {
            self.hz.push(hz);
            self.share.push(energy);
        }
        let sum: f64 = self.share[start..].iter().sum();
        let count = (self.share.len() - start) as f64;
        for share in &mut self.share[start..] {
            *share = if sum > 0.0 { *share / sum } else { 1.0 / count };
        }
        self.end.push(self.hz.len());
    }

    /// Number of third octaves.
    pub(crate) fn count(&self) -> usize {
        self.end.len()
    }

    /// The points of third octave `cell`.
    pub(crate) fn points(&self, cell: usize) -> std::ops::Range<usize> {
        let start = if cell == 0 { 0 } else { self.end[cell - 1] };
        start..self.end[cell]
    }

    /// Change of level of each third octave, in dB, when the points change by `response_db`.
    pub(crate) fn levels_db(&self, response_db: &[f64]) -> Vec<f64> {
        (0..self.count())
            .map(|cell| {
                let power: f64 = self
                    .points(cell)
                    .map(|point| self.share[point] * db_to_power(response_db[point]))
                    .sum();
                power_to_db(power)
            })
            .collect()
    }
}
