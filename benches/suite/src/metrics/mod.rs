//! How audible a change is, measured without listeners.
//!
//! Every measure takes the reference and the output, aligned in time. The reference is brought to the output's level first
//! ([`level_match`]), so that gain alone is no damage; only what becomes of attacks is measured against the reference as it went in. Nothing here shares code with the engine's processors.

mod distortion;
mod filter;
mod frames;
mod long_sinc;
mod residual;
mod transients;

use acetate_audio::Audio;
use serde::Serialize;

pub use acetate::translation::{NoiseToMask, noise_to_mask};
pub use distortion::{Distortion, distortion};
pub use filter::filter_match;
pub use long_sinc::{LongSinc, SINC_1025, SINC_4097};
pub use residual::{Residual, residual};
pub use transients::{Transients, transients};

/// Everything that is measured of a limiter's output.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Quality {
    /// PEAQ's noise-to-mask ratio.
    pub noise_to_mask: NoiseToMask,
    /// What is left when every gain change is forgiven, and the gain changes.
    pub distortion: Distortion,
    /// What became of the attacks.
    pub transients: Transients,
    /// Where the residual sits.
    pub residual: Residual,
}

/// Measures everything; the reference comes at the level at which what was not changed is equal.
///
/// # Panics
/// When lengths or channel counts differ.
pub fn quality(reference: &Audio, output: &Audio) -> Quality {
    let matched = level_match(reference, output);
    Quality {
        noise_to_mask: noise_to_mask(&matched, output),
        distortion: distortion(&matched, output),
        transients: transients(reference, output),
        residual: residual(&matched, output),
    }
}

/// The reference times the one gain that brings it nearest to the output (least squares over all channels).
///
/// # Panics
/// When lengths or channel counts differ.
pub fn level_match(reference: &Audio, output: &Audio) -> Audio {
    assert_eq!(reference.spec(), output.spec(), "reference and output are of different kinds");
    assert_eq!(reference.frames(), output.frames(), "reference and output differ in length");
    let (mut product, mut energy) = (0.0f64, 0.0f64);
    for (x, y) in reference.planes().iter().flatten().zip(output.planes().iter().flatten()) {
        product += f64::from(*x) * f64::from(*y);
        energy += f64::from(*x) * f64::from(*x);
    }
    let gain = if energy > 0.0 { (product / energy) as f32 } else { 1.0 };
    let mut matched = reference.clone();
    for sample in matched.planes_mut().iter_mut().flatten() {
        *sample *= gain;
    }
    matched
}

/// 10 log10, of something that may be nothing: no less than -100 dB.
fn power_db(ratio: f64) -> f64 {
    10.0 * libm::log10(ratio.max(1e-10))
}

/// The value below which a share of the values lies; `None` of nothing.
fn percentile(values: &mut [f64], share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    Some(values[libm::round(share * last as f64) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gain_is_no_difference() {
        let plane: Vec<f32> = (0..1000).map(|i| ((i * 7919) % 100) as f32 / 50.0 - 1.0).collect();
        let half = plane.iter().map(|x| x * 0.5).collect();
        let (reference, output) =
            (Audio::from_planes(48_000, vec![plane]), Audio::from_planes(48_000, vec![half]));
        for (x, y) in level_match(&reference, &output).channel(0).iter().zip(output.channel(0)) {
            assert!((x - y).abs() < 1e-6);
        }
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(percentile(&mut [3.0, 1.0, 2.0], 0.5), Some(2.0));
        assert_eq!(percentile(&mut [], 0.5), None);
    }
}
