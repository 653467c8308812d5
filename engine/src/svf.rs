//! The trapezoidal state variable filter: the form whose coefficients may move while it runs.
//!
//! A. Simper, "Linear trapezoidal integrated state variable filter with low noise optimisation", Cytomic, 2013.

use std::f64::consts::PI;

/// Highest centre as a share of the sample rate; bilinear warping squeezes what is above.
pub(crate) const CENTRE_MAX: f64 = 0.45;

/// Two integrators of one channel.
#[derive(Clone, Copy, Default)]
pub(crate) struct SvfState {
    first: f64,
    second: f64,
}

/// A band-pass with unity gain at its centre.
#[derive(Clone, Copy)]
pub(crate) struct BandPass {
    core: Core,
}

/// A bell whose gain may change from one sample to the next.
#[derive(Clone, Copy)]
pub(crate) struct Bell {
    /// tan(pi f / rate).
    g: f64,
    q: f64,
    core: Core,
    /// What of the band is added to the input.
    share: f64,
}

/// Low-pass and high-pass, 12 dB per octave, Butterworth.
#[derive(Clone, Copy)]
pub(crate) struct Pass {
    core: Core,
}

impl Pass {
    /// -3 dB point as a share of the sample rate, at most [`CENTRE_MAX`].
    pub(crate) fn new(corner: f64) -> Self {
        Self { core: Core::new(libm::tan(PI * corner), std::f64::consts::SQRT_2) }
    }

    /// What is below the corner.
    pub(crate) fn next_low(&self, state: &mut SvfState, x: f64) -> f64 {
        let [_, low] = self.core.band_and_low(state, x);
        low
    }

    /// What is above the corner.
    pub(crate) fn next_high(&self, state: &mut SvfState, x: f64) -> f64 {
        let [band, low] = self.core.band_and_low(state, x);
        x - self.core.k * band - low
    }
}

#[derive(Clone, Copy)]
struct Core {
    k: f64,
    a1: f64,
    a2: f64,
    a3: f64,
}

impl Core {
    fn new(g: f64, k: f64) -> Self {
        let a1 = 1.0 / (1.0 + g * (g + k));
        Self { k, a1, a2: g * a1, a3: g * g * a1 }
    }

    fn band(&self, state: &mut SvfState, x: f64) -> f64 {
        let [band, _] = self.band_and_low(state, x);
        band
    }

    fn band_and_low(&self, state: &mut SvfState, x: f64) -> [f64; 2] {
        let v3 = x - state.second;
        let v1 = self.a1 * state.first + self.a2 * v3;
        let v2 = state.second + self.a2 * state.first + self.a3 * v3;
        state.first = 2.0 * v1 - state.first;
        state.second = 2.0 * v2 - state.second;
        [v1, v2]
    }
}

impl BandPass {
    /// Centre as a share of the sample rate, at most [`CENTRE_MAX`].
    pub(crate) fn new(centre: f64, q: f64) -> Self {
        Self { core: Core::new(libm::tan(PI * centre), 1.0 / q) }
    }

    pub(crate) fn next(&self, state: &mut SvfState, x: f64) -> f64 {
        self.core.k * self.core.band(state, x)
    }
}

impl Bell {
    /// Flat for now. Centre as a share of the sample rate, at most [`CENTRE_MAX`]; RBJ Q.
    pub(crate) fn new(centre: f64, q: f64) -> Self {
        let g = libm::tan(PI * centre);
        Self { g, q, core: Core::new(g, 1.0 / q), share: 0.0 }
    }

    /// Changes the gain at the centre. `root` is the square root of the amplitude, 10^(dB/40).
    pub(crate) fn set_gain_root(&mut self, root: f64) {
        self.core = Core::new(self.g, 1.0 / (self.q * root));
        self.share = self.core.k * (root * root - 1.0);
    }

    /// What the bell adds to `x`; exactly zero while the gain is 0 dB.
    pub(crate) fn next_added(&self, state: &mut SvfState, x: f64) -> f64 {
        self.share * self.core.band(state, x)
    }
}
