//! Few bands against a curve, as the solver sees them: what is missed, and what each fault of the bands costs.

use std::cell::RefCell;

use acetate_audio::units::db_to_power;
use argmin::core::{Error, Jacobian, Operator};

use super::bounds::{Bounds, POINTS, STEP_OCTAVES, grid_hz};
use super::response::slopes;
use crate::equalizer::{Band, Cells, Curve, Limits, Shape};
use crate::solver::Matrix;

/// What the bands are to do.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// Wanted change of each third octave, dB.
    pub(crate) wanted_db: Vec<f64>,
    /// How much each counts; they sum to 1.
    pub(crate) weight: Vec<f64>,
    /// Where in each third octave its energy is.
    pub(crate) cells: Cells,
    /// How far the sum of the bands may go at each point of the grid.
    pub(crate) bounds: Bounds,
    /// How steep the sum may be, dB an octave.
    pub(crate) slope_db: f64,
}

impl Target {
    /// The same with half of the wish.
    pub(crate) fn half(&self) -> Self {
        Self { wanted_db: self.wanted_db.iter().map(|db| db / 2.0).collect(), ..self.clone() }
    }
}

/// What faults cost: each times its decibels is a part of the root mean square that is lowered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prices {
    /// Beyond the bound.
    pub(crate) bound: f64,
    /// Steeper than allowed.
    pub(crate) slope: f64,
    /// What bands cancel of each other beyond [`Prices::overlap_db`].
    pub(crate) cancelled: f64,
    /// What bands may cancel of each other for nothing, dB: neighbours of opposite signs always overlap.
    pub(crate) overlap_db: f64,
    /// A decibel of gain, where it is [`GAIN_USUAL_DB`]; the square of the price grows with the gain, so that one band costs what
    /// two of half its gain do.
    pub(crate) gain: f64,
    /// A factor e in Q away from the usual one.
    pub(crate) q: f64,
    pub(crate) q_usual: f64,
}

/// Gain at which a decibel has its price, dB.
const GAIN_USUAL_DB: f64 = 8.0;
/// Gains below this cost by their square, dB: the price has no corner at nothing.
const GAIN_SMALL_DB: f64 = 1.0;

/// What a gain costs at a price of 1, and how that changes with the gain: its square grows like the gain itself.
fn gain_cost(gain_db: f64) -> (f64, f64) {
    let size = libm::sqrt(gain_db * gain_db + GAIN_SMALL_DB * GAIN_SMALL_DB);
    let grown = gain_db * gain_db / (size + GAIN_SMALL_DB);
    let by = 0.5 * libm::sqrt(GAIN_USUAL_DB * (size + GAIN_SMALL_DB)) / size;
    (gain_db.signum() * libm::sqrt(GAIN_USUAL_DB * grown), by)
}

/// What each kind of band may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ranges {
    pub(crate) freq_hz: (f64, f64),
    pub(crate) gain_db_max: f64,
    pub(crate) bell_q: (f64, f64),
    pub(crate) shelf_q: (f64, f64),
    /// Highest turn of a shelf: one near the Nyquist frequency is no shelf any more.
    pub(crate) shelf_hz_max: f64,
}

impl Ranges {
    pub(crate) fn of(&self, shape: Shape) -> Limits {
        let (q, highest_hz) = match shape {
            Shape::Bell => (self.bell_q, self.freq_hz.1),
            _ => (self.shelf_q, self.freq_hz.1.min(self.shelf_hz_max)),
        };
        Limits { freq_hz: (self.freq_hz.0, highest_hz), gain_db_max: self.gain_db_max, q }
    }
}

/// The least-squares problem of bands of given shapes.
pub(crate) struct FewBands<'a> {
    pub(crate) target: &'a Target,
    pub(crate) shapes: Vec<Shape>,
    pub(crate) ranges: Ranges,
    pub(crate) prices: Prices,
    /// The points of the cells, then those of the grid.
    hz: Vec<f64>,
    /// Where the problem was looked at last: the solver asks for the derivatives there next.
    last: RefCell<Option<(Vec<f64>, Responses)>>,
}

/// Responses of all bands at all points, dB.
struct Responses {
    curves: Vec<Curve>,
    of: Vec<Vec<f64>>,
    sum: Vec<f64>,
}

impl<'a> FewBands<'a> {
    pub(crate) fn new(
        target: &'a Target,
        ranges: Ranges,
        prices: Prices,
        shapes: Vec<Shape>,
    ) -> Self {
        let hz = target.cells.hz.iter().copied().chain(grid_hz()).collect();
        Self { target, shapes, ranges, prices, hz, last: RefCell::new(None) }
    }

    pub(crate) fn start(&self, bands: &[Band]) -> Vec<f64> {
        bands.iter().flat_map(|band| self.ranges.of(band.shape).to_free(band)).collect()
    }

    pub(crate) fn bands(&self, free: &[f64]) -> Vec<Band> {
        let each = self.shapes.iter().zip(free.chunks_exact(3));
        each.map(|(&shape, three)| self.ranges.of(shape).to_band(shape, three)).collect()
    }

