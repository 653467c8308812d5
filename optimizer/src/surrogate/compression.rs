//! The compressor on the envelope alone.

use acetate_analyzer::Envelope;
use acetate_audio::units::{amplitude_to_db, db_to_power, power_to_db};
use acetate_engine::settings::{CompressorBand, DetectorKind};

/// Level below which an envelope is silence, dB.
const FLOOR_DB: f64 = -120.0;

/// The envelope in dB, with the change of level that filters before the compressor make.
#[derive(Clone, Debug)]
pub(crate) struct LevelTrack {
    pub(crate) step_s: f64,
    peak_db: Vec<f32>,
    rms_db: Vec<f32>,
}

/// What a compressor does: mean power gain of each block, and its mean gain reduction while it works.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Compressed {
    pub(crate) power_gain: Vec<f64>,
    pub(crate) mean_reduction_db: f64,
}

impl LevelTrack {
    pub(crate) fn new(envelope: &Envelope) -> Self {
        let peak_db = envelope
            .peak
            .iter()
            .map(|&peak| amplitude_to_db(f64::from(peak)).max(FLOOR_DB) as f32)
            .collect();
        let rms_db = envelope
            .power
            .iter()
            .map(|&power| power_to_db(f64::from(power)).max(FLOOR_DB) as f32)
            .collect();
        Self { step_s: envelope.step_s, peak_db, rms_db }
    }

    /// Level below which the given share of the sounding milliseconds lies, dB.
    pub(crate) fn percentile_db(&self, share: f64) -> Option<f64> {
        let mut sounding: Vec<f32> =
            self.peak_db.iter().copied().filter(|&db| f64::from(db) > -70.0).collect();
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
    /// & Reiss, JAES 60(6), 2012), on a grid of 1 ms.
    pub(crate) fn compress(
        &self,
        band: &CompressorBand,
        shift_db: &[f64],
        block_s: f64,
    ) -> Compressed {
        let track = match band.detector {
            DetectorKind::Peak => &self.peak_db,
            DetectorKind::Rms => &self.rms_db,
        };
        let per_block = (block_s / self.step_s).round().max(1.0) as usize;
        let keep = |ms: f64| libm::exp(-self.step_s * 1e3 / ms);
        let (attack, release) = (keep(band.attack_ms), keep(band.release_ms));
        let slope = 1.0 - 1.0 / band.ratio;
        let makeup_db = band.makeup_db;
        let (mut held, mut smooth) = (0.0_f64, 0.0_f64);
        let (mut sum_db, mut active) = (0.0, 0_usize);
        let mut power_gain = Vec::with_capacity(shift_db.len());
        for (block, levels) in track.chunks(per_block).take(shift_db.len()).enumerate() {
            let over_from = band.threshold_db - shift_db[block];
            let mut power = 0.0;
            for &level in levels {
                let wanted = slope * over_knee_db(f64::from(level) - over_from, band.knee_db);
                held = wanted.max(release * held + (1.0 - release) * wanted);
                smooth = attack * smooth + (1.0 - attack) * held;
                power += mixed_power(makeup_db - smooth, band.mix_pct);
                if smooth > 0.05 {
                    sum_db += smooth;
                    active += 1;
                }
            }
            power_gain.push(power / levels.len() as f64);
        }
        power_gain.resize(shift_db.len(), mixed_power(makeup_db, band.mix_pct));
        let mean_reduction_db = if active > 0 { sum_db / active as f64 } else { 0.0 };
        Compressed { power_gain, mean_reduction_db }
    }
}

/// How far a level counts as over the threshold, with the soft knee around it.
fn over_knee_db(over_db: f64, knee_db: f64) -> f64 {
    if over_db <= -knee_db / 2.0 {
        0.0
    } else if over_db < knee_db / 2.0 {
        let into = over_db + knee_db / 2.0;
        into * into / (2.0 * knee_db)
    } else {
        over_db
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
