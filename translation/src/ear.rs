//! What an ear makes of powers in bands: excitation, thresholds, and loudness beside a masker.
//!
//! B. C. J. Moore, B. R. Glasberg & T. Baer, "A model for the prediction of thresholds, loudness, and partial loudness", JAES 45(4),
//! 1997, with rounded exponentials of fixed slopes (those of about 70 dB) in place of level-dependent filters, and bands of half an
//! ERB in place of its tenth. Free-field threshold: ISO 389-7.

use acetate_audio::units::{db_to_power, power_to_db};

use multiversion::multiversion;

use crate::curve::{Curve, a_weight_db};

/// Threshold of hearing in a free field, `[Hz, dB SPL]` (ISO 389-7:2005, table 1).
const THRESHOLD: [[f64; 2]; 31] = [
    [20.0, 78.5],
    [25.0, 68.7],
    [31.5, 59.5],
    [40.0, 51.1],
    [50.0, 44.0],
    [63.0, 37.5],
    [80.0, 31.5],
    [100.0, 26.5],
    [125.0, 22.1],
    [160.0, 17.9],
    [200.0, 14.4],
    [250.0, 11.4],
    [315.0, 8.6],
    [400.0, 6.2],
    [500.0, 4.4],
    [630.0, 3.0],
    [800.0, 2.4],
    [1_000.0, 2.4],
    [1_250.0, 3.5],
    [1_600.0, 1.7],
    [2_000.0, -1.3],
    [2_500.0, -4.2],
    [3_150.0, -5.9],
    [4_000.0, -5.4],
    [5_000.0, -1.5],
    [6_300.0, 4.3],
    [8_000.0, 12.6],
    [10_000.0, 13.9],
    [12_500.0, 12.3],
    [16_000.0, 40.2],
    [18_000.0, 70.4],
];
/// Excitation at the threshold, `[Hz, dB]` (the same paper, figure 3: 3.6 dB from 500 Hz on).
const INTERNAL: [[f64; 2]; 5] =
    [[20.0, 26.0], [50.0, 20.0], [100.0, 12.0], [200.0, 6.5], [500.0, 3.6]];
/// Signal over masker at the threshold in a masker, `[Hz, dB]` (figure 9; below 100 Hz extrapolated).
const MASKED: [[f64; 2]; 7] = [
    [50.0, 13.0],
    [100.0, 6.0],
    [160.0, 2.5],
    [200.0, 1.0],
    [315.0, -1.0],
    [500.0, -2.0],
    [1_000.0, -3.0],
];
/// Exponent and offset of the compression at low-level gains of -25 and 0 dB (figures 6 and 7).
const EXPONENT: [f64; 2] = [0.267, 0.2];
const OFFSET: [f64; 2] = [8.8, 4.72];
/// Makes 40 dB at 1 kHz one sone, for excitation patterns of half an ERB.
const SONES: f64 = 0.047 / 0.641;
/// Slopes of the rounded exponential towards higher and lower frequencies, per ERB.
const SLOPE_UP: f64 = 3.0;
const SLOPE_DOWN: f64 = 4.0;
/// Beyond this many ERB nothing spreads: 70 dB down.
const REACH_ERB: f64 = 6.5;
/// Bands above this are not heard by most.
pub(crate) const HIGHEST_HZ: f64 = 18_000.0;

/// ERBs up to a frequency (Glasberg & Moore 1990).
fn erb_rate(hz: f64) -> f64 {
    21.4 * libm::log10(1.0 + 0.004_37 * hz)
}

/// One band of the ear.
#[derive(Clone, Debug)]
struct Band {
    /// Signal over masker at threshold, as a ratio.
    masked: f64,
    /// Excitation at threshold.
    threshold: f64,
    gain: f64,
    exponent: f64,
    offset: f64,
    /// First band that reaches it, and how much of each from there on.
    from: usize,
    spread: Vec<f32>,
}

/// An ear over the bands of a table.
#[derive(Clone, Debug)]
pub(crate) struct Ear {
    edges_hz: Vec<f64>,
    centres_hz: Vec<f64>,
    width_erb: Vec<f64>,
    /// From power in the field to excitation.
    field: Vec<f64>,
    a_weight: Vec<f64>,
    bands: Vec<Band>,
}

/// The level at a frequency between points of a figure.
fn through(points: &[[f64; 2]], hz: f64) -> f64 {
    let (hz_of, db): (Vec<f64>, Vec<f64>) = points.iter().map(|point| (point[0], point[1])).unzip();
    // No figure goes on below 20 Hz, and no band lies there.
    Curve::new(&hz_of, &db).level_db(hz.max(20.0))
}