    /// Root of the sum of all squares: what is missed and what the faults cost, in dB.
    pub(crate) fn cost_db(&self, bands: &[Band]) -> f64 {
        let responses = self.responses(bands);
        let residuals = self.residuals(bands, &responses);
        libm::sqrt(residuals.iter().map(|residual| residual * residual).sum())
    }

    fn responses(&self, bands: &[Band]) -> Responses {
        let curves: Vec<Curve> = bands.iter().map(Band::curve).collect();
        let response = |curve: &Curve| self.hz.iter().map(|&hz| curve.db(hz)).collect();
        let of: Vec<Vec<f64>> = curves.iter().map(response).collect();
        let mut sum = vec![0.0; self.hz.len()];
        for one in &of {
            sum.iter_mut().zip(one).for_each(|(sum, one)| *sum += one);
        }
        Responses { curves, of, sum }
    }

    /// First point of the grid.
    fn grid(&self) -> usize {
        self.target.cells.hz.len()
    }

    /// Rows of the third octaves, bounds, slopes, what is cancelled, and two for each band.
    fn rows(&self) -> [usize; 4] {
        let thirds = self.target.cells.count();
        [thirds, thirds + POINTS, thirds + 2 * POINTS - 1, thirds + 3 * POINTS - 1]
    }

    /// What the sum at a point of the grid is beyond its bound: positive above, negative below.
    fn beyond_db(&self, sum_db: f64, point: usize) -> f64 {
        let bounds = &self.target.bounds;
        (sum_db - bounds.up_db[point]).max(0.0) - (-bounds.down_db[point] - sum_db).max(0.0)
    }

    /// What is steeper than allowed, with its sign.
    fn too_steep_db(&self, sums: &[f64], point: usize) -> f64 {
        let slope = (sums[point + 1] - sums[point]) / STEP_OCTAVES;
        slope.signum() * (slope.abs() - self.target.slope_db).max(0.0)
    }

    fn cancelled_db(&self, responses: &Responses, point: usize) -> f64 {
        let point = self.grid() + point;
        let apart: f64 = responses.of.iter().map(|one| one[point].abs()).sum();
        ((apart - responses.sum[point].abs()) / 2.0 - self.prices.overlap_db).max(0.0)
    }

    fn residuals(&self, bands: &[Band], responses: &Responses) -> Vec<f64> {
        let target = self.target;
        let sums = &responses.sum[self.grid()..];
        let share = 1.0 / (POINTS as f64).sqrt();
        let mut residuals: Vec<f64> = target
            .cells
            .levels_db(&responses.sum[..self.grid()])
            .iter()
            .zip(&target.wanted_db)
            .zip(&target.weight)
            .map(|((level, wanted), weight)| weight.sqrt() * (level - wanted))
            .collect();
        let prices = &self.prices;
        residuals.extend((0..POINTS).map(|p| prices.bound * share * self.beyond_db(sums[p], p)));
        residuals
            .extend((0..POINTS - 1).map(|p| prices.slope * share * self.too_steep_db(sums, p)));
        residuals.extend(
            (0..POINTS).map(|p| prices.cancelled * share * self.cancelled_db(responses, p)),
        );
        for band in bands {
            residuals.push(prices.gain * gain_cost(band.gain_db).0);
            let usual = band.shape == Shape::Tilt;
            residuals.push(if usual { 0.0 } else { prices.q * libm::log(band.q / prices.q_usual) });
        }
        residuals
    }

    /// Share of each point in the energy of its third octave after the bands.
    fn shares_after(&self, sums: &[f64]) -> Vec<f64> {
        let cells = &self.target.cells;
        let levels = cells.levels_db(sums);
        let mut shares = vec![0.0; sums.len()];
        for (cell, &level) in levels.iter().enumerate() {
            for point in cells.points(cell) {
                shares[point] = cells.share[point] * db_to_power(sums[point] - level);
            }
        }
        shares
    }

    /// Fills in the column of one setting of one band; `by` is how its response changes at each point.
    fn fill(&self, jacobian: &mut Matrix, column: usize, by: &[f64], known: &Known) {
        let [thirds, slopes, cancelled, _] = self.rows();
        let (cells, share) = (&self.target.cells, 1.0 / (POINTS as f64).sqrt());
        for (cell, weight) in self.target.weight.iter().enumerate() {
            let slope: f64 = cells.points(cell).map(|point| known.shares[point] * by[point]).sum();
            jacobian.row_mut(cell)[column] = weight.sqrt() * slope;
        }
        let (grid, prices) = (&by[self.grid()..], &self.prices);
        for point in 0..POINTS {
            if known.beyond[point] {
                jacobian.row_mut(thirds + point)[column] = prices.bound * share * grid[point];
            }
            if point + 1 < POINTS && known.steep[point] {
                let slope = (grid[point + 1] - grid[point]) / STEP_OCTAVES;
                jacobian.row_mut(slopes + point)[column] = prices.slope * share * slope;
            }
            let against = known.own_sign[column / 3][point] - known.sum_sign[point];
            if against != 0.0 && known.cancels[point] {
                jacobian.row_mut(cancelled + point)[column] =
                    prices.cancelled * share * against / 2.0 * grid[point];
            }
        }
    }
}

