//! How much the level moves from stroke to stroke.

use acetate_audio::units::{db_to_power, power_to_db};

use crate::statistics::{mean, standard_deviation};

/// Length of the blocks whose levels are spread, s: what a compressor with an attack of 30 ms changes most
/// (docs/fit.md).
pub const QUICK_BLOCK_S: f64 = 0.04;
/// Blocks this far below the mean power do not count.
const RELATIVE_DB: f64 = -25.0;

/// Standard deviation in dB of the powers of blocks of [`QUICK_BLOCK_S`], among those within 25 dB of their mean; `None` for less
/// than two.
pub fn quick_spread_db(power: &[f64]) -> Option<f64> {
    let gate = mean(power)? * db_to_power(RELATIVE_DB);
    let levels: Vec<f64> =
        power.iter().filter(|&&power| power > gate).map(|&power| power_to_db(power)).collect();
    standard_deviation(&levels)
}

/// Mean powers of blocks of [`QUICK_BLOCK_S`] of an envelope with a step of `step_s`.
pub fn quick_powers(power: &[f32], step_s: f64) -> Vec<f64> {
    let steps = (QUICK_BLOCK_S / step_s.max(1e-6)).round().max(1.0) as usize;
    let mean = |block: &[f32]| block.iter().map(|&p| f64::from(p)).sum::<f64>() / steps as f64;
    power.chunks_exact(steps).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strokes_that_are_ten_db_apart_spread_by_five() {
        let power: Vec<f32> =
            (0..4_000).map(|ms| if ms / 40 % 2 == 0 { 1.0 } else { 0.1 }).collect();
        let spread = quick_spread_db(&quick_powers(&power, 1e-3)).unwrap();
        assert!((spread - 5.0).abs() < 1e-6, "{spread}");
        assert_eq!(quick_spread_db(&[]), None);
    }
}
