//! Crest factors, level spreads and attacks.

use acetate_audio::units::{amplitude_to_db, db_to_power, power_to_db};

use crate::analysis::{Dynamics, DynamicsBand};
use crate::band_result::BandResult;
use crate::bands::WideBands;
use crate::loudness::LoudnessResult;
use crate::loudness::gating::{self, power_of};
use crate::statistics::{mean, percentile, percentile_of_sorted, standard_deviation};
use crate::syllables::syllables;
use crate::waveform::WaveformResult;

/// Steps of 50 ms in the blocks of 400 ms whose levels are spread.
const SPREAD_STEPS: usize = 8;
/// Steps of 50 ms from one of those blocks to the next.
const SPREAD_HOP: usize = 2;
/// Blocks below this do not count (as in the statistics of commercial records).
const SPREAD_ABSOLUTE_DB: f64 = -70.0;
/// Blocks this far below the power mean do not count.
const SPREAD_RELATIVE_DB: f64 = -20.0;
/// Share of the steps whose envelope may lie above the peak that crest per band uses: one odd click in a
/// song is not its crest.
const BAND_PEAK_SHARE: f64 = 0.99;
/// Mean squares below are no signal: -150 dB.
const NO_SIGNAL: f64 = 1e-15;

/// Everything about level over time.
pub(crate) fn dynamics(
    waveform: &WaveformResult,
    bands: &BandResult,
    wide: &WideBands,
    loudness: &LoudnessResult,
    main: &[usize],
) -> Dynamics {
    let attacks = Attacks::find(waveform, loudness);
    Dynamics {
        crest_factor_db: crest_factor_db(waveform, main),
        bands: (0..wide.edges.len()).map(|band| band_of(bands, wide, band)).collect(),
        attack_crest_db: percentile(&attacks.crests_db, 0.5),
        attack_crest_p90_db: percentile(&attacks.crests_db, 0.9),
        attacks_per_s: (!attacks.crests_db.is_empty() && waveform.envelope_power.len() > 1_000)
            .then(|| attacks.crests_db.len() as f64 / attacks.length_s),
        top_fifth_crest_db: top_fifth_crest_db(waveform),
        syllables: syllables(bands, wide),
    }
}

fn crest_factor_db(waveform: &WaveformResult, main: &[usize]) -> Option<f64> {
    let channels = main.iter().map(|&index| &waveform.channels[index]);
    let peak = channels.clone().map(|sums| sums.peak).fold(0.0, f32::max);
    let square: f64 = channels.map(|sums| sums.square).sum();
    let power = square / (waveform.frames.max(1) as f64 * main.len() as f64);
    (power > 0.0).then(|| amplitude_to_db(f64::from(peak)) - power_to_db(power))
}

fn band_of(bands: &BandResult, wide: &WideBands, band: usize) -> DynamicsBand {
    let [low_hz, high_hz] = wide.edges[band];
    let [mid, side] = [0, 1].map(|part| {
        wide.weighted(part, band).map(|rows| gated_levels_db(rows, bands.steps_per_row))
    });
    let spread = |levels: &Option<Vec<f64>>| levels.as_deref().and_then(standard_deviation);
    let log_mean = |levels: &Option<Vec<f64>>| levels.as_deref().and_then(mean);
    DynamicsBand {
        low_hz,
        high_hz,
        crest_factor_db: band_crest_db(bands, wide, band),
        level_std_db: spread(&mid),
        quick_level_std_db: quick_spread_db(bands, wide, band),
        side_level_std_db: spread(&side),
        mid_log_mean_db: log_mean(&mid),
        side_log_mean_db: log_mean(&side),
    }
}

/// Levels of blocks of 400 ms every 100 ms that are above -70 dB and within 20 dB of their power mean.
fn gated_levels_db(rows: &[f64], steps_per_row: usize) -> Vec<f64> {
    let length = (SPREAD_STEPS / steps_per_row).max(1);
    let hop = (SPREAD_HOP / steps_per_row).max(1);
    let blocks = gating::sliding_means(rows, length);
    loud_levels_db(blocks.into_iter().step_by(hop))
}

/// Spread of the levels of the single steps of the mid, gated as the blocks are.
fn quick_spread_db(bands: &BandResult, wide: &WideBands, band: usize) -> Option<f64> {
    let steps = wide.weighted(0, band).filter(|_| bands.steps_per_row == 1)?;
    standard_deviation(&loud_levels_db(steps.iter().copied()))
}

