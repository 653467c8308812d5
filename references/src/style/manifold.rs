//! The tones of a style: a mean curve and the few directions in which its records differ.

use acetate_audio::linear::{Matrix, solve_positive_definite};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::principal::principal;
use super::sample::Known;
use super::wide::Wide;
use crate::bands::WIDE_BANDS;

/// Mean and principal components of the wide-band levels of a style's records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Manifold {
    /// Mean level of each wide band, dB re the loudness of the whole.
    pub mean_db: Wide,
    /// Directions of unit length in which records differ most, the strongest first.
    pub components: Vec<Wide>,
    /// Standard deviation of the records along each component, dB.
    pub component_std_db: Vec<f64>,
    /// Standard deviation of what the components do not explain, dB.
    pub residual_std_db: Wide,
    /// Share of the records in which the band was above the noise; 0 in fewer than half of them.
    pub weight: Wide,
}

/// How far along a component a record may lie before it counts as excess, in standard deviations: four in five
/// records lie within.
const REACH_STD: f64 = 1.3;

/// How far the gain of the whole is free, dB.
const GAIN_STD_DB: f64 = 2.0;

/// Smallest residual that is believed, dB: no two meters agree better.
const RESIDUAL_MIN_DB: f64 = 0.5;

/// A band that fewer records than this share have above the noise says nothing.
const KNOWN_SHARE_MIN: f64 = 0.5;

/// Rounds of filling in missing bands from the components and fitting again.
const FILL_ROUNDS: usize = 25;

/// Why a manifold cannot be fitted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{records} records are too few for {components} components")]
pub struct ManifoldError {
    /// Records given.
    pub records: usize,
    /// Components wanted.
    pub components: usize,
}

impl Manifold {
    /// Fits to the wide-band levels of records. Missing bands are filled in from what the others suggest.
    ///
    /// # Errors
    /// With fewer than two records more than components.
    pub fn fit(records: &[Known], components: usize) -> Result<Self, ManifoldError> {
        let error = ManifoldError { records: records.len(), components };
        if records.len() < components + 2 {
            return Err(error);
        }
        let weight = weights(records);
        let mut levels = filled_with_means(records);
        let mut manifold =
            Self::fit_complete(&levels, records, components, weight).ok_or(error.clone())?;
        for _ in 0..FILL_ROUNDS {
            if !manifold.fill(records, &mut levels) {
                break;
            }
            manifold =
                Self::fit_complete(&levels, records, components, weight).ok_or(error.clone())?;
        }
        Ok(manifold)
    }

    fn fit_complete(
        levels: &[Wide],
        records: &[Known],
        components: usize,
        weight: Wide,
    ) -> Option<Self> {
        let rows = levels.len();
        let mut manifold = Self {
            mean_db: std::array::from_fn(|band| {
                levels.iter().map(|level| level[band]).sum::<f64>() / rows as f64
            }),
            components: Vec::new(),
            component_std_db: Vec::new(),
            residual_std_db: [RESIDUAL_MIN_DB; WIDE_BANDS],
            weight,
        };
        if components > 0 {
            let centred = |level: &Wide| {
                level.iter().zip(manifold.mean_db).map(|(db, mean)| db - mean).collect()
            };
            let rows: Vec<Vec<f64>> = levels.iter().map(centred).collect();
            let found = principal(&rows, components)?;
            let wide = |direction: &Vec<f64>| std::array::from_fn(|band| direction[band]);
            manifold.components = found.directions.iter().map(wide).collect();
            manifold.component_std_db = found.std;
        }
        manifold.residual_std_db = manifold.residual_of(records);
        Some(manifold)
    }

    /// The point of the manifold nearest to a record: its coefficients are what the known bands suggest, drawn
    /// to the mean as far as they are uncertain, and no further out than most records.
    pub fn nearest(&self, record: &Known) -> Wide {
        let mut coefficients = self.coefficients(record);
        for (coefficient, std_db) in coefficients.iter_mut().zip(&self.component_std_db) {
            *coefficient = coefficient.clamp(-REACH_STD * std_db, REACH_STD * std_db);
        }
        self.point(&coefficients)
    }

    /// The point without the bound on how far out it may lie.
    pub fn projection(&self, record: &Known) -> Wide {
        self.point(&self.coefficients(record))
    }

    fn point(&self, coefficients: &[f64]) -> Wide {
        std::array::from_fn(|band| {
            let along =
                self.components.iter().zip(coefficients).map(|(component, c)| component[band] * c);
            self.mean_db[band] + along.sum::<f64>()
        })
    }

    /// Most likely coefficients given the known bands (probabilistic PCA: Tipping and Bishop 1999, with a
    /// residual variance per band). A gain of the whole is free: it is not part of the tone, and the mean levels
    /// of records do not sum to quite the loudness of one. The mean, where nothing determines them.
    fn coefficients(&self, record: &Known) -> Vec<f64> {
        let flat = [1.0; WIDE_BANDS];
        let directions: Vec<&Wide> = self.components.iter().chain([&flat]).collect();
        let count = directions.len();
        let mut normal = Matrix::zeros(count, count);
        let mut right = vec![0.0; count];
        for (row, std_db) in self.component_std_db.iter().chain([&GAIN_STD_DB]).enumerate() {
            normal.row_mut(row)[row] = 1.0 / (std_db * std_db).max(f64::MIN_POSITIVE);
        }
        for (band, level_db) in record.iter().enumerate() {
            let Some(level_db) = level_db.filter(|_| self.weight[band] > 0.0) else { continue };
            let precision = 1.0 / (self.residual_std_db[band] * self.residual_std_db[band]);
            for (row, direction) in directions.iter().enumerate() {
                let lever = precision * direction[band];
                for (other, entry) in directions.iter().zip(normal.row_mut(row)) {
                    *entry += lever * other[band];
                }
                right[row] += lever * (level_db - self.mean_db[band]);
            }
        }
        let solved = solve_positive_definite(normal, right);
        let mut coefficients = solved.map_or_else(|| vec![0.0; count], |solution| solution.x);
        coefficients.pop();
        coefficients
    }

