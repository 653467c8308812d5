//! Bands as the solver sees them: unbounded parameters in, third-octave levels out.

use acetate_audio::units::db_to_amplitude;

/// What a band looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Bell,
    LowShelf,
    HighShelf,
    /// Turns the whole around its frequency: half of its gain below and half above. It has no Q.
    Tilt,
}

/// One band, before it has a channel and a name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Band {
    pub(crate) shape: Shape,
    pub(crate) freq_hz: f64,
    pub(crate) gain_db: f64,
    pub(crate) q: f64,
}

impl Band {
    /// Level change at `hz`, in dB: the analogue prototype that the engine's sections are matched to.
    pub(crate) fn response_db(&self, hz: f64) -> f64 {
        self.curve().db(hz)
    }

    /// The same at many frequencies.
    pub(crate) fn curve(&self) -> Curve {
        let gain_db = match self.shape {
            Shape::Bell | Shape::Tilt => self.gain_db,
            Shape::LowShelf | Shape::HighShelf => self.gain_db / 2.0,
        };
        Curve { band: *self, amplitude: db_to_amplitude(gain_db) }
    }
}

/// A band and the amplitude of its gain; of half of it for shelves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Curve {
    pub(crate) band: Band,
    pub(crate) amplitude: f64,
}

impl Curve {
    /// Level change at `hz`, in dB.
    pub(crate) fn db(&self, hz: f64) -> f64 {
        let Self { band, amplitude: a } = *self;
        let w2 = (hz / band.freq_hz) * (hz / band.freq_hz);
        match band.shape {
            Shape::Bell => {
                let per_q2 = w2 / (band.q * band.q);
                let apart = (1.0 - w2) * (1.0 - w2);
                10.0 * libm::log10((apart + a * per_q2) / (apart + per_q2 / a))
            }
            Shape::LowShelf => band.gain_db / 2.0 + self.shelf_db(1.0 / w2),
            Shape::HighShelf => band.gain_db / 2.0 + self.shelf_db(w2),
            Shape::Tilt => 10.0 * libm::log10((1.0 + a * w2) / (a + w2)),
        }
    }

    /// A high shelf around its middle level; a low shelf is the same in 1/frequency.
    fn shelf_db(&self, w2: f64) -> f64 {
        let (a, q) = (self.amplitude, self.band.q);
        let slope = a * w2 / (q * q);
        let above = (1.0 - a * w2) * (1.0 - a * w2) + slope;
        let below = (a - w2) * (a - w2) + slope;
        10.0 * libm::log10(above / below)
    }
}

/// Largest and smallest value of each parameter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) freq_hz: (f64, f64),
    pub(crate) gain_db_max: f64,
    pub(crate) q: (f64, f64),
}

impl Limits {
    /// The unbounded parameters of `band`: logistic in ln f and ln Q, tanh in gain.
    pub(crate) fn to_free(self, band: &Band) -> [f64; 3] {
        [
            logit(share(band.freq_hz, self.freq_hz)),
            libm::atanh((band.gain_db / self.gain_db_max).clamp(-0.98, 0.98)),
            logit(share(band.q, self.q)),
        ]
    }

    pub(crate) fn to_band(self, shape: Shape, free: &[f64]) -> Band {
        Band {
            shape,
            freq_hz: within(logistic(free[0]), self.freq_hz),
            gain_db: self.gain_db_max * libm::tanh(free[1]),
            q: within(logistic(free[2]), self.q),
        }
    }
}

impl Limits {
    /// By how much ln frequency, gain in dB and ln Q change with the free parameters.
    pub(crate) fn slopes(self, free: &[f64]) -> [f64; 3] {
        let logistic_slope = |free: f64, ends: (f64, f64)| {
            let share = logistic(free);
            share * (1.0 - share) * libm::log(ends.1 / ends.0)
        };
        let gain = libm::tanh(free[1]);
        [
            logistic_slope(free[0], self.freq_hz),
            self.gain_db_max * (1.0 - gain * gain),
            logistic_slope(free[2], self.q),
        ]
    }
}

/// Where `value` lies between the ends, in logarithms.
fn share(value: f64, ends: (f64, f64)) -> f64 {
    libm::log(value / ends.0) / libm::log(ends.1 / ends.0)
}

fn within(share: f64, ends: (f64, f64)) -> f64 {
    ends.0 * libm::exp(share * libm::log(ends.1 / ends.0))
}

fn logistic(free: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-free))
}

fn logit(share: f64) -> f64 {
    let inside = share.clamp(0.01, 0.99);
    libm::log(inside / (1.0 - inside))
}
