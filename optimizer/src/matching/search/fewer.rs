//! Fewer bands for the same, and those that an engineer would take.

use acetate_audio::threads;

use super::{ITERATIONS_AT_THE_END, ITERATIONS_WHILE_DROPPING, Search, sum_db};
use crate::equalizer::{Band, Shape};

/// A band stays when without it the cost would rise by this share of what a new one must bring.
const STAYS: f64 = 0.8;
/// Bells of one sign nearer than this, in octaves, may be one.
const NEIGHBOURS_OCTAVES: f64 = 1.0;
/// Bells of one sign nearer than this are in one place, and one in place of both may cost this much, dB.
const SAME_PLACE_OCTAVES: f64 = 0.4;
const SAME_PLACE_DB: f64 = 0.15;
/// Bells below and above these may be shelves, Hz.
const SHELVES_HZ: (f64, f64) = (80.0, 8_000.0);
/// Q of a shelf that takes the place of a bell.
const SHELF_Q: f64 = 0.7;

impl Search<'_> {
    /// The bands without those that are hardly missed, and with one in place of two that do what one could.
    pub(super) fn drop_idle(&self, mut bands: Vec<Band>) -> Vec<Band> {
        while !bands.is_empty() {
            let now_db = self.cost_db(&bands);
            match self.one_less(&bands, ITERATIONS_WHILE_DROPPING) {
                Some((cost_db, fewer)) if cost_db - now_db < STAYS * self.budget.pays_db => {
                    bands = fewer
                }
                _ => break,
            }
        }
        bands
    }

    /// One band less, the one that is missed least or two that become one, and what the others cost then.
    pub(super) fn one_less(&self, bands: &[Band], iterations: u64) -> Option<(f64, Vec<Band>)> {
        let without = (0..bands.len()).map(|index| {
            let mut fewer = bands.to_vec();
            fewer.remove(index);
            fewer
        });
        let tried: Vec<Vec<Band>> =
            without.chain(with_neighbours_as_one(bands, NEIGHBOURS_OCTAVES)).collect();
        let refined = threads::map(&tried, |_, fewer| {
            let fewer = self.fit(fewer.clone(), iterations);
            (self.cost_db(&fewer), fewer)
        });
        refined.into_iter().min_by(|one, other| one.0.total_cmp(&other.0))
    }

    /// What an engineer would take: a shelf in place of a bell at either end of the spectrum where that costs hardly more, one bell
    /// for two in one place, and another where it is of more use.
    pub(super) fn neater(&self, mut bands: Vec<Band>) -> Vec<Band> {
        for shape in [Shape::LowShelf, Shape::HighShelf] {
            let shelved = with_shelf(&bands, shape);
            bands = self.unless_dearer(bands, shelved, self.budget.pays_db);
        }
        loop {
            let count = bands.len();
            for merged in with_neighbours_as_one(&bands, SAME_PLACE_OCTAVES) {
                if bands.len() == count {
                    bands = self.unless_dearer(bands, Some(merged), SAME_PLACE_DB);
                }
            }
            if bands.len() == count {
                break;
            }
        }
        let more = self.one_more(&bands).filter(|more| {
            more.len() <= self.budget.bands_max
                && with_neighbours_as_one(more, SAME_PLACE_OCTAVES).is_empty()
        });
        bands = self.unless_dearer(bands, more, -self.budget.pays_db);
        self.drop_idle(bands)
    }

    /// The other bands, refined, unless they cost more by `dearer_db`.
    fn unless_dearer(
        &self,
        bands: Vec<Band>,
        other: Option<Vec<Band>>,
        dearer_db: f64,
    ) -> Vec<Band> {
        let refined = other.map(|other| self.fit(other, ITERATIONS_AT_THE_END));
        let limit_db = self.cost_db(&bands) + dearer_db;
        refined.filter(|refined| self.cost_db(refined) < limit_db).unwrap_or(bands)
    }
}

/// The bands with two neighbours that pull the same way as one, for every two bells that are no
/// further apart than that.
fn with_neighbours_as_one(bands: &[Band], octaves: f64) -> Vec<Vec<Band>> {
    let mut tried = Vec::new();
    for (first, one) in bands.iter().enumerate() {
        for (second, other) in bands.iter().enumerate().skip(first + 1) {
            let bells = one.shape == Shape::Bell && other.shape == Shape::Bell;
            let alike = bells && one.gain_db * other.gain_db > 0.0;
            if alike && libm::log2(other.freq_hz / one.freq_hz).abs() < octaves {
                let mut fewer = bands.to_vec();
                fewer.remove(second);
                fewer[first] = as_one(one, other);
                tried.push(fewer);
            }
        }
    }
    tried
}

/// One bell for two: in their middle, as high as their sum there, as wide as the two together.
fn as_one(one: &Band, other: &Band) -> Band {
    let share = other.gain_db / (one.gain_db + other.gain_db);
    let octaves = libm::log2(other.freq_hz / one.freq_hz);
    let freq_hz = one.freq_hz * libm::exp2(share * octaves);
    let apart = 2.0 * octaves.abs();
    let q = one.q.min(other.q);
    Band {
        shape: Shape::Bell,
        freq_hz,
        gain_db: sum_db(&[*one, *other], freq_hz),
        q: q / (1.0 + q * apart / 2.0),
    }
}

/// The bands with a shelf in place of the outermost bell; `None` where there is no such bell, or a shelf already.
fn with_shelf(bands: &[Band], shape: Shape) -> Option<Vec<Band>> {
    let low = shape == Shape::LowShelf;
    let outside = |band: &Band| {
        if low { band.freq_hz < SHELVES_HZ.0 } else { band.freq_hz > SHELVES_HZ.1 }
    };
    if bands.iter().any(|band| band.shape == shape) {
        return None;
    }
    let bells = bands.iter().enumerate().filter(|(_, band)| band.shape == Shape::Bell);
    let by_freq =
        |one: &(usize, &Band), other: &(usize, &Band)| one.1.freq_hz.total_cmp(&other.1.freq_hz);
    let (index, bell) = if low { bells.min_by(by_freq) } else { bells.max_by(by_freq) }?;
    let mut shelved = bands.to_vec();
    // A bell's skirt is a shelf's edge.
    let edge = libm::exp2(0.7 / bell.q);
    shelved[index] = Band {
        shape,
        freq_hz: if low { bell.freq_hz * edge } else { bell.freq_hz / edge },
        q: SHELF_Q,
        ..*bell
    };
    outside(bell).then_some(shelved)
}
