//! The trapezoidal state variable filter: the form whose coefficients may move while it runs.
//!
//! A. Simper, "Linear trapezoidal integrated state variable filter with low noise optimisation", Cytomic, 2013.

use std::f64::consts::PI;

use crate::biquad::{self, Biquad};

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

/// A bell whose cut may change from one sample to the next.
///
/// At each depth it is the equaliser's own matched filter ([`biquad::bell`]), its poles and zeros carried over to this form:
/// a trapezoidal bell alone is squeezed near Nyquist, half a decibel at 5 kHz and four at 15.
#[derive(Clone)]
pub(crate) struct Bell {
    /// Forms at cuts of 0 dB and then every 1 / [`FORMS_PER_DB`].
    forms: Vec<Form>,
    core: Core,
    form: Form,
}

/// Depths for which a bell is designed; between them its coefficients are interpolated.
const FORMS_PER_DB: f64 = 16.0;

/// A section in this form: y = x + direct (x - low) + band share * band.
#[derive(Clone, Copy)]
struct Form {
    /// tan(pi f / rate) of the poles.
    g: f64,
    /// Their damping.
    k: f64,
    direct: f64,
    band: f64,
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
    /// Flat for now, and able to cut by `cut_db_max`. Centre as a share of the sample rate, at most [`CENTRE_MAX`]; RBJ Q.
    pub(crate) fn new(centre: f64, q: f64, cut_db_max: f64) -> Self {
        let count = (cut_db_max * FORMS_PER_DB).ceil() as usize + 1;
        let form = |step: usize| {
            let form = Form::of(biquad::bell(centre, -(step as f64) / FORMS_PER_DB, q, 1.0));
            // Exactly nothing is added where nothing is cut.
            if step == 0 { Form { direct: 0.0, band: 0.0, ..form } } else { form }
        };
        let forms: Vec<Form> = (0..=count).map(form).collect();
        Self { core: Core::new(forms[0].g, forms[0].k), form: forms[0], forms }
    }

    /// Changes the cut at the centre, which is never negative.
    pub(crate) fn set_cut_db(&mut self, cut_db: f64) {
        let step = (cut_db * FORMS_PER_DB).min((self.forms.len() - 1) as f64);
        let index = (step as usize).min(self.forms.len() - 2);
        self.form = self.forms[index].towards(self.forms[index + 1], step - index as f64);
        self.core = Core::new(self.form.g, self.form.k);
    }

    /// What the bell adds to `x`; exactly zero while the cut is 0 dB.
    pub(crate) fn next_added(&self, state: &mut SvfState, x: f64) -> f64 {
        let [band, low] = self.core.band_and_low(state, x);
        self.form.direct * (x - low) + self.form.band * band
    }
}

impl Form {
    /// The form of a section whose gain at 0 Hz is 1.
    fn of(section: Biquad) -> Self {
        let [b0, b1, b2] = section.b;
        let [a1, a2] = section.a;
        let scale = 4.0 / (1.0 - a1 + a2);
        let g = ((1.0 + a1 + a2) / (1.0 - a1 + a2)).sqrt();
        let k = (1.0 - a2) * scale / (2.0 * g);
        // What the section takes of the high and the band output; of the low one it takes all.
        let high = scale * (b0 - b1 + b2) / 4.0;
        let band = scale * (b0 - b2) / (2.0 * g);
        Self { g, k, direct: high - 1.0, band: band - high * k }
    }

    fn towards(self, other: Self, share: f64) -> Self {
        let between = |a: f64, b: f64| a + share * (b - a);
        Self {
            g: between(self.g, other.g),
            k: between(self.k, other.k),
            direct: between(self.direct, other.direct),
            band: between(self.band, other.band),
        }
    }
}

#[cfg(test)]
mod tests {
    use acetate_audio::units::{amplitude_to_db, power_to_db};

    use super::*;

    /// Gain at a frequency, a share of the rate, read off the impulse response.
    fn measured_db(bell: &Bell, freq: f64) -> f64 {
        let mut state = SvfState::default();
        let (mut re, mut im) = (0.0, 0.0);
        for n in 0..8000 {
            let x = if n == 0 { 1.0 } else { 0.0 };
            let y = x + bell.next_added(&mut state, x);
            let turn = 2.0 * PI * freq * f64::from(n);
            (re, im) = (re + y * libm::cos(turn), im - y * libm::sin(turn));
        }
        power_to_db(re * re + im * im)
    }

    #[test]
    fn a_moving_bell_is_the_equalisers_bell_at_every_depth() {
        for (centre, q) in [(0.002, 1.0), (0.1, 4.0), (0.34, 1.0), (CENTRE_MAX, 8.0)] {
            let mut bell = Bell::new(centre, q, 12.0);
            for cut_db in [0.0, 0.03, 1.0, 5.97, 12.0] {
                bell.set_cut_db(cut_db);
                let section = biquad::bell(centre, -cut_db, q, 1.0);
                for freq in [0.001, 0.01, 0.09, 0.2, 0.33, 0.4, 0.49] {
                    let wanted = power_to_db(section.power_at(2.0 * PI * freq));
                    let error = measured_db(&bell, freq) - wanted;
                    assert!(error.abs() < 2e-3, "{centre} Q {q}, -{cut_db} dB at {freq}: {error}");
                }
            }
        }
    }

    #[test]
    fn a_moving_bell_cuts_no_deeper_than_it_was_made_for() {
        let mut bell = Bell::new(0.1, 1.0, 12.0);
        bell.set_cut_db(40.0);
        let deepest_db = -12.0 - 1.0 / FORMS_PER_DB;
        let cut_db = measured_db(&bell, 0.1);
        assert!((cut_db - deepest_db).abs() < 2e-3, "{cut_db} dB, {deepest_db} at most");
    }

    #[test]
    fn a_moving_bell_keeps_its_shape_near_nyquist() {
        // The analogue prototype, 15 kHz at 44.1 kHz, as asked of the equaliser.
        let (rate, centre, gain) = (44_100.0, 15_000.0, 2.0f64);
        let mut bell = Bell::new(centre / rate, 1.0, 12.0);
        bell.set_cut_db(amplitude_to_db(gain));
        for freq in [1000.0, 5000.0, 10_000.0, 15_000.0, 18_000.0, 20_000.0] {
            let w: f64 = freq / centre;
            let shape = (1.0 - w * w) * (1.0 - w * w);
            let wanted = -power_to_db((shape + gain * w * w) / (shape + w * w / gain));
            let error = measured_db(&bell, freq / rate) - wanted;
            assert!(error.abs() < 0.7, "{freq} Hz: {error} dB");
        }
    }
}
