//! The spectrum of a sum whose parts change.

use acetate_analyzer::CrossSpectrum;
use acetate_audio::units::{db_to_amplitude, power_to_db};
use acetate_engine::settings::{EqualizerBand, FilterType};

use crate::equalizer::{Band, Shape};
use crate::surrogate::ToneTable;

/// One change of one part: its level, or a band on it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Turn {
    pub(super) stem: usize,
    /// Change of level; 0 with a band.
    pub(super) level_db: f64,
    pub(super) band: Option<Band>,
}

impl Turn {
    pub(super) fn level(stem: usize, level_db: f64) -> Self {
        Self { stem, level_db, band: None }
    }

    /// A band of settings.
    pub(super) fn of_band(stem: usize, band: &EqualizerBand) -> Self {
        let shape = match band.kind {
            FilterType::LowShelf => Shape::LowShelf,
            FilterType::HighShelf => Shape::HighShelf,
            FilterType::Tilt => Shape::Tilt,
            FilterType::Bell | FilterType::LowPass | FilterType::HighPass => Shape::Bell,
        };
        let band = Band { shape, freq_hz: band.freq_hz, gain_db: band.gain_db, q: band.q };
        Self { stem, level_db: 0.0, band: Some(band) }
    }

    fn response_db(&self, hz: f64) -> f64 {
        self.band.as_ref().map_or(self.level_db, |band| band.response_db(hz))
    }

    /// The same turn by a share of its decibels.
    pub(super) fn scaled(self, share: f64) -> Self {
        let band = self.band.map(|band| Band { gain_db: share * band.gain_db, ..band });
        Self { level_db: share * self.level_db, band, ..self }
    }

    fn response(&self, hz: f64) -> Complex {
        match &self.band {
            None => Complex(db_to_amplitude(self.level_db), 0.0),
            Some(band) => band_response(band, hz),
        }
    }
}

/// The parts of a sum, as predictions need them.
pub(super) struct Mixture<'a> {
    cross: &'a CrossSpectrum,
    tone: &'a ToneTable,
    /// Power of each third octave of the sum as it is.
    base: Vec<f64>,
}

impl<'a> Mixture<'a> {
    pub(super) fn new(cross: &'a CrossSpectrum, tone: &'a ToneTable) -> Self {
        let mut mixture = Self { cross, tone, base: Vec::new() };
        mixture.base = mixture.powers(&[]);
        mixture
    }

    /// By how much each third octave of the sum changes, dB.
    pub(super) fn change_db(&self, turns: &[Turn]) -> Vec<f64> {
        let change = |(after, before): (f64, &f64)| {
            if after > 0.0 && *before > 0.0 { power_to_db(after / before) } else { 0.0 }
        };
        self.powers(turns).into_iter().zip(&self.base).map(change).collect()
    }

    /// The furthest that all turns of a stem together move it anywhere, dB.
    pub(super) fn moved_db(&self, turns: &[Turn], stem: usize) -> f64 {
        let own = || turns.iter().filter(|turn| turn.stem == stem);
        let cells = self.tone.hz.iter().take(self.cross.cells());
        let moved = |&hz: &f64| own().map(|turn| turn.response_db(hz)).sum::<f64>().abs();
        cells.map(moved).fold(0.0, f64::max)
    }

    fn powers(&self, turns: &[Turn]) -> Vec<f64> {
        let cells: Vec<f64> = (0..self.cross.cells().min(self.tone.hz.len()))
            .map(|cell| self.power(cell, turns))
            .collect();
        let third = |members: &Vec<(usize, f64)>| {
            members.iter().map(|&(cell, share)| share * cells.get(cell).unwrap_or(&0.0)).sum()
        };
        self.tone.members.iter().map(third).collect()
    }

    fn power(&self, cell: usize, turns: &[Turn]) -> f64 {
        let mut responses = vec![Complex(1.0, 0.0); self.cross.parts()];
        for turn in turns {
            let response = turn.response(self.tone.hz[cell]);
            responses[turn.stem] = responses[turn.stem].times(response);
        }
        let mut power = 0.0;
        for one in 0..responses.len() {
            for other in 0..=one {
                let both = responses[one].times(responses[other].conjugate());
                let [re, im] = self.cross.product(cell, one, other);
                let real = both.0 * re - both.1 * im;
                power += if one == other { real } else { 2.0 * real };
            }
        }
        power.max(0.0)
    }
}

#[derive(Clone, Copy, Debug)]
struct Complex(f64, f64);

impl Complex {
    fn times(self, other: Self) -> Self {
        Self(self.0 * other.0 - self.1 * other.1, self.0 * other.1 + self.1 * other.0)
    }

    fn conjugate(self) -> Self {
        Self(self.0, -self.1)
    }

    fn over(self, other: Self) -> Self {
        let Self(re, im) = self.times(other.conjugate());
        let power = other.0 * other.0 + other.1 * other.1;
        Self(re / power, im / power)
    }
}

/// The analogue prototype of a band, of minimum phase; its magnitude is [`Band::response_db`].
fn band_response(band: &Band, hz: f64) -> Complex {
    let w = hz / band.freq_hz;
    let a = db_to_amplitude(band.gain_db / 2.0);
    match band.shape {
        Shape::Bell => {
            let real = 1.0 - w * w;
            Complex(real, a * w / band.q).over(Complex(real, w / (a * band.q)))
        }
        Shape::HighShelf => shelf(a, w, band.q),
        // The same in 1/s.
        Shape::LowShelf => shelf(a, 1.0 / w, band.q).conjugate(),
        Shape::Tilt => Complex(1.0, a * w).over(Complex(a, w)),
    }
}

fn shelf(a: f64, w: f64, q: f64) -> Complex {
    let slope = libm::sqrt(a) * w / q;
    Complex(a * (1.0 - a * w * w), a * slope).over(Complex(a - w * w, slope))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_has_the_magnitude_that_the_fit_has_it_at() {
        for shape in [Shape::Bell, Shape::LowShelf, Shape::HighShelf] {
            let band = Band { shape, freq_hz: 900.0, gain_db: -4.0, q: 0.8 };
            for hz in [40.0, 700.0, 900.0, 3_000.0, 15_000.0] {
                let Complex(re, im) = band_response(&band, hz);
                let found_db = power_to_db(re * re + im * im);
                assert!((found_db - band.response_db(hz)).abs() < 1e-9, "{shape:?} at {hz} Hz");
            }
        }
    }
}
