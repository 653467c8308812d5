//! From an aim to what the equaliser is wanted to do.

use acetate_analyzer::Analysis;
use acetate_audio::units::{db_to_power, power_to_db};
use acetate_engine::settings::BandChannel;
use acetate_references::aim::MONO_BELOW_DB;
use acetate_references::bands::curve_loudness_db;
use acetate_references::{Aim, Wanted};

use crate::belief::{Errors, Prior, believable};
use crate::equalizer::Goal;
use crate::options::{Detail, FitOptions};
use crate::surrogate::{Part, ToneTable};

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

/// What a mix lacks against a style: broad shapes of a few decibels; the rest is the song.
const STYLE_PRIOR: Prior = Prior { level: 30.0, slope: 0.3, shape: 2.0, reach: 4.0 };

/// What is wanted of one part of the sound, third octave by third octave; `None` where nothing is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wish {
    /// Wanted change at equal loudness, in dB.
    pub(crate) change_db: Vec<Option<f64>>,
    /// How much it counts, 0 to 1.
    pub(crate) weight: Vec<f64>,
}

/// From one tolerance less than this on, an excess is less and less a fault, and here it is none, in tolerances.
const SONG_ITSELF: f64 = 3.0;

impl Wish {
    /// Lets go of what is too far off to be a fault: a song that far from its kind is meant to be so, or has nothing there that
    /// could be raised. A few decibels would not bring it nearer, and the next pass would add them again.
    fn without_what_is_the_song(mut self, excess_db: &[Option<f64>], wanted: &[Wanted]) -> Self {
        for ((change, excess), wanted) in self.change_db.iter_mut().zip(excess_db).zip(wanted) {
            let tolerances = excess.map_or(0.0, |db| db.abs() / wanted.tolerance_db);
            let fault = (SONG_ITSELF - tolerances).clamp(0.0, 1.0);
            *change = change.map(|db| fault * db);
        }
        self
    }
}

/// Wishes for the parts that get bands of their own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ToneWish {
    /// One set of bands on all channels.
    Together(Wish),
    /// Bands on mid and bands on side.
    Apart(Wish, Wish),
}

/// What the equaliser is wanted to change in a sound that measures `now`.
pub(crate) fn tone_wish(aim: &Aim, now: &Analysis, options: &FitOptions) -> ToneWish {
    let share = options.amounts.tone_share();
    let spectrum = &now.spectrum;
    let signal = |levels: &[Option<f64>]| with_signal(levels, &spectrum.level_db, now);
    let apart = options.detail == Detail::Fine && options.take.width && now.format.is_stereo();
    if !apart {
        let excess = aim.tone_excess_db(&spectrum.level_db);
        let there = signal(&spectrum.level_db);
        let wish = |excess: &[Option<f64>]| wish(aim, excess, &aim.tone, &there, options, share);
        return ToneWish::Together(if follows_records(aim, options) {
            wish(&believable_excess_db(excess, now, aim))
        } else if aim.style.is_some() {
            let errors = style_errors(now, aim);
            let believed = believable(&excess, &errors, &[STYLE_PRIOR], excess.len());
            wish(&believed).without_what_is_the_song(&excess, &aim.tone)
        } else {
            wish(&excess)
        });
    }
    let (mid, side) = mid_and_side(aim, now);
    let part = |levels: &[Option<f64>], wanted: &[Wanted]| {
        wish(aim, &excess_db(levels, wanted, now), wanted, &signal(levels), options, share)
    };
    ToneWish::Apart(part(&spectrum.mid_level_db, &mid), part(&spectrum.side_level_db, &side))
}

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

