//! What an equaliser is wanted to do.

use acetate_audio::units::{db_to_power, power_to_db};

/// A wanted change of level, third octave by third octave.
///
/// The level of a third octave after the equaliser is the energy-weighted mean of the response over its points, so a
/// narrow band counts for what it does to the sound that is there, not for what it does at the centre.
#[derive(Clone, Debug)]
pub(crate) struct Goal {
    /// Wanted change per third octave, in dB.
    pub(crate) wanted_db: Vec<f64>,
    /// How much each counts; zero where there is nothing to follow.
    pub(crate) weight: Vec<f64>,
    /// Where within each third octave there is how much of its energy.
    pub(crate) cells: Cells,
    /// A change of level that costs nothing, because the drive sets the level anyway. `None` finds the best one.
    pub(crate) offset_db: Option<f64>,
}

/// The points of all third octaves, one after another.
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

impl Goal {
    /// A goal with one wanted change and weight for each third octave of `cells`.
    pub(crate) fn new(cells: Cells, wanted_db: Vec<f64>, weight: Vec<f64>) -> Self {
        assert_eq!(cells.count(), wanted_db.len());
        assert_eq!(cells.count(), weight.len());
        Self { wanted_db, weight, cells, offset_db: None }
    }

    /// The same goal with a part of the wish.
    pub(crate) fn scaled(&self, share: f64) -> Self {
        Self {
            wanted_db: self.wanted_db.iter().map(|db| share * db).collect(),
            offset_db: self.offset_db.map(|db| share * db),
            ..self.clone()
        }
    }

    /// Number of third octaves.
    pub(crate) fn count(&self) -> usize {
        self.wanted_db.len()
    }

    /// Weighted root mean square of `errors_db`.
    pub(crate) fn rms_db(&self, errors_db: &[f64]) -> f64 {
        let total: f64 = self.weight.iter().sum();
        if total == 0.0 {
            return 0.0;
        }
        let square: f64 =
            errors_db.iter().zip(&self.weight).map(|(error, weight)| weight * error * error).sum();
        (square / total).sqrt()
    }
}
