//! The envelope of wide bands within a step: short transforms of their bins back to time.

use multiversion::multiversion;

use super::fourier::{Fourier, LENGTH_MIN, Points, points};
use super::transform::Bins;
use crate::peaks::larger;

/// Amplitude of a sine from its bins in [`Transform`](super::transform::Transform)'s scale, at the middle of a Hann
/// window: half the square root of three.
const AMPLITUDE: f64 = 0.866_025_403_784_438_6;

/// Least points of an envelope under a window.
const POINTS_MIN: usize = 16;

/// Largest envelope of each band within the step on which a window is centred.
///
/// The bins of a band alone, transformed back, are its analytic signal under the window; dividing by the
/// window, which is above 0.4 in the middle, gives the envelope.
#[derive(Clone, Debug)]
pub(crate) struct BandEnvelopes {
    bands: Vec<Band>,
    peaks: Vec<f32>,
}

#[derive(Clone, Debug)]
struct Band {
    first_bin: usize,
    bins: usize,
    /// A forward transform runs through time backwards; the step lies in the middle, so that changes nothing.
    fourier: Fourier,
    data: Vec<Points>,
    /// What each output is multiplied with, squared; zero outside the step.
    gains: Vec<f32>,
}

impl BandEnvelopes {
    /// Bands `[low, high]` of a transform of `length` samples whose windows are `step` apart.
    pub(crate) fn new(bands: &[[f64; 2]], bin_hz: f64, length: usize, step: usize) -> Self {
        let bands: Vec<Band> = bands
            .iter()
            .map(|[low, high]| {
                // The bin of 0 Hz is no part of an analytic signal.
                let first_bin = (libm::ceil(low / bin_hz) as usize).max(1);
                let last_bin = (libm::ceil(high / bin_hz) as usize).min(length / 2);
                let bins = last_bin.saturating_sub(first_bin).max(1);
                let wanted = bins.next_power_of_two().max(POINTS_MIN);
                let count = wanted.max(LENGTH_MIN);
                let gains = gains_in_step(wanted, count, length, step);
                Band { first_bin, bins, fourier: Fourier::new(count), data: points(count), gains }
            })
            .collect();
        Self { peaks: vec![0.0; bands.len()], bands }
    }

    /// Measures the mid of two spectra, or one alone.
    pub(crate) fn measure(&mut self, left: &Bins, right: Option<&Bins>) {
        // Half the sum of a spectrum with itself is that spectrum.
        let right = right.unwrap_or(left);
        for (band, peak) in self.bands.iter_mut().zip(&mut self.peaks) {
            let bins = band.first_bin..band.first_bin + band.bins;
            let (left, right) = ([&left.re, &left.im], [&right.re, &right.im]);
            let [left, right] = [left, right].map(|parts| parts.map(|part| &part[bins.clone()]));
            mid(left, right, &mut band.data);
            band.fourier.forward(&mut band.data);
            *peak = largest_square(&band.data, &band.gains).sqrt();
        }
    }

    /// Amplitude of each band.
    pub(crate) fn peaks(&self) -> &[f32] {
        &self.peaks
    }
}

/// Half the sum of two spectra (real and imaginary parts), filled up with zeros.
fn mid(left: [&[f32]; 2], right: [&[f32]; 2], data: &mut [Points]) {
    data.fill(Points::default());
    for part in 0..2 {
        let pairs = left[part].chunks(8).zip(right[part].chunks(8));
        for ((left, right), points) in pairs.zip(data.iter_mut()) {
            let to = if part == 0 { &mut points.re } else { &mut points.im };
            for ((to, left), right) in to.iter_mut().zip(left).zip(right) {
                *to = 0.5 * (left + right);
            }
        }
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn largest_square(data: &[Points], gains: &[f32]) -> f32 {
    let mut lanes = [0.0f32; 8];
    for (points, gains) in data.iter().zip(gains.as_chunks::<8>().0) {
        for lane in 0..8 {
            let (re, im) = (points.re[lane], points.im[lane]);
            lanes[lane] = larger(lanes[lane], (re * re + im * im) * gains[lane]);
        }
    }
    lanes.into_iter().fold(0.0, larger)
}

/// Gains of the outputs of a transform of `count` points: those of `wanted` equally spaced ones that lie in the middle
/// `step` of `length` samples, and zero for all others.
fn gains_in_step(wanted: usize, count: usize, length: usize, step: usize) -> Vec<f32> {
    let (spacing, every) = (length as f64 / wanted as f64, count / wanted);
    let (middle, half) = (length as f64 / 2.0, step as f64 / 2.0);
    let first = libm::ceil((middle - half) / spacing) as usize;
    let last = (libm::floor((middle + half) / spacing) as usize).max(first);
    (0..count)
        .map(|point| {
            let angle = std::f64::consts::TAU * point as f64 / count as f64;
            let gain = AMPLITUDE / (0.5 - 0.5 * libm::cos(angle));
            let within = point % every == 0 && (first..=last).contains(&(point / every));
            if within { (gain * gain) as f32 } else { 0.0 }
        })
        .collect()
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
        let mut spectrum = Bins::new(transform.bins());
        transform.forward(&samples, &mut spectrum);
        envelopes.measure(&spectrum, None);
        let [low, middle, high] = envelopes.peaks() else { panic!("three bands") };
        assert!((high - 0.5).abs() < 0.01, "{high}");
        assert!(*low < 1e-3 && *middle < 1e-3, "{low}, {middle}");
    }
}
