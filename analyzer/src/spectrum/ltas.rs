//! The long-term average spectrum: power means over the blocks that count for integrated loudness.
//!
//! Blocks are those of BS.1770 that begin at multiples of 400 ms; a block counts when it is above the
//! absolute and the relative gate. Where nothing is (a sound shorter than 400 ms, or below -70 LUFS),
//! every block counts.

use std::sync::Arc;

use acetate_audio::AudioSpec;
use acetate_audio::units::{db_to_power, power_to_db};

use super::grids::{CELLS_PER_THIRD, NOMINAL_HZ, cell_edges, first_cell, third_octave_edges};
use super::low::{Decimator, LOWEST_RATE_HZ, LowResult};
use crate::analysis::{Spectrum, SpectrumFrames, ToneEvidence};
use crate::band_result::BandResult;
use crate::loudness::{LoudnessResult, gating};
use crate::moments::{Deviations, Moments, error_correlations};
use crate::statistics::{percentile, slope};
use crate::tables::FineSpectrum;

/// Gating blocks begin every 100 ms; every fourth begins a block of the spectrum.
const GATING_BLOCKS_PER_BLOCK: usize = 4;
/// Length of a block, s.
const BLOCK_S: f64 = 0.4;
/// Steps of the band table in a block.
const STEPS_PER_BLOCK: usize = 8;
/// Mean squares below are no signal: -150 dB.
const NO_SIGNAL: f64 = 1e-15;
/// A block this far below the mean power of its third octave is as good as silent there: a mean of levels must not hang on how
/// silent.
const LOG_RANGE_DB: f64 = 60.0;
/// Range over which the tilt is fitted.
const TILT_HZ: std::ops::RangeInclusive<f64> = 100.0..=10_000.0;
/// A third octave of white noise rises 3.01 dB per octave.
const DENSITY_SLOPE_DB: f64 = 3.010_299_956_639_812;

/// Spectrum of a whole sound.
pub(crate) struct LongTerm {
    pub(crate) spectrum: Spectrum,
    pub(crate) fine: FineSpectrum,
    /// Share of each row of the band table that counts.
    pub(crate) band_gate: Vec<f32>,
}

/// Averages what the tracks collected.
pub(crate) fn long_term(
    spec: AudioSpec,
    bands: &BandResult,
    low: &LowResult,
    loudness: &LoudnessResult,
) -> LongTerm {
    let edges_hz = cell_edges(f64::from(spec.sample_rate_hz) / 2.0);
    let rows = CellRows::new(spec, &edges_hz, bands, low);
    let gate = BlockGate::new(loudness);
    let weights: Vec<f64> =
        (0..rows.count).map(|row| gate.share(row * rows.blocks, rows.blocks)).collect();
    let [mid, side] = [0, 1].map(|part| rows.mean(part, &weights));
    let power: Vec<f64> = mid.iter().zip(&side).map(|(mid, side)| mid + side).collect();
    let spectrum = spectrum_of(spec, &rows, &weights, [&power, &mid, &side]);
    let band_gate = (0..bands.rows)
        .map(|row| {
            let steps = bands.steps_per_row;
            let first = row * steps / STEPS_PER_BLOCK;
            gate.share(first, (steps / STEPS_PER_BLOCK).max(1)) as f32
        })
        .collect();
    let third_octave_edges_hz = third_octave_edges();
    let fine = FineSpectrum { edges_hz, power, mid, side, third_octave_edges_hz };
    LongTerm { spectrum, fine, band_gate }
}

/// Which blocks of 400 ms count.
struct BlockGate<'a> {
    gating_blocks: &'a [f64],
    /// Least power that counts; `None` when all do.
    gate: Option<f64>,
}

impl<'a> BlockGate<'a> {
    fn new(loudness: &'a LoudnessResult) -> Self {
        let gating_blocks = &loudness.gating_blocks;
        Self { gating_blocks, gate: gating::integrated_gate(gating_blocks) }
    }

    fn counts(&self, block: usize) -> bool {
        self.gate.is_none_or(|gate| {
            self.gating_blocks
                .get(block * GATING_BLOCKS_PER_BLOCK)
                .is_some_and(|&power| power > gate)
        })
    }

