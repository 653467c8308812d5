//! The transform of real signals.
//!
//! The samples with even and with odd index are the real and imaginary parts of half as many complex numbers; their
//! transform is taken apart again by symmetry (Sorensen, Jones, Heideman and Burrus, "Real-valued fast Fourier
//! transform algorithms", IEEE Trans. ASSP 35(6), 1987).

use multiversion::multiversion;

use super::complex::{Fourier, LENGTH_MIN, Points, points, turn};

/// Bins of a transform, real and imaginary parts apart.
#[derive(Clone, Debug, Default)]
pub struct Bins {
    /// Real parts.
    pub re: Vec<f32>,
    /// Imaginary parts.
    pub im: Vec<f32>,
}

impl Bins {
    /// `bins` zeros.
    pub fn new(bins: usize) -> Self {
        Self { re: vec![0.0; bins], im: vec![0.0; bins] }
    }

    /// Squared magnitudes, one after the other.
    pub fn powers(&self) -> impl Iterator<Item = f32> {
        self.re.iter().zip(&self.im).map(|(re, im)| re * re + im * im)
    }
}

/// A transform of fixed length between real samples and bins from 0 Hz to half the sample rate, without scaling.
/// It holds tables only, so that threads can share it.
#[derive(Clone, Debug)]
pub struct RealFourier {
    half: Fourier,
    /// By how much the transform of the odd samples is turned, at every bin.
    turns: Bins,
}

/// The working memory of one thread.
#[derive(Clone, Debug)]
pub struct RealWorkspace {
    data: Vec<Points>,
    work: Vec<Points>,
    halves: Bins,
}

impl RealFourier {
    /// Shortest transform.
    pub const LENGTH_MIN: usize = 2 * LENGTH_MIN;

    /// The length that takes as long as `length` samples do at 44.1 and 48 kHz, a power of two as that is, and never too short.
    pub fn length_at(length: usize, sample_rate_hz: f64) -> usize {
        let doublings = libm::round(libm::log2(sample_rate_hz / 46_000.0)) as i32;
        let scaled = if doublings < 0 { length >> -doublings } else { length << doublings };
        scaled.max(Self::LENGTH_MIN)
    }

    /// A transform of `length` samples, a power of two from [`LENGTH_MIN`](Self::LENGTH_MIN) on.
    pub fn new(length: usize) -> Self {
        let turns = || (0..length / 2).map(|bin| turn(bin, length));
        Self {
            half: Fourier::new(length / 2),
            turns: Bins {
                re: turns().map(|[re, _]| re).collect(),
                im: turns().map(|[_, im]| im).collect(),
            },
        }
    }

    /// Number of samples.
    pub fn length(&self) -> usize {
        2 * self.half.length()
    }

    /// Number of bins.
    pub fn bins(&self) -> usize {
        self.half.length() + 1
    }

    /// Working memory for this transform.
    pub fn workspace(&self) -> RealWorkspace {
        let half = self.half.length();
        RealWorkspace { data: points(half), work: points(half), halves: Bins::new(half) }
    }

    /// The spectrum of `samples`.
    pub fn forward(&self, samples: &[f32], spectrum: &mut Bins, work: &mut RealWorkspace) {
        assert_eq!(samples.len(), self.length());
        paired(samples, &mut work.data);
        self.finish(spectrum, work);
    }

    /// The spectrum of as many of `samples` as the window has, multiplied with it.
    pub fn forward_windowed(
        &self,
        samples: &[f32],
        window: &[f32],
        spectrum: &mut Bins,
        work: &mut RealWorkspace,
    ) {
        assert!(window.len() == self.length() && samples.len() >= window.len());
        under_window(samples, window, &mut work.data);
        self.finish(spectrum, work);
    }

    fn finish(&self, spectrum: &mut Bins, work: &mut RealWorkspace) {
        self.half.forward(&mut work.data, &mut work.work);
        planar(&work.data, &mut work.halves);
        take_apart(&work.halves, &self.turns, spectrum);
        let (zero, odd, last) = (work.halves.re[0], work.halves.im[0], self.half.length());
        (spectrum.re[0], spectrum.im[0]) = (zero + odd, 0.0);
        (spectrum.re[last], spectrum.im[last]) = (zero - odd, 0.0);
    }

