//! Kinds among a person's own records, found without being told, and the ones that a mix is like.
//!
//! Records become points in the space of their principal components. A Gaussian mixture describes how they lie there; how many
//! parts it has is decided by records that were held out: the fewest whose likelihood is about the best. A mix is among the
//! records when it is as likely as they are; then the records of its kind, or where those are few its nearest neighbours, say
//! what is usual.

use std::sync::Arc;

use acetate_audio::threads;
use linfa_nn::distance::L2Dist;
use linfa_nn::{KdTree, NearestNeighbour};
use ndarray::{Array2, ArrayView1};

use super::document::{Style, StyleError};
use super::fit::{RECORDS_MIN, fit_collection, signs_of};
use super::kind::Kind;
use super::mixture::Mixture;
use super::placement::Space;
use super::sample::{Sample, percentile};
use crate::name::plain_id;
use crate::profile::Profile;

/// Most kinds that are looked for.
const PARTS_MAX: usize = 6;
/// Records for each dimension of their space, and the most dimensions.
const RECORDS_A_DIMENSION: usize = 8;
const DIMENSIONS_MAX: usize = 4;
/// Folds of the cross-validation.
const FOLDS: usize = 10;
/// A likelihood this much below the best is as good, nats a record, as for the built-in styles.
const LIKELIHOOD_MARGIN: f64 = 0.1;
/// Share of unseen records that are taken for unlike the others, as for the built-in styles.
const UNLIKELY: f64 = 0.02;
/// Seed of every fit.
const SEED: u64 = 1;

/// Records of one person, and the kinds among them.
#[derive(Clone, Debug)]
pub struct OwnRecords {
    profiles: Arc<[Profile]>,
    space: Space,
    points: Vec<Vec<f64>>,
    mixture: Mixture,
    held_out: Vec<(usize, f64)>,
    /// Log-density that nearly all unseen records exceed.
    unlikely_below: f64,
    /// By record, its part of the mixture.
    kinds: Vec<usize>,
}

/// Where a mix lies among the records.
#[derive(Clone, Debug, PartialEq)]
pub struct Among {
    /// Whether it is as likely as the records themselves.
    pub resembles: bool,
    /// The records that say what is usual for it, by index, the nearest first; at least [`RECORDS_MIN`].
    pub records: Vec<usize>,
    /// Whether those are all of one kind, not just the nearest.
    pub of_one_kind: bool,
}

impl OwnRecords {
    /// Looks for kinds among records.
    ///
    /// # Errors
    /// With fewer than [`RECORDS_MIN`] records.
    pub fn new(profiles: impl Into<Arc<[Profile]>>) -> Result<Self, StyleError> {
        let profiles = profiles.into();
        let too_few = || StyleError::TooFew { given: profiles.len(), min: RECORDS_MIN };
        if profiles.len() < RECORDS_MIN {
            return Err(too_few());
        }
        let samples: Vec<Sample> = profiles.iter().map(Sample::from_profile).collect();
        let dimensions = (profiles.len() / RECORDS_A_DIMENSION).clamp(1, DIMENSIONS_MAX);
        let space =
            Space::fit(&samples.iter().collect::<Vec<_>>(), dimensions).ok_or_else(too_few)?;
        let points: Vec<Vec<f64>> =
            samples.iter().map(|sample| space.coordinates(sample)).collect();
        let counts: Vec<usize> = (1..=(points.len() / RECORDS_MIN).min(PARTS_MAX)).collect();
        let densities = threads::map(&counts, |_, &parts| held_out_densities(&points, parts));
        let mean = |densities: &Vec<f64>| densities.iter().sum::<f64>() / densities.len() as f64;
        let held_out: Vec<(usize, f64)> =
            counts.into_iter().zip(densities.iter().map(mean)).collect();
        let best = held_out.iter().map(|(_, log)| *log).fold(f64::NEG_INFINITY, f64::max);
        let chosen = held_out.iter().position(|(_, log)| *log >= best - LIKELIHOOD_MARGIN);
        let chosen = chosen.unwrap_or(0);
        let mixture = Mixture::fit(&points, held_out[chosen].0, SEED).ok_or_else(too_few)?;
        let mut unseen = densities[chosen].clone();
        unseen.sort_by(f64::total_cmp);
        Ok(Self {
            unlikely_below: percentile(&unseen, UNLIKELY).unwrap_or(f64::NEG_INFINITY),
            kinds: points.iter().map(|point| mixture.likeliest_part(point)).collect(),
            profiles,
            space,
            points,
            mixture,
            held_out,
        })
    }

