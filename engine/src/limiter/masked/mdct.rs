//! The orthonormal MDCT in which the residual is shaped.

use std::f64::consts::PI;
use std::sync::Arc;

use rustfft::num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

/// Orthonormal MDCT of `hop` coefficients with a sine window of two hops.
///
/// Frames are kept *packed*: entry `n` of a packed spectrum holds bin `2n` as its real and minus bin `hop-1-2n` as its
/// imaginary part, which is what the half-length complex transform gives and takes (Malvar 1992; the fast DCT-IV).
pub(super) struct Mdct {
    hop: usize,
    window: Vec<f32>,
    twiddle: Vec<Complex32>,
    fft: Arc<dyn Fft<f32>>,
    scratch_len: usize,
}

impl Mdct {
    /// A transform of `hop` coefficients; `hop` is a power of two, at least 8.
    pub(super) fn new(hop: usize) -> Self {
        assert!(hop.is_power_of_two() && hop >= 8, "hop of {hop}");
        let sine = |t: usize| libm::sin(PI / (2 * hop) as f64 * (t as f64 + 0.5)) as f32;
        // Both twiddles of a DCT-IV carry half of its factor sqrt(2 / hop).
        let scale = libm::sqrt(libm::sqrt(2.0 / hop as f64));
        let twiddle = |n: usize| {
            let angle = -PI * (8 * n + 1) as f64 / (8 * hop) as f64;
            Complex32::new((scale * libm::cos(angle)) as f32, (scale * libm::sin(angle)) as f32)
        };
        let fft = FftPlanner::new().plan_fft_forward(hop / 2);
        Self {
            hop,
            window: (0..2 * hop).map(sine).collect(),
            twiddle: (0..hop / 2).map(twiddle).collect(),
            scratch_len: fft.get_inplace_scratch_len(),
            fft,
        }
    }

    /// Coefficients a frame, and samples between frames.
    pub(super) fn hop(&self) -> usize {
        self.hop
    }

    /// The sine window, two hops long.
    pub(super) fn window(&self) -> &[f32] {
        &self.window
    }

    /// Working memory for [`forward`](Self::forward) and [`inverse`](Self::inverse).
    pub(super) fn scratch(&self) -> Vec<Complex32> {
        vec![Complex32::default(); self.scratch_len]
    }

    /// The packed spectrum of two hops of signal.
    pub(super) fn forward(
        &self,
        signal: &[f32],
        packed: &mut [Complex32],
        scratch: &mut [Complex32],
    ) {
        self.fold(signal, packed);
        self.dct(packed, scratch);
    }

    /// The two windowed hops of signal that belong to a packed spectrum, which is destroyed.
    ///
    /// `tail` has the second hop of the frame before; it is added to the first hop and then replaced.
    pub(super) fn inverse(
        &self,
        packed: &mut [Complex32],
        scratch: &mut [Complex32],
        tail: &mut [f32],
        first: &mut [f32],
    ) {
        for value in packed.iter_mut() {
            value.im = -value.im;
        }
        self.twist(packed);
        self.dct(packed, scratch);
        self.unfold(packed, tail, first);
    }

    /// Windows two hops and folds them to the rotated input of the half-length transform.
    fn fold(&self, signal: &[f32], packed: &mut [Complex32]) {
        let (n, half) = (self.hop, self.hop / 2);
        let (signal, window) = (&signal[..2 * n], &self.window[..2 * n]);
        let at = |i: usize| signal[i] * window[i];
        // u = (-c_r - d, a - b_r) for the quarters a, b, c, d; entry i takes u[2i] and u[n-1-2i].
        let (low, high) = packed.split_at_mut(half / 2);
        for (i, value) in low.iter_mut().enumerate() {
            let even = -at(3 * half - 1 - 2 * i) - at(3 * half + 2 * i);
            let odd = at(half - 1 - 2 * i) - at(half + 2 * i);
            *value = Complex32::new(even, odd) * self.twiddle[i];
        }
        for (i, value) in (half / 2..).zip(high) {
            let even = at(2 * i - half) - at(n + half - 1 - 2 * i);
            let odd = -at(half + 2 * i) - at(5 * half - 1 - 2 * i);
            *value = Complex32::new(even, odd) * self.twiddle[i];
        }
    }

