//! Squared magnitudes of left, right, mid and side from two spectra.

use multiversion::multiversion;
use realfft::num_complex::Complex;

/// Power of every bin: left, right, mid and side. Where there are not two channels, `mid` alone is filled.
#[derive(Clone, Debug)]
pub(crate) struct BinPowers {
    pub(crate) left: Vec<f32>,
    pub(crate) right: Vec<f32>,
    pub(crate) mid: Vec<f32>,
    pub(crate) side: Vec<f32>,
}

impl BinPowers {
    pub(crate) fn new(bins: usize) -> Self {
        let zeros = || vec![0.0; bins];
        Self { left: zeros(), right: zeros(), mid: zeros(), side: zeros() }
    }

    /// Of two channels.
    pub(crate) fn set_stereo(&mut self, left: &[Complex<f32>], right: &[Complex<f32>]) {
        stereo_powers(left, right, &mut self.left, &mut self.right, &mut self.mid, &mut self.side);
    }

    /// Of one channel: adds `share` of its power to `mid`.
    pub(crate) fn add_mono(&mut self, spectrum: &[Complex<f32>], share: f32) {
        for (power, bin) in self.mid.iter_mut().zip(spectrum) {
            *power += bin.norm_sqr() * share;
        }
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn stereo_powers(
    left: &[Complex<f32>],
    right: &[Complex<f32>],
    left_power: &mut [f32],
    right_power: &mut [f32],
    mid_power: &mut [f32],
    side_power: &mut [f32],
) {
    let bins = left.len();
    let right = &right[..bins];
    let (left_power, right_power) = (&mut left_power[..bins], &mut right_power[..bins]);
    let (mid_power, side_power) = (&mut mid_power[..bins], &mut side_power[..bins]);
    for bin in 0..bins {
        let (l, r) = (left[bin], right[bin]);
        left_power[bin] = l.re * l.re + l.im * l.im;
        right_power[bin] = r.re * r.re + r.im * r.im;
        let (mid_re, mid_im) = (0.5 * (l.re + r.re), 0.5 * (l.im + r.im));
        let (side_re, side_im) = (0.5 * (l.re - r.re), 0.5 * (l.im - r.im));
        mid_power[bin] = mid_re * mid_re + mid_im * mid_im;
        side_power[bin] = side_re * side_re + side_im * side_im;
    }
}