    /// The records.
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// Mean log-likelihood of held-out records, nats, by the number of kinds that was tried.
    pub fn held_out(&self) -> &[(usize, f64)] {
        &self.held_out
    }

    /// The records of each kind, by index; the largest kind first.
    pub fn kinds(&self) -> Vec<Vec<usize>> {
        let of = |kind| (0..self.kinds.len()).filter(|&i| self.kinds[i] == kind).collect();
        let mut kinds: Vec<Vec<usize>> = (0..self.mixture.parts.len()).map(of).collect();
        kinds.retain(|records| !records.is_empty());
        kinds.sort_by_key(|records| (std::cmp::Reverse(records.len()), records[0]));
        kinds
    }

    /// Where a mix lies.
    pub fn place(&self, mix: &Sample) -> Among {
        let point = self.space.coordinates(mix);
        let kind = self.mixture.likeliest_part(&point);
        let mut records = self.nearest(&point, self.points.len());
        let of_kind = self.kinds.iter().filter(|&&of| of == kind).count();
        let of_one_kind = of_kind >= RECORDS_MIN;
        if of_one_kind {
            records.retain(|&record| self.kinds[record] == kind);
        } else {
            records.truncate(RECORDS_MIN);
        }
        let resembles = self.mixture.log_density(&point) >= self.unlikely_below;
        Among { resembles, records, of_one_kind }
    }

    /// The `count` records nearest to a point, the nearest first.
    fn nearest(&self, point: &[f64], count: usize) -> Vec<usize> {
        let shape = (self.points.len(), point.len());
        let points = Array2::from_shape_fn(shape, |(row, column)| self.points[row][column]);
        let index = KdTree::new().from_batch(&points, L2Dist).expect("there is a dimension");
        let found = index.k_nearest(ArrayView1::from(point), count);
        found.expect("points of one space").into_iter().map(|(_, record)| record).collect()
    }

    /// What some of the records have in common.
    ///
    /// # Errors
    /// When they are too few, or lack what a style is made of.
    pub fn style_of(&self, name: &str, records: &[usize]) -> Result<Style, StyleError> {
        let chosen: Vec<Profile> = records.iter().map(|&i| self.profiles[i].clone()).collect();
        fit_collection(name, &chosen)
    }

    /// A style of all records, then one for each kind, where there are several and each has [`RECORDS_MIN`] records: these are
    /// called after the first and the record that is most usual in them.
    ///
    /// # Errors
    /// When the records lack what a style is made of.
    pub fn styles(&self, name: &str) -> Result<Vec<Style>, StyleError> {
        let mut styles = vec![fit_collection(name, &self.profiles)?];
        let kinds = self.kinds();
        if kinds.len() > 1 {
            let signs = |kind: &Vec<usize>| signs_of(kind.iter().map(|&i| &self.profiles[i]));
            styles[0].kind = Some(Kind::Records(kinds.iter().map(signs).collect()));
            for records in kinds.iter().filter(|records| records.len() >= RECORDS_MIN) {
                let usual = &self.profiles[self.most_usual(records)].name;
                let mut style = self.style_of(&format!("{name} like {usual}"), records)?;
                style.id = unused_id(&styles, &style.id);
                styles.push(style);
            }
        }
        Ok(styles)
    }

    /// The record in the thickest of them.
    fn most_usual(&self, records: &[usize]) -> usize {
        let part = &self.mixture.parts[self.kinds[records[0]]];
        let density = |&record: &usize| part.log_density(&self.points[record]);
        let densest = records.iter().max_by(|a, b| density(a).total_cmp(&density(b)));
        *densest.expect("a kind has records")
    }
}

fn unused_id(styles: &[Style], wanted: &str) -> String {
    let used = |id: &str| styles.iter().any(|style| style.id == id);
    let numbered = (2..).map(|number| plain_id(&format!("{wanted} {number}")));
    let ids = std::iter::once(wanted.to_owned()).chain(numbered);
    ids.into_iter().find(|id| !used(id)).expect("numbers do not end")
}