    fn residual_of(&self, records: &[Known]) -> Wide {
        std::array::from_fn(|band| {
            let (mut sum, mut known) = (0.0, 0.0);
            for record in records {
                if let Some(level_db) = record[band] {
                    let residual = level_db - self.projection(record)[band];
                    sum += residual * residual;
                    known += 1.0;
                }
            }
            let spent = (self.components.len() + 1) as f64 / WIDE_BANDS as f64;
            libm::sqrt(sum / (known * (1.0 - spent)).max(1.0)).max(RESIDUAL_MIN_DB)
        })
    }

    /// Replaces missing levels by those of the manifold; whether any moved by more than 0.01 dB.
    fn fill(&self, records: &[Known], levels: &mut [Wide]) -> bool {
        let mut moved = false;
        for (record, level) in records.iter().zip(levels) {
            if record.iter().all(Option::is_some) {
                continue;
            }
            let point = self.projection(record);
            for band in (0..WIDE_BANDS).filter(|&band| record[band].is_none()) {
                moved |= (level[band] - point[band]).abs() > 0.01;
                level[band] = point[band];
            }
        }
        moved
    }
}

fn weights(records: &[Known]) -> Wide {
    std::array::from_fn(|band| {
        let known = records.iter().filter(|record| record[band].is_some()).count();
        let share = known as f64 / records.len() as f64;
        if share < KNOWN_SHARE_MIN { 0.0 } else { share }
    })
}

fn filled_with_means(records: &[Known]) -> Vec<Wide> {
    let mean = |band: usize| {
        let known: Vec<f64> = records.iter().filter_map(|record| record[band]).collect();
        known.iter().sum::<f64>() / known.len().max(1) as f64
    };
    let means: Wide = std::array::from_fn(mean);
    records
        .iter()
        .map(|record| std::array::from_fn(|band| record[band].unwrap_or(means[band])))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Records on a line: a tilt around a mean, each also off it by a little.
    fn tilted(count: usize) -> Vec<Known> {
        (0..count)
            .map(|record| {
                let tilt = (record as f64 / (count - 1) as f64 - 0.5) * 2.0;
                std::array::from_fn(|band| {
                    let off = 0.3 * libm::sin((record * 7 + band * 13) as f64);
                    Some(-10.0 + tilt * (band as f64 - 4.0) + off)
                })
            })
            .collect()
    }

    #[test]
    fn a_record_of_the_style_lies_on_its_manifold() {
        let records = tilted(40);
        let manifold = Manifold::fit(&records, 1).unwrap();
        for record in &records[8..32] {
            let point = manifold.nearest(record);
            for band in 0..WIDE_BANDS {
                assert!((record[band].unwrap() - point[band]).abs() < 1.0);
            }
        }
    }

    #[test]
    fn only_the_excess_over_the_manifold_is_seen() {
        let manifold = Manifold::fit(&tilted(40), 1).unwrap();
        let mut boomy = tilted(40)[20];
        boomy[1] = boomy[1].map(|level_db| level_db + 6.0);
        let point = manifold.nearest(&boomy);
        assert!(boomy[1].unwrap() - point[1] > 4.5, "the hump remains visible");
        assert!((boomy[7].unwrap() - point[7]).abs() < 1.5, "the rest is left alone");
    }

    #[test]
    fn a_tilt_beyond_nearly_all_records_is_bounded() {
        let manifold = Manifold::fit(&tilted(40), 1).unwrap();
        let dull: Known = std::array::from_fn(|band| Some(-10.0 - 5.0 * (band as f64 - 4.0)));
        let point = manifold.nearest(&dull);
        let tilt_db = (point[0] - point[8]) / 8.0;
        assert!((0.5..1.0).contains(&tilt_db), "{tilt_db} of at most 1 dB a band");
    }

    #[test]
    fn missing_bands_are_filled_in_from_the_others() {
        let mut records = tilted(40);
        for record in records.iter_mut().step_by(3) {
            record[8] = None;
        }
        let (complete, filled) =
            (Manifold::fit(&tilted(40), 1).unwrap(), Manifold::fit(&records, 1).unwrap());
        for band in 0..WIDE_BANDS {
            assert!((complete.mean_db[band] - filled.mean_db[band]).abs() < 0.3);
            assert!((complete.components[0][band] - filled.components[0][band]).abs() < 0.05);
        }
    }

    #[test]
    fn a_band_that_most_records_lack_is_not_aimed_at() {
        let mut records = tilted(40);
        for record in &mut records[..30] {
            record[8] = None;
        }
        assert_eq!(Manifold::fit(&records, 1).unwrap().weight[8], 0.0);
    }

    #[test]
    fn too_few_records_are_refused() {
        let error = Manifold::fit(&tilted(3)[..3], 2).unwrap_err();
        assert_eq!(error, ManifoldError { records: 3, components: 2 });
    }
}
