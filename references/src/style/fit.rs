//! Learning a style from records.
use acetate_audio::threads;

use super::document::{Percentiles, STYLE_SCHEMA, Style, StyleError};
use super::kind::Kind;
use super::manifold::Manifold;
use super::sample::{Known, Sample, percentile, sorted};
use super::wide::{Curve, MODERN_DB, third_octaves_db};
use crate::bands::{THIRD_OCTAVES, WIDE_BANDS, shape_db};
use crate::name::plain_id;
use crate::profile::Profile;
use crate::signs::Signs;

/// Fewest records that a style can be learned from.
pub const RECORDS_MIN: usize = 8;

/// Most directions a manifold has: the third already explains less than a tenth of what songs differ.
const COMPONENTS_MAX: usize = 3;

/// Standard deviation of third octaves around the smooth curve of the same song, dB: the deviations that
/// `examples/check_styles` finds on 17 real files (docs/styles-real-files.md), smoothed over their neighbours. Narrow
/// bands in the bass hold single notes, or none.
pub(crate) const DETAIL_STD_DB: Curve = [
    9.0, 9.0, 9.0, 7.0, 4.5, 3.0, 2.5, 2.5, 2.5, 2.0, 2.0, 2.0, 2.0, 1.5, 1.5, 1.5, 1.2, 1.3, 1.3,
    1.0, 1.0, 0.8, 0.8, 0.6, 0.6, 0.6, 0.8, 1.0, 1.0,
];

/// Learns a style from tracks in the terms of the wide bands; the fine shape is that of [`MODERN_DB`].
///
/// # Errors
/// With fewer than [`RECORDS_MIN`] tracks, or when they lack what a style is made of.
pub fn fit_style(name: &str, source: &str, samples: &[Sample]) -> Result<Style, StyleError> {
    if samples.len() < RECORDS_MIN {
        return Err(StyleError::TooFew { given: samples.len(), min: RECORDS_MIN });
    }
    let tones: Vec<Known> = samples.iter().map(|sample| sample.tone_db).collect();
    let (components, _) = choose_components(&tones);
    let tone = Manifold::fit(&tones, components)
        .map_err(|_| StyleError::TooFew { given: samples.len(), min: RECORDS_MIN })?;
    let single = |missing, value: fn(&Sample) -> Option<f64>| {
        percentiles(samples, value).ok_or(StyleError::Unmeasured { missing })
    };
    let per_band = |value: fn(&Sample) -> &Known| {
        let band =
            |band| percentiles(samples, |sample: &Sample| value(sample)[band]).unwrap_or_default();
        (0..WIDE_BANDS).map(band).collect()
    };
    Ok(Style {
        schema: STYLE_SCHEMA.into(),
        id: plain_id(name),
        name: name.into(),
        source: source.into(),
        records: samples.len(),
        standard_error_db: standard_error_db(&tone, samples.len()),
        tone,
        template_db: MODERN_DB,
        detail_std_db: DETAIL_STD_DB,
        side_minus_mid_db: per_band(|sample| &sample.side_minus_mid_db),
        level_std_db: per_band(|sample| &sample.level_std_db),
        integrated_lufs: single("loudness", |sample| sample.integrated_lufs)?,
        loudness_range_lu: single("loudness range", |sample| sample.loudness_range_lu)?,
        plr_db: single("peak-to-loudness ratio", |sample| sample.plr_db)?,
        kind: None,
    })
}

/// Learns a style from a person's own records. Their third octaves also give the fine shape, and how much it
/// differs between them.
///
/// # Errors
/// Those of [`fit_style`].
pub fn fit_collection(name: &str, profiles: &[Profile]) -> Result<Style, StyleError> {
    let samples: Vec<Sample> = profiles.iter().map(Sample::from_profile).collect();
    let source = format!("{} profiles of the person's own", profiles.len());
    let mut style = fit_style(name, &source, &samples)?;
    style.template_db = mean_curve(profiles);
    style.detail_std_db = detail(&style, profiles, &samples);
    style.kind = Some(Kind::Records(vec![signs_of(profiles.iter())]));
    Ok(style)
}