/// Log-density of each record under a mixture of the others' folds; minus infinity where no fit holds.
fn held_out_densities(points: &[Vec<f64>], parts: usize) -> Vec<f64> {
    let folds = FOLDS.min(points.len());
    let mut densities = vec![f64::NEG_INFINITY; points.len()];
    for fold in 0..folds {
        let (held_out, training): (Vec<usize>, Vec<usize>) =
            (0..points.len()).partition(|index| index % folds == fold);
        let training: Vec<Vec<f64>> = training.iter().map(|&index| points[index].clone()).collect();
        let Some(mixture) = Mixture::fit(&training, parts, SEED) else { continue };
        for index in held_out {
            densities[index] = mixture.log_density(&points[index]);
        }
    }
    densities
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bands::THIRD_OCTAVES;
    use crate::test_sounds::shaped;

    /// Records around a tilt, dB a third octave, each a little different.
    fn around(tilt_db: f64, count: usize, from: usize) -> Vec<Profile> {
        (from..from + count).map(|seed| profile(tilt_db, seed)).collect()
    }

    fn profile(tilt_db: f64, seed: usize) -> Profile {
        // Nearly normal: the sum of twelve uniform numbers.
        let wander = |k: usize| -> f64 {
            let mut state = (seed * 1_000 + k + 1) as u64;
            let mut uniform = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 33) as f64 / f64::from(1u32 << 31)
            };
            uniform();
            (0..12).map(|_| uniform()).sum::<f64>() - 6.0
        };
        let tilt_db = tilt_db + 0.04 * wander(99);
        let level = |band: usize| -30.0 + tilt_db * band as f64 + 0.8 * wander(band / 4);
        let mut analysis = shaped(&std::array::from_fn::<_, THIRD_OCTAVES, _>(|b| Some(level(b))));
        analysis.loudness.loudness_range_lu = Some(6.0 + wander(3));
        analysis.loudness.integrated_lufs = Some(-12.0 + wander(5));
        analysis.loudness.plr_db = Some(11.0 + wander(7));
        for (band, dynamics) in analysis.dynamics.bands.iter_mut().enumerate() {
            dynamics.level_std_db = Some(5.0 + 0.4 * wander(40 + band));
            dynamics.side_log_mean_db = Some(-38.0 + 0.7 * wander(60 + band));
        }
        Profile::from_analysis(&format!("record {seed}"), &analysis)
    }

    #[test]
    fn two_kinds_of_records_are_told_apart_and_each_becomes_a_style() {
        let mut profiles = around(-0.9, 20, 0);
        profiles.extend(around(0.1, 12, 20));
        let own = OwnRecords::new(profiles).unwrap();
        let kinds = own.kinds();
        assert_eq!(
            kinds,
            [(0..20).collect::<Vec<_>>(), (20..32).collect()],
            "{:?}",
            own.held_out()
        );
        let styles = own.styles("Mine").unwrap();
        assert_eq!(styles.len(), 3);
        assert_eq!((styles[0].records, styles[1].records, styles[2].records), (32, 20, 12));
        assert!(styles[1].id.starts_with("mine-like-record-"), "{}", styles[1].id);
        let bright = |style: &Style| style.template_db[THIRD_OCTAVES - 3];
        assert!(bright(&styles[2]) > bright(&styles[1]) + 6.0);
    }

    #[test]
    fn records_of_one_kind_stay_one_style() {
        let profiles = around(-0.4, 30, 0);
        let own = OwnRecords::new(profiles).unwrap();
        assert_eq!(own.kinds().len(), 1, "{:?}", own.held_out());
        assert_eq!(own.styles("Mine").unwrap().len(), 1);
    }

    #[test]
    fn a_mix_is_judged_by_the_records_of_its_kind() {
        let mut profiles = around(-0.9, 20, 0);
        profiles.extend(around(0.1, 12, 20));
        let own = OwnRecords::new(profiles).unwrap();
        let among = own.place(&Sample::from_profile(&profile(0.1, 77)));
        assert!(among.resembles && among.of_one_kind);
        assert!(among.records.iter().all(|&record| record >= 20), "{:?}", among.records);
        let strange = own.place(&Sample::from_profile(&profile(2.5, 78)));
        assert!(!strange.resembles);
    }

    #[test]
    fn of_a_kind_with_few_records_the_nearest_ones_are_asked() {
        let mut profiles = around(-0.9, 24, 0);
        profiles.extend(around(0.6, 5, 24));
        let own = OwnRecords::new(profiles).unwrap();
        let among = own.place(&Sample::from_profile(&profile(0.6, 79)));
        assert!(among.records.len() >= RECORDS_MIN);
        assert!(among.records[..3].iter().all(|&record| record >= 24), "{:?}", among.records);
    }

    #[test]
    fn few_records_have_no_kinds() {
        let profiles = around(0.0, 7, 0);
        let refused = OwnRecords::new(profiles).err();
        assert_eq!(refused, Some(StyleError::TooFew { given: 7, min: 8 }));
    }
}