impl Ear {
    /// An ear over bands between these edges, as far as they are heard.
    pub(crate) fn new(edges_hz: &[f64]) -> Self {
        let heard = edges_hz.partition_point(|&edge| edge < HIGHEST_HZ).max(2);
        let edges_hz = edges_hz[..heard].to_vec();
        let pairs = || edges_hz.windows(2).map(|edge| [edge[0], edge[1]]);
        let centres_hz: Vec<f64> = pairs().map(|[low, high]| libm::sqrt(low * high)).collect();
        let width_erb: Vec<f64> =
            pairs().map(|[low, high]| erb_rate(high) - erb_rate(low)).collect();
        let places: Vec<f64> = centres_hz.iter().map(|&hz| erb_rate(hz)).collect();
        let field = centres_hz
            .iter()
            .map(|&hz| db_to_power(through(&INTERNAL, hz) - through(&THRESHOLD, hz)));
        let bands = centres_hz.iter().zip(&places).map(|(&hz, &at)| Band::new(hz, at, &places));
        Self {
            field: field.collect(),
            a_weight: centres_hz.iter().map(|&hz| db_to_power(a_weight_db(hz))).collect(),
            bands: bands.collect(),
            edges_hz,
            centres_hz,
            width_erb,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.bands.len()
    }

    pub(crate) fn edges_hz(&self) -> &[f64] {
        &self.edges_hz
    }

    /// Width of a band in ERB: specific loudness times it is loudness.
    pub(crate) fn width_erb(&self, band: usize) -> f64 {
        self.width_erb[band]
    }

    /// From power in the field (SPL) to what [`Ear::excite`] takes.
    pub(crate) fn field(&self) -> &[f64] {
        &self.field
    }

    pub(crate) fn a_weight(&self) -> &[f64] {
        &self.a_weight
    }

    /// The band in which a frequency lies.
    pub(crate) fn band_of(&self, hz: f64) -> usize {
        self.edges_hz.partition_point(|&edge| edge <= hz).saturating_sub(1).min(self.len() - 1)
    }

    /// The bands whose centres lie in a range.
    pub(crate) fn within(&self, low_hz: f64, high_hz: f64) -> std::ops::Range<usize> {
        let first = self.centres_hz.partition_point(|&hz| hz < low_hz);
        first..self.centres_hz.partition_point(|&hz| hz < high_hz).max(first)
    }

    /// Excitation of each band by powers (already brought from the field).
    pub(crate) fn excite(&self, powers: &[f32], excitation: &mut [f32]) {
        excite(&self.bands, powers, excitation);
    }

    /// Excitation of one band.
    pub(crate) fn excited(&self, powers: &[f32], band: usize) -> f32 {
        self.bands[band].excited(powers)
    }

    /// Power of a steady noise in each band at the ear, from its density.
    pub(crate) fn noise(&self, density_db: &Curve) -> Vec<f64> {
        let edges = self.edges_hz.windows(2);
        let inner = self.centres_hz.iter().zip(edges);
        inner
            .map(|(&hz, edge)| db_to_power(density_db.level_db(hz)) * (edge[1] - edge[0]))
            .collect()
    }

    /// The excitation that is just heard beside a masker's.
    pub(crate) fn threshold(&self, band: usize, masker: f64) -> f64 {
        self.bands[band].masked * masker + self.bands[band].threshold
    }

    /// Specific loudness, sones an ERB, of an excitation beside a masker's (equations 17 to 20).
    pub(crate) fn specific(&self, band: usize, excitation: f64, masker: f64) -> f64 {
        self.bands[band].specific(excitation, masker)
    }
}

impl Band {
    fn new(hz: f64, at: f64, places: &[f64]) -> Self {
        let internal_db = through(&INTERNAL, hz);
        let gain_db = through(&INTERNAL, 500.0) - internal_db;
        let share = (gain_db / -25.0).clamp(0.0, 1.0);
        let between = |of: [f64; 2]| of[1] + share * (of[0] - of[1]);
        let weight = |&other: &f64| {
            let distance = at - other;
            let slope = if distance > 0.0 { SLOPE_UP } else { SLOPE_DOWN };
            let reach = slope * libm::fabs(distance);
            (1.0 + reach) * libm::exp(-reach)
        };
        // The power within one ERB of a level density is its excitation: the integral of both flanks is 2/3 + 2/4.
        let whole = 2.0 / SLOPE_UP + 2.0 / SLOPE_DOWN;
        let from = places.partition_point(|&other| other < at - REACH_ERB);
        let until = places.partition_point(|&other| other <= at + REACH_ERB);
        Self {
            masked: db_to_power(through(&MASKED, hz)),
            threshold: db_to_power(internal_db),
            gain: db_to_power(gain_db),
            exponent: between(EXPONENT),
            offset: between(OFFSET),
            from,
            spread: places[from..until]
                .iter()
                .map(|place| (weight(place) / whole) as f32)
                .collect(),
        }
    }

