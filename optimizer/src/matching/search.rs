//! How many bands, and which.

use acetate_audio::threads;

use super::bounds::{POINTS, STEP_OCTAVES, grid_hz};
use super::problem::{FewBands, Prices, Ranges, Target};
use crate::equalizer::{Band, Shape};
use crate::solver::minimize;

/// How many bands there may be, and what each must bring.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    pub(crate) bands_max: usize,
    /// By how much of the cost a further band must bring it down, dB.
    pub(crate) pays_db: f64,
    /// Highest frequency of a low shelf, lowest of a high shelf.
    pub(crate) shelves_hz: (f64, f64),
    /// How many candidates are tried for each further band.
    pub(crate) tried: usize,
    pub(crate) ranges: Ranges,
    pub(crate) prices: Prices,
}

/// Gain at which a candidate's shape is looked at: small enough to be linear in dB.
const PROBE_DB: f64 = 3.0;
/// Widths that candidates start from; the solver refines them.
const START_Q: [f64; 6] = [0.5, 0.8, 1.3, 2.0, 3.0, 4.5];
const SHELF_Q: f64 = 0.6;
/// Where a tilt may turn.
const TILT_HZ: (f64, f64) = (250.0, 3_000.0);
/// Candidates of one shape nearer than this, in octaves, are one.
const APART_OCTAVES: f64 = 0.5;
/// Largest step of a free parameter in one iteration.
const STEP_MAX: f64 = 0.3;
const ITERATIONS_WHILE_ADDING: u64 = 10;
const ITERATIONS_WHILE_DROPPING: u64 = 6;
const ITERATIONS_AT_THE_END: u64 = 40;
/// How many bands more than there may be are tamed, and the shares of the price at which that happens.
const MORE: usize = 3;
const PRICE_SHARES: [f64; 4] = [0.2, 0.3, 0.6, 1.0];
/// A tilt or shelf that costs no more than this above a bell is taken in its place, dB.
const BELL_DB: f64 = 0.03;
/// Bands smaller than this are not heard, dB.
const HEARD_DB: f64 = 0.15;

/// Adds one band after another where it brings most, refining all of them each time, as many as there may be; then drops those
/// that do not pay, and keeps the bounds whatever that costs. A tilt or a shelf comes before a bell that brings hardly more.
///
/// A wish near its bounds can lead that astray, and so does the price of what bands cancel of each other: bands for half the wish
/// are another start (continuation; Allgower & Georg, 1990), bands that work against each other as they like a third. What costs
/// least is taken, among the few first bands too.
pub(crate) fn few_bands(target: &Target, budget: &Budget) -> Vec<Band> {
    let search = Search::new(target, *budget);
    let half = target.half();
    let doubled = |band: Band| Band { gain_db: 2.0 * band.gain_db, ..band };
    let cost_db = |bands: &[Band]| search.cost_db(bands) + budget.pays_db * bands.len() as f64;
    let cheapest = |found: Vec<Vec<Band>>| {
        found.into_iter().min_by(|one, other| cost_db(one).total_cmp(&cost_db(other)))
    };
    let (at_once, (continued, tamed)) = threads::join(
        || {
            let stages = search.stages();
            let all = search.paying(stages.last().cloned().unwrap_or_default());
            let begun = cheapest(stages).unwrap_or_default();
            vec![all, search.paying(begun)]
        },
        || {
            threads::join(
                || {
                    let begun = Search::new(&half, *budget).grow();
                    search.paying(begun.into_iter().map(doubled).collect())
                },
                || search.paying(search.tamed()),
            )
        },
    );
    let least = cheapest([at_once, vec![continued, tamed]].concat());
    let neat = search.neater(least.unwrap_or_default());
    let mut bands = search.within_bounds(neat);
    bands.retain(|band| band.gain_db.abs() > HEARD_DB);
    bands.sort_by(|one, other| one.freq_hz.total_cmp(&other.freq_hz));
    bands
}

struct Search<'a> {
    target: &'a Target,
    budget: Budget,
    probes: Vec<Probe>,
}

/// A band at its probing gain, and what it does to the third octaves.
struct Probe {
    band: Band,
    levels_db: Vec<f64>,
}

/// The bands that candidates are chosen from.
fn probes(target: &Target, budget: &Budget) -> Vec<Probe> {
    let cells = &target.cells;
    let probe = |band: Band| {
        let responses: Vec<f64> = cells.hz.iter().map(|&hz| band.response_db(hz)).collect();
        Probe { band, levels_db: cells.levels_db(&responses) }
    };
    let ranges = budget.ranges;
    let inside = |hz: &&f64| **hz > ranges.freq_hz.0 && **hz < ranges.freq_hz.1;
    let (low_hz, high_hz) = budget.shelves_hz;
    let of = |shape, hz, q| Band { shape, freq_hz: hz, gain_db: PROBE_DB, q };
    let at = |&hz: &f64| {
        let broad = [
            (Shape::Tilt, hz > TILT_HZ.0 && hz < TILT_HZ.1),
            (Shape::LowShelf, hz < low_hz),
            (Shape::HighShelf, hz > high_hz && hz < ranges.shelf_hz_max),
        ];
        let bells =
            START_Q.into_iter().filter(move |&q| q >= ranges.bell_q.0 && q <= ranges.bell_q.1);
        let broad = broad.into_iter().filter(|(_, wanted)| *wanted);
        broad
            .map(move |(shape, _)| of(shape, hz, SHELF_Q))
            .chain(bells.map(move |q| of(Shape::Bell, hz, q)))
            .collect::<Vec<Band>>()
    };
    cells.hz.iter().step_by(2).filter(inside).flat_map(at).map(probe).collect()
}

