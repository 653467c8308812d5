//! From an aim to what the equaliser is wanted to do.

use acetate_analyzer::Analysis;
use acetate_audio::units::{db_to_power, power_to_db};
use acetate_engine::settings::BandChannel;
use acetate_references::aim::MONO_BELOW_DB;
use acetate_references::bands::curve_loudness_db;
use acetate_references::{Aim, Wanted};

use crate::belief::{Errors, Prior, believable};

/// A third octave this far below the loudest one is not music that could be raised.
const SIGNAL_RANGE_DB: f64 = 60.0;

/// The standard error of a sound too short to tell its own, dB.
const ERROR_UNKNOWN_DB: f64 = 2.0;
/// How well a mean of levels is known at best, dB.
const LOG_MEAN_DB: f64 = 0.3;
/// An error beyond this says nothing more, dB.
const ERROR_DB_MAX: f64 = 8.0;
/// What mastering does to tone: a level that costs nothing, a tilt of a decibel or two an octave, shapes about an octave wide.
pub(crate) const TONE_PRIOR: Prior = Prior { level: 30.0, slope: 0.4, shape: 4.0, reach: 2.5 };

/// Level of a part less its aim in each third octave, when the whole has the loudness of the aim.
fn excess_db(levels: &[Option<f64>], wanted: &[Wanted], now: &Analysis) -> Vec<Option<f64>> {
    let loudness_db = curve_loudness_db(&now.spectrum.level_db);
    levels
        .iter()
        .zip(wanted)
        .map(|(level, wanted)| {
            let level = level.filter(|_| wanted.weight > 0.0)?;
            Some(level - loudness_db? - wanted.db)
        })
        .collect()
}

/// The same for the mid or the side of a sound.
pub(crate) fn part_excess_db(aim: &Aim, now: &Analysis, channel: BandChannel) -> Vec<Option<f64>> {
    let (mid, side) = mid_and_side(aim, now);
    match channel {
        BandChannel::Side => excess_db(&now.spectrum.side_level_db, &side, now),
        _ => excess_db(&now.spectrum.mid_level_db, &mid, now),
    }
}

/// The aim for mid and side on their own: their powers sum to the aim of the whole.
fn mid_and_side(aim: &Aim, now: &Analysis) -> (Vec<Wanted>, Vec<Wanted>) {
    let spectrum = &now.spectrum;
    aim.tone
        .iter()
        .zip(&aim.side_minus_mid)
        .enumerate()
        .map(|(band, (tone, difference))| {
            // Where the reference says nothing about the side, the song's own image is kept.
            let own = spectrum.side_level_db[band]
                .zip(spectrum.mid_level_db[band])
                .map(|(side, mid)| side - mid);
            let side_minus_mid =
                if difference.weight > 0.0 { difference.db } else { own.unwrap_or(MONO_BELOW_DB) };
            let mid_db = tone.db - power_to_db(1.0 + db_to_power(side_minus_mid));
            (Wanted { db: mid_db, ..*tone }, Wanted { db: mid_db + side_minus_mid, ..*tone })
        })
        .unzip()
}

/// Whether each third octave holds music: neither silence, nor noise far below the rest, nor above the bandwidth.
pub(crate) fn with_signal(
    levels: &[Option<f64>],
    whole: &[Option<f64>],
    now: &Analysis,
) -> Vec<bool> {
    let loudest = whole.iter().flatten().fold(f64::NEG_INFINITY, |most, &db| most.max(db));
    let bandwidth_hz = now.source.bandwidth_hz.unwrap_or(f64::INFINITY);
    levels
        .iter()
        .zip(&now.spectrum.third_octave_hz)
        .map(|(level, &centre)| {
            level.is_some_and(|level| level > loudest - SIGNAL_RANGE_DB) && centre < bandwidth_hz
        })
        .collect()
}

/// The part of `excess_db` that is more than two passages of like music differ by though nothing was done to either.
///
/// Where song and record have them, the means of their levels are a second view of the same difference.
pub(crate) fn believable_excess_db(
    mut excess_db: Vec<Option<f64>>,
    now: &Analysis,
    aim: &Aim,
) -> Vec<Option<f64>> {
    let bands = excess_db.len();
    let mut own_db = own_error_db(now);
    let mut aim_db: Vec<f64> = aim.tone.iter().map(|wanted| wanted.tolerance_db).collect();
    let evidence = now.spectrum.evidence.as_ref().zip(aim.tone_evidence.as_ref());
    if let Some((own, wanted)) = evidence {
        let log_means = own.log_mean_db.iter().zip(&wanted.log_mean_db).zip(&excess_db);
        let log_excess_db: Vec<Option<f64>> =
            log_means.map(|((own, wanted), known)| known.and(Some((*own)? - (*wanted)?))).collect();
        excess_db.extend(log_excess_db);
        let error_db = |error: &Option<f64>| error.unwrap_or(ERROR_UNKNOWN_DB);
        own_db.extend(own.log_mean_error_db.iter().map(error_db));
        let at_best_db = |error: &Option<f64>| libm::hypot(error_db(error), LOG_MEAN_DB);
        aim_db.extend(wanted.log_mean_error_db.iter().map(at_best_db));
    }
    let correlations = evidence.map(|(own, aim)| (&own.correlation[..], &aim.correlation[..]));
    let (of_own, of_aim) = correlations.unwrap_or((&[], &[]));
    let errors = bounded_errors(own_db, of_own).and(&bounded_errors(aim_db, of_aim));
    believable(&excess_db, &errors, &[TONE_PRIOR], bands)
}

