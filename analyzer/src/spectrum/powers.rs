//! Squared magnitudes of left, right, mid and side from two spectra.

use multiversion::multiversion;

use acetate_audio::fourier::Bins;

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
    pub(crate) fn set_stereo(&mut self, left: &Bins, right: &Bins) {
        stereo_powers(left, right, &mut self.left, &mut self.right, &mut self.mid, &mut self.side);
    }

    /// Of one channel: adds `share` of its power to `mid`.
    pub(crate) fn add_mono(&mut self, spectrum: &Bins, share: f32) {
        for (sum, power) in self.mid.iter_mut().zip(spectrum.powers()) {
            *sum += power * share;
        }
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn stereo_powers(
    left: &Bins,
    right: &Bins,
    left_power: &mut [f32],
    right_power: &mut [f32],
    mid_power: &mut [f32],
    side_power: &mut [f32],
) {
    let bins = left.re.len();
    let (left_re, left_im) = (&left.re[..bins], &left.im[..bins]);
    let (right_re, right_im) = (&right.re[..bins], &right.im[..bins]);
    let (left_power, right_power) = (&mut left_power[..bins], &mut right_power[..bins]);
    let (mid_power, side_power) = (&mut mid_power[..bins], &mut side_power[..bins]);
    for bin in 0..bins {
        let (l_re, l_im, r_re, r_im) = (left_re[bin], left_im[bin], right_re[bin], right_im[bin]);
        left_power[bin] = l_re * l_re + l_im * l_im;
        right_power[bin] = r_re * r_re + r_im * r_im;
        let (mid_re, mid_im) = (0.5 * (l_re + r_re), 0.5 * (l_im + r_im));
        let (side_re, side_im) = (0.5 * (l_re - r_re), 0.5 * (l_im - r_im));
        mid_power[bin] = mid_re * mid_re + mid_im * mid_im;
        side_power[bin] = side_re * side_re + side_im * side_im;
    }
}
