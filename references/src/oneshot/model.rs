//! The model of records: how they lie among the signs, and what may be wrong with one.

use std::sync::OnceLock;

use acetate_audio::linear::Matrix;
use serde::{Deserialize, Serialize};

use super::certainty::Line;
use crate::bands::{WIDE_BANDS, WIDE_EDGES_HZ};
use crate::signs::{Nine, Signs};
use crate::style::mixture::Mixture;

/// The `schema` of the document.
pub const MODEL_SCHEMA: &str = "acetate.oneshot/1";

/// Coordinates that faults move: tone, then density.
pub const MOVED: usize = 2 * WIDE_BANDS;

/// Records as a mixture of Gaussians, and faults as families of Gaussians (`acetate.oneshot/1`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Always `acetate.oneshot/1`.
    pub schema: String,
    /// What it was fitted to.
    pub source: String,
    /// How many records that were.
    pub records: usize,
    /// What makes coordinates of signs.
    pub axes: Axes,
    /// How records lie there: several fits of a few parts each, and last the wide parts for music of other kinds.
    pub mixture: Mixture,
    /// How many of the last parts are the wide ones.
    pub wide_parts: usize,
    /// How many before those are of a person's own records ([`Model::with_own`]); the shipped model has none.
    #[serde(default, skip_serializing_if = "are_none")]
    pub own_parts: usize,
    /// What may be wrong.
    pub faults: Faults,
    /// Log-density that 98 of 100 records exceed that the model has not seen, nats, as stereo; below, a mix resembles none.
    pub unlikely_below: f64,
}

/// Coordinates: the tone, the spreads over 400 ms, and principal components of what faults leave alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Axes {
    /// Of the spread over 40 ms less that over 400 ms.
    pub quick: Directions,
    /// Of the spread of the side less that of the mid.
    pub side_spread: Directions,
    /// Of side less mid.
    pub side_minus_mid: Directions,
}

/// A mean and unit vectors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Directions {
    /// Mean of the records.
    pub mean: Nine,
    /// Unit vectors, the strongest first.
    pub along: Vec<Nine>,
}

/// Two families of faults, each wrong by itself: tone and density.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Faults {
    /// How many mixes of a hundred have a wrong tone, as a share.
    pub tone_share: f64,
    /// The same of density.
    pub density_share: f64,
    /// How large wrong tones are: shares that sum to 1.
    pub tone_sizes: Vec<ToneSize>,
    /// What is said of tone, brought to what is so.
    pub tone_certainty: Line,
    /// The same of density.
    pub density_certainty: Line,
}

/// Faults of tone of one size.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToneSize {
    /// Their share.
    pub share: f64,
    /// Standard deviation at a frequency, dB.
    pub std_db: f64,
}

fn are_none(parts: &usize) -> bool {
    *parts == 0
}

/// Coordinates of one mix; some are missing in mono.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) values: Vec<f64>,
    /// Which coordinates those are.
    pub(crate) of: Vec<usize>,
}

/// Whose records a part of the mixture stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The statistics.
    Records,
    /// A person's own.
    Own,
    /// None: music of other kinds.
    Other,
}

impl Model {
    pub(crate) fn origin(&self, part: usize) -> Origin {
        match part {
            part if part >= self.first_wide() => Origin::Other,
            part if part >= self.first_wide() - self.own_parts => Origin::Own,
            _ => Origin::Records,
        }
    }

    /// The first of the wide parts.
    pub(super) fn first_wide(&self) -> usize {
        self.mixture.parts.len() - self.wide_parts
    }
}

/// The shipped model.
pub fn model() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(|| {
        acetate_documents::from_text(include_str!("../../data/oneshot.json"))
            .expect("a test reads the shipped model")
    })
}

impl Axes {
    /// How many coordinates there are.
    pub fn dimensions(&self) -> usize {
        let parts = [&self.quick, &self.side_spread, &self.side_minus_mid];
        MOVED + parts.iter().map(|part| part.along.len()).sum::<usize>()
    }

    pub(crate) fn point(&self, signs: &Signs) -> Point {
        let mut values: Vec<f64> = signs.tone_db.iter().chain(&signs.spread).copied().collect();
        let mut of: Vec<usize> = (0..MOVED).collect();
        let mut next = MOVED;
        let mut add = |part: &Directions, given: Option<Nine>| {
            if let Some(given) = given {
                values.extend(part.coordinates(&given));
                of.extend(next..next + part.along.len());
            }
            next += part.along.len();
        };
        add(&self.quick, signs.quick.map(|quick| less(&quick, &signs.spread)));
        let side = signs.side.as_ref();
        add(&self.side_spread, side.map(|side| less(&side.spread, &signs.spread)));
        add(&self.side_minus_mid, side.map(|side| side.minus_mid_db));
        Point { values, of }
    }
}

