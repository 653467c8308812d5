//! The envelope of wide bands within a step: short inverse transforms of their bins.

use std::sync::Arc;

use realfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};

/// Amplitude of a sine from its bins in [`Transform`](super::transform::Transform)'s scale, at the middle of a Hann
/// window: half the square root of three.
const AMPLITUDE: f64 = 0.866_025_403_784_438_6;

/// Largest envelope of each band within the step on which a window is centred.
///
/// The bins of a band alone, transformed back, are its analytic signal under the window; dividing by the
/// window, which is above 0.4 in the middle, gives the envelope.
#[derive(Clone)]
pub(crate) struct BandEnvelopes {
    bands: Vec<Band>,
    buffer: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    peaks: Vec<f32>,
}

#[derive(Clone)]
struct Band {
    first_bin: usize,
    bins: usize,
    plan: Arc<dyn Fft<f32>>,
    /// First output within the step.
    first_point: usize,
    /// What each output within the step is multiplied with, squared.
    gains: Vec<f32>,
}

impl std::fmt::Debug for BandEnvelopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BandEnvelopes").field("peaks", &self.peaks).finish_non_exhaustive()
    }
}

impl BandEnvelopes {
    /// Bands `[low, high]` of a transform of `length` samples whose windows are `step` apart.
    pub(crate) fn new(bands: &[[f64; 2]], bin_hz: f64, length: usize, step: usize) -> Self {
        let mut planner = FftPlanner::new();
        let bands: Vec<Band> = bands
            .iter()
            .map(|[low, high]| {
                // The bin of 0 Hz is no part of an analytic signal.
                let first_bin = (libm::ceil(low / bin_hz) as usize).max(1);
                let last_bin = (libm::ceil(high / bin_hz) as usize).min(length / 2);
                let bins = last_bin.saturating_sub(first_bin).max(1);
                let points = bins.next_power_of_two().max(16);
                let (first_point, gains) = gains_in_step(points, length, step);
                Band { first_bin, bins, plan: planner.plan_fft_inverse(points), first_point, gains }
            })
            .collect();
        let longest = bands.iter().map(|band| band.plan.len()).max().unwrap_or(0);
        let scratch =
            bands.iter().map(|band| band.plan.get_inplace_scratch_len()).max().unwrap_or(0);
        Self {
            peaks: vec![0.0; bands.len()],
            bands,
            buffer: vec![Complex::default(); longest],
            scratch: vec![Complex::default(); scratch],
        }
    }

    /// Measures the mid of two spectra, or one alone.
    pub(crate) fn measure(&mut self, left: &[Complex<f32>], right: Option<&[Complex<f32>]>) {
        for (band, peak) in self.bands.iter().zip(&mut self.peaks) {
            let points = band.plan.len();
            let buffer = &mut self.buffer[..points];
            let bins = band.first_bin..band.first_bin + band.bins;
            match right {
                Some(right) => {
                    let pairs = left[bins.clone()].iter().zip(&right[bins]);
                    for (out, (left, right)) in buffer.iter_mut().zip(pairs) {
                        *out = (left + right) * 0.5;
                    }
                }
                None => buffer[..band.bins].copy_from_slice(&left[bins]),
            }
            buffer[band.bins..].fill(Complex::default());
            band.plan.process_with_scratch(buffer, &mut self.scratch);
            let points = &buffer[band.first_point..band.first_point + band.gains.len()];
            let square = points
                .iter()
                .zip(&band.gains)
                .map(|(point, gain)| point.norm_sqr() * gain)
                .fold(0.0, f32::max);
            *peak = square.sqrt();
        }
    }

    /// Amplitude of each band.
    pub(crate) fn peaks(&self) -> &[f32] {
        &self.peaks
    }
}

/// The outputs of a transform of `points` that lie in the middle `step` of `length` samples.
fn gains_in_step(points: usize, length: usize, step: usize) -> (usize, Vec<f32>) {
    let spacing = length as f64 / points as f64;
    let (middle, half) = (length as f64 / 2.0, step as f64 / 2.0);
    let first = libm::ceil((middle - half) / spacing) as usize;
    let last = libm::floor((middle + half) / spacing) as usize;
    let gains = (first..=last.max(first)).map(|point| {
        let angle = std::f64::consts::TAU * point as f64 / points as f64;
        let gain = AMPLITUDE / (0.5 - 0.5 * libm::cos(angle));
        (gain * gain) as f32
    });
    (first, gains.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrum::transform::Transform;

    #[test]
    fn the_envelope_of_a_sine_is_its_amplitude() {
        let mut transform = Transform::new(4_096);
        let bands = [[148.0, 392.0], [392.0, 795.0], [4_349.0, 7_314.0]];
        let bin_hz = 44_100.0 / 4_096.0;
        let mut envelopes = BandEnvelopes::new(&bands, bin_hz, 4_096, 2_205);
        let samples: Vec<f32> = (0..4_096)
            .map(|n| {
                0.5 * libm::sin(std::f64::consts::TAU * 5_555.0 / 44_100.0 * f64::from(n)) as f32
            })
            .collect();
        let mut spectrum = vec![Complex::default(); transform.bins()];
        transform.forward(&samples, &mut spectrum);
        envelopes.measure(&spectrum, None);
        let [low, middle, high] = envelopes.peaks() else { panic!("three bands") };
        assert!((high - 0.5).abs() < 0.01, "{high}");
        assert!(*low < 1e-3 && *middle < 1e-3, "{low}, {middle}");
    }
}
