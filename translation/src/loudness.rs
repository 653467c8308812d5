//! Specific loudness read from a table: the equations take too long for every band of every moment on every system.

use crate::ear::Ear;

/// Specific loudness over excitation, beside one steady masker: knots four to the octave, straight lines between them.
#[derive(Clone, Debug)]
pub(crate) struct LoudnessTable {
    knots: Vec<f32>,
}

/// Bits of a number that lie between two knots.
const BITS_BETWEEN: u32 = 21;
/// The first knot: what has less excitation is as loud as nothing.
const FIRST_KNOT: f32 = 0.007_812_5;
/// Knots of a band: up to 120 dB, four to each of 47 octaves.
const KNOTS: usize = 4 * 47;

impl LoudnessTable {
    /// The table of an ear beside a masker, given as excitation in each band.
    pub(crate) fn new(ear: &Ear, masker: &[f64]) -> Self {
        let first = FIRST_KNOT.to_bits() >> BITS_BETWEEN;
        let knot = |index: usize| f64::from(f32::from_bits((first + index as u32) << BITS_BETWEEN));
        let of_band = |band: usize| {
            (0..KNOTS).map(move |index| ear.specific(band, knot(index), masker[band]) as f32)
        };
        Self { knots: (0..ear.len()).flat_map(of_band).collect() }
    }

    /// Specific loudness, sones an ERB.
    pub(crate) fn at(&self, band: usize, excitation: f32) -> f32 {
        self.read(band, Place::of(excitation))
    }

    /// The same, of an excitation whose place among the knots is known.
    pub(crate) fn read(&self, band: usize, place: Place) -> f32 {
        let knots = &self.knots[band * KNOTS + place.index..][..2];
        (knots[0] + place.share * (knots[1] - knots[0])) * place.faint
    }
}

/// An excitation among the knots of a [`LoudnessTable`]: every table has the same ones.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    index: usize,
    share: f32,
    /// Below 1 for what lies under the first knot.
    faint: f32,
}

impl Place {
    pub(crate) fn of(excitation: f32) -> Self {
        let bits = excitation.max(FIRST_KNOT).to_bits();
        let index = ((bits >> BITS_BETWEEN) - (FIRST_KNOT.to_bits() >> BITS_BETWEEN)) as usize;
        Self {
            index: index.min(KNOTS - 2),
            share: (bits & ((1 << BITS_BETWEEN) - 1)) as f32 / (1 << BITS_BETWEEN) as f32,
            faint: if excitation < FIRST_KNOT { excitation / FIRST_KNOT } else { 1.0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use acetate_audio::units::db_to_power;

    use super::*;
    use crate::ear::tests::edges;

    /// The equations step at the threshold; the table makes a slope of it, one knot wide.
    const STEP_SONES: f64 = 0.015;

    #[test]
    fn the_table_says_what_the_equations_say() {
        let ear = Ear::new(&edges());
        for masker in [0.0, 1e3, 1e6] {
            let table = LoudnessTable::new(&ear, &vec![masker; 81]);
            for band in [5, 30, 70] {
                for db in 0..100 {
                    let excitation = db_to_power(f64::from(db));
                    let exact = ear.specific(band, excitation, masker);
                    let read = f64::from(table.at(band, excitation as f32));
                    assert!(
                        (read - exact).abs() < STEP_SONES + 0.02 * exact,
                        "{band} {db} dB: {read} {exact}"
                    );
                }
            }
        }
    }
}