    fn twist(&self, packed: &mut [Complex32]) {
        for (value, &twiddle) in packed.iter_mut().zip(&self.twiddle) {
            *value *= twiddle;
        }
    }

    /// The rest of a DCT-IV whose input is folded and rotated.
    fn dct(&self, packed: &mut [Complex32], scratch: &mut [Complex32]) {
        self.fft.process_with_scratch(packed, scratch);
        self.twist(packed);
    }

    /// Undoes the folding: windowed aliases, overlapped with the frame before.
    fn unfold(&self, packed: &[Complex32], tail: &mut [f32], first: &mut [f32]) {
        let (n, half) = (self.hop, self.hop / 2);
        let window = &self.window[..2 * n];
        let (tail, first) = (&mut tail[..n], &mut first[..n]);
        // u[2i] = re, u[n-1-2i] = -im; the halves of u are u1 = -c_r - d and u2 = a - b_r.
        let (low, high) = packed.split_at(half / 2);
        for (i, value) in low.iter().enumerate() {
            let (u1, u2_mirrored) = (value.re, -value.im);
            let (k, m) = (half - 1 - 2 * i, half + 2 * i);
            first[k] = tail[k] + u2_mirrored * window[k];
            first[m] = tail[m] - u2_mirrored * window[m];
            tail[k] = -u1 * window[n + k];
            tail[m] = -u1 * window[n + m];
        }
        for (i, value) in (half / 2..).zip(high) {
            let (u2, u1_mirrored) = (value.re, -value.im);
            let (k, m) = (2 * i - half, n + half - 1 - 2 * i);
            first[k] = tail[k] + u2 * window[k];
            first[m] = tail[m] - u2 * window[m];
            tail[m] = -u1_mirrored * window[n + m];
            tail[k] = -u1_mirrored * window[n + k];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOP: usize = 32;

    fn noise(frames: usize) -> Vec<f32> {
        let mut state = 1u32;
        (0..frames)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 23) as f32 - 1.0
            })
            .collect()
    }

    #[test]
    fn a_spectrum_is_the_sum_of_its_definition() {
        let mdct = Mdct::new(HOP);
        let signal = noise(2 * HOP);
        let mut packed = vec![Complex32::default(); HOP / 2];
        mdct.forward(&signal, &mut packed, &mut mdct.scratch());
        for k in 0..HOP {
            let wanted: f64 = (0..2 * HOP)
                .map(|t| {
                    let window = (PI / (2 * HOP) as f64 * (t as f64 + 0.5)).sin();
                    let phase =
                        PI / HOP as f64 * (t as f64 + 0.5 + HOP as f64 / 2.0) * (k as f64 + 0.5);
                    (2.0 / HOP as f64).sqrt() * window * f64::from(signal[t]) * phase.cos()
                })
                .sum();
            let got = if k % 2 == 0 { packed[k / 2].re } else { -packed[(HOP - 1 - k) / 2].im };
            assert!((f64::from(got) - wanted).abs() < 1e-5, "bin {k}: {got} instead of {wanted}");
        }
    }

    #[test]
    fn overlapped_frames_give_the_signal_back() {
        let mdct = Mdct::new(HOP);
        let signal = noise(6 * HOP);
        let (mut scratch, mut tail) = (mdct.scratch(), vec![0.0; HOP]);
        let mut packed = vec![Complex32::default(); HOP / 2];
        for frame in 0..5 {
            let mut out = vec![0.0; HOP];
            mdct.forward(&signal[frame * HOP..], &mut packed, &mut scratch);
            mdct.inverse(&mut packed, &mut scratch, &mut tail, &mut out);
            if frame > 0 {
                for (i, &sample) in out.iter().enumerate() {
                    assert!((sample - signal[frame * HOP + i]).abs() < 1e-5);
                }
            }
        }
    }
}