/// Levels of the powers that are above -70 dB and within 20 dB of their mean.
fn loud_levels_db(powers: impl Iterator<Item = f64>) -> Vec<f64> {
    let absolute = db_to_power(SPREAD_ABSOLUTE_DB);
    let loud: Vec<f64> = powers.filter(|&power| power > absolute).collect();
    let Some(mean) = mean(&loud) else { return Vec::new() };
    let gate = mean * db_to_power(SPREAD_RELATIVE_DB);
    loud.into_iter().filter(|&power| power > gate).map(power_to_db).collect()
}

fn band_crest_db(bands: &BandResult, wide: &WideBands, band: usize) -> Option<f64> {
    let power = wide.gated_power(band)[2];
    let count = wide.edges.len();
    let mut peaks: Vec<f64> =
        bands.wide_peaks.iter().skip(band).step_by(count).map(|&peak| f64::from(peak)).collect();
    peaks.sort_by(f64::total_cmp);
    let peak = percentile_of_sorted(&peaks, BAND_PEAK_SHARE)?;
    (power > NO_SIGNAL && peak > 0.0).then(|| amplitude_to_db(peak) - power_to_db(power))
}

/// Sample peak less the level of the loudest fifth of 3 s windows.
fn top_fifth_crest_db(waveform: &WaveformResult) -> Option<f64> {
    let rows = (3_000 / waveform.steps_per_row).max(1);
    let mut levels: Vec<f64> = waveform
        .envelope_power
        .chunks_exact(rows)
        .map(|chunk| chunk.iter().map(|&power| f64::from(power)).sum::<f64>() / rows as f64)
        .collect();
    levels.sort_by(|a, b| b.total_cmp(a));
    let loudest = &levels[..levels.len().div_ceil(5)];
    let power = mean(loudest).filter(|&power| power > 0.0)?;
    let peak = waveform.envelope_peak.iter().copied().fold(0.0, f32::max);
    Some(amplitude_to_db(f64::from(peak)) - power_to_db(power))
}

/// Least rise of a 10 ms level over the 30 ms before that makes an attack.
const ATTACK_RISE_DB: f64 = 6.0;
/// How far below the integrated loudness the level of an attack may be.
const ATTACK_GATE_LU: f64 = -15.0;
/// Least time between attacks.
const ATTACK_SPACING_MS: usize = 80;
/// Where the peak is looked for, from the beginning of the rise.
const ATTACK_PEAK_MS: usize = 15;
/// The level after the peak is taken over this.
const ATTACK_BODY_MS: usize = 50;
/// Length of the levels that are compared.
const ATTACK_STEP_MS: usize = 10;

/// The attacks in a sound.
struct Attacks {
    crests_db: Vec<f64>,
    length_s: f64,
}

impl Attacks {
    fn find(waveform: &WaveformResult, loudness: &LoudnessResult) -> Self {
        let power = &waveform.envelope_power;
        let per_row = waveform.steps_per_row;
        let rows = |ms: usize| (ms / per_row).max(1);
        let gate =
            loudness.integrated_lufs().map_or(f64::MAX, |lufs| power_of(lufs + ATTACK_GATE_LU));
        let rise = db_to_power(ATTACK_RISE_DB);
        let levels: Vec<f64> = power
            .chunks(rows(ATTACK_STEP_MS))
            .map(|chunk| {
                chunk.iter().map(|&power| f64::from(power)).sum::<f64>() / chunk.len() as f64
            })
            .collect();
        let mut crests_db = Vec::new();
        let mut free_from = 0;
        for step in 3..levels.len() {
            let before = (levels[step - 1] + levels[step - 2] + levels[step - 3]) / 3.0;
            let start = step * rows(ATTACK_STEP_MS);
            if levels[step] > gate && levels[step] > before * rise && start >= free_from {
                let peak_end = (start + rows(ATTACK_PEAK_MS)).min(power.len());
                crests_db.extend(crest_at(waveform, start, peak_end, rows(ATTACK_BODY_MS)));
                free_from = start + rows(ATTACK_SPACING_MS);
            }
        }
        Self { crests_db, length_s: (power.len() * per_row) as f64 * 1e-3 }
    }
}

/// The largest peak between `start` and `end` over the level of the `body` rows after it.
fn crest_at(waveform: &WaveformResult, start: usize, end: usize, body: usize) -> Option<f64> {
    let peaks = &waveform.envelope_peak;
    let at = (start..end).max_by(|&a, &b| peaks[a].total_cmp(&peaks[b]))?;
    let after = waveform.envelope_power.get(at + 1..at + 1 + body)?;
    let power = after.iter().map(|&power| f64::from(power)).sum::<f64>() / body as f64;
    (power > 0.0).then(|| amplitude_to_db(f64::from(peaks[at])) - power_to_db(power))
}
