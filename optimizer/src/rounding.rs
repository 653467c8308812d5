//! Numbers as a person would dial them in.
//!
//! Everything is rounded before the confirming render, so that the settings on paper give exactly the bytes that were
//! confirmed.

use acetate_engine::Settings;

/// Gains to a hundredth of a decibel.
const GAIN_STEP_DB: f64 = 0.01;
/// The drive to a thousandth: it settles the loudness.
const DRIVE_STEP_DB: f64 = 0.001;
/// Q and ratios to a hundredth.
const Q_STEP: f64 = 0.01;

/// `value` rounded to a multiple of `step`, free of binary dust (0.3, not 0.30000000000000004).
pub(crate) fn to_step(value: f64, step: f64) -> f64 {
    let per_unit = (1.0 / step).round();
    (value * per_unit).round() / per_unit + 0.0
}

/// `value` rounded to three significant digits.
pub(crate) fn to_three_digits(value: f64) -> f64 {
    if value <= 0.0 {
        return value;
    }
    let exponent = libm::floor(libm::log10(value)) as i32 - 2;
    if exponent >= 0 {
        let unit = f64::from(10_i32.pow(exponent as u32));
        (value / unit).round() * unit
    } else {
        let per_unit = f64::from(10_i32.pow(-exponent as u32));
        (value * per_unit).round() / per_unit
    }
}

/// Rounds the drive.
pub(crate) fn drive(drive_db: f64) -> f64 {
    to_step(drive_db, DRIVE_STEP_DB)
}

/// Rounds every number of `settings` to what is readable.
pub(crate) fn round(settings: &mut Settings) {
    for band in &mut settings.equalizer.bands {
        band.freq_hz = to_three_digits(band.freq_hz);
        band.gain_db = to_step(band.gain_db, GAIN_STEP_DB);
        band.q = to_step(band.q, Q_STEP);
    }
    for band in &mut settings.compressor.bands {
        band.threshold_db = to_step(band.threshold_db, GAIN_STEP_DB);
        band.ratio = to_step(band.ratio, Q_STEP);
        band.makeup_db = to_step(band.makeup_db, GAIN_STEP_DB);
        band.attack_ms = to_three_digits(band.attack_ms);
        band.release_ms = to_three_digits(band.release_ms);
    }
    for band in &mut settings.stereo.bands {
        band.width_pct = to_step(band.width_pct, 0.1);
        band.below_hz = band.below_hz.map(to_three_digits);
    }
    settings.drive_db = drive(settings.drive_db);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_are_kept_at_any_size() {
        assert_eq!(to_three_digits(12_345.0), 12_300.0);
        assert_eq!(to_three_digits(123.45), 123.0);
        assert_eq!(to_three_digits(63.096), 63.1);
        assert_eq!(to_three_digits(0.123_45), 0.123);
    }

    #[test]
    fn steps_leave_no_binary_dust() {
        assert_eq!(to_step(0.1 + 0.2, 0.01), 0.3);
        assert_eq!(to_step(-4.316_49, 0.001), -4.316);
        assert!(to_step(-0.001, 0.01).is_sign_positive());
    }
}