/// Band by band, one less the other.
pub(crate) fn less(one: &Nine, other: &Nine) -> Nine {
    std::array::from_fn(|band| one[band] - other[band])
}

impl Directions {
    fn coordinates(&self, given: &Nine) -> impl Iterator<Item = f64> {
        let centred = less(given, &self.mean);
        self.along.iter().map(move |along| along.iter().zip(&centred).map(|(a, b)| a * b).sum())
    }
}

/// Octaves of the middles of the wide bands; the lowest reaches from 40 Hz, the highest to 20 kHz.
fn octaves() -> Nine {
    std::array::from_fn(|band| {
        let low = if band == 0 { 40.0 } else { WIDE_EDGES_HZ[band] };
        let high = if band + 1 == WIDE_BANDS { 20_000.0 } else { WIDE_EDGES_HZ[band + 1] };
        0.5 * libm::log2(low * high)
    })
}

/// Length over which a fault of tone is alike, octaves.
const TONE_REACH_OCTAVES: f64 = 1.2;
/// Variance of the tilt of a fault of tone, at one standard deviation of the octaves, over the variance of the curve.
const TILT_SHARE: f64 = 0.125;
/// Variance of a fault of density in all bands alike, and of what single bands differ, with the length of that.
const DENSITY_VARIANCE: f64 = 4.0;
const DENSITY_SHAPE_VARIANCE: f64 = 1.0;
const DENSITY_REACH_OCTAVES: f64 = 1.5;

/// Covariance of faults of tone of that size: a smooth curve and a tilt, less their mean.
pub fn tone_covariance(std_db: f64) -> Matrix {
    let octaves = octaves();
    let mean = octaves.iter().sum::<f64>() / WIDE_BANDS as f64;
    let variance = octaves.iter().map(|octave| (octave - mean) * (octave - mean)).sum::<f64>()
        / WIDE_BANDS as f64;
    let raw = |row: usize, column: usize| {
        let apart = (octaves[row] - octaves[column]) / TONE_REACH_OCTAVES;
        let tilt = (octaves[row] - mean) * (octaves[column] - mean) / variance;
        std_db * std_db * (libm::exp(-0.5 * apart * apart) + TILT_SHARE * tilt)
    };
    let mean_of =
        |row: usize| (0..WIDE_BANDS).map(|k| raw(row, k)).sum::<f64>() / WIDE_BANDS as f64;
    let means: Nine = std::array::from_fn(mean_of);
    let all = means.iter().sum::<f64>() / WIDE_BANDS as f64;
    square(|row, column| raw(row, column) - means[row] - means[column] + all)
}

/// Covariance of faults of density, in tens of natural logarithms of the spreads.
pub fn density_covariance() -> Matrix {
    let octaves = octaves();
    square(|row, column| {
        let apart = (octaves[row] - octaves[column]) / DENSITY_REACH_OCTAVES;
        DENSITY_VARIANCE + DENSITY_SHAPE_VARIANCE * libm::exp(-0.5 * apart * apart)
    })
}

fn square(entry: impl Fn(usize, usize) -> f64) -> Matrix {
    let mut matrix = Matrix::zeros(WIDE_BANDS, WIDE_BANDS);
    for row in 0..WIDE_BANDS {
        let entries = matrix.row_mut(row).iter_mut().enumerate();
        entries.for_each(|(column, value)| *value = entry(row, column));
    }
    matrix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_model_is_whole() {
        let model = model();
        assert_eq!(model.schema, MODEL_SCHEMA);
        let weights: f64 = model.mixture.parts.iter().map(|part| part.weight).sum();
        assert!((weights - 1.0).abs() < 1e-3, "{weights}");
        let dimensions = model.axes.dimensions();
        assert!(model.mixture.parts.iter().all(|part| part.mean.len() == dimensions));
    }

    #[test]
    fn a_fault_of_tone_has_no_level_and_the_size_it_is_given() {
        let covariance = tone_covariance(4.0);
        for row in 0..WIDE_BANDS {
            assert!(covariance.row(row).iter().sum::<f64>().abs() < 1e-9);
        }
        let mean: f64 = (0..WIDE_BANDS).map(|band| covariance.row(band)[band]).sum::<f64>() / 9.0;
        assert!((libm::sqrt(mean) - 3.5).abs() < 0.2, "{}", libm::sqrt(mean));
    }
}