/// How differences of a song from its records err, of the spectra alone.
pub(crate) fn tone_errors(now: &Analysis, aim: &Aim) -> Errors {
    let aim_db: Vec<f64> = aim.tone.iter().map(|wanted| wanted.tolerance_db).collect();
    let evidence = now.spectrum.evidence.as_ref().zip(aim.tone_evidence.as_ref());
    let correlations = evidence.map(|(own, aim)| (&own.correlation[..], &aim.correlation[..]));
    let (of_own, of_aim) = correlations.unwrap_or((&[], &[]));
    bounded_errors(own_error_db(now), of_own).and(&bounded_errors(aim_db, of_aim))
}

/// Errors that vary together as `correlation` says; none is taken for more than [`ERROR_DB_MAX`].
fn bounded_errors(error_db: Vec<f64>, correlation: &[Vec<f64>]) -> Errors {
    let bounded: Vec<f64> = error_db.into_iter().map(|db| db.min(ERROR_DB_MAX)).collect();
    Errors::correlated(&bounded, correlation)
}

/// How well each third octave of the song itself is known, dB.
fn own_error_db(now: &Analysis) -> Vec<f64> {
    let errors = &now.spectrum.error_db;
    let own = |band: usize| errors.get(band).copied().flatten().unwrap_or(ERROR_UNKNOWN_DB);
    (0..now.spectrum.level_db.len()).map(own).collect()
}

/// The part of `value` that lies outside ±`allowed`.
pub(crate) fn beyond(value: f64, allowed: f64) -> f64 {
    if value > allowed {
        value - allowed
    } else if value < -allowed {
        value + allowed
    } else {
        0.0
    }
}

/// Root of the mean square of what is known; 0 of nothing.
pub(crate) fn rms(values: &[Option<f64>]) -> f64 {
    let square: f64 = values.iter().flatten().map(|value| value * value).sum();
    (square / values.iter().flatten().count().max(1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured() -> Analysis {
        let spec = acetate_audio::AudioSpec::new(48_000, 2);
        let silence = acetate_audio::Audio::silence(spec, 48_000);
        acetate_analyzer::analyze(&acetate_audio::Source::from_audio(silence)).unwrap().analysis
    }

    #[test]
    fn a_third_octave_without_a_known_error_counts_as_hardly_known() {
        let mut now = measured();
        let bands = now.spectrum.level_db.len();
        now.spectrum.error_db = vec![Some(1.5), None];
        let errors = own_error_db(&now);
        assert_eq!(errors[..3], [1.5, ERROR_UNKNOWN_DB, ERROR_UNKNOWN_DB]);
        assert_eq!(errors.len(), bands);
    }

    #[test]
    fn mid_and_side_make_up_the_aim_as_wide_as_the_reference_or_else_as_the_song() {
        let mut now = measured();
        let bands = now.spectrum.level_db.len();
        now.spectrum.mid_level_db = vec![Some(-20.0); bands];
        now.spectrum.side_level_db = vec![Some(-26.0); bands];
        let mut aim = Aim::of_loudness(None, -1.0);
        let wanted = Wanted { db: -9.0, tolerance_db: 1.0, weight: 0.0 };
        aim.tone = vec![Wanted { db: 3.0, weight: 1.0, ..wanted }; bands];
        aim.side_minus_mid = vec![wanted; bands];
        aim.side_minus_mid[7].weight = 1.0;
        let (mid, side) = mid_and_side(&aim, &now);
        for (band, (mid, side)) in mid.iter().zip(&side).enumerate() {
            let wide_db = if band == 7 { -9.0 } else { -6.0 };
            assert!((side.db - mid.db - wide_db).abs() < 1e-9, "band {band}");
            let both_db = power_to_db(db_to_power(mid.db) + db_to_power(side.db));
            assert!((both_db - 3.0).abs() < 1e-9, "band {band}");
        }
    }

    #[test]
    fn only_what_lies_beyond_the_tolerance_counts() {
        assert_eq!([3.0, -3.0, 0.5].map(|value| beyond(value, 1.0)), [2.0, -2.0, 0.0]);
    }
}