    #[inline(always)]
    fn excited(&self, powers: &[f32]) -> f32 {
        dot(&self.spread, &powers[self.from..self.from + self.spread.len()])
    }

    fn compressed(&self, excitation: f64) -> f64 {
        libm::pow(excitation.max(0.0) * self.gain + self.offset, self.exponent)
    }

    fn specific(&self, excitation: f64, masker: f64) -> f64 {
        let Self { masked, threshold, gain, exponent, offset, .. } = *self;
        if excitation <= 0.0 {
            return 0.0;
        }
        let at_threshold = masked * masker + threshold;
        let nothing = libm::pow(offset, exponent);
        let quiet = libm::pow(threshold * gain + offset, exponent) - nothing;
        let masked_sum = self.compressed(masker * (1.0 + masked) + threshold);
        let sum = self.compressed(excitation + masker);
        if excitation >= at_threshold {
            let share = libm::pow(at_threshold / excitation, 0.3);
            let beside = masked_sum - (quiet + nothing);
            (SONES * (sum - nothing - beside * share)).max(0.0)
        } else {
            let alone = self.compressed(masker);
            let ratio = 2.0 * excitation / (excitation + at_threshold);
            let height = (sum - alone) / (masked_sum - alone).max(1e-12);
            SONES * ratio * libm::sqrt(ratio) * quiet * height
        }
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn excite(bands: &[Band], powers: &[f32], excitation: &mut [f32]) {
    for (to, band) in excitation.iter_mut().zip(bands) {
        *to = band.excited(powers);
    }
}

#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a_chunks, a_rest) = a.as_chunks::<8>();
    let (b_chunks, b_rest) = b.as_chunks::<8>();
    let mut lanes = [0.0f32; 8];
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for lane in 0..8 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    let [a, b, c, d, e, f, g, h] = lanes;
    (((a + e) + (c + g)) + ((b + f) + (d + h))) + rest
}

/// Level of a power, dB; -200 of none.
pub(crate) fn level_db(power: f64) -> f64 {
    power_to_db(power.max(1e-20))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn edges() -> Vec<f64> {
        let hz = |erb: f64| (libm::pow(10.0, erb / 21.4) - 1.0) / 0.004_37;
        (0..81).map(|step| hz(erb_rate(20.0) + 0.5 * f64::from(step))).collect()
    }

    fn sones(ear: &Ear, tone: &[(f64, f64)], masker: &[f64]) -> f64 {
        let mut powers = vec![0.0f32; ear.len()];
        for &(hz, db) in tone {
            let band = ear.band_of(hz);
            powers[band] += (db_to_power(db) * ear.field()[band]) as f32;
        }
        let mut excitation = vec![0.0; ear.len()];
        ear.excite(&powers, &mut excitation);
        let bands = excitation.iter().enumerate();
        bands.map(|(b, &e)| ear.specific(b, f64::from(e), masker[b]) * ear.width_erb(b)).sum()
    }

    #[test]
    fn one_kilohertz_at_40_db_is_one_sone_and_doubles_every_10_db() {
        let (ear, quiet) = (Ear::new(&edges()), vec![0.0; 81]);
        let at = |db| sones(&ear, &[(1_000.0, db)], &quiet);
        assert!((at(40.0) - 1.0).abs() < 0.12, "{}", at(40.0));
        assert!((at(60.0) / at(50.0) - 2.0).abs() < 0.25, "{}", at(60.0) / at(50.0));
    }

    #[test]
    fn the_40_phon_contour_is_that_of_iso_226_within_5_db() {
        let (ear, quiet) = (Ear::new(&edges()), vec![0.0; 81]);
        let one = sones(&ear, &[(1_000.0, 40.0)], &quiet);
        for (hz, wanted) in [
            (63.0, 73.1),
            (125.0, 60.6),
            (250.0, 51.4),
            (500.0, 43.1),
            (2_000.0, 38.6),
            (4_000.0, 37.0),
            (8_000.0, 51.8),
        ] {
            let db = (0..1_000).map(|step| f64::from(step) * 0.1);
            let found = db.into_iter().find(|&db| sones(&ear, &[(hz, db)], &quiet) >= one).unwrap();
            assert!((found - wanted).abs() < 5.0, "{hz} Hz: {found:.1} dB, wanted {wanted}");
        }
    }

    #[test]
    fn a_tone_fades_out_near_its_masked_threshold() {
        let ear = Ear::new(&edges());
        let band = ear.band_of(1_000.0);
        let threshold = ear.threshold(band, 1e4);
        let at = |db: f64| ear.specific(band, threshold * db_to_power(db), 1e4);
        assert!(at(1.5) > 1.2 * at(0.0) && at(-6.0) < 0.5 * at(0.0));
        assert!(at(20.0) < ear.specific(band, threshold * 100.0, 0.0));
    }
}
