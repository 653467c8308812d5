//! Short-time spectra of real signals.

use std::sync::Arc;

use realfft::num_complex::Complex32;
use realfft::{RealFftPlanner, RealToComplex};

/// Hann-windowed transforms of one length.
pub(super) struct Frames {
    len: usize,
    window: Vec<f32>,
    fft: Arc<dyn RealToComplex<f32>>,
    input: Vec<f32>,
    scratch: Vec<Complex32>,
}

impl Frames {
    pub(super) fn new(len: usize) -> Self {
        let fft = RealFftPlanner::new().plan_fft_forward(len);
        let hann = |t: usize| {
            (0.5 - 0.5 * libm::cos(2.0 * std::f64::consts::PI * t as f64 / len as f64)) as f32
        };
        Self {
            len,
            window: (0..len).map(hann).collect(),
            input: fft.make_input_vec(),
            scratch: fft.make_scratch_vec(),
            fft,
        }
    }

    /// A spectrum to be filled, of `len/2 + 1` bins.
    pub(super) fn spectrum(&self) -> Vec<Complex32> {
        self.fft.make_output_vec()
    }

    /// The spectrum of the signal from `start` on; beyond its end there is silence.
    pub(super) fn transform(&mut self, signal: &[f32], start: usize, out: &mut [Complex32]) {
        let held = &signal[start.min(signal.len())..signal.len().min(start + self.len)];
        self.input.fill(0.0);
        for ((input, &sample), &window) in self.input.iter_mut().zip(held).zip(&self.window) {
            *input = sample * window;
        }
        self.fft
            .process_with_scratch(&mut self.input, out, &mut self.scratch)
            .expect("the buffers were made for this transform");
    }
}
