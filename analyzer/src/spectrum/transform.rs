//! A Hann-windowed real transform whose squared bins add up to the mean square.

use multiversion::multiversion;

use super::fourier::{Fourier, LENGTH_MIN, Points, points, turn};

/// Shortest window.
pub(crate) const WINDOW_MIN: usize = 2 * LENGTH_MIN;

/// Bins of a transform, real and imaginary parts apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bins {
    pub(crate) re: Vec<f32>,
    pub(crate) im: Vec<f32>,
}

impl Bins {
    pub(crate) fn new(bins: usize) -> Self {
        Self { re: vec![0.0; bins], im: vec![0.0; bins] }
    }

    /// Squared magnitudes, one after the other.
    pub(crate) fn powers(&self) -> impl Iterator<Item = f32> {
        self.re.iter().zip(&self.im).map(|(re, im)| re * re + im * im)
    }
}

/// A transform of fixed length with its buffers.
///
/// The samples with even and with odd index are the real and imaginary parts of half as many complex numbers; their
/// transform is taken apart again by symmetry (Sorensen, Jones, Heideman and Burrus, "Real-valued fast Fourier
/// transform algorithms", IEEE Trans. ASSP 35(6), 1987).
#[derive(Clone, Debug)]
pub(crate) struct Transform {
    half: Fourier,
    window: Vec<f32>,
    /// By how much the transform of the odd samples is turned, at every bin.
    turns: Bins,
    data: Vec<Points>,
    halves: Bins,
}

impl Transform {
    /// A transform of `length` samples, a power of two from [`WINDOW_MIN`] on.
    pub(crate) fn new(length: usize) -> Self {
        let hann: Vec<f64> = (0..length)
            .map(|n| 0.5 - 0.5 * libm::cos(std::f64::consts::TAU * n as f64 / length as f64))
            .collect();
        let square_sum: f64 = hann.iter().map(|value| value * value).sum();
        // One-sided: every bin but the first and last stands for two.
        let scale = libm::sqrt(2.0 / (length as f64 * square_sum));
        let turns = || (0..length / 2).map(|bin| turn(bin, length));
        Self {
            half: Fourier::new(length / 2),
            window: hann.iter().map(|value| (value * scale) as f32).collect(),
            turns: Bins {
                re: turns().map(|[re, _]| re).collect(),
                im: turns().map(|[_, im]| im).collect(),
            },
            data: points(length / 2),
            halves: Bins::new(length / 2),
        }
    }

    /// Number of bins.
    pub(crate) fn bins(&self) -> usize {
        self.window.len() / 2 + 1
    }

    /// The spectrum of `samples` under the window; the squares of its magnitudes sum to the mean square.
    pub(crate) fn forward(&mut self, samples: &[f32], spectrum: &mut Bins) {
        under_window(samples, &self.window, &mut self.data);
        self.half.forward(&mut self.data);
        planar(&self.data, &mut self.halves);
        take_apart(&self.halves, &self.turns, spectrum);
        let (zero, half) = (self.halves.re[0], std::f32::consts::FRAC_1_SQRT_2);
        let (odd, last) = (self.halves.im[0], self.bins() - 1);
        (spectrum.re[0], spectrum.im[0]) = (half * (zero + odd), 0.0);
        (spectrum.re[last], spectrum.im[last]) = (half * (zero - odd), 0.0);
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn under_window(samples: &[f32], window: &[f32], data: &mut [Points]) {
    let windows = window.as_chunks::<16>().0;
    for ((samples, window), to) in samples.as_chunks::<16>().0.iter().zip(windows).zip(data) {
        for lane in 0..8 {
            to.re[lane] = samples[2 * lane] * window[2 * lane];
            to.im[lane] = samples[2 * lane + 1] * window[2 * lane + 1];
        }
    }
}

fn planar(data: &[Points], to: &mut Bins) {
    let places = to.re.as_chunks_mut::<8>().0.iter_mut().zip(to.im.as_chunks_mut::<8>().0);
    for (points, (re, im)) in data.iter().zip(places) {
        (*re, *im) = (points.re, points.im);
    }
}

/// Bins 1 to the last but one of the real transform.
#[multiversion(targets("x86_64+avx2"))]
fn take_apart(halves: &Bins, turns: &Bins, spectrum: &mut Bins) {
    let count = halves.re.len() - 1;
    let (re, im) = (&halves.re[1..=count], &halves.im[1..=count]);
    let (turn_re, turn_im) = (&turns.re[1..=count], &turns.im[1..=count]);
    let (to_re, to_im) = (&mut spectrum.re[1..=count], &mut spectrum.im[1..=count]);
    for bin in 0..count {
        let mirror = count - 1 - bin;
        let (even_re, even_im) = (0.5 * (re[bin] + re[mirror]), 0.5 * (im[bin] - im[mirror]));
        let (odd_re, odd_im) = (0.5 * (im[bin] + im[mirror]), 0.5 * (re[mirror] - re[bin]));
        to_re[bin] = even_re + (odd_re * turn_re[bin] - odd_im * turn_im[bin]);
        to_im[bin] = even_im + (odd_re * turn_im[bin] + odd_im * turn_re[bin]);
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
