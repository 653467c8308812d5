//! A Hann-windowed real transform whose squared bins add up to the mean square.

use std::f32::consts::FRAC_1_SQRT_2;

use acetate_audio::fourier::{Bins, RealFourier, RealWorkspace};
use acetate_audio::windows::hann;

/// Shortest window: the transforms of bins back to time want as many points.
pub(crate) const WINDOW_MIN: usize = 128;

/// A transform of fixed length with its buffers.
#[derive(Clone, Debug)]
pub(crate) struct Transform {
    fourier: RealFourier,
    window: Vec<f32>,
    work: RealWorkspace,
}

impl Transform {
    /// A transform of `length` samples, a power of two from [`WINDOW_MIN`] on.
    pub(crate) fn new(length: usize) -> Self {
        let hann: Vec<f64> = (0..length).map(|n| hann(n, length)).collect();
        let square_sum: f64 = hann.iter().map(|value| value * value).sum();
        // One-sided: every bin but the first and last stands for two.
        let scale = libm::sqrt(2.0 / (length as f64 * square_sum));
        let fourier = RealFourier::new(length);
        Self {
            work: fourier.workspace(),
            fourier,
            window: hann.iter().map(|value| (value * scale) as f32).collect(),
        }
    }

    /// Number of bins.
    pub(crate) fn bins(&self) -> usize {
        self.fourier.bins()
    }

    /// The spectrum of `samples` under the window; the squares of its magnitudes sum to the mean square.
    pub(crate) fn forward(&mut self, samples: &[f32], spectrum: &mut Bins) {
        self.fourier.forward_windowed(samples, &self.window, spectrum, &mut self.work);
        spectrum.re[0] *= FRAC_1_SQRT_2;
        spectrum.re[self.fourier.bins() - 1] *= FRAC_1_SQRT_2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bin_powers_sum_to_the_mean_square() {
        let mut transform = Transform::new(1_024);
        let samples: Vec<f32> =
            (0..1_024).map(|n| 0.5 * libm::sin(0.37 * f64::from(n)) as f32).collect();
        let mut spectrum = Bins::new(transform.bins());
        transform.forward(&samples, &mut spectrum);
        let power: f32 = spectrum.powers().sum();
        assert!((power - 0.125).abs() < 1e-3, "{power}");
    }

    #[test]
    fn a_sine_between_two_bins_is_where_hann_puts_it() {
        let mut transform = Transform::new(256);
        let angle = std::f64::consts::TAU * 20.0 / 256.0;
        let samples: Vec<f32> = (0..256).map(|n| libm::sin(angle * f64::from(n)) as f32).collect();
        let mut spectrum = Bins::new(transform.bins());
        transform.forward(&samples, &mut spectrum);
        // Half of the mean square is shared 1 : 4 : 1 by the squares of 1/4, 1/2, 1/4.
        for (bin, power) in spectrum.powers().enumerate() {
            let expected = match bin {
                20 => 0.5 * 4.0 / 6.0,
                19 | 21 => 0.5 / 6.0,
                _ => 0.0,
            };
            assert!((power - expected).abs() < 1e-6, "bin {bin}: {power}");
        }
    }
}
