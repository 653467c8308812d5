//! The envelope of wide bands within a step: short transforms of their bins back to time.

use std::ops::Range;

use multiversion::multiversion;

use crate::peaks::larger;
use acetate_audio::fourier::Bins;
use acetate_audio::fourier::{Fourier, Points, points};
use acetate_audio::lanes::{LANES, Lanes, add, filled_up, mul};

/// Amplitude of a sine from its bins in [`Transform`](super::transform::Transform)'s scale, at the middle of a Hann
/// window: half the square root of three.
const AMPLITUDE: f64 = 0.866_025_403_784_438_6;

const HALF: Lanes = [0.5; LANES];
/// Least points of an envelope under a window.
const POINTS_MIN: usize = 16;
/// Least points that are transformed; the others are not looked at.
const POINTS_TRANSFORMED_MIN: usize = 64;

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
    work: Vec<Points>,
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
                let count = wanted.max(POINTS_TRANSFORMED_MIN);
                let gains = gains_in_step(wanted, count, length, step);
                Band {
                    first_bin,
                    bins,
                    fourier: Fourier::new(count),
                    data: points(count),
                    work: points(count),
                    gains,
                }
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
            fill_with_mid(left, right, bins, &mut band.data);
            band.fourier.forward(&mut band.data, &mut band.work);
            *peak = largest_square(&band.data, &band.gains).sqrt();
        }
    }

    /// Amplitude of each band.
    pub(crate) fn peaks(&self) -> &[f32] {
        &self.peaks
    }
}

/// Half the sum of two spectra between two bins, filled up with zeros.
#[multiversion(targets("x86_64+avx2"))]
fn fill_with_mid(left: &Bins, right: &Bins, bins: Range<usize>, data: &mut [Points]) {
    let (left_re, left_re_rest) = left.re[bins.clone()].as_chunks();
    let (left_im, left_im_rest) = left.im[bins.clone()].as_chunks();
    let (right_re, right_re_rest) = right.re[bins.clone()].as_chunks();
    let (right_im, right_im_rest) = right.im[bins].as_chunks();
    let whole = left_re.len();
    let (right_re, left_im, right_im) = (&right_re[..whole], &left_im[..whole], &right_im[..whole]);
    for (at, points) in data[..whole].iter_mut().enumerate() {
        points.re = mul(HALF, add(left_re[at], right_re[at]));
        points.im = mul(HALF, add(left_im[at], right_im[at]));
    }
    if let Some((points, silent)) = data[whole..].split_first_mut() {
        points.re = mul(HALF, add(filled_up(left_re_rest), filled_up(right_re_rest)));
        points.im = mul(HALF, add(filled_up(left_im_rest), filled_up(right_im_rest)));
        silent.fill(Points::default());
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