/// What the derivatives of all settings need.
struct Known {
    shares: Vec<f64>,
    beyond: Vec<bool>,
    steep: Vec<bool>,
    cancels: Vec<bool>,
    sum_sign: Vec<f64>,
    own_sign: Vec<Vec<f64>>,
}

impl Known {
    fn new(problem: &FewBands, responses: &Responses) -> Self {
        let grid = problem.grid();
        let sums = &responses.sum[grid..];
        let signs = |values: &mut dyn Iterator<Item = f64>| values.map(f64::signum).collect();
        Self {
            shares: problem.shares_after(&responses.sum[..grid]),
            beyond: (0..POINTS).map(|p| problem.beyond_db(sums[p], p) != 0.0).collect(),
            steep: (0..POINTS - 1).map(|p| problem.too_steep_db(sums, p) != 0.0).collect(),
            cancels: (0..POINTS).map(|p| problem.cancelled_db(responses, p) > 0.0).collect(),
            sum_sign: signs(&mut sums.iter().copied()),
            own_sign: responses
                .of
                .iter()
                .map(|one| signs(&mut one[grid..].iter().copied()))
                .collect(),
        }
    }
}

impl Operator for FewBands<'_> {
    type Param = Vec<f64>;
    type Output = Vec<f64>;

    fn apply(&self, free: &Vec<f64>) -> Result<Vec<f64>, Error> {
        let bands = self.bands(free);
        let responses = self.responses(&bands);
        let residuals = self.residuals(&bands, &responses);
        self.last.replace(Some((free.clone(), responses)));
        Ok(residuals)
    }
}

impl Jacobian for FewBands<'_> {
    type Param = Vec<f64>;
    type Jacobian = Matrix;

    fn jacobian(&self, free: &Vec<f64>) -> Result<Matrix, Error> {
        let last = self.last.take().filter(|(at, _)| at == free);
        let responses = last.map_or_else(|| self.responses(&self.bands(free)), |(_, found)| found);
        let known = Known::new(self, &responses);
        let [.., prices] = self.rows();
        let mut jacobian = Matrix::zeros(prices + 2 * responses.curves.len(), free.len());
        for (index, curve) in responses.curves.iter().enumerate() {
            let band = &curve.band;
            let own = self.ranges.of(band.shape).slopes(&free[3 * index..3 * index + 3]);
            let by: Vec<[f64; 3]> = self.hz.iter().map(|&hz| slopes(curve, hz)).collect();
            for (parameter, slope) in own.iter().enumerate() {
                let by: Vec<f64> = by.iter().map(|by| slope * by[parameter]).collect();
                self.fill(&mut jacobian, 3 * index + parameter, &by, &known);
            }
            let gain_by = self.prices.gain * gain_cost(band.gain_db).1;
            jacobian.row_mut(prices + 2 * index)[3 * index + 1] = gain_by * own[1];
            if band.shape != Shape::Tilt {
                jacobian.row_mut(prices + 2 * index + 1)[3 * index + 2] = self.prices.q * own[2];
            }
        }
        Ok(jacobian)
    }
}

#[cfg(test)]
mod tests {
    use super::super::search::tests::{PRICES, RANGES, bell, target_of};
    use super::*;

    #[test]
    fn derivatives_are_those_of_small_steps() {
        let mut target = target_of(&[bell(500.0, 8.0, 0.8), bell(4_000.0, -6.0, 1.0)]);
        target.bounds = Bounds {
            up_db: vec![5.0; POINTS],
            down_db: vec![5.0; POINTS],
            exact_db: vec![0.05; POINTS],
        };
        target.slope_db = 6.0;
        let bands = [
            bell(450.0, 7.0, 1.5),
            bell(800.0, -5.0, 0.7),
            Band { shape: Shape::Tilt, freq_hz: 900.0, gain_db: -4.0, q: 0.7 },
            Band { shape: Shape::HighShelf, freq_hz: 5_000.0, gain_db: 7.0, q: 0.6 },
        ];
        let shapes = bands.iter().map(|band| band.shape).collect();
        let problem = FewBands::new(&target, RANGES, PRICES, shapes);
        let free = problem.start(&bands);
        let jacobian = problem.jacobian(&free).unwrap();
        for column in 0..free.len() {
            let moved = |step: f64| {
                let mut free = free.clone();
                free[column] += step;
                problem.apply(&free).unwrap()
            };
            let (up, down) = (moved(1e-6), moved(-1e-6));
            for row in 0..up.len() {
                let expected = (up[row] - down[row]) / 2e-6;
                let found = jacobian.row(row)[column];
                assert!(
                    (found - expected).abs() < 1e-3 * (1.0 + expected.abs()),
                    "{row} {column}: {found} {expected}"
                );
            }
        }
    }
}
