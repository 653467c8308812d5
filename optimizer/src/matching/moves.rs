//! From the wish to bands: on the side first, then on everything.

use acetate_analyzer::Analysis;
use acetate_audio::units::db_to_power;
use acetate_engine::parameters::range;

use super::bounds::{
    Bounds, NARROWER_SHARE, SIDE_FROM_HZ, grid_hz, nearly_mono, side_bounds, tone_bounds,
};
use super::curve::{CurveBounds, bounded_curve, left_db};
use super::problem::{Prices, Ranges, Target};
use super::search::{Budget, few_bands, sum_db};
use super::wish::RecordWish;
use crate::equalizer::Band;
use crate::options::{Detail, FitOptions};
use crate::surrogate::{CellGains, ToneTable};
use crate::width::WIDTH_PCT;

/// Bands of one kind and how far they are from what was wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Found {
    /// On everything.
    pub(crate) stereo: Vec<Band>,
    /// On the side alone.
    pub(crate) side: SideMoves,
}

/// What is done to the side alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SideMoves {
    /// Change of width below and above [`WIDTH_SPLIT_HZ`].
    pub(crate) width_db: [f64; 2],
    pub(crate) bands: Vec<Band>,
}

/// Where the width may change from one to another: high enough for its edge to leave the bass alone.
pub(crate) const WIDTH_SPLIT_HZ: f64 = 148.0;

impl SideMoves {
    /// Change of the side at a frequency, dB.
    fn at(&self, hz: f64) -> f64 {
        let [below, above] = self.width_db;
        sum_db(&self.bands, hz) + if hz < WIDTH_SPLIT_HZ { below } else { above }
    }
}

/// Steepest sum of the bands, dB an octave: the usual one, and the one that is taken when that costs more than this, dB.
const SLOPE_DB: (f64, f64) = (18.0, 24.0);
const SLOPE_COST_DB: f64 = 0.1;
/// Octaves from one third octave to the next.
const THIRD_OCTAVES: f64 = 0.332_192_809_488_736_2;
/// What counts a little though nothing is wanted there: the curve and its bands go on smoothly.
const LEAST_WEIGHT: f64 = 2e-3;
const LEAST_BAND_WEIGHT: f64 = 0.02;
/// A wish for the side smaller than this is none, dB rms.
const SIDE_WORTH_DB: f64 = 0.5;

/// How many bands, how narrow, and what they must bring.
struct Plan {
    stereo_max: usize,
    side_max: usize,
    pays_db: f64,
    side_pays_db: f64,
    bell_q: (f64, f64),
    slope_db: (f64, f64),
}

fn plan(detail: Detail) -> Plan {
    match detail {
        Detail::Broad => Plan {
            stereo_max: 4,
            side_max: 2,
            pays_db: 0.1,
            side_pays_db: 0.25,
            bell_q: (0.4, 1.2),
            slope_db: (12.0, 12.0),
        },
        Detail::Medium => Plan {
            stereo_max: 9,
            side_max: 4,
            pays_db: 0.015,
            side_pays_db: 0.08,
            bell_q: (0.4, 5.0),
            slope_db: SLOPE_DB,
        },
        Detail::Fine => Plan {
            stereo_max: 16,
            side_max: 16,
            pays_db: 0.005,
            side_pays_db: 0.02,
            bell_q: (0.4, 8.0),
            slope_db: (48.0, 48.0),
        },
    }
}

/// The bands that bring the sound that measures `now` to the wish. `table` has its energy; `missed_db` is what a render was found
/// to have more than its prediction.
pub(crate) fn equalize(
    wish: &RecordWish,
    now: &Analysis,
    table: &ToneTable,
    missed_db: &[f64],
    options: &FitOptions,
) -> Found {
    let task = Task { wish, now, table, options, plan: plan(options.detail) };
    let has_side = !wish.side_db.is_empty() && !nearly_mono(now);
    let side = if options.take.width && has_side { task.side() } else { SideMoves::default() };
    let stereo = if options.take.tone { task.stereo(missed_db, &side) } else { Vec::new() };
    Found { stereo, side }
}

/// What is to be done to which sound.
struct Task<'a> {
    wish: &'a RecordWish,
    now: &'a Analysis,
    table: &'a ToneTable,
    options: &'a FitOptions,
    plan: Plan,
}