/// Whether single records are followed coarsely: then what is content has to be told from what is mastering. A style has a
/// tolerance for that; in fine detail everything is followed because it was asked for.
fn follows_records(aim: &Aim, options: &FitOptions) -> bool {
    aim.style.is_none() && options.detail != Detail::Fine
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

/// How records differ from their style, and passages of the song from each other. The tolerance of a style is what records of
/// the kind differ by; half of it is taken as error here, because what is left is held against the whole of it afterwards.
/// (`behaviour` over 10 masters and 7 mixes: with nothing, 5 masters and 2 mixes stay without a band; with half, 7 and 4; with
/// all, 9 and 7.)
pub(crate) fn style_errors(now: &Analysis, aim: &Aim) -> Errors {
    const SHARE: f64 = 0.5;
    let aim_db: Vec<f64> = aim.tone.iter().map(|wanted| SHARE * wanted.tolerance_db).collect();
    let correlation = now.spectrum.evidence.as_ref().map(|evidence| &evidence.correlation[..]);
    bounded_errors(own_error_db(now), correlation.unwrap_or(&[])).and(&Errors::apart(&aim_db))
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

fn wish(
    aim: &Aim,
    excess_db: &[Option<f64>],
    wanted: &[Wanted],
    signal: &[bool],
    options: &FitOptions,
    share: f64,
) -> Wish {
    let finest = wanted
        .iter()
        .filter(|wanted| wanted.weight > 0.0)
        .fold(f64::INFINITY, |least, wanted| least.min(wanted.tolerance_db));
    let mut change_db = Vec::new();
    let mut weight = Vec::new();
    for ((excess, wanted), &there) in excess_db.iter().zip(wanted).zip(signal) {
        let allowed_db = match options.detail {
            Detail::Fine => 0.0,
            _ if follows_records(aim, options) => 0.0,
            _ => wanted.tolerance_db,
        };
        change_db.push(excess.filter(|_| there).map(|db| -share * beyond(db, allowed_db)));
        let exactness = finest / wanted.tolerance_db;
        weight.push(if there && excess.is_some() {
            wanted.weight * exactness * exactness
        } else {
            0.0
        });
    }
    Wish { change_db, weight }
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

impl Wish {
    /// The goal for the bands: the wish, held within `max_eq_db` on either side of the level that loses least by it.
    pub(crate) fn goal(&self, table: &ToneTable, part: Part, max_eq_db: f64) -> Goal {
        let centre = self.centre_db(max_eq_db);
        let wanted = self
            .change_db
            .iter()
            .map(|change| {
                let change = change.unwrap_or(centre);
                centre + (change - centre).clamp(-max_eq_db, max_eq_db)
            })
            .collect();
        Goal::new(table.cells(part), wanted, self.weight.clone())
    }

    /// The level around which the wish is held: the mean, moved as far as it helps to keep extremes within the bound.
    fn centre_db(&self, max_eq_db: f64) -> f64 {
        let counted: Vec<(f64, f64)> = self
            .change_db
            .iter()
            .zip(&self.weight)
            .filter_map(|(change, &weight)| Some(((*change)?, weight)))
            .filter(|(_, weight)| *weight > 0.0)
            .collect();
        let total: f64 = counted.iter().map(|(_, weight)| weight).sum();
        if total == 0.0 {
            return 0.0;
        }
        let mean = counted.iter().map(|(change, weight)| change * weight).sum::<f64>() / total;
        let lost = |centre: f64| {
            let cut = counted.iter().map(|(change, weight)| {
                let cut = beyond(change - centre, max_eq_db);
                weight * cut * cut
            });
            // A breath of preference for the mean decides where nothing is cut.
            cut.sum::<f64>() + 1e-3 * total * (centre - mean) * (centre - mean)
        };
        const STEP_DB: f64 = 0.25;
        (-100..=100)
            .map(|step| mean + STEP_DB * f64::from(step))
            .min_by(|one, other| lost(*one).total_cmp(&lost(*other)))
            .unwrap_or(mean)
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

    fn wish(change_db: &[f64]) -> Wish {
        Wish {
            change_db: change_db.iter().map(|&db| Some(db)).collect(),
            weight: vec![1.0; change_db.len()],
        }
    }

    #[test]
    fn a_wish_within_the_bound_is_centred_on_its_mean() {
        assert!((wish(&[-3.0, 0.0, 3.0, 4.0]).centre_db(6.0) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_lone_deep_cut_moves_the_centre_towards_it() {
        let centre = wish(&[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -30.0]).centre_db(24.0);
        assert!((-6.5..=-5.5).contains(&centre), "{centre}");
    }

    #[test]
    fn what_is_far_beyond_the_tolerance_is_the_song_itself() {
        let wanted = Wanted { db: 0.0, tolerance_db: 2.0, weight: 1.0 };
        let excess = [3.5, -3.5, 5.0, 6.5, -14.0].map(Some);
        let wish = Wish { change_db: vec![Some(1.0); 5], weight: vec![1.0; 5] };
        let left = wish.without_what_is_the_song(&excess, &[wanted; 5]).change_db;
        assert_eq!(left, [1.0, 1.0, 0.5, 0.0, 0.0].map(Some));
    }

    #[test]
    fn only_what_lies_beyond_the_tolerance_counts() {
        assert_eq!([3.0, -3.0, 0.5].map(|value| beyond(value, 1.0)), [2.0, -2.0, 0.0]);
    }
}