    /// Share of `count` blocks from `first` on that count.
    fn share(&self, first: usize, count: usize) -> f64 {
        let counting = (first..first + count).filter(|&block| self.counts(block)).count();
        counting as f64 / count as f64
    }
}

/// Power of every cell in every row, low cells from the long transform.
struct CellRows<'a> {
    bands: &'a BandResult,
    low: &'a LowResult,
    /// Level that the decimation took from each low cell.
    droop: Vec<f64>,
    cells: usize,
    count: usize,
    blocks: usize,
}

impl<'a> CellRows<'a> {
    fn new(spec: AudioSpec, edges: &[f64], bands: &'a BandResult, low: &'a LowResult) -> Self {
        let decimator = Decimator::new(Decimator::factor_for(spec.sample_rate_hz, LOWEST_RATE_HZ));
        let droop = edges
            .windows(2)
            .take(low.cells)
            .map(|edge| {
                let centre = libm::sqrt(edge[0] * edge[1]);
                decimator.power_gain(centre, f64::from(spec.sample_rate_hz))
            })
            .collect();
        let cells = edges.len() - 1;
        let count = (bands.cells.len() / (2 * cells)).min(low.rows.len() / (2 * low.cells.max(1)));
        Self { bands, low, droop, cells, count, blocks: bands.blocks_per_row }
    }

    /// Power in `row` of `cell` of the mid (part 0) or the side (part 1).
    fn power(&self, row: usize, part: usize, cell: usize) -> f64 {
        let low = self.low.cells;
        if cell < low {
            f64::from(self.low.rows[row * 2 * low + part * low + cell]) / self.droop[cell]
        } else {
            f64::from(self.bands.cells[row * 2 * self.cells + part * self.cells + cell])
        }
    }

    fn mean(&self, part: usize, weights: &[f64]) -> Vec<f64> {
        let total: f64 = weights.iter().sum();
        (0..self.cells)
            .map(|cell| {
                let sum: f64 =
                    (0..self.count).map(|row| weights[row] * self.power(row, part, cell)).sum();
                if total > 0.0 { sum / total } else { 0.0 }
            })
            .collect()
    }

    /// Power of third octave `third`, one a row.
    fn third_powers(&self, third: usize) -> Vec<f64> {
        let cells = first_cell(third)..first_cell(third) + CELLS_PER_THIRD;
        let both = |row, cell| self.power(row, 0, cell) + self.power(row, 1, cell);
        (0..self.count).map(|row| cells.clone().map(|cell| both(row, cell)).sum()).collect()
    }

    /// Seconds a row.
    fn row_s(&self) -> f64 {
        self.blocks as f64 * BLOCK_S
    }
}

fn spectrum_of(
    spec: AudioSpec,
    rows: &CellRows<'_>,
    weights: &[f64],
    [power, mid, side]: [&Vec<f64>; 3],
) -> Spectrum {
    let stereo = spec.is_stereo();
    let level_db = third_levels(power);
    let mut spread_db = Vec::new();
    let (mut of_levels, mut of_log_means, mut log_mean_db) = (Vec::new(), Vec::new(), Vec::new());
    for (third, level) in level_db.iter().enumerate() {
        let powers = if level.is_some() { rows.third_powers(third) } else { Vec::new() };
        spread_db.push(spread(&powers, weights));
        let floor = level.map_or(NO_SIGNAL, |level_db| db_to_power(level_db - LOG_RANGE_DB));
        let levels = powers.iter().map(|power| power_to_db(power.max(floor)));
        let of_moments = |values: &mut dyn Iterator<Item = f64>| {
            Moments::new(values, weights.iter().copied(), rows.row_s())
        };
        let log_mean = of_moments(&mut levels.into_iter());
        of_levels.push(of_moments(&mut powers.iter().copied()).of_level());
        log_mean_db.push(log_mean.mean());
        of_log_means.push(log_mean.of_mean());
    }
    let errors = |values: &[Option<Deviations>]| -> Vec<Option<f64>> {
        values.iter().map(|value| value.as_ref()?.standard_error()).collect()
    };
    let error_db = errors(&of_levels);
    let log_mean_error_db = errors(&of_log_means);
    of_levels.append(&mut of_log_means);
    let correlation = error_correlations(&of_levels);
    Spectrum {
        third_octave_hz: NOMINAL_HZ.to_vec(),
        tilt_db_per_octave: tilt(&level_db),
        level_db,
        mid_level_db: if stereo { third_levels(mid) } else { Vec::new() },
        side_level_db: if stereo { third_levels(side) } else { Vec::new() },
        spread_db,
        error_db,
        evidence: Some(ToneEvidence { log_mean_db, log_mean_error_db, correlation }),
        frames: Some(Arc::new(frames_of(rows, weights, stereo))),
    }
}