/// What each of the records is, as far as it was measured.
pub(super) fn signs_of<'a>(profiles: impl Iterator<Item = &'a Profile>) -> Vec<Signs> {
    profiles.filter_map(Signs::from_profile).collect()
}

/// Mean shape of records in third octaves; where none has a level, the built-in one continues it.
fn mean_curve(profiles: &[Profile]) -> Curve {
    let shapes: Vec<_> =
        profiles.iter().map(|profile| shape_db(&profile.spectrum.level_db)).collect();
    let mean = |band: usize| {
        let known: Vec<f64> = (shapes.iter().zip(profiles))
            .filter(|(_, profile)| profile.matchable(band))
            .filter_map(|(shape, _)| shape.get(band).copied().flatten())
            .collect();
        (2 * known.len() >= profiles.len()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    };
    let mut curve: Curve = [0.0; THIRD_OCTAVES];
    let means: Vec<Option<f64>> = (0..THIRD_OCTAVES).map(mean).collect();
    let anchor = means.iter().position(Option::is_some).unwrap_or(0);
    let mut offset_db = means[anchor].unwrap_or(0.0) - MODERN_DB[anchor];
    for band in 0..THIRD_OCTAVES {
        curve[band] = means[band].unwrap_or(MODERN_DB[band] + offset_db);
        offset_db = curve[band] - MODERN_DB[band];
    }
    curve
}

/// What third octaves of the records differ from the curve through their own wide bands, no less than is usual
/// in half: few records agree by chance.
fn detail(style: &Style, profiles: &[Profile], samples: &[Sample]) -> Curve {
    let smooth: Vec<Curve> = samples
        .iter()
        .map(|sample| {
            let nearest = style.tone.projection(&sample.tone_db);
            third_octaves_db(
                &std::array::from_fn(|band| sample.tone_db[band].unwrap_or(nearest[band])),
                &style.template_db,
            )
        })
        .collect();
    std::array::from_fn(|band| {
        let (mut sum, mut count) = (0.0, 0.0);
        for (profile, smooth) in profiles.iter().zip(&smooth) {
            let level_db = shape_db(&profile.spectrum.level_db).get(band).copied().flatten();
            if let Some(level_db) = level_db.filter(|_| profile.matchable(band)) {
                sum += (level_db - smooth[band]) * (level_db - smooth[band]);
                count += 1.0;
            }
        }
        let usual = DETAIL_STD_DB[band];
        if count < RECORDS_MIN as f64 / 2.0 {
            usual
        } else {
            libm::sqrt(sum / (count - 1.0)).max(usual / 2.0)
        }
    })
}

/// Standard error of the mean in the worst band that is aimed at, dB.
fn standard_error_db(tone: &Manifold, records: usize) -> f64 {
    let variance = |band: usize| {
        let along = tone.components.iter().zip(&tone.component_std_db);
        let explained: f64 = along.map(|(c, std)| c[band] * c[band] * std * std).sum();
        explained + tone.residual_std_db[band] * tone.residual_std_db[band]
    };
    let aimed_at = (0..WIDE_BANDS).filter(|&band| tone.weight[band] > 0.0);
    let worst = aimed_at.map(variance).fold(0.0, f64::max);
    libm::round(libm::sqrt(worst / records as f64) * 100.0) / 100.0
}

fn percentiles(samples: &[Sample], value: impl Fn(&Sample) -> Option<f64>) -> Option<Percentiles> {
    let values = sorted(samples, value);
    let at = |share| percentile(&values, share).map(|value| libm::round(value * 100.0) / 100.0);
    Some(Percentiles {
        p10: at(0.1)?,
        p25: at(0.25)?,
        p50: at(0.5)?,
        p75: at(0.75)?,
        p90: at(0.9)?,
    })
}

/// Folds of the cross-validation.
const FOLDS: usize = 10;

/// The number of components that predicts a band of an unseen record best from its other bands, and the error of
/// each number from none, dB rms.
///
/// A plain reconstruction error falls with every component and would choose them all.
pub fn choose_components(tones: &[Known]) -> (usize, Vec<f64>) {
    let counts: [usize; COMPONENTS_MAX + 1] = std::array::from_fn(|components| components);
    let errors = threads::map(&counts, |_, &components| prediction_error_db(tones, components));
    let best = (0..errors.len()).min_by(|&a, &b| errors[a].total_cmp(&errors[b]));
    (best.unwrap_or(0), errors)
}

/// Error of predicting each band of held-out records from their other bands, dB rms; infinite when there are too
/// few records.
fn prediction_error_db(tones: &[Known], components: usize) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for fold in 0..FOLDS.min(tones.len()) {
        let held_out = |index: usize| index % FOLDS == fold;
        let training: Vec<Known> = tones
            .iter()
            .enumerate()
            .filter(|(index, _)| !held_out(*index))
            .map(|(_, tone)| *tone)
            .collect();
        let Ok(manifold) = Manifold::fit(&training, components) else { return f64::INFINITY };
        for tone in
            tones.iter().enumerate().filter(|(index, _)| held_out(*index)).map(|(_, tone)| tone)
        {
            for band in (0..WIDE_BANDS).filter(|&band| manifold.weight[band] > 0.0) {
                let Some(level_db) = tone[band] else { continue };
                let mut others = *tone;
                others[band] = None;
                let error = level_db - manifold.projection(&others)[band];
                sum += error * error;
                count += 1.0;
            }
        }
    }
    if count == 0.0 { f64::INFINITY } else { libm::sqrt(sum / count) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_sounds::{shaped, silence};

    /// Records of one taste: a hump at 3.15 kHz that no built-in style has, tilts of their own.
    fn collection(count: usize) -> Vec<Profile> {
        (0..count)
            .map(|index| {
                let tilt = 0.1 * libm::sin(index as f64 * 2.4);
                let levels = std::array::from_fn(|band| {
                    let hump = if band == 21 { 5.0 } else { 0.0 };
                    Some(MODERN_DB[band] - 20.0 + hump + tilt * (band as f64 - 14.0))
                });
                let mut analysis = shaped(&levels);
                analysis.loudness.loudness_range_lu = Some(6.0);
                analysis.loudness.plr_db = Some(9.0);
                Profile::from_analysis(&format!("song {index}"), &analysis)
            })
            .collect()
    }

    #[test]
    fn a_persons_own_collection_gives_its_own_fine_shape() {
        let style = fit_collection("My taste", &collection(12)).unwrap();
        assert_eq!((style.id.as_str(), style.records), ("my-taste", 12));
        let curve = style.curve_db();
        let hump = curve[21] - (curve[20] + curve[22]) / 2.0;
        assert!((hump - 5.0).abs() < 0.3, "{hump}");
        assert_eq!(Style::parse(&style.to_json()), Ok(style));
    }

    #[test]
    fn more_records_are_surer_and_fewer_than_eight_are_none() {
        let few = fit_collection("few", &collection(8)).unwrap();
        let many = fit_collection("many", &collection(40)).unwrap();
        assert!(many.standard_error_db < few.standard_error_db);
        assert_eq!(
            fit_collection("none", &collection(7)),
            Err(StyleError::TooFew { given: 7, min: RECORDS_MIN })
        );
    }

    #[test]
    fn silent_records_are_refused_and_do_not_panic() {
        let silent = vec![Profile::from_analysis("silence", &silence()); 8];
        assert!(matches!(fit_collection("silent", &silent), Err(StyleError::Unmeasured { .. })));
    }

    #[test]
    fn the_same_records_give_the_same_style() {
        assert_eq!(
            fit_collection("twice", &collection(20)),
            fit_collection("twice", &collection(20))
        );
    }
}
