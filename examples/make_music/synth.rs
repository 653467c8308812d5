//! Oscillators, noise, filters and envelopes at one fixed rate.

use std::f64::consts::{PI, TAU};

/// Frames a second of everything in this program.
pub(crate) const RATE: f64 = 44_100.0;

/// White noise in -1..1 from a xorshift generator (Marsaglia 2003), the same in every run.
pub(crate) struct Noise(u64);

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

/// Phase of a periodic wave; its corners are rounded with two-sample polynomials (polyBLEP,
/// Välimäki & Huovilainen 2007), which keeps aliasing low enough for music.
pub(crate) struct Oscillator {
    phase: f64,
}

impl Oscillator {
    pub(crate) fn new(phase: f64) -> Self {
        Self { phase }
    }

    fn advance(&mut self, hz: f64) -> f64 {
        let step = hz / RATE;
        self.phase = (self.phase + step).fract();
        step
    }

    pub(crate) fn sine(&mut self, hz: f64) -> f64 {
        self.advance(hz);
        libm::sin(TAU * self.phase)
    }

    pub(crate) fn saw(&mut self, hz: f64) -> f64 {
        let step = self.advance(hz);
        2.0 * self.phase - 1.0 - corner(self.phase, step)
    }

    pub(crate) fn pulse(&mut self, hz: f64, duty: f64) -> f64 {
        let step = self.advance(hz);
        let fall = (self.phase + 1.0 - duty).fract();
        let naive = if self.phase < duty { 1.0 } else { -1.0 };
        naive + corner(self.phase, step) - corner(fall, step) + 1.0 - 2.0 * duty
    }
}

fn corner(phase: f64, step: f64) -> f64 {
    if phase < step {
        let x = phase / step;
        2.0 * x - x * x - 1.0
    } else if phase > 1.0 - step {
        let x = (phase - 1.0) / step;
        x * x + 2.0 * x + 1.0
    } else {
        0.0
    }
}

/// Second-order filter with fixed coefficients, transposed direct form II.
/// Coefficients: R. Bristow-Johnson, "Cookbook formulae for audio equalizer biquad filter coefficients".
#[derive(Clone)]
pub(crate) struct Biquad {
    b: [f64; 3],
    a: [f64; 2],
    state: [f64; 2],
}

impl Biquad {
    fn normalised(b: [f64; 3], a: [f64; 3]) -> Self {
        Self { b: b.map(|c| c / a[0]), a: [a[1] / a[0], a[2] / a[0]], state: [0.0; 2] }
    }

    pub(crate) fn low_pass(hz: f64, q: f64) -> Self {
        let (cos, alpha) = angle(hz, q);
        let b = (1.0 - cos) / 2.0;
        Self::normalised([b, 2.0 * b, b], [1.0 + alpha, -2.0 * cos, 1.0 - alpha])
    }

    pub(crate) fn high_pass(hz: f64, q: f64) -> Self {
        let (cos, alpha) = angle(hz, q);
        let b = (1.0 + cos) / 2.0;
        Self::normalised([b, -2.0 * b, b], [1.0 + alpha, -2.0 * cos, 1.0 - alpha])
    }

    pub(crate) fn bell(hz: f64, gain_db: f64, q: f64) -> Self {
        let (cos, alpha) = angle(hz, q);
        let a = db(gain_db / 2.0);
        Self::normalised(
            [1.0 + alpha * a, -2.0 * cos, 1.0 - alpha * a],
            [1.0 + alpha / a, -2.0 * cos, 1.0 - alpha / a],
        )
    }

    pub(crate) fn low_shelf(hz: f64, gain_db: f64) -> Self {
        Self::shelf(hz, gain_db, 1.0)
    }

    pub(crate) fn high_shelf(hz: f64, gain_db: f64) -> Self {
        Self::shelf(hz, gain_db, -1.0)
    }

    fn shelf(hz: f64, gain_db: f64, sign: f64) -> Self {
        let (cos, alpha) = angle(hz, std::f64::consts::FRAC_1_SQRT_2);
        let (a, c) = (db(gain_db / 2.0), sign * cos);
        let (up, down, root) = (a + 1.0, a - 1.0, 2.0 * a.sqrt() * alpha);
        Self::normalised(
            [
                a * (up - down * c + root),
                sign * 2.0 * a * (down - up * c),
                a * (up - down * c - root),
            ],
            [up + down * c + root, -sign * 2.0 * (down + up * c), up + down * c - root],
        )
    }

    pub(crate) fn next(&mut self, x: f64) -> f64 {
        let y = self.b[0] * x + self.state[0];
        self.state[0] = self.b[1] * x - self.a[0] * y + self.state[1];
        self.state[1] = self.b[2] * x - self.a[1] * y;
        y
    }
}

fn angle(hz: f64, q: f64) -> (f64, f64) {
    let w = TAU * hz / RATE;
    (libm::cos(w), libm::sin(w) / (2.0 * q))
}

/// Low-pass whose cutoff may move every sample (trapezoidal state variable filter, Simper 2013).
#[derive(Default)]
pub(crate) struct SweptLowPass {
    state: [f64; 2],
}

impl SweptLowPass {
    pub(crate) fn next(&mut self, x: f64, hz: f64, q: f64) -> f64 {
        let g = libm::tan(PI * (hz / RATE).min(0.45));
        let a1 = 1.0 / (1.0 + g * (g + 1.0 / q));
        let v3 = x - self.state[1];
        let v1 = a1 * self.state[0] + g * a1 * v3;
        let v2 = self.state[1] + g * a1 * self.state[0] + g * g * a1 * v3;
        self.state = [2.0 * v1 - self.state[0], 2.0 * v2 - self.state[1]];
        v2
    }
}

/// Amplitude of decibels.
pub(crate) fn db(gain: f64) -> f64 {
    libm::exp(gain * std::f64::consts::LN_10 / 20.0)
}

/// Frequency of a MIDI note number, A4 = 69 = 440 Hz.
pub(crate) fn hz(note: f64) -> f64 {
    440.0 * libm::exp2((note - 69.0) / 12.0)
}

/// 1 at 0, 1/e after `tau_s`.
pub(crate) fn decay(t: f64, tau_s: f64) -> f64 {
    libm::exp(-t / tau_s)
}

/// Rises in `attack_s`, holds until `length_s`, falls with time constant `release_s`.
pub(crate) fn gate(t: f64, attack_s: f64, length_s: f64, release_s: f64) -> f64 {
    let rise = (t / attack_s).min(1.0);
    if t < length_s { rise } else { rise * decay(t - length_s, release_s) }
}

/// `seconds` of sound from a function of time.
pub(crate) fn render(seconds: f64, mut voice: impl FnMut(f64) -> f64) -> Vec<f64> {
    let frames = (seconds * RATE) as usize;
    let fade = (0.005 * RATE) as usize;
    (0..frames)
        .map(|n| voice(n as f64 / RATE) * ((frames - n) as f64 / fade as f64).min(1.0))
        .collect()
}
