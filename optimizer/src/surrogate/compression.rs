//! Compressors on the envelope alone.

use acetate_analyzer::Envelope;
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
        Self { fine: Grid::new(envelope, 1), coarse: Grid::new(envelope, COARSE_STEPS) }
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

    /// The gain of `band` on a track whose block `b` was changed by `shift_db[b]` beforehand.
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
        Compressed { power_gain, peak_gain, mean_reduction_db }
    }
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
    fn below_the_knee_nothing_happens() {
        let band = CompressorBand { threshold_db: -10.0, ratio: 4.0, ..CompressorBand::default() };
        let compressed = steady(0.01).compress(&band, &[0.0; 40], 0.1);
        assert!(compressed.power_gain.iter().all(|&gain| gain == 1.0));
        assert_eq!(compressed.mean_reduction_db, 0.0);
    }
}