impl<'a> Search<'a> {
    fn new(target: &'a Target, budget: Budget) -> Self {
        Self { target, budget, probes: probes(target, &budget) }
    }

    fn problem(&self, bands: &[Band]) -> FewBands<'_> {
        let shapes = bands.iter().map(|band| band.shape).collect();
        FewBands::new(self.target, self.budget.ranges, self.budget.prices, shapes)
    }

    fn cost_db(&self, bands: &[Band]) -> f64 {
        self.problem(bands).cost_db(bands)
    }

    fn fit(&self, bands: Vec<Band>, iterations: u64) -> Vec<Band> {
        if bands.is_empty() {
            return bands;
        }
        let problem = self.problem(&bands);
        let start = problem.start(&bands);
        let (free, _) = minimize(self.problem(&bands), start, STEP_MAX, iterations);
        problem.bands(&free)
    }

    /// The bands refined, without those that do not pay.
    fn paying(&self, bands: Vec<Band>) -> Vec<Band> {
        self.drop_idle(self.fit(bands, ITERATIONS_AT_THE_END))
    }

    /// As many bands as there may be, each where it brings most.
    fn grow(&self) -> Vec<Band> {
        self.stages().pop().unwrap_or_default()
    }

    /// The bands each time one was added.
    fn stages(&self) -> Vec<Vec<Band>> {
        let mut stages: Vec<Vec<Band>> = Vec::new();
        while stages.len() < self.budget.bands_max {
            match self.one_more(stages.last().map_or(&[], Vec::as_slice)) {
                Some(more) => stages.push(more),
                None => break,
            }
        }
        stages
    }

    /// The bands with one more, where it brings most.
    fn one_more(&self, bands: &[Band]) -> Option<Vec<Band>> {
        let fitted = threads::map(&self.candidates(bands), |_, &candidate| {
            let more: Vec<Band> = bands.iter().copied().chain([candidate]).collect();
            let more = self.fit(more, ITERATIONS_WHILE_ADDING);
            let bell = candidate.shape == Shape::Bell;
            (self.cost_db(&more) + if bell { BELL_DB } else { 0.0 }, more)
        });
        let least = fitted.into_iter().min_by(|one, other| one.0.total_cmp(&other.0));
        least.map(|(_, more)| more)
    }

    /// More bands than there may be, which cancel of each other what they like; then that gets dearer and the least of them go.
    fn tamed(&self) -> Vec<Band> {
        let with = |price_share: f64, bands_max: usize| {
            let mut budget = self.budget;
            budget.prices.cancelled *= price_share;
            Search::new(self.target, Budget { bands_max, ..budget })
        };
        let most = self.budget.bands_max;
        let mut bands = with(PRICE_SHARES[0], most + MORE).grow();
        for (index, price_share) in PRICE_SHARES.into_iter().enumerate().skip(1) {
            let last = index + 1 == PRICE_SHARES.len();
            let search = with(price_share, if last { most } else { most + 1 });
            bands = search.fit(bands, ITERATIONS_AT_THE_END);
            while bands.len() > search.budget.bands_max {
                match search.one_less(&bands, ITERATIONS_WHILE_ADDING) {
                    Some((_, fewer)) => bands = fewer,
                    None => break,
                }
            }
        }
        bands
    }

    /// The bands that would bring most on top of `bands`, each at its best gain by linear least squares; at least one of them
    /// a tilt or a shelf, where one would bring anything.
    fn candidates(&self, bands: &[Band]) -> Vec<Band> {
        let sums: Vec<f64> = self.target.cells.hz.iter().map(|&hz| sum_db(bands, hz)).collect();
        let levels = self.target.cells.levels_db(&sums);
        let wanted = self.target.wanted_db.iter().zip(&levels);
        let left: Vec<f64> = wanted.map(|(wanted, level)| wanted - level).collect();
        let has = |shape| bands.iter().any(|band| band.shape == shape);
        let mut found: Vec<(f64, Band)> = self
            .probes
            .iter()
            .filter(|probe| probe.band.shape == Shape::Bell || !has(probe.band.shape))
            .map(|probe| self.with_best_gain(probe, &left))
            .filter(|(gain, _)| *gain > 0.0)
            .collect();
        found.sort_by(|one, other| other.0.total_cmp(&one.0));
        let mut apart: Vec<Band> = Vec::new();
        for &(_, band) in &found {
            let near = |other: &Band| {
                other.shape == band.shape
                    && libm::log2(other.freq_hz / band.freq_hz).abs() < APART_OCTAVES
            };
            if apart.len() < self.budget.tried && !apart.iter().any(near) {
                apart.push(band);
            }
        }
        let broad = |band: &Band| band.shape != Shape::Bell;
        if !apart.iter().any(broad) {
            apart.extend(found.into_iter().map(|(_, band)| band).find(broad));
        }
        apart
    }

    /// By how much a band lowers the squared error at its best gain.
    fn with_best_gain(&self, probe: &Probe, left: &[f64]) -> (f64, Band) {
        let (mut overlap, mut power) = (0.0, 1e-9);
        for ((level, left), weight) in probe.levels_db.iter().zip(left).zip(&self.target.weight) {
            overlap += weight * level * left;
            power += weight * level * level;
        }
        let most = self.budget.ranges.gain_db_max / PROBE_DB;
        let factor = (overlap / power).clamp(-most, most);
        let gain = factor * (2.0 * overlap - factor * power);
        (gain, Band { gain_db: probe.band.gain_db * factor, ..probe.band })
    }

    /// The bands with their sum and its slope within the bounds: first by dearer prices, at last with smaller gains.
    fn within_bounds(mut self, mut bands: Vec<Band>) -> Vec<Band> {
        const ROUNDS: usize = 6;
        const DEARER: (f64, f64) = (4.0, 2.5);
        for _ in 0..ROUNDS {
            let excess = excess(self.target, &bands);
            if excess.is_none() {
                return bands;
            }
            self.budget.prices.bound *= if excess.over { DEARER.0 } else { 1.0 };
            self.budget.prices.slope *= if excess.steep { DEARER.1 } else { 1.0 };
            bands = self.fit(bands, ITERATIONS_AT_THE_END);
        }
        for _ in 0..MOST_SMALLER {
            let excess = excess(self.target, &bands);
            if excess.is_none() {
                break;
            }
            let at_fault = self.at_fault(&bands, excess);
            bands.iter_mut().zip(at_fault).for_each(|(band, at_fault)| {
                band.gain_db *= if at_fault { SMALLER } else { 1.0 };
            });
        }
        bands
    }

    /// The bands that take the sum beyond a bound, where it is furthest beyond; all of them where it is too steep.
    fn at_fault(&self, bands: &[Band], excess: Excess) -> Vec<bool> {
        let bounds = &self.target.bounds;
        let beyond = |point: usize, hz: f64| {
            let sum_db = sum_db(bands, hz);
            let above_db = sum_db - bounds.up_db[point] - bounds.exact_db[point];
            let below_db = -bounds.down_db[point] - bounds.exact_db[point] - sum_db;
            (above_db.max(below_db), hz, if above_db > below_db { 1.0 } else { -1.0 })
        };
        let points = grid_hz().into_iter().enumerate().map(|(point, hz)| beyond(point, hz));
        let worst = points.max_by(|one, other| one.0.total_cmp(&other.0));
        let (_, hz, sign) = worst.unwrap_or_default();
        let pulls = |band: &Band| sign * band.response_db(hz) > PULLS_DB;
        bands.iter().map(|band| excess.steep || !excess.over || pulls(band)).collect()
    }
}

