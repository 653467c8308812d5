//! Crossfades that keep the power, whatever the two sounds have in common.

/// Gains of the sound that goes and of the one that comes, at `progress` from 0 to 1.
///
/// They fulfil g₁² + g₂² + 2ρ g₁ g₂ = 1 with the correlation ρ of the two: equal power for strangers, linear for copies. Sounds out of
/// phase are treated as strangers, for their sum would need gains without bound.
pub fn crossfade_gains(progress: f64, correlation: f64) -> [f64; 2] {
    let (going, coming) = (1.0 - progress, progress);
    let rho = correlation.clamp(0.0, 1.0);
    let power = going * going + coming * coming + 2.0 * rho * going * coming;
    let scale = 1.0 / libm::sqrt(power);
    [going * scale, coming * scale]
}

/// Correlation of two sounds of the same channels, over all of them together; 0 when one is silent.
///
/// # Panics
/// When they have different channels or lengths.
pub fn correlation(going: &[&[f32]], coming: &[&[f32]]) -> f64 {
    assert_eq!(going.len(), coming.len(), "both sounds have the same channels");
    let (mut product, mut powers) = (0.0, [0.0; 2]);
    for (going, coming) in going.iter().zip(coming) {
        assert_eq!(going.len(), coming.len(), "both sounds are equally long");
        for (&a, &b) in going.iter().zip(*coming) {
            let [a, b] = [f64::from(a), f64::from(b)];
            product += a * b;
            powers[0] += a * a;
            powers[1] += b * b;
        }
    }
    let scale = libm::sqrt(powers[0] * powers[1]);
    if scale > 0.0 { product / scale } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sounds of power one that have `rho` in common.
    fn pair(rho: f64) -> [Vec<f32>; 2] {
        let mut state = 3_u64;
        let mut noise = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 / (1u64 << 24) as f64 - 0.5
        };
        let own = (1.0 - rho * rho).sqrt();
        let first: Vec<f64> = (0..100_000).map(|_| noise()).collect();
        let second = first.iter().map(|x| rho * x + own * noise());
        let second = second.map(|x| x as f32).collect();
        [first.iter().map(|&x| x as f32).collect(), second]
    }

    #[test]
    fn the_power_stays_within_half_a_decibel() {
        for rho in [0.0, 0.5, 1.0] {
            let [going, coming] = pair(rho);
            let measured = correlation(&[&going], &[&coming]);
            assert!((measured - rho).abs() < 0.02, "{measured} is not {rho}");
            let power = |sound: &[f32]| sound.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>();
            for step in 0..=20 {
                let [g1, g2] = crossfade_gains(f64::from(step) / 20.0, measured);
                let mixed: Vec<f32> = going
                    .iter()
                    .zip(&coming)
                    .map(|(&a, &b)| (g1 * f64::from(a) + g2 * f64::from(b)) as f32)
                    .collect();
                let change_db = 10.0 * (power(&mixed) / power(&going)).log10();
                assert!(change_db.abs() < 0.5, "rho {rho}, step {step}: {change_db} dB");
            }
        }
    }

    #[test]
    fn copies_fade_linearly_and_strangers_with_equal_power() {
        assert_eq!(crossfade_gains(0.25, 1.0), [0.75, 0.25]);
        let [half, other] = crossfade_gains(0.5, 0.0);
        assert!((half - std::f64::consts::FRAC_1_SQRT_2).abs() < 1e-12 && half == other);
    }

    #[test]
    fn the_ends_are_one_sound_alone() {
        for rho in [-1.0, 0.0, 0.7] {
            assert_eq!(crossfade_gains(0.0, rho), [1.0, 0.0]);
            assert_eq!(crossfade_gains(1.0, rho), [0.0, 1.0]);
        }
    }

    #[test]
    fn silence_correlates_with_nothing() {
        assert_eq!(correlation(&[&[0.0; 4]], &[&[1.0; 4]]), 0.0);
    }
}