impl Task<'_> {
    /// What is done to the side, relative to the mid.
    fn side(&self) -> SideMoves {
        let Self { wish, now, table, options, plan } = self;
        let centres = &now.spectrum.third_octave_hz;
        let max_db = options.max_eq_db;
        let cap = side_bounds(now, max_db, centres);
        let share = options.amounts.width_share().max(1.0);
        let wanted = |band: usize| {
            let db = share * wish.side_db[band].unwrap_or(0.0);
            db.clamp(-cap.down_db[band], cap.up_db[band])
        };
        let wanted_db: Vec<f64> = (0..centres.len()).map(wanted).collect();
        let counts: Vec<f64> =
            wish.side_db.iter().map(|db| if db.is_some() { 1.0 } else { 0.0 }).collect();
        let total: f64 = counts.iter().sum();
        let square: f64 = wanted_db.iter().zip(&counts).map(|(db, count)| count * db * db).sum();
        if total == 0.0 || (square / total).sqrt() < SIDE_WORTH_DB {
            return SideMoves::default();
        }
        let mut moves =
            SideMoves { width_db: widths_db(&wanted_db, &counts, centres), bands: Vec::new() };
        let mut bounds = side_bounds(now, max_db, &grid_hz());
        for (point, hz) in grid_hz().into_iter().enumerate() {
            let width_db = moves.at(hz);
            bounds.up_db[point] = (bounds.up_db[point] - width_db).max(0.0);
            bounds.down_db[point] = (bounds.down_db[point] + width_db).max(0.0);
        }
        let target = Target {
            wanted_db: wanted_db.iter().zip(centres).map(|(db, &hz)| db - moves.at(hz)).collect(),
            weight: normalized(&counts, LEAST_WEIGHT / 2.0),
            cells: table.cells_of_side(),
            bounds,
            slope_db: plan.slope_db.0,
        };
        let budget = Budget {
            bands_max: plan.side_max,
            pays_db: plan.side_pays_db,
            shelves_hz: (500.0, SIDE_FROM_HZ),
            tried: self.tried(),
            ranges: Ranges {
                freq_hz: (60.0, highest_hz(now).min(14_000.0)),
                gain_db_max: (NARROWER_SHARE * max_db).min(range("equalizer.bands[].gain_db").max),
                bell_q: (0.4, plan.bell_q.1.min(1.6)),
                shelf_q: (0.4, 0.8),
                shelf_hz_max: shelf_hz_max(now),
            },
            prices: Prices { cancelled: 1.0, slope: 0.3, ..PRICES },
        };
        moves.bands = few_bands(&target, &budget);
        moves
    }

    /// The bands on everything, what the side does taken into account.
    fn stereo(&self, missed_db: &[f64], side: &SideMoves) -> Vec<Band> {
        let Self { wish, now, table, options, plan } = self;
        let centres = &now.spectrum.third_octave_hz;
        let side_db: Vec<f64> = table.hz.iter().map(|&hz| side.at(hz)).collect();
        let by_side_db = change_by_side(table, &side_db);
        let share = options.amounts.tone_share().max(1.0);
        let wished: Vec<Option<f64>> = wish
            .tone_db
            .iter()
            .enumerate()
            .map(|(band, db)| {
                let missed = missed_db.get(band).copied().unwrap_or(0.0);
                db.map(|db| share * db - by_side_db[band] - missed)
            })
            .collect();
        let counts: Vec<f64> =
            wished.iter().map(|db| if db.is_some() { 1.0 } else { 0.0 }).collect();
        if counts.iter().sum::<f64>() < 2.0 {
            return Vec::new();
        }
        let wanted_db = held_on(&wished);
        let weight: Vec<f64> = counts.iter().map(|count| count + LEAST_WEIGHT).collect();
        let third = tone_bounds(now, options.max_eq_db, centres);
        let (curve_db, slope_db) = curve(&wanted_db, &weight, &third, plan.slope_db);
        let target = Target {
            wanted_db: curve_db,
            weight: normalized(&counts, LEAST_BAND_WEIGHT),
            cells: table.cells_after(&side_db),
            bounds: tone_bounds(now, options.max_eq_db, &grid_hz()),
            slope_db,
        };
        let budget = Budget {
            bands_max: plan.stereo_max,
            pays_db: plan.pays_db,
            shelves_hz: (600.0, 1_500.0),
            tried: self.tried(),
            ranges: Ranges {
                freq_hz: (25.0, highest_hz(now)),
                gain_db_max: (2.0 * options.max_eq_db).min(24.0),
                bell_q: plan.bell_q,
                shelf_q: (0.4, 0.9),
                shelf_hz_max: shelf_hz_max(now),
            },
            prices: PRICES,
        };
        few_bands(&target, &budget)
    }

    /// How many candidates are tried for each further band.
    fn tried(&self) -> usize {
        if self.options.thorough { 6 } else { 2 }
    }
}