/// A row counts as a moment when at least this share of it does.
const COUNTING_SHARE: f64 = 0.5;
/// Level of a third octave that holds nothing, dB.
const NOTHING_DB: f64 = -200.0;
/// Beyond this a side or a mid is as good as alone, dB.
const IMAGE_RANGE_DB: f64 = 60.0;

/// The moments that count, third octave by third octave.
fn frames_of(rows: &CellRows<'_>, weights: &[f64], stereo: bool) -> SpectrumFrames {
    let bands = NOMINAL_HZ.len();
    let whole = (0..bands).take_while(|&third| first_cell(third) + CELLS_PER_THIRD <= rows.cells);
    let whole = whole.count();
    let mut frames = SpectrumFrames { step_s: rows.row_s(), bands, ..SpectrumFrames::default() };
    for row in (0..rows.count).filter(|&row| weights[row] >= COUNTING_SHARE) {
        frames.count.push(1);
        for third in 0..bands {
            let power = |part: usize| -> f64 {
                let cells = first_cell(third)..first_cell(third) + CELLS_PER_THIRD;
                if third < whole {
                    cells.map(|cell| rows.power(row, part, cell)).sum()
                } else {
                    0.0
                }
            };
            let (mid, side) = (power(0), power(1));
            let level_db = power_to_db((mid + side).max(db_to_power(NOTHING_DB)));
            frames.level_db.push(level_db as f32);
            if stereo {
                let ratio_db = power_to_db((side + NO_SIGNAL * 1e-3) / (mid + NO_SIGNAL * 1e-3));
                let held_db = ratio_db.clamp(-IMAGE_RANGE_DB, IMAGE_RANGE_DB);
                frames.side_minus_mid_db.push(held_db as f32);
            }
        }
    }
    frames
}

/// 95th percentile less median of the level of the rows that count, dB.
fn spread(powers: &[f64], weights: &[f64]) -> Option<f64> {
    let counting = powers.iter().zip(weights).filter(|(_, weight)| **weight > 0.0);
    let levels: Vec<f64> = counting.map(|(&power, _)| power_to_db(power.max(NO_SIGNAL))).collect();
    Some(percentile(&levels, 0.95)? - percentile(&levels, 0.5)?)
}

/// Third-octave levels; `None` where the band is not whole below the Nyquist frequency or holds nothing.
fn third_levels(cells: &[f64]) -> Vec<Option<f64>> {
    (0..NOMINAL_HZ.len())
        .map(|third| {
            let first = first_cell(third);
            // The last cell may be cut off by the Nyquist frequency.
            let whole = cells
                .get(first..first + CELLS_PER_THIRD)
                .filter(|_| first + CELLS_PER_THIRD < cells.len())?;
            let power: f64 = whole.iter().sum();
            (power > NO_SIGNAL).then(|| power_to_db(power))
        })
        .collect()
}

/// Slope of third-octave levels per octave less 3 dB, 100 Hz to 10 kHz; `None` with fewer than two levels there.
pub fn tilt(level_db: &[Option<f64>]) -> Option<f64> {
    let points: Vec<[f64; 2]> = NOMINAL_HZ
        .iter()
        .zip(level_db)
        .filter(|(freq_hz, _)| TILT_HZ.contains(*freq_hz))
        .filter_map(|(&freq_hz, level)| level.map(|level| [libm::log2(freq_hz), level]))
        .collect();
    slope(&points).map(|slope| slope - DENSITY_SLOPE_DB)
}
