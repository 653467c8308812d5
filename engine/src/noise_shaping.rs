//! Filters that move the quantiser's error to where the ear is dull.
//!
//! Derived for this project as the linear prediction of an inverted threshold of hearing (Terhardt), after M. Gerzon and
//! P. Craven, "Optimal Noise Shaping and Dither of Digital Signals", AES 87, 1989.

use acetate_audio::units::power_to_db;

use crate::settings::{Bits, DitherKind};

/// 44.1 kHz, order 9, 40 dB of the threshold's span: 13.9 dB less audible, 13.1 dB more noise in all.
const STRONG_44: [f64; 9] =
    [-2.412, 2.9535, -1.9074, 0.2464, 0.8208, -0.7315, 0.2312, 0.0881, -0.0605];

/// 44.1 kHz, order 3: 11.0 dB less audible, 8.9 dB more noise in all. Used at 48 kHz too.
const LIGHT_44: [f64; 3] = [-1.9295, 1.6465, -0.5688];

/// 48 kHz, order 9: 14.9 dB less audible, 12.3 dB more noise in all.
const STRONG_48: [f64; 9] =
    [-2.4166, 2.684, -1.222, -0.4548, 0.9177, -0.1983, -0.4067, 0.412, -0.1192];

/// Coefficients c of the noise transfer 1 + sum c_i z^-i; none where the noise stays white.
///
/// Shaping pays at 16 bits and at rates whose upper octave is barely heard; elsewhere white noise is used.
pub(crate) fn shaper(kind: DitherKind, bits: u32, sample_rate_hz: u32) -> &'static [f64] {
    match (kind, bits, sample_rate_hz) {
        (DitherKind::Shaped, 16, 44_100) => &STRONG_44,
        (DitherKind::Shaped, 16, 48_000) => &STRONG_48,
        (DitherKind::ShapedLight, 16, 44_100 | 48_000) => &LIGHT_44,
        _ => &[],
    }
}

impl DitherKind {
    /// Gain of the noise at a frequency over that of flat dither, in dB: the curve that shaping follows.
    pub fn noise_gain_db(self, bits: Bits, sample_rate_hz: u32, freq_hz: f64) -> f64 {
        let omega = std::f64::consts::TAU * freq_hz / f64::from(sample_rate_hz);
        let taps = shaper(self, bits.format().bits(), sample_rate_hz).iter().enumerate();
        let (mut re, mut im) = (1.0, 0.0);
        for (k, c) in taps {
            let turn = omega * (k + 1) as f64;
            (re, im) = (re + c * libm::cos(turn), im - c * libm::sin(turn));
        }
        power_to_db(re * re + im * im)
    }
}
