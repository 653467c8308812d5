//! Compressors on the envelope alone.

use acetate_analyzer::{Envelope, QUICK_BLOCK_S, quick_powers};
use acetate_audio::units::{amplitude_to_db, db_to_power, power_to_db};
use acetate_engine::over_knee_db;
use acetate_engine::settings::{CompressorBand, DetectorKind};

/// Level below which an envelope is silence, dB.
const FLOOR_DB: f64 = -120.0;

/// A compressor whose attack lasts this long is predicted on the coarse grid, ms.
const COARSE_ATTACK_MS: f64 = 16.0;
/// Steps of the fine grid in one of the coarse.
const COARSE_STEPS: usize = 4;
/// The engine takes peaks of steps no longer than this.
const ENGINE_STEP_S: f64 = 0.000_4;

/// The level over time, on the analyzer's grid of 1 ms and on a coarser one.
#[derive(Clone, Debug)]
pub(crate) struct LevelTrack {
    fine: Grid,
    coarse: Grid,
    /// Power of each 40 ms.
    quick_power: Vec<f64>,
    /// Where attacks have their peaks, in steps of the fine grid.
    attacks: Vec<usize>,
}

#[derive(Clone, Debug)]
struct Grid {
    step_s: f64,
    peak_db: Vec<f32>,
    rms_db: Vec<f32>,
    /// Level between peaks, as the engine's shorter steps find it.
    usual_db: Vec<f32>,
    power: Vec<f32>,
}

/// What a compressor does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Compressed {
    /// Power gain of each block.
    pub(crate) power_gain: Vec<f64>,
    /// Power gain of the peak of each block: an attack lets it through.
    pub(crate) peak_gain: Vec<f64>,
    /// Mean gain reduction while it works.
    pub(crate) mean_reduction_db: f64,
    /// Gain of each step of the coarse grid, dB.
    pub(crate) step_gain_db: Vec<f32>,
}

impl Grid {
    fn new(envelope: &Envelope, steps: usize) -> Self {
        let to_db = |db: f64| db.max(FLOOR_DB) as f32;
        let power: Vec<f32> = envelope
            .power
            .chunks(steps)
            .map(|chunk| chunk.iter().sum::<f32>() / chunk.len() as f32)
            .collect();
        let step_s = envelope.step_s * steps as f64;
        let peak_db: Vec<f32> = envelope
            .peak
            .chunks(steps)
            .map(|chunk| chunk.iter().copied().fold(0.0, f32::max))
            .map(|peak| to_db(amplitude_to_db(f64::from(peak))))
            .collect();
        let rms_db: Vec<f32> =
            power.iter().map(|&power| to_db(power_to_db(f64::from(power)))).collect();
        let at_peak = (ENGINE_STEP_S / step_s) as f32;
        let usual = |(&peak, &rms): (&f32, &f32)| rms + at_peak * (peak - rms);
        let usual_db = peak_db.iter().zip(&rms_db).map(usual).collect();
        Self { step_s, peak_db, rms_db, usual_db, power }
    }
}

impl LevelTrack {
    pub(crate) fn new(envelope: &Envelope) -> Self {
        Self {
            fine: Grid::new(envelope, 1),
            coarse: Grid::new(envelope, COARSE_STEPS),
            quick_power: quick_powers(&envelope.power, envelope.step_s),
            attacks: attacks(envelope),
        }
    }

    /// Steps of the coarse grid.
    pub(crate) fn steps(&self) -> usize {
        self.coarse.power.len()
    }

    /// Power of each 40 ms.
    pub(crate) fn quick_power(&self) -> &[f64] {
        &self.quick_power
    }

    /// Mean power gain of `step_gain_db` over each 40 ms, every moment for the energy it has.
    pub(crate) fn quick_gain(&self, step_gain_db: &[f32]) -> Vec<f64> {
        let steps = (QUICK_BLOCK_S / self.coarse.step_s.max(1e-6)).round().max(1.0) as usize;
        let blocks = step_gain_db.chunks(steps).zip(self.coarse.power.chunks(steps));
        blocks.map(|(gains, powers)| weighted_gain(gains, powers)).collect()
    }

    /// By how much attacks stand out more than before when the coarse grid is changed by `step_gain_db`: what their peak gains over
    /// what the 50 ms after it do, median; `None` without attacks.
    pub(crate) fn attack_change_db(&self, step_gain_db: &[f32]) -> Option<f64> {
        let gain_db = |step: usize| step_gain_db.get(step).map(|&db| f64::from(db));
        let body = (ATTACK_BODY_S / self.coarse.step_s.max(1e-6)).round().max(1.0) as usize;
        let change = |&peak: &usize| {
            let at = peak / COARSE_STEPS;
            let after = at + 1..at + 1 + body;
            let (gains, powers) = (step_gain_db.get(after.clone())?, self.coarse.power.get(after)?);
            Some(gain_db(at)? - power_to_db(weighted_gain(gains, powers)))
        };
        let mut changes: Vec<f64> = self.attacks.iter().filter_map(change).collect();
        changes.sort_by(f64::total_cmp);
        changes.get(changes.len() / 2).copied()
    }