/// Chosen on pairs that no table of docs/fit.md has (`curves`).
const PRICES: Prices = Prices {
    bound: 3.0,
    slope: 1.0,
    cancelled: 3.0,
    overlap_db: 2.0,
    gain: 0.02,
    q: 0.1,
    q_usual: 0.9,
};

/// One width below the split and one above it: the mean of what is wanted, held within what a width may do.
fn widths_db(wanted_db: &[f64], counts: &[f64], centres: &[f64]) -> [f64; 2] {
    let mean = |inside: &dyn Fn(f64) -> bool| {
        let of = || (0..centres.len()).filter(|&band| inside(centres[band]));
        let count: f64 = of().map(|band| counts[band]).sum();
        let mean = of().map(|band| counts[band] * wanted_db[band]).sum::<f64>() / count.max(1.0);
        let [low, high] = [WIDTH_PCT.0, WIDTH_PCT.1].map(|pct| 20.0 * libm::log10(pct / 100.0));
        if mean.abs() < SIDE_WORTH_DB { 0.0 } else { mean.clamp(low, high) }
    };
    let [below, above] =
        [mean(&|hz| hz < WIDTH_SPLIT_HZ).min(0.0), mean(&|hz| hz > WIDTH_SPLIT_HZ)];
    if above <= 0.0 && (below - above).abs() < SIDE_WORTH_DB { [above; 2] } else { [below, above] }
}

/// The bounded curve, as gentle as it can be without a loss that counts, and its slope.
fn curve(
    wanted_db: &[f64],
    weight: &[f64],
    bounds: &Bounds,
    slope_db: (f64, f64),
) -> (Vec<f64>, f64) {
    let with = |slope_db: f64| {
        let bounds = CurveBounds {
            up_db: bounds.up_db.clone(),
            down_db: bounds.down_db.clone(),
            step_db: slope_db * THIRD_OCTAVES,
        };
        bounded_curve(wanted_db, weight, &bounds)
    };
    let gentle = with(slope_db.0);
    if slope_db.0 == slope_db.1 {
        return (gentle, slope_db.0);
    }
    let steep = with(slope_db.1);
    let lost_db = left_db(wanted_db, weight, &gentle) - left_db(wanted_db, weight, &steep);
    if lost_db < SLOPE_COST_DB { (gentle, slope_db.0) } else { (steep, slope_db.1) }
}

/// What bands on the side alone do to the level of each third octave.
fn change_by_side(table: &ToneTable, side_db: &[f64]) -> Vec<f64> {
    let gains = CellGains {
        mid: vec![1.0; table.hz.len()],
        side: side_db.iter().map(|&db| db_to_power(db)).collect(),
    };
    table.changes_db(&gains).sum
}

/// Highest turn of a shelf.
fn shelf_hz_max(now: &Analysis) -> f64 {
    (0.23 * f64::from(now.format.sample_rate_hz)).min(10_000.0)
}

/// Highest centre of a band.
fn highest_hz(now: &Analysis) -> f64 {
    (0.45 * f64::from(now.format.sample_rate_hz)).min(16_000.0)
}

/// Weights that sum to 1, none less than `least` of a whole one.
fn normalized(counts: &[f64], least: f64) -> Vec<f64> {
    let total: f64 = counts.iter().map(|count| count + least).sum();
    counts.iter().map(|count| (count + least) / total).collect()
}

/// The values with gaps filled by their nearest neighbours.
fn held_on(values: &[Option<f64>]) -> Vec<f64> {
    let known: Vec<usize> = (0..values.len()).filter(|&band| values[band].is_some()).collect();
    let nearest = |band: usize| {
        let nearest = known.iter().min_by_key(|known| known.abs_diff(band));
        nearest.and_then(|&known| values[known]).unwrap_or(0.0)
    };
    (0..values.len()).map(nearest).collect()
}
