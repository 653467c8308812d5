//! A profile from measures.

use acetate_analyzer::{Analysis, Measured, ToneEvidence};

use super::{
    Definition, PROFILE_SCHEMA, Profile, ProfileBand, ProfileLoudness, ProfileSource,
    ProfileSpectrum,
};
use super::{Unmatchable, Why};
use crate::bands::{THIRD_OCTAVE_HZ, THIRD_OCTAVES, WIDE_BANDS, WIDE_EDGES_HZ, edges_hz, shape_db};
use crate::name::{plain_id, round};

impl Profile {
    /// The profile of a measured sound.
    pub fn from_measured(name: &str, measured: &Measured) -> Self {
        Self::from_analysis(name, &measured.analysis)
    }

    /// The profile of a sound whose measures are known.
    pub fn from_analysis(name: &str, analysis: &Analysis) -> Self {
        Self {
            schema: PROFILE_SCHEMA.into(),
            id: plain_id(name),
            name: name.into(),
            tags: Vec::new(),
            source: ProfileSource {
                duration_s: round(analysis.format.duration_s),
                sample_rate_hz: analysis.format.sample_rate_hz,
                channels: analysis.format.channels,
                codec: analysis.format.codec.clone(),
                bandwidth_hz: analysis.source.bandwidth_hz.map(round),
                lossy_suspected: analysis.source.lossy_suspected,
                blended_from: Vec::new(),
            },
            definition: Definition::default(),
            loudness: loudness(analysis),
            spectrum: spectrum(analysis),
            bands: (0..WIDE_BANDS).map(|index| band(analysis, index)).collect(),
            correlation: analysis.stereo.correlation.map(round),
            width: analysis.stereo.width.map(round),
            attack_crest_db: analysis.dynamics.attack_crest_db.map(round),
            attacks_per_s: analysis.dynamics.attacks_per_s.map(round),
        }
    }
}

fn loudness(analysis: &Analysis) -> ProfileLoudness {
    let loudness = &analysis.loudness;
    ProfileLoudness {
        integrated_lufs: loudness.integrated_lufs.map(round),
        loudness_range_lu: loudness.loudness_range_lu.map(round),
        true_peak_dbtp: loudness.true_peak_dbtp.map(round),
        plr_db: loudness.plr_db.map(round),
        psr_db: loudness.psr_db.map(round),
    }
}

fn spectrum(analysis: &Analysis) -> ProfileSpectrum {
    let measured = &analysis.spectrum;
    ProfileSpectrum {
        third_octave_hz: THIRD_OCTAVE_HZ.to_vec(),
        level_db: curve(&measured.level_db),
        mid_level_db: curve(&measured.mid_level_db),
        side_level_db: curve(&measured.side_level_db),
        spread_db: curve(&measured.spread_db),
        error_db: curve(&measured.error_db),
        evidence: measured.evidence.as_ref().map(|evidence| ToneEvidence {
            log_mean_db: curve(&evidence.log_mean_db),
            log_mean_error_db: curve(&evidence.log_mean_error_db),
            correlation: correlation(&evidence.correlation),
        }),
        frames: measured.frames.clone(),
        unmatchable: unmatchable(analysis),
    }
}

/// Rounded, and as long as there are third octaves: an absent curve is one of absent values.
fn curve(levels_db: &[Option<f64>]) -> Vec<Option<f64>> {
    (0..THIRD_OCTAVES).map(|band| levels_db.get(band).copied().flatten().map(round)).collect()
}

/// To a thousandth: a song does not tell more.
fn correlation(rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let round = |value: &f64| (value * 1e3).round() / 1e3;
    rows.iter().map(|row| row.iter().map(round).collect()).collect()
}

fn band(analysis: &Analysis, index: usize) -> ProfileBand {
    let dynamics = analysis.dynamics.bands.get(index).cloned().unwrap_or_default();
    let stereo = analysis.stereo.bands.get(index).cloned().unwrap_or_default();
    ProfileBand {
        low_hz: WIDE_EDGES_HZ[index],
        high_hz: WIDE_EDGES_HZ[index + 1],
        crest_factor_db: dynamics.crest_factor_db.map(round),
        level_std_db: dynamics.level_std_db.map(round),
        quick_level_std_db: dynamics.quick_level_std_db.map(round),
        side_level_std_db: dynamics.side_level_std_db.map(round),
        mid_log_mean_db: dynamics.mid_log_mean_db.map(round),
        side_log_mean_db: dynamics.side_log_mean_db.map(round),
        side_minus_mid_db: stereo.side_minus_mid_db.map(round),
        side_minus_mid_error_db: stereo.side_minus_mid_error_db.map(round),
        correlation: stereo.correlation.map(round),
    }
}