    /// Level below which the given share of the sounding milliseconds lies, dB.
    pub(crate) fn percentile_db(&self, share: f64) -> Option<f64> {
        let mut sounding: Vec<f32> =
            self.fine.peak_db.iter().copied().filter(|&db| f64::from(db) > -70.0).collect();
        if sounding.is_empty() {
            return None;
        }
        let index = ((sounding.len() - 1) as f64 * share) as usize;
        let (_, value, _) = sounding.select_nth_unstable_by(index, f32::total_cmp);
        Some(f64::from(*value))
    }

    /// The gain of `band` on a track whose block `b` comes `shift_db[b]` nearer to its threshold than it is.
    ///
    /// The same law as the engine's: gain computer in dB, then smooth-decoupled release and attack (Giannoulis, Massberg
    /// & Reiss, JAES 60(6), 2012). Within a block every moment counts for the energy it has.
    pub(crate) fn compress(
        &self,
        band: &CompressorBand,
        shift_db: &[f64],
        block_s: f64,
    ) -> Compressed {
        let grid = if band.attack_ms >= COARSE_ATTACK_MS { &self.coarse } else { &self.fine };
        let levels = match band.detector {
            DetectorKind::Peak => &grid.peak_db,
            DetectorKind::Rms => &grid.rms_db,
        };
        let per_block = (block_s / grid.step_s).round().max(1.0) as usize;
        let keep = |ms: f64| libm::exp(-grid.step_s * 1e3 / ms);
        let (attack, release) = (keep(band.attack_ms), keep(band.hold_release_ms()));
        let slope = 1.0 - 1.0 / band.ratio;
        let (mut held, mut smooth) = (0.0_f64, 0.0_f64);
        let (mut sum_db, mut active) = (0.0, 0_usize);
        let mut power_gain = Vec::with_capacity(shift_db.len());
        let mut peak_gain = Vec::with_capacity(shift_db.len());
        let mut reduction_db: Vec<f32> = Vec::with_capacity(levels.len());
        let blocks = levels
            .chunks(per_block)
            .zip(grid.usual_db.chunks(per_block))
            .zip(grid.power.chunks(per_block))
            .zip(shift_db);
        for (((levels, usual), powers), shift_db) in blocks {
            let over_from = band.threshold_db - shift_db;
            // A trace of power makes silence a plain mean.
            let (mut weighted_db, mut weights) = (0.0, 0.0);
            let (mut peak_before, mut peak_after) = (FLOOR_DB, FLOOR_DB);
            for ((&level, &usual), &power) in levels.iter().zip(usual).zip(powers) {
                let wanted =
                    |level: f32| slope * over_knee_db(f64::from(level) - over_from, band.knee_db);
                // The level is at its peak for a moment only: for the rest of the step the hold lets go.
                held = release * held + (1.0 - release) * wanted(usual);
                held = held.max(wanted(level));
                smooth = attack * smooth + (1.0 - attack) * held;
                reduction_db.push(smooth as f32);
                let weight = f64::from(power) + 1e-12;
                weighted_db += weight * smooth;
                weights += weight;
                peak_before = f64::max(peak_before, level.into());
                peak_after = f64::max(peak_after, f64::from(level) - smooth);
                if smooth > 0.05 {
                    sum_db += smooth;
                    active += 1;
                }
            }
            power_gain.push(mixed_power(band.makeup_db - weighted_db / weights, band.mix_pct));
            let peak_reduction_db = peak_before - peak_after;
            peak_gain.push(mixed_power(band.makeup_db - peak_reduction_db, band.mix_pct));
        }
        for gain in [&mut power_gain, &mut peak_gain] {
            gain.resize(shift_db.len(), mixed_power(band.makeup_db, band.mix_pct));
        }
        let mean_reduction_db = if active > 0 { sum_db / active as f64 } else { 0.0 };
        let per_step = ((self.coarse.step_s / grid.step_s).round() as usize).max(1);
        let step_gain_db = reduction_db
            .chunks(per_step)
            .map(|steps| steps.iter().sum::<f32>() / steps.len() as f32)
            .map(|reduction_db| mixed_db(band.makeup_db - f64::from(reduction_db), band.mix_pct))
            .collect();
        Compressed { power_gain, peak_gain, mean_reduction_db, step_gain_db }
    }
}

/// Length of the body of an attack, s.
const ATTACK_BODY_S: f64 = 0.05;
/// An attack rises by this power ratio (6 dB) within 10 ms over the 30 ms before, is no more than 15 dB under the mean, and 80 ms
/// from the last one; its peak is looked for in 15 ms: as the analyzer has it.
const ATTACK_RISE: f64 = 4.0;
const ATTACK_GATE: f64 = 0.03;
const ATTACK_STEPS: usize = 10;
const ATTACK_SPACING: usize = 8;
const ATTACK_PEAK: usize = 15;

