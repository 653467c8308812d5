//! Loudness from blocks of K-weighted power, without audio.

use acetate_audio::units::{db_to_power, power_to_db};

/// BS.1770-5: loudness of a mean square of 1 in one channel.
const OFFSET_LUFS: f64 = -0.691;
/// BS.1770-5: blocks below this do not count.
const ABSOLUTE_GATE_LUFS: f64 = -70.0;
/// BS.1770-5: nor do those this far below the mean of the others.
const RELATIVE_GATE_LU: f64 = -10.0;
/// EBU Tech 3342: the same for the loudness range.
const RANGE_GATE_LU: f64 = -20.0;
/// Blocks of 100 ms in a gating block of 400 ms.
const BLOCKS_MOMENTARY: usize = 4;
/// Blocks of 100 ms in a short-term window of 3 s.
const BLOCKS_SHORT_TERM: usize = 30;

/// Integrated loudness of consecutive 100 ms powers (already weighted and summed over channels).
pub(crate) fn integrated_lufs(power: &[f64]) -> Option<f64> {
    let windows = means(power, BLOCKS_MOMENTARY);
    gated_mean(&windows, RELATIVE_GATE_LU).map(loudness)
}

/// Loudness range of the same.
pub(crate) fn range_lu(power: &[f64]) -> Option<f64> {
    let windows = means(power, BLOCKS_SHORT_TERM);
    let gate = gated_mean_absolute(&windows)? * db_to_power(RANGE_GATE_LU);
    let mut gated: Vec<f64> = windows
        .into_iter()
        .filter(|&power| power >= gate && loudness(power) >= ABSOLUTE_GATE_LUFS)
        .collect();
    gated.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| gated[((gated.len() - 1) as f64 * share + 0.5) as usize];
    (!gated.is_empty()).then(|| power_to_db(at(0.95) / at(0.10)))
}

/// Loudest window of `seconds_tenths` blocks.
fn loudest_lufs(power: &[f64], blocks: usize) -> Option<f64> {
    means(power, blocks)
        .into_iter()
        .fold(None, |most: Option<f64>, power| Some(most.map_or(power, |most| most.max(power))))
        .filter(|&power| power > 0.0)
        .map(loudness)
}

/// Loudest 400 ms.
pub(crate) fn momentary_max_lufs(power: &[f64]) -> Option<f64> {
    loudest_lufs(power, BLOCKS_MOMENTARY)
}

/// Loudest 3 s.
pub(crate) fn short_term_max_lufs(power: &[f64]) -> Option<f64> {
    loudest_lufs(power, BLOCKS_SHORT_TERM)
}

fn loudness(power: f64) -> f64 {
    OFFSET_LUFS + power_to_db(power)
}

fn means(power: &[f64], blocks: usize) -> Vec<f64> {
    power.windows(blocks).map(|window| window.iter().sum::<f64>() / blocks as f64).collect()
}

fn gated_mean_absolute(windows: &[f64]) -> Option<f64> {
    let floor = db_to_power(ABSOLUTE_GATE_LUFS - OFFSET_LUFS);
    mean_above(windows, floor)
}

fn gated_mean(windows: &[f64], relative_lu: f64) -> Option<f64> {
    let floor = db_to_power(ABSOLUTE_GATE_LUFS - OFFSET_LUFS);
    let first = mean_above(windows, floor)?;
    mean_above(windows, floor.max(first * db_to_power(relative_lu)))
}

fn mean_above(windows: &[f64], floor: f64) -> Option<f64> {
    let (sum, count) = windows
        .iter()
        .filter(|&&power| power >= floor)
        .fold((0.0, 0_usize), |(sum, count), power| (sum + power, count + 1));
    (count > 0).then(|| sum / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_tone_has_its_own_loudness_and_no_range() {
        let power = vec![db_to_power(-20.0); 100];
        assert!((integrated_lufs(&power).unwrap() + 20.691).abs() < 1e-9);
        assert!(range_lu(&power).unwrap().abs() < 1e-9);
    }

    #[test]
    fn a_quiet_half_is_gated_out() {
        let mut power = vec![db_to_power(-20.0); 100];
        power.extend(vec![db_to_power(-45.0); 100]);
        assert!((integrated_lufs(&power).unwrap() + 20.691).abs() < 0.15);
    }

    #[test]
    fn silence_has_no_loudness() {
        assert_eq!(integrated_lufs(&[0.0; 50]), None);
        assert_eq!(range_lu(&[0.0; 50]), None);
        assert_eq!(momentary_max_lufs(&[0.0; 50]), None);
    }
}
