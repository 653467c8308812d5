//! Bands as the solver sees them: unbounded parameters in, third-octave levels out.

use acetate_audio::units::{db_to_amplitude, db_to_power};
use argmin::core::{Error, Jacobian, Operator};

use super::goal::Goal;
use crate::solver::Matrix;

/// What a band looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Bell,
    LowShelf,
    HighShelf,
    /// Turns the whole around its frequency: half of its gain below and half above. It has no Q.
    Tilt,
}

/// One band, before it has a channel and a name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Band {
    pub(crate) shape: Shape,
    pub(crate) freq_hz: f64,
    pub(crate) gain_db: f64,
    pub(crate) q: f64,
}

impl Band {
    /// Level change at `hz`, in dB: the analogue prototype that the engine's sections are matched to.
    pub(crate) fn response_db(&self, hz: f64) -> f64 {
        let w2 = (hz / self.freq_hz) * (hz / self.freq_hz);
        let per_q2 = w2 / (self.q * self.q);
        match self.shape {
            Shape::Bell => {
                let gain = db_to_amplitude(self.gain_db);
                let apart = (1.0 - w2) * (1.0 - w2);
                10.0 * libm::log10((apart + gain * per_q2) / (apart + per_q2 / gain))
            }
            Shape::LowShelf => self.gain_db / 2.0 + Self::shelf_db(self.gain_db, 1.0 / w2, self.q),
            Shape::HighShelf => self.gain_db / 2.0 + Self::shelf_db(self.gain_db, w2, self.q),
            Shape::Tilt => {
                let a = db_to_amplitude(self.gain_db);
                10.0 * libm::log10((1.0 + a * w2) / (a + w2))
            }
        }
    }

    /// A high shelf around its middle level; a low shelf is the same in 1/frequency.
    fn shelf_db(gain_db: f64, w2: f64, q: f64) -> f64 {
        let a = db_to_amplitude(gain_db / 2.0);
        let slope = a * w2 / (q * q);
        let above = (1.0 - a * w2) * (1.0 - a * w2) + slope;
        let below = (a - w2) * (a - w2) + slope;
        10.0 * libm::log10(above / below)
    }
}

/// Largest and smallest value of each parameter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) freq_hz: (f64, f64),
    pub(crate) gain_db_max: f64,
    pub(crate) q: (f64, f64),
}

impl Limits {
    /// The unbounded parameters of `band`: logistic in ln f and ln Q, tanh in gain.
    pub(crate) fn to_free(self, band: &Band) -> [f64; 3] {
        [
            logit(share(band.freq_hz, self.freq_hz)),
            libm::atanh((band.gain_db / self.gain_db_max).clamp(-0.98, 0.98)),
            logit(share(band.q, self.q)),
        ]
    }

    pub(crate) fn to_band(self, shape: Shape, free: &[f64]) -> Band {
        Band {
            shape,
            freq_hz: within(logistic(free[0]), self.freq_hz),
            gain_db: self.gain_db_max * libm::tanh(free[1]),
            q: within(logistic(free[2]), self.q),
        }
    }
}

impl Limits {
    /// By how much ln frequency, gain in dB and ln Q change with the free parameters.
    pub(crate) fn slopes(self, free: &[f64]) -> [f64; 3] {
        let logistic_slope = |free: f64, ends: (f64, f64)| {
            let share = logistic(free);
            share * (1.0 - share) * libm::log(ends.1 / ends.0)
        };
        let gain = libm::tanh(free[1]);
        [
            logistic_slope(free[0], self.freq_hz),
            self.gain_db_max * (1.0 - gain * gain),
            logistic_slope(free[2], self.q),
        ]
    }
}

/// Where `value` lies between the ends, in logarithms.
fn share(value: f64, ends: (f64, f64)) -> f64 {
    libm::log(value / ends.0) / libm::log(ends.1 / ends.0)
}

fn within(share: f64, ends: (f64, f64)) -> f64 {
    ends.0 * libm::exp(share * libm::log(ends.1 / ends.0))
}

fn logistic(free: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-free))
}

fn logit(share: f64) -> f64 {
    let inside = share.clamp(0.01, 0.99);
    libm::log(inside / (1.0 - inside))
}

/// The price of moving at all, so that two bands never fight over the same decibels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Price {
    /// Error in dB that one dB of gain may cost, squared.
    pub(crate) gain: f64,
    /// The same for a factor e in Q away from [`Price::q_usual`].
    pub(crate) q: f64,
    pub(crate) q_usual: f64,
}

/// The least-squares problem: bands against a goal.
pub(crate) struct BandProblem<'a> {
    pub(crate) goal: &'a Goal,
    pub(crate) shapes: Vec<Shape>,
    pub(crate) limits: Limits,
    pub(crate) price: Price,
}

