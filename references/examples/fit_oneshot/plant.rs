//! Faults that are planted: as the model takes them to be, and of other shapes.

use acetate_audio::linear::Matrix;
use acetate_references::bands::{WIDE_BANDS, WIDE_EDGES_HZ};
use acetate_references::oneshot::{Nine, density_covariance, drawn, tone_covariance};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256Plus;

/// One kind of planted faults.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) tone: Tone,
    pub(crate) density: bool,
}

/// Faults of tone.
pub(crate) enum Tone {
    /// Drawn as the model takes them to be, with this standard deviation.
    Drawn(f64),
    /// One bell of 3 to 9 dB up or down, Q 0.5 to 1.2, 100 Hz to 10 kHz.
    Bell,
    /// One shelf of 3 to 9 dB up or down, from 150 Hz or below or from 2.5 kHz on.
    Shelf,
}

pub(crate) const KINDS: [Kind; 5] = [
    Kind { name: "tone 1.7 dB and density", tone: Tone::Drawn(2.0), density: true },
    Kind { name: "tone 3.5 dB and density", tone: Tone::Drawn(4.0), density: true },
    Kind { name: "tone 5.2 dB and density", tone: Tone::Drawn(6.0), density: true },
    Kind { name: "bells of 3 to 9 dB", tone: Tone::Bell, density: false },
    Kind { name: "shelves of 3 to 9 dB", tone: Tone::Shelf, density: false },
];

/// Draws faults, always the same.
pub(crate) struct Planter(Xoshiro256Plus);

impl Planter {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Xoshiro256Plus::seed_from_u64(seed))
    }

    /// A fault of tone, dB, with a mean of 0, and one of density.
    pub(crate) fn fault(&mut self, kind: &Kind) -> [Nine; 2] {
        let tone = match kind.tone {
            Tone::Drawn(std_db) => self.drawn(tone_covariance(std_db)),
            Tone::Bell => {
                let hz = 100.0 * libm::exp2(self.uniform() * libm::log2(100.0));
                let (q, gain_db) = (0.5 + 0.7 * self.uniform(), self.gain_db());
                centred(over_bands(|at| gain_db * bell(at, hz, q)))
            }
            Tone::Shelf => {
                let gain_db = self.gain_db();
                let low = self.uniform() < 0.5;
                let hz = if low {
                    120.0 + 280.0 * self.uniform()
                } else {
                    2_000.0 + 4_000.0 * self.uniform()
                };
                let up = |at: f64| 1.0 / (1.0 + libm::exp2(-2.0 * libm::log2(at / hz)));
                centred(over_bands(|at| gain_db * if low { 1.0 - up(at) } else { up(at) }))
            }
        };
        let density =
            if kind.density { self.drawn(density_covariance()) } else { [0.0; WIDE_BANDS] };
        [tone, density]
    }

    fn uniform(&mut self) -> f64 {
        self.0.gen_range(0.0..1.0)
    }

    fn gain_db(&mut self) -> f64 {
        let sign = if self.uniform() < 0.5 { -1.0 } else { 1.0 };
        sign * (3.0 + 6.0 * self.uniform())
    }

    fn drawn(&mut self, covariance: Matrix) -> Nine {
        drawn(covariance, &mut self.0)
    }
}

/// Gain of a bell of 1 dB at a frequency, dB, for small gains.
fn bell(at: f64, hz: f64, q: f64) -> f64 {
    let off = q * (at / hz - hz / at);
    1.0 / (1.0 + off * off)
}

/// Mean over each wide band, on a scale of octaves.
fn over_bands(curve: impl Fn(f64) -> f64) -> Nine {
    const POINTS: usize = 12;
    std::array::from_fn(|band| {
        let (low, high) = (WIDE_EDGES_HZ[band].max(40.0), WIDE_EDGES_HZ[band + 1].min(20_000.0));
        let at = |point: usize| {
            low * libm::exp2((point as f64 + 0.5) / POINTS as f64 * libm::log2(high / low))
        };
        (0..POINTS).map(|point| curve(at(point))).sum::<f64>() / POINTS as f64
    })
}

fn centred(values: Nine) -> Nine {
    let mean = values.iter().sum::<f64>() / WIDE_BANDS as f64;
    values.map(|value| value - mean)
}
