//! An aim from records.

use acetate_analyzer::weighted_mean;

use std::sync::Arc;

use crate::bands::{THIRD_OCTAVES, WIDE_BANDS, WIDE_EDGES_HZ, shape_db};
use crate::profile::{Profile, blend};
use crate::reference_use::ReferenceUse;
use crate::target::Target;

use super::{Aim, BandAim, MONO_BELOW_DB, RecordFrames, UsualRange, Wanted};

/// Records to lean to, with weights; each aspect may come from others.
#[derive(Clone, Debug)]
pub struct References<'a> {
    /// For the third-octave curve.
    pub tone: Vec<(&'a Profile, f64)>,
    /// For dynamics per band, peak-to-loudness ratio and loudness range.
    pub dynamics: Vec<(&'a Profile, f64)>,
    /// For the side curve and width per band.
    pub width: Vec<(&'a Profile, f64)>,
    /// For the loudness.
    pub loudness: Vec<(&'a Profile, f64)>,
}

impl<'a> References<'a> {
    /// All aspects from the same records.
    pub fn blended(profiles: &[(&'a Profile, f64)]) -> Self {
        let all = || profiles.to_vec();
        Self { tone: all(), dynamics: all(), width: all(), loudness: all() }
    }

    /// Takes the tone of another record.
    pub fn with_tone_of(mut self, profile: &'a Profile) -> Self {
        self.tone = vec![(profile, 1.0)];
        self
    }

    /// Takes the dynamics of another record.
    pub fn with_dynamics_of(mut self, profile: &'a Profile) -> Self {
        self.dynamics = vec![(profile, 1.0)];
        self
    }

    /// Takes the width of another record.
    pub fn with_width_of(mut self, profile: &'a Profile) -> Self {
        self.width = vec![(profile, 1.0)];
        self
    }

    fn aspects(&self) -> [&[(&'a Profile, f64)]; 4] {
        [&self.tone, &self.dynamics, &self.width, &self.loudness]
    }
}

/// Why there is nothing to aim for.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AimError {
    /// No reference was given for an aspect, or none with a positive weight.
    #[error("no reference has a positive weight; give at least one, like satellite:1.0")]
    NoWeight,
    /// A weight that is negative or no number.
    #[error("reference \"{id}\" has weight {weight}; it must be 0 or more")]
    Weight {
        /// The reference.
        id: String,
        /// Its weight.
        weight: f64,
    },
    /// A reference without sound.
    #[error("reference \"{id}\" is silent: there is nothing to match")]
    Silent {
        /// The reference.
        id: String,
    },
}

/// How well a third-octave level of one record is known at best, dB: a listener hears no less.
const LEVEL_TOLERANCE_DB: f64 = 0.3;
/// The standard error of a record that does not state its own, dB.
const LEVEL_ERROR_DB: f64 = 0.5;
/// A level known no better than this tells nothing, dB.
const ERROR_DB_MAX: f64 = 8.0;
/// How well the standard deviation of block levels of one record is known, dB.
const LEVEL_STD_TOLERANCE_DB: f64 = 0.5;
/// The same over blocks of 40 ms, as a share of it, beside what the song itself tells of how well it is known: together what
/// alternate pieces of 3 to 5.5 s of 17 songs differ by, 16 % rms, and halves, 18 % (docs/fit.md).
const QUICK_SPREAD_TOLERANCE: f64 = 0.12;
/// How well a crest factor is known: it hangs on single peaks, dB.
const CREST_TOLERANCE_DB: f64 = 1.0;
/// How well side minus mid of one record is known at best, and in a third octave, dB.
const WIDTH_TOLERANCE_DB: f64 = 0.3;
const THIRD_OCTAVE_WIDTH_TOLERANCE_DB: f64 = 0.75;
/// The standard error of side minus mid of a record that does not state its own, dB.
const WIDTH_ERROR_DB: f64 = 0.75;
/// A peak-to-loudness ratio or loudness range within this is the same, dB or LU.
const RATIO_TOLERANCE: f64 = 1.0;

impl Aim {
    /// The aim of sounding like these records, as loud as the target says.
    ///
    /// Bands that a record cannot offer (silent, or beyond the low-pass of a lossy file) are taken from the
    /// others; where less than half of the weight can offer one, nothing is wanted. Several records widen the
    /// tolerance by what they differ.
    ///
    /// # Errors
    /// Without positive weights, and when a reference is silent.
    pub fn from_references(references: &References, target: &Target) -> Result<Self, AimError> {
        for aspect in references.aspects() {
            check(aspect)?;
        }
        let tone = Blend::new(&references.tone);
        let dynamics = Blend::new(&references.dynamics);
        let width = Blend::new(&references.width);
        let loudness = blend("loudness", &references.loudness).loudness;
        let range = |usual: Option<f64>| {
            usual.map(|usual| UsualRange {
                low: usual - RATIO_TOLERANCE,
                usual,
                high: usual + RATIO_TOLERANCE,
            })
        };
        Ok(Self {
            tone: tone.tone(),
            tone_evidence: tone.mean.spectrum.evidence.clone(),
            records: records(references).unwrap_or_default(),
            quick_spread: dynamics.quick_spread(),
            attack_crest_db: dynamics.mean.attack_crest_db,
            side_minus_mid: (0..THIRD_OCTAVES).map(|band| width.side_minus_mid(band)).collect(),
            bands: (0..WIDE_BANDS).map(|index| band_aim(&dynamics, &width, index)).collect(),
            reference_lufs: loudness.integrated_lufs,
            plr_db: range(dynamics.mean.loudness.plr_db),
            loudness_range_lu: range(dynamics.mean.loudness.loudness_range_lu),
            references: uses(references),
            ..Self::of_target(target)
        })
    }
}

fn check(aspect: &[(&Profile, f64)]) -> Result<(), AimError> {
    for &(profile, weight) in aspect {
        let id = || profile.id.clone();
        if !(weight >= 0.0 && weight.is_finite()) {
            return Err(AimError::Weight { id: id(), weight });
        }
        if profile.spectrum.level_db.iter().all(Option::is_none) {
            return Err(AimError::Silent { id: id() });
        }
    }
    let total: f64 = aspect.iter().map(|(_, weight)| weight).sum();
    if total > 0.0 { Ok(()) } else { Err(AimError::NoWeight) }
}

/// Records and their blend.
struct Blend<'a> {
    parts: &'a [(&'a Profile, f64)],
    mean: Profile,
}

impl<'a> Blend<'a> {
    fn new(parts: &'a [(&'a Profile, f64)]) -> Self {
        Self { parts, mean: blend("mean", parts) }
    }

    /// A mean with the tolerance of one record and what the records differ, added as variances.
    fn wanted(
        &self,
        mean: Option<f64>,
        own_db: f64,
        value: impl Fn(&Profile) -> Option<f64>,
    ) -> Wanted {
        let Some(db) = mean else { return Wanted::NOTHING };
        let (mut spread, mut offered, mut total) = (0.0, 0.0, 0.0);
        for (profile, weight) in self.parts {
            total += weight;
            if let Some(value) = value(profile) {
                spread += weight * (value - db) * (value - db);
                offered += weight;
            }
        }
        if offered < 0.5 * total || offered == 0.0 {
            return Wanted::NOTHING;
        }
        let tolerance_db = libm::sqrt(own_db * own_db + spread / offered);
        Wanted { db, tolerance_db, weight: offered / total }
    }

    fn tone(&self) -> Vec<Wanted> {
        let shapes: Vec<_> =
            self.parts.iter().map(|(profile, _)| shape_db(&profile.spectrum.level_db)).collect();
        let shape_of = |profile: &Profile| {
            let index = self.parts.iter().position(|(part, _)| std::ptr::eq(*part, profile));
            index.map(|index| &shapes[index])
        };
        let mean = shape_db(&self.mean.spectrum.level_db);
        let wanted = |band: usize| {
            let error_db = self.mean.spectrum.error_db.get(band).copied().flatten();
            self.wanted(
                mean[band],
                known_to(LEVEL_TOLERANCE_DB, error_db.unwrap_or(LEVEL_ERROR_DB)),
                |profile| shape_of(profile)?[band].filter(|_| profile.matchable(band)),
            )
        };
        (0..THIRD_OCTAVES).map(wanted).collect()
    }

    fn quick_spread(&self) -> Wanted {
        let spread =
            |profile: &Profile| profile.spectrum.frames.as_ref().and_then(|f| f.quick_spread_db);
        let mean_db = self.mean_of(spread);
        self.wanted(mean_db, QUICK_SPREAD_TOLERANCE * mean_db.unwrap_or(0.0), spread)
    }

    fn side_minus_mid(&self, band: usize) -> Wanted {
        let difference = |profile: &Profile| {
            let spectrum = &profile.spectrum;
            let (mid, side) = (spectrum.mid_level_db[band]?, spectrum.side_level_db[band]);
            let floor = mid + MONO_BELOW_DB;
            Some(side.unwrap_or(floor).max(floor) - mid).filter(|_| profile.matchable(band))
        };
        self.wanted(self.mean_of(difference), THIRD_OCTAVE_WIDTH_TOLERANCE_DB, difference)
    }

    fn mean_of(&self, value: impl Fn(&Profile) -> Option<f64>) -> Option<f64> {
        let known =
            self.parts.iter().filter_map(|(profile, weight)| Some((value(profile)?, *weight)));
        weighted_mean(known)
    }
}

/// Standard deviation of what is known to `best_db` at best and measured with a standard error, dB.
fn known_to(best_db: f64, error_db: f64) -> f64 {
    libm::hypot(best_db, error_db.min(ERROR_DB_MAX))
}

fn band_aim(dynamics: &Blend, width: &Blend, index: usize) -> BandAim {
    let level_std = |profile: &Profile| profile.bands[index].level_std_db;
    let crest_factor = |profile: &Profile| profile.bands[index].crest_factor_db;
    let side_minus_mid =
        |profile: &Profile| profile.bands[index].side_minus_mid_db.map(|db| db.max(MONO_BELOW_DB));
    let width_error_db = width.mean.bands[index].side_minus_mid_error_db;
    BandAim {
        low_hz: WIDE_EDGES_HZ[index],
        high_hz: WIDE_EDGES_HZ[index + 1],
        level_std: dynamics.wanted(dynamics.mean_of(level_std), LEVEL_STD_TOLERANCE_DB, level_std),
        crest_factor: dynamics.wanted(
            dynamics.mean_of(crest_factor),
            CREST_TOLERANCE_DB,
            crest_factor,
        ),
        side_minus_mid: width.wanted(
            width.mean_of(side_minus_mid),
            known_to(WIDTH_TOLERANCE_DB, width_error_db.unwrap_or(WIDTH_ERROR_DB)),
            side_minus_mid,
        ),
    }
}

/// The moments of the records for tone and width; `None` when one of them has none.
fn records(references: &References) -> Option<Vec<RecordFrames>> {
    let mut records: Vec<RecordFrames> = Vec::new();
    let mut add = |aspect: &[(&Profile, f64)], share: fn(&mut RecordFrames) -> &mut f64| {
        let total: f64 = aspect.iter().map(|(_, weight)| weight).sum();
        for (profile, weight) in aspect.iter().filter(|(_, weight)| *weight > 0.0) {
            let frames = profile.spectrum.frames.as_ref()?;
            let known = records.iter().position(|record| Arc::ptr_eq(&record.frames, frames));
            let index = known.unwrap_or_else(|| {
                let frames = Arc::clone(frames);
                records.push(RecordFrames { frames, tone_share: 0.0, width_share: 0.0 });
                records.len() - 1
            });
            *share(&mut records[index]) += weight / total;
        }
        Some(())
    };
    add(&references.tone, |record| &mut record.tone_share)?;
    add(&references.width, |record| &mut record.width_share)?;
    Some(records)
}

/// Every record that had a say, with its share in the aspects, in the order they were first named.
fn uses(references: &References) -> Vec<ReferenceUse> {
    let aspects = references.aspects();
    let mut uses: Vec<ReferenceUse> = Vec::new();
    for aspect in aspects {
        let total: f64 = aspect.iter().map(|(_, weight)| weight).sum();
        for (profile, weight) in aspect {
            let share = weight / total / aspects.len() as f64;
            match uses.iter_mut().find(|earlier| earlier.id == profile.id) {
                Some(earlier) => earlier.weight += share,
                None => uses.push(ReferenceUse { id: profile.id.clone(), weight: share }),
            }
        }
    }
    uses.retain(|reference| reference.weight > 0.0);
    uses
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::target;
    use crate::test_sounds::{falling, shaped, silence};

    fn aim(references: &References) -> Aim {
        Aim::from_references(references, target("loud").unwrap()).unwrap()
    }

    fn tilted(name: &str, db_per_band: f64) -> Profile {
        let levels = std::array::from_fn(|band| Some(-30.0 + db_per_band * band as f64));
        Profile::from_analysis(name, &shaped(&levels))
    }

    #[test]
    fn a_record_is_at_its_own_aim() {
        let record = tilted("own", -0.4);
        let aim = aim(&References::blended(&[(&record, 1.0)]));
        assert!(aim.tone_distance(&record.spectrum.level_db).unwrap() < 0.05);
        assert_eq!(aim.loudness_lufs, Some(-9.0), "the target says how loud");
        assert_eq!(aim.reference_lufs, record.loudness.integrated_lufs);
        for (band, wanted) in aim.side_minus_mid.iter().enumerate() {
            assert!((wanted.db + 8.0).abs() < 0.02, "band {band}: {}", wanted.db);
        }
    }

    #[test]
    fn loudness_of_the_records_does_not_weigh() {
        let (dark, bright) = (tilted("dark", -1.0), tilted("bright", 0.0));
        let mut loud = bright.clone();
        loud.spectrum.level_db.iter_mut().flatten().for_each(|db| *db += 20.0);
        let quiet_blend = aim(&References::blended(&[(&dark, 0.5), (&bright, 0.5)]));
        let loud_blend = aim(&References::blended(&[(&dark, 0.5), (&loud, 0.5)]));
        for (a, b) in quiet_blend.tone.iter().zip(&loud_blend.tone) {
            assert!((a.db - b.db).abs() < 0.02);
        }
    }

    #[test]
    fn records_that_differ_widen_the_tolerance_where_they_do() {
        let (dark, bright) = (tilted("dark", -0.8), tilted("bright", -0.2));
        let one = aim(&References::blended(&[(&dark, 1.0)]));
        let both = aim(&References::blended(&[(&dark, 1.0), (&bright, 1.0)]));
        assert!(both.tone[28].tolerance_db > one.tone[28].tolerance_db + 1.0);
    }

    #[test]
    fn the_gap_of_a_lossy_record_is_filled_by_another_or_left_alone() {
        let lossy = Profile::from_analysis("lossy", &falling(10_500.0));
        let whole = Profile::from_analysis("whole", &falling(22_050.0));
        let alone = aim(&References::blended(&[(&lossy, 1.0)]));
        assert!(alone.tone[28].weight == 0.0 && alone.tone[20].weight == 1.0);
        let helped = aim(&References::blended(&[(&lossy, 0.4), (&whole, 0.6)]));
        assert!((helped.tone[28].weight - 0.6).abs() < 1e-9);
        let hardly = aim(&References::blended(&[(&lossy, 0.9), (&whole, 0.1)]));
        assert_eq!(hardly.tone[28].weight, 0.0);
    }

    #[test]
    fn an_aspect_may_come_from_another_record() {
        let (dark, bright) = (tilted("dark", -1.0), tilted("bright", 0.0));
        let mixed = aim(&References::blended(&[(&dark, 1.0)]).with_tone_of(&bright));
        assert!(mixed.tone_distance(&bright.spectrum.level_db).unwrap() < 0.05);
        let ids: Vec<(&str, f64)> =
            mixed.references.iter().map(|used| (used.id.as_str(), used.weight)).collect();
        assert_eq!(ids, [("bright", 0.25), ("dark", 0.75)]);
    }

    #[test]
    fn weights_that_make_no_sense_and_silent_records_are_refused() {
        let record = tilted("record", -0.4);
        let quiet = Profile::from_analysis("quiet", &silence());
        let refused = |profiles: &[(&Profile, f64)]| {
            Aim::from_references(&References::blended(profiles), target("loud").unwrap())
                .unwrap_err()
        };
        assert_eq!(refused(&[]), AimError::NoWeight);
        assert_eq!(refused(&[(&record, 0.0)]), AimError::NoWeight);
        assert_eq!(
            refused(&[(&record, -1.0)]),
            AimError::Weight { id: "record".into(), weight: -1.0 }
        );
        assert_eq!(refused(&[(&quiet, 1.0)]), AimError::Silent { id: "quiet".into() });
    }
}
