//! Linear-phase filtering by FFT, on a grid of hops that is fixed to the first frame, whatever the block sizes.

use std::f64::consts::PI;

use acetate_audio::fourier::{Bins, RealFourier, RealWorkspace};
use multiversion::multiversion;

use acetate_audio::windows::{kaiser_beta, kaiser_window};

/// Symmetric filters of odd length, all over the same input (overlap-save).
pub(crate) struct Convolver {
    taps: usize,
    size: usize,
    fourier: RealFourier,
    /// Spectra of the kernels, scaled by 1 over the transform's length.
    kernels: Vec<Bins>,
}

/// Buffers of one channel, reused from hop to hop.
pub(crate) struct Workspace {
    time: Vec<f32>,
    spectrum: Bins,
    product: Bins,
    fourier: RealWorkspace,
}

impl Convolver {
    /// Filters from their kernels, which have one odd length.
    pub(crate) fn new(kernels: &[Vec<f64>]) -> Self {
        Self::over(4, kernels)
    }

    /// The same half as late, for half as much work again.
    pub(crate) fn prompt(kernels: &[Vec<f64>]) -> Self {
        Self::over(2, kernels)
    }

    /// Filters whose window is so many times as long as they are.
    fn over(times: usize, kernels: &[Vec<f64>]) -> Self {
        let taps = kernels[0].len();
        assert!(taps % 2 == 1 && kernels.iter().all(|k| k.len() == taps), "odd and equal lengths");
        let size = (times * (taps - 1)).next_power_of_two().max(1024);
        let fourier = RealFourier::new(size);
        let mut work = fourier.workspace();
        let mut spectrum_of = |kernel: &Vec<f64>| {
            let mut time: Vec<f32> = kernel.iter().map(|&c| (c / size as f64) as f32).collect();
            time.resize(size, 0.0);
            let mut spectrum = Bins::new(fourier.bins());
            fourier.forward(&time, &mut spectrum, &mut work);
            spectrum
        };
        let kernels = kernels.iter().map(&mut spectrum_of).collect();
        Self { taps, size, fourier, kernels }
    }

    /// Frames that one call filters.
    pub(crate) fn hop_frames(&self) -> usize {
        self.size - (self.taps - 1)
    }

    /// Frames of the past, and as many of the future, that one call needs.
    pub(crate) fn reach_frames(&self) -> usize {
        self.taps / 2
    }

    /// Frames of input one call needs.
    pub(crate) fn window_frames(&self) -> usize {
        self.size
    }

    pub(crate) fn kernel_count(&self) -> usize {
        self.kernels.len()
    }

    pub(crate) fn workspace(&self) -> Workspace {
        Workspace {
            time: vec![0.0; self.size],
            spectrum: Bins::new(self.fourier.bins()),
            product: Bins::new(self.fourier.bins()),
            fourier: self.fourier.workspace(),
        }
    }

    /// Filters a window: output frame `i` of each kernel belongs to `window[i + reach]`.
    pub(crate) fn filter(&self, window: &[f32], work: &mut Workspace, outputs: &mut [Vec<f32>]) {
        self.fourier.forward(&window[..self.size], &mut work.spectrum, &mut work.fourier);
        for (kernel, output) in self.kernels.iter().zip(outputs) {
            multiply(&work.spectrum, kernel, &mut work.product);
            self.fourier.inverse(&work.product, &mut work.time, &mut work.fourier);
            output.clear();
            output.extend_from_slice(&work.time[self.taps - 1..]);
        }
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn multiply(a: &Bins, b: &Bins, product: &mut Bins) {
    let count = product.re.len();
    let (a_re, a_im) = (&a.re[..count], &a.im[..count]);
    let (b_re, b_im) = (&b.re[..count], &b.im[..count]);
    let (re, im) = (&mut product.re[..count], &mut product.im[..count]);
    for bin in 0..count {
        re[bin] = a_re[bin] * b_re[bin] - a_im[bin] * b_im[bin];
        im[bin] = a_re[bin] * b_im[bin] + a_im[bin] * b_re[bin];
    }
}

/// Stop band of a split: enough for parts that are added to the sound at a fraction of its level.
const SPLIT_STOP_DB: f64 = 80.0;

/// A linear-phase low-pass kernel, -6 dB at `freq_hz`, gain 1 at 0 Hz.
pub(crate) fn low_pass_kernel(freq_hz: f64, taps: usize, sample_rate_hz: f64) -> Vec<f64> {
    let cutoff = (freq_hz / sample_rate_hz).min(0.5);
    let middle = (taps / 2) as f64;
    let mut kernel: Vec<f64> = (0..taps)
        .map(|i| {
            let t = i as f64 - middle;
            2.0 * cutoff
                * sinc(2.0 * cutoff * t)
                * kaiser_window((t / (middle + 1.0)).abs(), kaiser_beta(SPLIT_STOP_DB))
        })
        .collect();
    let sum: f64 = kernel.iter().sum();
    kernel.iter_mut().for_each(|c| *c /= sum);
    kernel
}

/// A low-pass of a split, in the middle of `taps`: each crossover rings for ten periods of its own, not of the lowest one.
pub(crate) fn split_kernel(freq_hz: f64, taps: usize, sample_rate_hz: f64) -> Vec<f64> {
    let own = split_taps(freq_hz, sample_rate_hz).min(taps);
    let mut kernel = vec![0.0; taps];
    let start = (taps - own) / 2;
    kernel[start..start + own].copy_from_slice(&low_pass_kernel(freq_hz, own, sample_rate_hz));
    kernel
}

/// sin(pi x) / (pi x).
pub(crate) fn sinc(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { libm::sin(PI * x) / (PI * x) }
}

/// Taps of a split at `lowest_hz` or above: about ten periods, a power of two and one, 4097 at 48 kHz and 120 Hz.
///
/// The hop of such a [`Convolver`] is a multiple of 256 frames.
pub(crate) fn split_taps(lowest_hz: f64, sample_rate_hz: f64) -> usize {
    let ten_periods = (10.24 * sample_rate_hz / lowest_hz).clamp(256.0, 65_536.0);
    (ten_periods as usize).next_power_of_two() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filtering_is_convolution_with_the_kernel() {
        let kernel: Vec<f64> = (0..31).map(|i| f64::from((i * 7) % 11) - 5.0).collect();
        let convolver = Convolver::new(std::slice::from_ref(&kernel));
        let window: Vec<f32> =
            (0..convolver.window_frames()).map(|i| ((i * 37) % 101) as f32 / 101.0 - 0.5).collect();
        let mut outputs = vec![Vec::new()];
        convolver.filter(&window, &mut convolver.workspace(), &mut outputs);
        for i in [0, 1, 500, convolver.hop_frames() - 1] {
            let direct: f64 = kernel
                .iter()
                .enumerate()
                .map(|(k, c)| c * f64::from(window[i + 2 * convolver.reach_frames() - k]))
                .sum();
            assert!((direct - f64::from(outputs[0][i])).abs() < 1e-5);
        }
    }

    #[test]
    fn a_low_pass_is_down_six_db_at_its_frequency() {
        let kernel = low_pass_kernel(500.0, split_taps(500.0, 48_000.0), 48_000.0);
        let middle = (kernel.len() / 2) as f64;
        let at: f64 = kernel
            .iter()
            .enumerate()
            .map(|(i, c)| c * libm::cos(2.0 * PI * 500.0 / 48_000.0 * (i as f64 - middle)))
            .sum();
        assert!((at - 0.5).abs() < 0.002, "{at}");
    }
}
