//! Several records as one.

use acetate_analyzer::weighted_mean;

use super::matchable::{Unmatchable, Why};
use super::{
    Definition, PROFILE_SCHEMA, Profile, ProfileBand, ProfileLoudness, ProfileSource,
    ProfileSpectrum,
};
use crate::bands::{THIRD_OCTAVE_HZ, THIRD_OCTAVES, WIDE_BANDS, WIDE_EDGES_HZ, curve_loudness_db};
use crate::name::{plain_id, round};
use crate::reference_use::ReferenceUse;

/// Weighted mean of profiles, in dB, each brought to a curve loudness of 0 dB first: a loud record counts no
/// more than a quiet one. A value is averaged over the profiles that have it; a band that less than half of
/// the weight can offer must not be matched.
///
/// # Panics
/// Without profiles, or when the weights do not have a positive sum.
pub fn blend(name: &str, profiles: &[(&Profile, f64)]) -> Profile {
    let total: f64 = profiles.iter().map(|(_, weight)| weight).sum();
    assert!(total > 0.0, "{} profiles of total weight {total} cannot be blended", profiles.len());
    let blender = Blender {
        parts: profiles.iter().map(|&(profile, weight)| (profile, weight / total)).collect(),
    };
    Profile {
        schema: PROFILE_SCHEMA.into(),
        id: plain_id(name),
        name: name.into(),
        tags: Vec::new(),
        source: blender.source(),
        definition: Definition::default(),
        loudness: blender.loudness(),
        spectrum: blender.spectrum(),
        bands: (0..WIDE_BANDS).map(|index| blender.band(index)).collect(),
        correlation: blender.mean(|profile| profile.correlation),
        width: blender.mean(|profile| profile.width),
        attack_crest_db: blender.mean(|profile| profile.attack_crest_db),
        attacks_per_s: blender.mean(|profile| profile.attacks_per_s),
    }
}

struct Blender<'a> {
    /// Profiles with weights that sum to 1.
    parts: Vec<(&'a Profile, f64)>,
}

impl Blender<'_> {
    /// Weighted mean over the profiles that have the value.
    fn mean(&self, value: impl Fn(&Profile) -> Option<f64>) -> Option<f64> {
        let known =
            self.parts.iter().filter_map(|(profile, weight)| Some((value(profile)?, *weight)));
        weighted_mean(known).map(round)
    }

    fn source(&self) -> ProfileSource {
        let sources = || self.parts.iter().map(|(profile, _)| &profile.source);
        ProfileSource {
            duration_s: round(sources().map(|source| source.duration_s).sum()),
            sample_rate_hz: sources().map(|source| source.sample_rate_hz).max().unwrap_or(0),
            channels: sources().map(|source| source.channels).max().unwrap_or(0),
            codec: None,
            bandwidth_hz: self.mean(|profile| profile.source.bandwidth_hz),
            lossy_suspected: sources().all(|source| source.lossy_suspected),
            blended_from: self
                .parts
                .iter()
                .map(|(profile, weight)| ReferenceUse { id: profile.id.clone(), weight: *weight })
                .collect(),
        }
    }

    fn loudness(&self) -> ProfileLoudness {
        ProfileLoudness {
            integrated_lufs: self.mean(|profile| profile.loudness.integrated_lufs),
            loudness_range_lu: self.mean(|profile| profile.loudness.loudness_range_lu),
            true_peak_dbtp: self.mean(|profile| profile.loudness.true_peak_dbtp),
            plr_db: self.mean(|profile| profile.loudness.plr_db),
            psr_db: self.mean(|profile| profile.loudness.psr_db),
        }
    }

    fn spectrum(&self) -> ProfileSpectrum {
        let third_octaves = 0..THIRD_OCTAVES;
        let curve = |pick: fn(&ProfileSpectrum) -> &Vec<Option<f64>>| -> Vec<Option<f64>> {
            third_octaves
                .clone()
                .map(|band| {
                    self.mean(|profile| {
                        let level_db =
                            pick(&profile.spectrum)[band].filter(|_| profile.matchable(band));
                        Some(level_db? - curve_loudness_db(&profile.spectrum.level_db)?)
                    })
                })
                .collect()
        };
        let movement = |pick: fn(&ProfileSpectrum) -> &Vec<Option<f64>>| -> Vec<Option<f64>> {
            let value =
                |band| self.mean(|profile| pick(&profile.spectrum).get(band).copied().flatten());
            third_octaves.clone().map(value).collect()
        };
        ProfileSpectrum {
            third_octave_hz: THIRD_OCTAVE_HZ.to_vec(),
            level_db: curve(|spectrum| &spectrum.level_db),
            mid_level_db: curve(|spectrum| &spectrum.mid_level_db),
            side_level_db: curve(|spectrum| &spectrum.side_level_db),
            spread_db: movement(|spectrum| &spectrum.spread_db),
            error_db: movement(|spectrum| &spectrum.error_db),
            evidence: match self.parts.as_slice() {
                [(only, _)] => only.spectrum.evidence.clone(),
                _ => None,
            },
            frames: match self.parts.as_slice() {
                [(only, _)] => only.spectrum.frames.clone(),
                _ => None,
            },
            unmatchable: third_octaves.clone().filter_map(|band| self.unmatchable(band)).collect(),
        }
    }

    fn unmatchable(&self, band: usize) -> Option<Unmatchable> {
        let offered: f64 = self
            .parts
            .iter()
            .filter(|(profile, _)| profile.matchable(band))
            .map(|(_, weight)| weight)
            .sum();
        let third_octave_hz = THIRD_OCTAVE_HZ[band];
        let reasons = self.parts.iter().flat_map(|(profile, _)| &profile.spectrum.unmatchable);
        let because = reasons
            .filter(|reason| reason.third_octave_hz == third_octave_hz)
            .map(|reason| reason.because)
            .next()
            .unwrap_or(Why::NoSignal);
        (offered < 0.5).then_some(Unmatchable { third_octave_hz, because })
    }

    fn band(&self, index: usize) -> ProfileBand {
        let mean = |value: fn(&ProfileBand) -> Option<f64>| {
            self.mean(|profile| value(&profile.bands[index]))
        };
        let level = |value: fn(&ProfileBand) -> Option<f64>| {
            self.mean(|profile| {
                Some(value(&profile.bands[index])? - curve_loudness_db(&profile.spectrum.level_db)?)
            })
        };
        ProfileBand {
            low_hz: WIDE_EDGES_HZ[index],
            high_hz: WIDE_EDGES_HZ[index + 1],
            crest_factor_db: mean(|band| band.crest_factor_db),
            level_std_db: mean(|band| band.level_std_db),
            quick_level_std_db: mean(|band| band.quick_level_std_db),
            side_level_std_db: mean(|band| band.side_level_std_db),
            mid_log_mean_db: level(|band| band.mid_log_mean_db),
            side_log_mean_db: level(|band| band.side_log_mean_db),
            side_minus_mid_db: mean(|band| band.side_minus_mid_db),
            side_minus_mid_error_db: mean(|band| band.side_minus_mid_error_db),
            correlation: mean(|band| band.correlation),
        }
    }
}