/// Level of a third octave below the loudness of the whole curve at which it holds nothing that anybody meant
/// to be heard, dB. The quietest tenth of 367 commercial recordings of known genre lie above -47 dB in every
/// band that is not floor-limited (docs/styles.md).
const SILENT_BELOW_DB: f64 = -60.0;

/// A low-pass may take this share of the upper part of a band before the band counts as damaged: less than
/// 1 dB of its power.
const LOST_SHARE: f64 = 0.2;

/// A recording that reaches this share of the Nyquist frequency is not band-limited.
const FULL_BANDWIDTH: f64 = 0.93;

/// The bands of a sound that must not be matched, lowest first.
pub(crate) fn unmatchable(analysis: &Analysis) -> Vec<Unmatchable> {
    let shape = shape_db(&analysis.spectrum.level_db);
    let limit_hz = bandwidth_limit_hz(analysis);
    let judge = |(band, &third_octave_hz): (usize, &f64)| {
        let [low, high] = edges_hz(band);
        let lost = limit_hz.is_some_and(|limit| limit < high - LOST_SHARE * (high - low));
        let level_db = shape.get(band).copied().flatten();
        let silent = level_db.is_none_or(|level_db| level_db < SILENT_BELOW_DB);
        let because = match (lost, silent) {
            (true, _) => Why::BeyondBandwidth,
            (false, true) => Why::NoSignal,
            (false, false) => return None,
        };
        Some(Unmatchable { third_octave_hz, because })
    };
    THIRD_OCTAVE_HZ.iter().enumerate().filter_map(judge).collect()
}

/// Where the sound ends because something cut it off; `None` when nothing did.
fn bandwidth_limit_hz(analysis: &Analysis) -> Option<f64> {
    let nyquist_hz = f64::from(analysis.format.sample_rate_hz) / 2.0;
    match analysis.source.bandwidth_hz {
        Some(bandwidth_hz) if bandwidth_hz < FULL_BANDWIDTH * nyquist_hz => Some(bandwidth_hz),
        _ => Some(nyquist_hz),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::ProfileError;
    use crate::test_sounds::falling;

    fn lost(bandwidth_hz: f64) -> Vec<(f64, Why)> {
        let profile = Profile::from_analysis("lossy", &falling(bandwidth_hz));
        let unmatchable = &profile.spectrum.unmatchable;
        unmatchable.iter().map(|band| (band.third_octave_hz, band.because)).collect()
    }

    #[test]
    fn a_full_band_recording_can_be_matched_everywhere() {
        assert_eq!(lost(22_050.0), []);
    }

    #[test]
    fn bands_beyond_a_lossy_low_pass_must_not_be_matched() {
        use Why::BeyondBandwidth;
        assert_eq!(lost(16_000.0), [(16_000.0, BeyondBandwidth)]);
        let telephone = lost(10_500.0);
        assert_eq!(telephone[..2], [(10_000.0, BeyondBandwidth), (12_500.0, BeyondBandwidth)]);
    }

    #[test]
    fn a_band_with_next_to_nothing_in_it_must_not_be_matched() {
        let mut analysis = falling(22_050.0);
        analysis.spectrum.level_db[0] = Some(-110.0);
        let profile = Profile::from_analysis("thin", &analysis);
        assert_eq!(profile.spectrum.unmatchable[0].because, Why::NoSignal);
        assert!(!profile.matchable(0) && profile.matchable(1));
    }

    #[test]
    fn a_profile_survives_its_file_in_a_few_kilobytes() {
        let profile = Profile::from_analysis("Night Bus (Remix)", &falling(22_050.0));
        let json = profile.to_json();
        assert_eq!(profile.id, "night-bus-remix");
        assert!(json.len() < 10_000, "{} bytes", json.len());
        assert_eq!(Profile::parse(&json), Ok(profile));
    }

    #[test]
    fn a_truncated_or_newer_profile_is_refused_with_the_reason() {
        let json = Profile::from_analysis("x", &falling(22_050.0)).to_json();
        let cut = Profile::parse(&json[..json.len() / 2]);
        assert!(matches!(cut, Err(ProfileError::Document { .. })), "{cut:?}");
        let newer = Profile::parse(&json.replace("acetate.profile/1", "acetate.profile/2"));
        assert_eq!(newer, Err(ProfileError::Schema { given: "acetate.profile/2".into() }));
    }
}
