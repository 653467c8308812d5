//! From a level to the reduction that is wanted, and from a reduction to a gain.

use acetate_audio::units::{amplitude_to_db, db_to_amplitude, power_to_db};

use super::ballistics::decoupled_release_ms;
use crate::settings::{CompressorBand, DetectorKind};

/// How far a level counts as over the threshold, dB, never below 0, when it is `over_db` above it and the soft knee around the
/// threshold is `knee_db` wide (Giannoulis, Massberg & Reiss, JAES 60(6) 2012, equation 4, for an infinite ratio).
pub fn over_knee_db(over_db: f64, knee_db: f64) -> f64 {
    let into_knee_db = over_db + knee_db / 2.0;
    if into_knee_db <= 0.0 {
        0.0
    } else if into_knee_db < knee_db {
        into_knee_db * into_knee_db / (2.0 * knee_db)
    } else {
        over_db
    }
}

/// Power gain at `freq_hz` of the side-chain's high-pass: a Butterworth prototype of second order, which the digital filter follows.
pub fn sidechain_power_gain(freq_hz: f64, highpass_hz: f64) -> f64 {
    let square = (freq_hz / highpass_hz) * (freq_hz / highpass_hz);
    square * square / (1.0 + square * square)
}

/// The static curve, make-up and mix of a band.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Law {
    threshold_db: f64,
    knee_db: f64,
    slope: f64,
    makeup_db: f64,
    pub(super) mix: f64,
    /// Amplitude and power below which nothing is reduced.
    quiet: [f64; 2],
    idle_gain: f64,
}

impl Law {
    pub(crate) fn new(band: &CompressorBand) -> Self {
        let onset_db = band.threshold_db - band.knee_db / 2.0;
        let mut law = Self {
            threshold_db: band.threshold_db,
            knee_db: band.knee_db,
            slope: 1.0 - 1.0 / band.ratio,
            makeup_db: band.makeup_db,
            mix: band.mix_pct / 100.0,
            quiet: [db_to_amplitude(onset_db), db_to_amplitude(2.0 * onset_db)],
            idle_gain: 1.0,
        };
        law.idle_gain = 1.0 + law.mix * (db_to_amplitude(law.makeup_db) - 1.0);
        law
    }

    /// Reduction wanted at a level, in dB, never below 0 (equation 4 of the paper).
    pub(crate) fn reduction_db(&self, level_db: f64) -> f64 {
        self.slope * over_knee_db(level_db - self.threshold_db, self.knee_db)
    }

    pub(super) fn reduction(&self, level: f64, kind: DetectorKind) -> f64 {
        match kind {
            DetectorKind::Peak if level <= self.quiet[0] => 0.0,
            DetectorKind::Rms if level <= self.quiet[1] => 0.0,
            DetectorKind::Peak => self.reduction_db(amplitude_to_db(level)),
            DetectorKind::Rms => self.reduction_db(power_to_db(level)),
        }
    }

    /// Amplitude gain for a smoothed reduction.
    pub(super) fn gain(&self, reduction_db: f64) -> f64 {
        if reduction_db == 0.0 {
            return self.idle_gain;
        }
        1.0 + self.mix * (db_to_amplitude(self.makeup_db - reduction_db) - 1.0)
    }
}

impl CompressorBand {
    /// Gain of the band, make-up and mix included, once it has settled at a level.
    pub fn static_gain_db(&self, level_db: f64) -> f64 {
        let law = Law::new(self);
        amplitude_to_db(law.gain(law.reduction_db(level_db)))
    }

    /// Time constant of the first of the two smoothers, which holds peaks and lets them go, ms.
    pub fn hold_release_ms(&self) -> f64 {
        decoupled_release_ms(self.attack_ms, self.release_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::biquad;

    #[test]
    fn the_sidechain_filter_follows_its_prototype() {
        let section = biquad::high_pass(120.0, std::f64::consts::FRAC_1_SQRT_2, 44_100.0);
        for freq_hz in [30.0, 120.0, 500.0, 8_000.0] {
            let prototype_db = power_to_db(sidechain_power_gain(freq_hz, 120.0));
            let error_db = section.response_db(freq_hz, 44_100.0) - prototype_db;
            assert!(error_db.abs() < 0.1, "{error_db} dB at {freq_hz} Hz");
        }
    }

    #[test]
    fn a_knee_joins_nothing_to_everything() {
        assert_eq!(over_knee_db(-3.0, 6.0), 0.0);
        assert_eq!(over_knee_db(3.0, 6.0), 3.0);
        assert_eq!(over_knee_db(0.0, 6.0), 0.75);
        assert_eq!(over_knee_db(2.0, 0.0), 2.0);
    }
}
