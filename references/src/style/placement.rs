//! `--style auto`: among which records a mix belongs, from what mastering changes little.

use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::mixture::Mixture;
use super::principal::principal;
use super::sample::Sample;
use crate::bands::WIDE_BANDS;
use crate::reference_use::ReferenceUse;

/// The `schema` of the shipped placement model.
pub const PLACEMENT_SCHEMA: &str = "acetate.placement/1";

/// Number of features: tone, width and movement of the nine wide bands. Loudness and peak-to-loudness ratio are
/// left out on purpose: mastering is there to change them.
pub const FEATURES: usize = 3 * WIDE_BANDS;

/// Gaussian mixtures of styles in a common space of few dimensions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Placement {
    /// Always `acetate.placement/1`.
    pub schema: String,
    /// What it was fitted to, and whom to thank.
    pub source: String,
    /// The common space.
    pub space: Space,
    /// What log-densities are divided by before they become shares: densities of many dimensions are too sure of
    /// themselves. Chosen by cross-validation.
    pub temperature: f64,
    /// The styles.
    pub styles: Vec<PlacedStyle>,
}

/// From features to few coordinates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Space {
    /// Mean of each feature.
    pub mean: Vec<f64>,
    /// Standard deviation of each feature.
    pub std: Vec<f64>,
    /// Directions, scaled so that records have a variance of 1 along each.
    pub directions: Vec<Vec<f64>>,
}

/// Where the records of one style lie.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlacedStyle {
    /// Its id.
    pub id: String,
    /// Number of records.
    pub records: usize,
    /// Density of its records.
    pub mixture: Mixture,
    /// Log-density that 49 of 50 unseen records of the style exceed.
    pub unlikely_below: f64,
    /// Median log-density of unseen records.
    pub usual: f64,
}

/// Where a mix was placed.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// Shares of the styles, likeliest first, summing to 1; unlikely ones are left out.
    pub shares: Vec<ReferenceUse>,
    /// Whether the mix is like any record the likeliest style was fitted to.
    pub resembles: bool,
    /// Its log-density there, and what is usual.
    pub log_density: f64,
    /// Median log-density of records of that style.
    pub usual: f64,
    /// Its coordinates in the common space.
    pub coordinates: Vec<f64>,
}

/// A sound with signal in fewer wide bands than this is no music that a style could be told from.
const TONE_BANDS_MIN: usize = 5;

/// Shares below this are noise.
const SHARE_MIN: f64 = 0.1;

impl Space {
    /// Fits standardisation and principal components; `None` with fewer samples than dimensions.
    pub fn fit(samples: &[&Sample], dimensions: usize) -> Option<Self> {
        if samples.len() <= dimensions {
            return None;
        }
        let known: Vec<Vec<Option<f64>>> = samples.iter().map(|sample| features(sample)).collect();
        let (mean, std): (Vec<f64>, Vec<f64>) =
            (0..FEATURES).map(|column| moments(&known, column)).unzip();
        let mut space = Self { mean, std, directions: Vec::new() };
        let rows: Vec<Vec<f64>> = samples.iter().map(|sample| space.standardised(sample)).collect();
        let found = principal(&rows, dimensions)?;
        for (direction, std) in found.directions.iter().zip(found.std) {
            space.directions.push(direction.iter().map(|value| value / std.max(1e-6)).collect());
        }
        Some(space)
    }

    /// Coordinates of a sample. What it lacks counts as average.
    pub fn coordinates(&self, sample: &Sample) -> Vec<f64> {
        let standardised = self.standardised(sample);
        let along =
            |direction: &Vec<f64>| direction.iter().zip(&standardised).map(|(a, b)| a * b).sum();
        self.directions.iter().map(along).collect()
    }

    fn standardised(&self, sample: &Sample) -> Vec<f64> {
        let standardise = |(index, value): (usize, Option<f64>)| {
            value.map_or(0.0, |value| (value - self.mean[index]) / self.std[index])
        };
        features(sample).into_iter().enumerate().map(standardise).collect()
    }
}

fn features(sample: &Sample) -> Vec<Option<f64>> {
    [sample.tone_db, sample.side_minus_mid_db, sample.level_std_db].concat()
}

/// Mean and standard deviation of the known values of a column.
fn moments(rows: &[Vec<Option<f64>>], column: usize) -> (f64, f64) {
    let known: Vec<f64> = rows.iter().filter_map(|row| row[column]).collect();
    let count = known.len().max(1) as f64;
    let mean = known.iter().sum::<f64>() / count;
    let variance = known.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
    (mean, libm::sqrt(variance).max(1e-6))
}

impl Placement {
    /// Finds the styles a sample may belong to.
    pub fn place(&self, sample: &Sample) -> Placed {
        let coordinates = self.space.coordinates(sample);
        let densities: Vec<f64> =
            self.styles.iter().map(|style| style.mixture.log_density(&coordinates)).collect();
        let mut shares: Vec<ReferenceUse> =
            (self.styles.iter().zip(softmax(&densities, self.temperature)))
                .map(|(style, weight)| ReferenceUse { id: style.id.clone(), weight })
                .collect();
        shares.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        shares.retain(|share| share.weight >= SHARE_MIN);
        let total: f64 = shares.iter().map(|share| share.weight).sum();
        shares.iter_mut().for_each(|share| share.weight /= total);
        let likeliest = (0..densities.len()).max_by(|&a, &b| densities[a].total_cmp(&densities[b]));
        let likeliest = likeliest.expect("a placement has at least one style");
        let style = &self.styles[likeliest];
        let known = sample.tone_db.iter().flatten().count();
        Placed {
            shares,
            resembles: densities[likeliest] >= style.unlikely_below && known >= TONE_BANDS_MIN,
            log_density: densities[likeliest],
            usual: style.usual,
            coordinates,
        }
    }
}

/// Shares proportional to exp(log / temperature).
pub fn softmax(logs: &[f64], temperature: f64) -> Vec<f64> {
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> =
        logs.iter().map(|log| libm::exp((log - largest) / temperature)).collect();
    let total: f64 = powers.iter().sum();
    powers.iter().map(|power| power / total).collect()
}

/// The shipped model.
pub fn placement() -> &'static Placement {
    static PLACEMENT: OnceLock<Placement> = OnceLock::new();
    PLACEMENT.get_or_init(|| {
        acetate_documents::from_text(include_str!("../../data/placement.json"))
            .expect("a test reads the shipped placement model")
    })
}