    /// The samples of a spectrum, times their number. The imaginary parts of the first and the last bin count as zero.
    pub fn inverse(&self, spectrum: &Bins, samples: &mut [f32], work: &mut RealWorkspace) {
        assert_eq!(samples.len(), self.length());
        put_together(spectrum, &self.turns, &mut work.halves);
        let last = self.half.length();
        // Real and imaginary parts change places: what runs forward then runs backward.
        work.halves.im[0] = spectrum.re[0] + spectrum.re[last];
        work.halves.re[0] = spectrum.re[0] - spectrum.re[last];
        gathered(&work.halves, &mut work.data);
        self.half.forward(&mut work.data, &mut work.work);
        unpaired(&work.data, samples);
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

#[multiversion(targets("x86_64+avx2"))]
fn paired(samples: &[f32], data: &mut [Points]) {
    for (samples, to) in samples.as_chunks::<16>().0.iter().zip(data) {
        for lane in 0..8 {
            to.re[lane] = samples[2 * lane];
            to.im[lane] = samples[2 * lane + 1];
        }
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn unpaired(data: &[Points], samples: &mut [f32]) {
    for (samples, from) in samples.as_chunks_mut::<16>().0.iter_mut().zip(data) {
        for lane in 0..8 {
            samples[2 * lane] = from.im[lane];
            samples[2 * lane + 1] = from.re[lane];
        }
    }
}

fn planar(data: &[Points], to: &mut Bins) {
    let places = to.re.as_chunks_mut::<8>().0.iter_mut().zip(to.im.as_chunks_mut::<8>().0);
    for (points, (re, im)) in data.iter().zip(places) {
        (*re, *im) = (points.re, points.im);
    }
}

fn gathered(from: &Bins, data: &mut [Points]) {
    let places = from.re.as_chunks::<8>().0.iter().zip(from.im.as_chunks::<8>().0);
    for (points, (re, im)) in data.iter_mut().zip(places) {
        (points.re, points.im) = (*re, *im);
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

/// All but the first of the half-length transform, twice, real and imaginary parts exchanged.
#[multiversion(targets("x86_64+avx2"))]
fn put_together(spectrum: &Bins, turns: &Bins, halves: &mut Bins) {
    let count = halves.re.len() - 1;
    let (re, im) = (&spectrum.re[1..=count], &spectrum.im[1..=count]);
    let (turn_re, turn_im) = (&turns.re[1..=count], &turns.im[1..=count]);
    let (to_re, to_im) = (&mut halves.re[1..=count], &mut halves.im[1..=count]);
    for bin in 0..count {
        let mirror = count - 1 - bin;
        let (even_re, even_im) = (re[bin] + re[mirror], im[bin] - im[mirror]);
        let (odd_re, odd_im) = (re[bin] - re[mirror], im[bin] + im[mirror]);
        // Turned back, by the conjugate; and by i.
        let (back_re, back_im) = (
            odd_re * turn_re[bin] + odd_im * turn_im[bin],
            odd_im * turn_re[bin] - odd_re * turn_im[bin],
        );
        to_im[bin] = even_re - back_im;
        to_re[bin] = even_im + back_re;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    fn noise(length: usize) -> Vec<f32> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..length).map(|_| next()).collect()
    }

    #[test]
    fn bins_are_the_sums_of_their_definition_and_give_the_samples_back() {
        for length in [16, 32, 64, 128, 1_024, 4_096] {
            let transform = RealFourier::new(length);
            let (mut work, mut spectrum) = (transform.workspace(), Bins::new(transform.bins()));
            let samples = noise(length);
            transform.forward(&samples, &mut spectrum, &mut work);
            for bin in (0..transform.bins()).step_by(1 + length / 61) {
                let (mut re, mut im) = (0.0, 0.0);
                for (n, &sample) in samples.iter().enumerate() {
                    let angle = -TAU * (bin * n % length) as f64 / length as f64;
                    re += f64::from(sample) * libm::cos(angle);
                    im += f64::from(sample) * libm::sin(angle);
                }
                let error =
                    libm::hypot(f64::from(spectrum.re[bin]) - re, f64::from(spectrum.im[bin]) - im);
                assert!(error < 1e-6 * length as f64, "{length}, bin {bin}: off by {error}");
            }
            let mut back = vec![0.0; length];
            transform.inverse(&spectrum, &mut back, &mut work);
            let largest = back.iter().zip(&samples).map(|(b, s)| (b / length as f32 - s).abs());
            assert!(largest.fold(0.0, f32::max) < 1e-6, "{length}");
        }
    }
}
