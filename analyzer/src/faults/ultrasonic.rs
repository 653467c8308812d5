//! Loudness that nobody hears: the K-weighting of BS.1770 goes on above 20 kHz, where only noise of converters and of modulators is.

use acetate_audio::units::power_to_db;

use crate::loudness::k_weighting::KWeighting;

/// Where hearing ends.
pub(crate) const AUDIBLE_HZ: f64 = 20_000.0;

/// How much lower the loudness would be without what lies above 20 kHz, LU, from the power of every bin; `None` of silence, and
/// where all of it lies there.
pub(crate) fn ultrasonic_lu(bins: &[f64], bin_hz: f64, sample_rate_hz: u32) -> Option<f64> {
    let rate = f64::from(sample_rate_hz);
    let filter = KWeighting::new(sample_rate_hz);
    let (mut below, mut above) = (0.0, 0.0);
    for (bin, power) in bins.iter().enumerate() {
        let freq_hz = bin as f64 * bin_hz;
        let weighted = power * filter.power_gain(freq_hz, rate);
        if freq_hz <= AUDIBLE_HZ { below += weighted } else { above += weighted }
    }
    (below > 0.0).then(|| power_to_db((below + above) / below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_much_above_twenty_kilohertz_as_below_is_three_decibels() {
        let mut bins = vec![0.0; 97];
        // The shelf is flat there: 10 and 30 kHz weigh the same within 0.1 dB.
        (bins[10], bins[30]) = (1.0, 1.0);
        let lu = ultrasonic_lu(&bins, 1_000.0, 192_000).unwrap();
        assert!((lu - 3.01).abs() < 0.1, "{lu}");
        bins[30] = 0.0;
        assert_eq!(ultrasonic_lu(&bins, 1_000.0, 192_000), Some(0.0));
        assert_eq!(ultrasonic_lu(&[0.0; 97], 1_000.0, 192_000), None);
    }
}
