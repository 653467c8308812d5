//! Which documents are profiles: curves of the right length, and numbers that sound can have.

use acetate_analyzer::ToneEvidence;

use super::{PROFILE_SCHEMA, Profile, ProfileBand, ProfileError};
use crate::bands::{THIRD_OCTAVES, WIDE_BANDS};
use crate::limits::{CORRELATION, LEVEL_DB, OutOfRange, RANGE_LU, SPREAD_DB, check, check_each};

impl Profile {
    pub(super) fn validated(self) -> Result<Self, ProfileError> {
        if self.schema != PROFILE_SCHEMA {
            return Err(ProfileError::Schema { given: self.schema });
        }
        let spectrum = &self.spectrum;
        let curves = [
            ("spectrum.level_db", &spectrum.level_db),
            ("spectrum.mid_level_db", &spectrum.mid_level_db),
            ("spectrum.side_level_db", &spectrum.side_level_db),
            ("spectrum.spread_db", &spectrum.spread_db),
            ("spectrum.error_db", &spectrum.error_db),
        ];
        for (path, curve) in curves {
            // Profiles from before it was measured have no error.
            if path != "spectrum.error_db" || !curve.is_empty() {
                check_length(path, curve.len(), THIRD_OCTAVES)?;
            }
            check_each(path, curve.iter().copied(), &LEVEL_DB)?;
        }
        if let Some(evidence) = &spectrum.evidence {
            check_evidence(evidence)?;
        }
        check_length("bands", self.bands.len(), WIDE_BANDS)?;
        for (index, band) in self.bands.iter().enumerate() {
            band.check(&format!("bands[{index}]"))?;
        }
        self.check_single_numbers()?;
        Ok(self)
    }

    fn check_single_numbers(&self) -> Result<(), OutOfRange> {
        let loudness = &self.loudness;
        let numbers = [
            ("loudness.integrated_lufs", loudness.integrated_lufs, &LEVEL_DB),
            ("loudness.loudness_range_lu", loudness.loudness_range_lu, &RANGE_LU),
            ("loudness.true_peak_dbtp", loudness.true_peak_dbtp, &LEVEL_DB),
            ("loudness.plr_db", loudness.plr_db, &LEVEL_DB),
            ("loudness.psr_db", loudness.psr_db, &LEVEL_DB),
            ("correlation", self.correlation, &CORRELATION),
            ("width", self.width, &(0.0..=f64::MAX)),
            ("attack_crest_db", self.attack_crest_db, &LEVEL_DB),
            ("attacks_per_s", self.attacks_per_s, &(0.0..=f64::MAX)),
        ];
        numbers
            .into_iter()
            .try_for_each(|(path, given, range)| given.map_or(Ok(()), |g| check(path, g, range)))
    }
}

impl ProfileBand {
    fn check(&self, path: &str) -> Result<(), OutOfRange> {
        let numbers = [
            ("crest_factor_db", self.crest_factor_db, &LEVEL_DB),
            ("level_std_db", self.level_std_db, &SPREAD_DB),
            ("quick_level_std_db", self.quick_level_std_db, &SPREAD_DB),
            ("side_level_std_db", self.side_level_std_db, &SPREAD_DB),
            ("mid_log_mean_db", self.mid_log_mean_db, &LEVEL_DB),
            ("side_log_mean_db", self.side_log_mean_db, &LEVEL_DB),
            ("side_minus_mid_db", self.side_minus_mid_db, &LEVEL_DB),
            ("side_minus_mid_error_db", self.side_minus_mid_error_db, &SPREAD_DB),
            ("correlation", self.correlation, &CORRELATION),
        ];
        numbers.into_iter().try_for_each(|(key, given, range)| {
            given.map_or(Ok(()), |given| check(format!("{path}.{key}"), given, range))
        })
    }
}

/// Two curves, and for each value of the two views of the spectrum a row with one correlation for each value before it.
fn check_evidence(evidence: &ToneEvidence) -> Result<(), ProfileError> {
    for (path, curve, range) in [
        ("spectrum.evidence.log_mean_db", &evidence.log_mean_db, &LEVEL_DB),
        ("spectrum.evidence.log_mean_error_db", &evidence.log_mean_error_db, &SPREAD_DB),
    ] {
        check_length(path, curve.len(), THIRD_OCTAVES)?;
        check_each(path, curve.iter().copied(), range)?;
    }
    let path = "spectrum.evidence.correlation";
    check_length(path, evidence.correlation.len(), 2 * THIRD_OCTAVES)?;
    for (before, row) in evidence.correlation.iter().enumerate() {
        check_length(path, row.len(), before)?;
        check_each(&format!("{path}[{before}]"), row.iter().copied(), &CORRELATION)?;
    }
    Ok(())
}

fn check_length(path: &'static str, given: usize, expected: usize) -> Result<(), ProfileError> {
    if given == expected { Ok(()) } else { Err(ProfileError::Length { path, given, expected }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_sounds::falling;

    #[track_caller]
    fn refused(path: &str, change: fn(&mut Profile)) {
        let mut profile = Profile::from_analysis("song", &falling(22_050.0));
        change(&mut profile);
        match Profile::parse(&profile.to_json()) {
            Err(ProfileError::OutOfRange(error)) => assert_eq!(error.path, path),
            other => panic!("{path}: {other:?}"),
        }
    }

    #[test]
    fn numbers_that_no_sound_has_are_refused_with_their_path() {
        refused("spectrum.level_db[7]", |profile| profile.spectrum.level_db[7] = Some(1e300));
        refused("spectrum.error_db[0]", |p| p.spectrum.error_db = vec![Some(1e9); THIRD_OCTAVES]);
        refused("spectrum.evidence.correlation[57][3]", |profile| {
            let mut correlation: Vec<Vec<f64>> =
                (0..2 * THIRD_OCTAVES).map(|before| vec![0.0; before]).collect();
            correlation[57][3] = 1.5;
            let curve = vec![None; THIRD_OCTAVES];
            profile.spectrum.evidence = Some(ToneEvidence {
                log_mean_db: curve.clone(),
                log_mean_error_db: curve,
                correlation,
            });
        });
        refused("bands[8].correlation", |profile| profile.bands[8].correlation = Some(1.1));
        refused("bands[0].level_std_db", |profile| profile.bands[0].level_std_db = Some(-1.0));
        refused("loudness.integrated_lufs", |p| p.loudness.integrated_lufs = Some(-1e300));
        refused("loudness.loudness_range_lu", |p| p.loudness.loudness_range_lu = Some(-0.1));
        refused("correlation", |profile| profile.correlation = Some(-2.0));
        refused("width", |profile| profile.width = Some(-1.0));
    }

    #[test]
    fn a_curve_or_a_list_of_bands_of_another_length_is_refused() {
        let length = |change: fn(&mut Profile)| {
            let mut profile = Profile::from_analysis("song", &falling(22_050.0));
            change(&mut profile);
            match Profile::parse(&profile.to_json()) {
                Err(ProfileError::Length { path, given, .. }) => (path, given),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(length(|p| p.spectrum.spread_db.truncate(28)), ("spectrum.spread_db", 28));
        assert_eq!(length(|p| p.spectrum.error_db = vec![None; 3]), ("spectrum.error_db", 3));
        assert_eq!(length(|p| p.bands.clear()), ("bands", 0));
    }
}