/// Step of the forward differences, in the free parameters.
const DIFFERENCE: f64 = 1e-5;

impl BandProblem<'_> {
    pub(crate) fn start(&self, bands: &[Band], offset_db: f64) -> Vec<f64> {
        let mut free: Vec<f64> = bands.iter().flat_map(|band| self.limits.to_free(band)).collect();
        if self.goal.offset_db.is_none() {
            free.push(offset_db / OFFSET_SCALE_DB);
        }
        free
    }

    pub(crate) fn bands(&self, free: &[f64]) -> Vec<Band> {
        self.shapes
            .iter()
            .zip(free.chunks_exact(3))
            .map(|(&shape, three)| self.limits.to_band(shape, three))
            .collect()
    }

    pub(crate) fn offset_db(&self, free: &[f64]) -> f64 {
        self.goal.offset_db.unwrap_or_else(|| free[free.len() - 1] * OFFSET_SCALE_DB)
    }

    fn responses(&self, bands: &[Band]) -> Vec<Vec<f64>> {
        bands
            .iter()
            .map(|band| self.goal.cells.hz.iter().map(|&hz| band.response_db(hz)).collect())
            .collect()
    }

    fn rows(&self) -> usize {
        self.goal.count() + 2 * self.shapes.len()
    }
}

/// One unit of the free offset parameter, so that a step of it is like a step of the others.
const OFFSET_SCALE_DB: f64 = 10.0;

pub(crate) fn total_response(responses: &[Vec<f64>], points: usize) -> Vec<f64> {
    let mut total = vec![0.0; points];
    for response in responses {
        total.iter_mut().zip(response).for_each(|(sum, db)| *sum += db);
    }
    total
}

impl Operator for BandProblem<'_> {
    type Param = Vec<f64>;
    type Output = Vec<f64>;

    fn apply(&self, free: &Vec<f64>) -> Result<Vec<f64>, Error> {
        let bands = self.bands(free);
        let offset_db = self.offset_db(free);
        let levels = self
            .goal
            .cells
            .levels_db(&total_response(&self.responses(&bands), self.goal.cells.hz.len()));
        let mut residuals: Vec<f64> = levels
            .iter()
            .zip(&self.goal.wanted_db)
            .zip(&self.goal.weight)
            .map(|((level, wanted), weight)| weight.sqrt() * (level + offset_db - wanted))
            .collect();
        for band in &bands {
            residuals.push(self.price.gain.sqrt() * band.gain_db);
            residuals.push(self.price.q.sqrt() * libm::log(band.q / self.price.q_usual));
        }
        Ok(residuals)
    }
}

impl Jacobian for BandProblem<'_> {
    type Param = Vec<f64>;
    type Jacobian = Matrix;

    fn jacobian(&self, free: &Vec<f64>) -> Result<Matrix, Error> {
        let bands = self.bands(free);
        let responses = self.responses(&bands);
        let total = total_response(&responses, self.goal.cells.hz.len());
        // The derivative of a third octave's level by a point's response: the point's share of the energy afterwards.
        let cells = &self.goal.cells;
        let levels = cells.levels_db(&total);
        let mut shares = vec![0.0; total.len()];
        for (cell, &level) in levels.iter().enumerate() {
            for point in cells.points(cell) {
                shares[point] = cells.share[point] * db_to_power(total[point] - level);
            }
        }
        let mut jacobian = Matrix::zeros(self.rows(), free.len());
        for (index, band) in bands.iter().enumerate() {
            for parameter in 0..3 {
                let column = 3 * index + parameter;
                let mut moved = [free[3 * index], free[3 * index + 1], free[3 * index + 2]];
                moved[parameter] += DIFFERENCE;
                let other = self.limits.to_band(band.shape, &moved);
                for (cell, weight) in self.goal.weight.iter().enumerate() {
                    if *weight == 0.0 {
                        continue;
                    }
                    let slope: f64 = cells
                        .points(cell)
                        .map(|point| {
                            let after = other.response_db(cells.hz[point]);
                            shares[point] * (after - responses[index][point])
                        })
                        .sum();
                    jacobian.row_mut(cell)[column] = weight.sqrt() * slope / DIFFERENCE;
                }
                let row = self.goal.count() + 2 * index;
                jacobian.row_mut(row)[column] =
                    self.price.gain.sqrt() * (other.gain_db - band.gain_db) / DIFFERENCE;
                jacobian.row_mut(row + 1)[column] =
                    self.price.q.sqrt() * libm::log(other.q / band.q) / DIFFERENCE;
            }
        }
        if self.goal.offset_db.is_none() {
            let column = free.len() - 1;
            for cell in 0..self.goal.count() {
                jacobian.row_mut(cell)[column] = self.goal.weight[cell].sqrt() * OFFSET_SCALE_DB;
            }
        }
        Ok(jacobian)
    }
}
