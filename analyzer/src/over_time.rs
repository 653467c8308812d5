//! The series over time and the measures that compare peaks with loudness over time.

use acetate_audio::units::amplitude_to_db;

use crate::loudness::LoudnessResult;
use crate::loudness::gating::{self, loudness_of};
use crate::series::Series;
use crate::waveform::WaveformResult;

/// Blocks of 100 ms in 3 s.
const SHORT_TERM_BLOCKS: usize = 30;

/// Peak-to-short-term-loudness of every gated 3 s window, dB (Shepherd et al., AES 143, 2017).
/// `peaks` are those of blocks of 100 ms.
pub(crate) fn psr_db(loudness: &LoudnessResult, peaks: &[f32]) -> Vec<f64> {
    let gate = gating::integrated_gate(&loudness.gating_blocks).unwrap_or(f64::MAX);
    loudness
        .short_term_blocks
        .iter()
        .zip(peaks.windows(SHORT_TERM_BLOCKS))
        .filter(|(power, _)| **power > gate)
        .filter_map(|(&power, peaks)| {
            let peak = peaks.iter().copied().fold(0.0, f32::max);
            Some(amplitude_to_db(f64::from(peak)) - loudness_of(power)?)
        })
        .collect()
}

/// Everything over time, one value each 100 ms.
pub(crate) fn series(
    loudness: &LoudnessResult,
    peaks: &[f32],
    waveform: &WaveformResult,
) -> Series {
    let count = loudness.blocks.first().map_or(0, Vec::len);
    // A window of n blocks is known from the n-th block on.
    let windowed = |powers: &[f64]| -> Vec<Option<f64>> {
        let mut values = vec![None; count - powers.len()];
        values.extend(powers.iter().map(|&power| loudness_of(power)));
        values
    };
    let pairs = || waveform.pairs.iter().take(count);
    Series {
        step_s: 0.1,
        momentary_lufs: windowed(&loudness.gating_blocks),
        short_term_lufs: windowed(&loudness.short_term_blocks),
        peak_dbtp: peaks
            .iter()
            .take(count)
            .map(|&peak| (peak > 0.0).then(|| amplitude_to_db(f64::from(peak))))
            .collect(),
        width: pairs().map(|sums| sums.width()).collect(),
        correlation: pairs().map(|sums| sums.correlation()).collect(),
    }
}