/// Where attacks have their peaks, in steps of the envelope.
fn attacks(envelope: &Envelope) -> Vec<usize> {
    let levels: Vec<f64> = envelope
        .power
        .chunks_exact(ATTACK_STEPS)
        .map(|steps| steps.iter().map(|&power| f64::from(power)).sum::<f64>())
        .collect();
    let gate = ATTACK_GATE * levels.iter().sum::<f64>() / levels.len().max(1) as f64;
    let (mut found, mut free_from) = (Vec::new(), 0);
    for step in 3..levels.len() {
        let before = (levels[step - 1] + levels[step - 2] + levels[step - 3]) / 3.0;
        if step >= free_from && levels[step] > gate && levels[step] > ATTACK_RISE * before {
            let from = step * ATTACK_STEPS;
            let near = from..(from + ATTACK_PEAK).min(envelope.peak.len());
            found.extend(near.max_by(|&a, &b| envelope.peak[a].total_cmp(&envelope.peak[b])));
            free_from = step + ATTACK_SPACING;
        }
    }
    found
}

/// Mean power gain of gains in dB, each for the power it acts on.
fn weighted_gain(gains_db: &[f32], powers: &[f32]) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (&gain_db, &power) in gains_db.iter().zip(powers) {
        // A trace of power makes silence a plain mean.
        let weight = f64::from(power) + 1e-12;
        sum += weight * f64::from(gain_db);
        weights += weight;
    }
    if weights > 0.0 { db_to_power(sum / weights) } else { 1.0 }
}

/// The same as [`mixed_power`], in dB.
fn mixed_db(gain_db: f64, mix_pct: f64) -> f32 {
    let mixed_db =
        if mix_pct >= 100.0 { gain_db } else { power_to_db(mixed_power(gain_db, mix_pct)) };
    mixed_db as f32
}

/// Power gain of `mix_pct` of a gain beside the dry sound.
fn mixed_power(gain_db: f64, mix_pct: f64) -> f64 {
    if mix_pct >= 100.0 {
        return db_to_power(gain_db);
    }
    let wet = mix_pct / 100.0;
    let amplitude = 1.0 + wet * (libm::sqrt(db_to_power(gain_db)) - 1.0);
    amplitude * amplitude
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steady(level: f32) -> LevelTrack {
        LevelTrack::new(&Envelope {
            step_s: 1e-3,
            peak: vec![level; 4_000],
            power: vec![level * level / 2.0; 4_000],
        })
    }

    #[test]
    fn a_steady_level_is_compressed_by_its_ratio() {
        let band = CompressorBand {
            threshold_db: -20.0,
            ratio: 2.0,
            knee_db: 0.0,
            ..CompressorBand::default()
        };
        let compressed = steady(1.0).compress(&band, &[0.0; 40], 0.1);
        let last = power_to_db(*compressed.power_gain.last().unwrap());
        assert!((last + 10.0).abs() < 0.01, "{last}");
    }

    #[test]
    fn a_level_that_filters_lowered_is_compressed_less() {
        let band = CompressorBand { threshold_db: -20.0, ratio: 2.0, ..CompressorBand::default() };
        let gain =
            |shift: f64| *steady(1.0).compress(&band, &[shift; 40], 0.1).power_gain.last().unwrap();
        assert!(gain(-10.0) > gain(0.0));
    }

    #[test]
    fn a_slow_attack_lets_strokes_stand_out_and_quick_levels_spread_less_behind_it() {
        // A stroke every 400 ms: 10 ms of peak, then a body that decays over 200 ms.
        let level = |ms: usize| match ms % 400 {
            0..100 => 0.001,
            100..110 => 1.0,
            rest => 0.5 * libm::exp(-((rest - 110) as f64) / 200.0),
        };
        let peak: Vec<f32> = (0..8_000).map(|ms| level(ms) as f32).collect();
        let power = peak.iter().map(|peak| peak * peak / 2.0).collect();
        let track = LevelTrack::new(&Envelope { step_s: 1e-3, peak, power });
        let band = CompressorBand { threshold_db: -20.0, ratio: 2.0, ..CompressorBand::default() };
        let compressed = track.compress(&band, &[0.0; 80], 0.1);
        assert_eq!(track.attacks.len(), 20);
        let change = track.attack_change_db(&compressed.step_gain_db).unwrap();
        assert!(change > 0.5, "{change}");
        assert_eq!(track.attack_change_db(&vec![-3.0; 2_000]).map(f64::round), Some(0.0));
    }

    #[test]
    fn below_the_knee_nothing_happens() {
        let band = CompressorBand { threshold_db: -10.0, ratio: 4.0, ..CompressorBand::default() };
        let compressed = steady(0.01).compress(&band, &[0.0; 40], 0.1);
        assert!(compressed.power_gain.iter().all(|&gain| gain == 1.0));
        assert_eq!(compressed.mean_reduction_db, 0.0);
    }
}
