//! Loudness from K-weighted power: gated means, of one programme or of several that count as one.
//!
//! A *programme* is the power of consecutive blocks of 100 ms, weighted and summed over its channels
//! ([`LoudnessBlocks::weighted`](crate::LoudnessBlocks::weighted)). No gating block reaches from one programme into the next.
//!
//! ```
//! use acetate_analyzer::gating;
//!
//! let (song, ballad) = ([0.1; 50], [0.03; 50]);
//! let record = gating::integrated_lufs(&[&song, &ballad]);
//! assert!(record < gating::integrated_lufs(&[&song]));
//! assert!(record > gating::integrated_lufs(&[&ballad]));
//! ```

use acetate_audio::units::{db_to_power, power_to_db};

/// Loudness of a weighted mean square of 1.0 is -0.691 LUFS (BS.1770-5, equation 2).
const OFFSET_LU: f64 = -0.691;
/// Blocks at or below do not count (BS.1770-5).
const ABSOLUTE_GATE_LUFS: f64 = -70.0;
/// Distance of the relative gate below the mean of the absolutely gated blocks (BS.1770-5).
const RELATIVE_GATE_LU: f64 = -10.0;
/// The same for loudness range (EBU Tech 3342).
const RANGE_GATE_LU: f64 = -20.0;
/// Percentiles of loudness range (EBU Tech 3342).
const RANGE_PERCENTILES: [f64; 2] = [0.10, 0.95];

/// Blocks of 100 ms in a gating block of 400 ms.
pub(crate) const GATING_BLOCKS: usize = 4;
/// Blocks of 100 ms in a short-term window of 3 s.
pub(crate) const SHORT_TERM_BLOCKS: usize = 30;

/// Integrated loudness, LUFS, of programmes that count as one (BS.1770-5). `None` when nothing is above the gates.
pub fn integrated_lufs(programmes: &[&[f64]]) -> Option<f64> {
    integrated(&windows(programmes, GATING_BLOCKS))
}

/// Loudness range, LU, of programmes that count as one (EBU Tech 3342). `None` when nothing is above the gates.
pub fn range_lu(programmes: &[&[f64]]) -> Option<f64> {
    range(&windows(programmes, SHORT_TERM_BLOCKS))
}

/// Loudest 400 ms, LUFS, on the grid of 100 ms. `None` for silence.
pub fn momentary_max_lufs(programme: &[f64]) -> Option<f64> {
    loudest(programme, GATING_BLOCKS)
}

/// Loudest 3 s, LUFS, on the grid of 100 ms. `None` for silence.
pub fn short_term_max_lufs(programme: &[f64]) -> Option<f64> {
    loudest(programme, SHORT_TERM_BLOCKS)
}

fn windows(programmes: &[&[f64]], length: usize) -> Vec<f64> {
    programmes.iter().flat_map(|programme| sliding_means(programme, length)).collect()
}

fn loudest(programme: &[f64], length: usize) -> Option<f64> {
    loudness_of(sliding_means(programme, length).into_iter().fold(0.0, f64::max))
}

/// Loudness, LUFS, of a weighted mean square; `None` for silence.
pub fn loudness_of(power: f64) -> Option<f64> {
    (power > 0.0).then(|| OFFSET_LU + power_to_db(power))
}

/// Weighted mean square of a loudness.
pub fn power_of(lufs: f64) -> f64 {
    db_to_power(lufs - OFFSET_LU)
}

/// The lowest block power that counts for integrated loudness; `None` when no block is above the absolute gate.
pub(crate) fn integrated_gate(blocks: &[f64]) -> Option<f64> {
    gate(blocks, RELATIVE_GATE_LU)
}

fn gate(blocks: &[f64], relative_lu: f64) -> Option<f64> {
    let absolute = power_of(ABSOLUTE_GATE_LUFS);
    let mean = mean_above(blocks, absolute)?;
    Some(absolute.max(mean * db_to_power(relative_lu)))
}

fn mean_above(blocks: &[f64], gate: f64) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0u64);
    for &power in blocks.iter().filter(|&&power| power > gate) {
        sum += power;
        count += 1;
    }
    (count > 0).then(|| sum / count as f64)
}

/// Integrated loudness, LUFS, of the powers of 400 ms blocks (BS.1770-5). `None` for silence.
pub(crate) fn integrated(blocks: &[f64]) -> Option<f64> {
    let gate = integrated_gate(blocks)?;
    loudness_of(mean_above(blocks, gate)?)
}

/// Loudness range, LU, of the powers of 3 s blocks (EBU Tech 3342). `None` without a block above the gate.
pub(crate) fn range(blocks: &[f64]) -> Option<f64> {
    let [low, high] = range_ends(blocks)?;
    Some(power_to_db(high / low))
}

/// The upper end of the loudness range, LUFS: how loud the loud parts are.
pub(crate) fn top(blocks: &[f64]) -> Option<f64> {
    let [_, high] = range_ends(blocks)?;
    loudness_of(high)
}

/// The powers of both ends of the loudness range.
fn range_ends(blocks: &[f64]) -> Option<[f64; 2]> {
    let gate = gate(blocks, RANGE_GATE_LU)?;
    let mut gated: Vec<f64> = blocks.iter().copied().filter(|&power| power >= gate).collect();
    gated.sort_by(f64::total_cmp);
    let last = gated.len().checked_sub(1)? as f64;
    Some(RANGE_PERCENTILES.map(|share| gated[libm::round(last * share) as usize]))
}

/// Mean of each `length` consecutive values, one result a value once `length` are there.
pub(crate) fn sliding_means(powers: &[f64], length: usize) -> Vec<f64> {
    powers.windows(length).map(|window| window.iter().sum::<f64>() / length as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_has_no_loudness() {
        assert_eq!(integrated(&[0.0; 10]), None);
        assert_eq!(range(&[0.0; 10]), None);
        assert_eq!(integrated(&[]), None);
    }

    #[test]
    fn programmes_count_as_one_and_no_block_reaches_from_one_into_the_next() {
        let (loud, quiet) = ([power_of(-20.0); 8], [power_of(-24.0); 8]);
        let both = integrated_lufs(&[&loud, &quiet]).unwrap();
        let mean = loudness_of(0.5 * (loud[0] + quiet[0])).unwrap();
        assert!((both - mean).abs() < 1e-9, "{both}");
        let short = [power_of(-20.0); 3];
        assert_eq!(integrated_lufs(&[&short, &short]), None);
        assert_eq!(momentary_max_lufs(&short), None);
    }

    #[test]
    fn a_steady_tone_has_its_own_loudness_and_no_range() {
        let tone = [power_of(-23.0); 100];
        for lufs in
            [integrated_lufs(&[&tone]), momentary_max_lufs(&tone), short_term_max_lufs(&tone)]
        {
            assert!((lufs.unwrap() + 23.0).abs() < 1e-9, "{lufs:?}");
        }
        assert!(range_lu(&[&tone]).unwrap().abs() < 1e-9);
    }

    #[test]
    fn blocks_ten_below_the_mean_do_not_count() {
        let loud = power_of(-20.0);
        let blocks = [loud, loud, power_of(-36.0), power_of(-71.0)];
        let integrated = integrated(&blocks).unwrap();
        assert!((integrated + 20.0).abs() < 1e-9, "{integrated}");
    }

    #[test]
    fn two_equally_long_levels_range_over_their_difference() {
        let mut blocks = vec![power_of(-20.0); 100];
        blocks.extend([power_of(-30.0); 100]);
        assert!((range(&blocks).unwrap() - 10.0).abs() < 1e-9);
    }
}