/// Factor on gains while a bound is still passed, and how often it may be taken.
const SMALLER: f64 = 0.95;
const MOST_SMALLER: usize = 200;
/// A band that does less than this at a point has no part in it, dB.
const PULLS_DB: f64 = 0.02;
/// A slope of this share of its bound keeps it.
const EXACT_SHARE: f64 = 1.02;

/// Sum of the responses of bands at a frequency, dB.
pub(crate) fn sum_db(bands: &[Band], hz: f64) -> f64 {
    bands.iter().map(|band| band.response_db(hz)).sum()
}

/// Which bounds are passed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Excess {
    /// Either bound of the sum.
    pub(crate) over: bool,
    /// The bound of the slope.
    pub(crate) steep: bool,
}

impl Excess {
    fn is_none(self) -> bool {
        !self.over && !self.steep
    }
}

/// Which bounds the sum of bands passes by more than what is allowed there.
pub(crate) fn excess(target: &Target, bands: &[Band]) -> Excess {
    let sums: Vec<f64> = grid_hz().iter().map(|&hz| sum_db(bands, hz)).collect();
    let bounds = &target.bounds;
    let above = (0..POINTS).any(|p| sums[p] > bounds.up_db[p] + bounds.exact_db[p]);
    let below = (0..POINTS).any(|p| -sums[p] > bounds.down_db[p] + bounds.exact_db[p]);
    let slopes = sums.windows(2).map(|pair| (pair[1] - pair[0]).abs() / STEP_OCTAVES);
    let steepest = slopes.fold(0.0, f64::max);
    Excess { over: above || below, steep: steepest > EXACT_SHARE * target.slope_db }
}

mod fewer;
#[cfg(test)]
pub(crate) mod tests;
