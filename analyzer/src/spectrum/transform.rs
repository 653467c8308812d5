//! A Hann-windowed real transform whose squared bins add up to the mean square.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

/// A transform of fixed length with its buffers.
#[derive(Clone)]
pub(crate) struct Transform {
    plan: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    input: Vec<f32>,
    scratch: Vec<Complex<f32>>,
}

impl std::fmt::Debug for Transform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transform").field("length", &self.window.len()).finish_non_exhaustive()
    }
}

impl Transform {
    /// A transform of `length` samples (even).
    pub(crate) fn new(length: usize) -> Self {
        let plan = RealFftPlanner::new().plan_fft_forward(length);
        let hann: Vec<f64> = (0..length)
            .map(|n| 0.5 - 0.5 * libm::cos(std::f64::consts::TAU * n as f64 / length as f64))
            .collect();
        let square_sum: f64 = hann.iter().map(|value| value * value).sum();
        // One-sided: every bin but the first and last stands for two.
        let scale = libm::sqrt(2.0 / (length as f64 * square_sum));
        Self {
            window: hann.iter().map(|value| (value * scale) as f32).collect(),
            input: vec![0.0; length],
            scratch: plan.make_scratch_vec(),
            plan,
        }
    }

    /// Number of bins.
    pub(crate) fn bins(&self) -> usize {
        self.window.len() / 2 + 1
    }

    /// The spectrum of `samples` under the window; the squares of its magnitudes sum to the mean square.
    pub(crate) fn forward(&mut self, samples: &[f32], spectrum: &mut [Complex<f32>]) {
        for ((input, sample), window) in self.input.iter_mut().zip(samples).zip(&self.window) {
            *input = sample * window;
        }
        self.plan
            .process_with_scratch(&mut self.input, spectrum, &mut self.scratch)
            .expect("the buffers were made for this transform");
        let half = std::f32::consts::FRAC_1_SQRT_2;
        for edge in [0, spectrum.len() - 1] {
            spectrum[edge] *= half;
        }
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
        let mut spectrum = vec![Complex::default(); transform.bins()];
        transform.forward(&samples, &mut spectrum);
        let power: f32 = spectrum.iter().map(Complex::norm_sqr).sum();
        assert!((power - 0.125).abs() < 1e-3, "{power}");
    }
}
