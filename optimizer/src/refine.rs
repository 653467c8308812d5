//! Draft, render, measure, and draft again with what the prediction missed.

use acetate_analyzer::{Analysis, Measured};
use acetate_audio::Source;
use acetate_engine::settings::BandChannel;
use acetate_engine::{RenderError, Settings, prepare};
use acetate_references::Aim;

use crate::elsewhere::{Elsewhere, Held};
use crate::fit::{Draft, draft, wish_of_records};
use crate::loudness::solve_drive;
use crate::matching::RecordWish;
use crate::options::{Detail, FitOptions};
use crate::progress::Progress;
use crate::surrogate::Surrogate;
use crate::trial::{Rendered, measure_all};
use crate::verdict::tone_error_db;
use crate::wanted::wanted_lufs;

/// Settings that renders have corrected, and what is known of them.
pub(crate) struct Refined {
    pub(crate) settings: Settings,
    pub(crate) stopped: Vec<(&'static str, &'static str)>,
    pub(crate) renders: usize,
    pub(crate) wish: Option<RecordWish>,
    /// What they do not take from other systems.
    pub(crate) held: Vec<Held>,
    /// What these very settings measured, when the last render was of them.
    pub(crate) rendered: Option<Rendered>,
}

/// Most renders to refine.
pub(crate) fn rounds(options: &FitOptions) -> usize {
    if options.detail == Detail::Fine { ROUNDS_FINE } else { ROUNDS }
}

/// Most rounds of fitting, rendering, measuring and fitting again with what the prediction missed. The first render tells what
/// was missed; what the second would tell is less than anybody hears (docs/fit.md).
const ROUNDS_FINE: usize = 4;
const ROUNDS: usize = 1;
/// A prediction this near to the render in tone is right, dB rms.
const PREDICTED_DB: f64 = 0.15;
/// Settings that are expected to come no nearer than this are not worth another render, dB rms.
const NEARER_DB: f64 = 0.05;

/// Drafts, renders, measures, and drafts again with what the prediction missed, until it misses nothing any more.
///
/// The correction is a shift of each third octave and of the loudness: what compression and limiting do to the tone, and what the
/// tables are too coarse for.
pub(crate) fn refine(
    source: &Source,
    measured: &Measured,
    surrogate: &Surrogate,
    aim: &Aim,
    options: &FitOptions,
    elsewhere: Option<&Elsewhere<'_>>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Refined, RenderError> {
    let before = &measured.analysis;
    let mut now = before.clone();
    let wish = wish_of_records(aim, before, options);
    let records = wish.as_ref();
    let distance = |after: &Analysis| match records {
        Some(wish) => wish_distance_db(wish, before, after, options),
        None => tone_distance(aim, after, options),
    };
    let bounded = |now: &Analysis| {
        let mut drafted = draft(surrogate, measured, now, aim, records, options);
        let settings = &mut drafted.settings;
        let held = elsewhere.map_or_else(Vec::new, |elsewhere| elsewhere.hold(surrogate, settings));
        if let Some(lufs) = wanted_lufs(before, aim, options).filter(|_| !held.is_empty()) {
            settings.drive_db = solve_drive(surrogate, settings, lufs);
        }
        (drafted, held)
    };
    let (Draft { mut settings, mut stopped }, mut held) = bounded(&now);
    let rounds = rounds(options);
    let mut best: Option<Tried> = None;
    let mut renders = 0;
    while renders < rounds && options.take.tone && !settings.equalizer.bands.is_empty() {
        let prepared = prepare(source, &settings)?;
        let mut report = |share| {
            progress(Progress::Confirming { render: renders + 1, renders_max: rounds, share });
        };
        let (after, rendered) = measure_all(&prepared, &settings, source.frames(), &mut report)?;
        renders += 1;
        let predicted = surrogate.predict(&settings).to_analysis(before);
        let missed_db = shift_tone(&mut now, before, &predicted, &after.analysis);
        let louder_lu =
            after.analysis.loudness.integrated_lufs.zip(predicted.loudness.integrated_lufs);
        let tried = Tried {
            distance: distance(&after.analysis),
            settings: settings.clone(),
            held: held.clone(),
            rendered: Some(rendered),
        };
        let nearer = best.as_ref().is_none_or(|best| tried.distance < best.distance);
        if nearer {
            best = Some(tried);
        }
        if missed_db < PREDICTED_DB {
            break;
        }
        progress(Progress::Fitting);
        let (next, next_held) = bounded(&now);
        (settings, stopped, held) = (next.settings, next.stopped, next_held);
        if let Some((after, predicted)) = louder_lu
            && let Some(lufs) = wanted_lufs(before, aim, options)
        {
            settings.drive_db = solve_drive(surrogate, &settings, lufs - (after - predicted));
        }
        let mut expected = surrogate.predict(&settings).to_analysis(before);
        add_missed(&mut expected, &now, before);
        let expected = distance(&expected);
        if best.as_ref().is_some_and(|best| expected > best.distance - NEARER_DB) {
            break;
        }
        if renders == rounds {
            let (settings, held) = (settings.clone(), held.clone());
            best = Some(Tried { distance: expected, settings, held, rendered: None });
        }
    }
    let found = best.unwrap_or(Tried { distance: 0.0, settings, held, rendered: None });
    let Tried { settings, held, rendered, .. } = found;
    Ok(Refined { settings, stopped, renders, wish, held, rendered })
}

/// Settings, how far they are from what is wanted, and what a render of them measured.
struct Tried {
    distance: f64,
    settings: Settings,
    held: Vec<Held>,
    rendered: Option<Rendered>,
}

/// Adds to a prediction what another one was found to miss.
fn add_missed(expected: &mut Analysis, now: &Analysis, before: &Analysis) {
    let add = |levels: &mut [Option<f64>], now: &[Option<f64>], before: &[Option<f64>]| {
        for (level, (now, before)) in levels.iter_mut().zip(now.iter().zip(before)) {
            let missed = now.zip(*before).map_or(0.0, |(now, before)| now - before);
            *level = level.map(|level| level + missed);
        }
    };
    let (to, now, before) = (&mut expected.spectrum, &now.spectrum, &before.spectrum);
    add(&mut to.level_db, &now.level_db, &before.level_db);
    add(&mut to.mid_level_db, &now.mid_level_db, &before.mid_level_db);
    add(&mut to.side_level_db, &now.side_level_db, &before.side_level_db);
}

/// How far the change of tone is from what records ask for, at the level where it is nearest, rms in dB.
fn wish_distance_db(
    wish: &RecordWish,
    before: &Analysis,
    after: &Analysis,
    options: &FitOptions,
) -> f64 {
    let levels = after.spectrum.level_db.iter().zip(&before.spectrum.level_db);
    let share = options.amounts.tone_share();
    let left: Vec<f64> = levels
        .zip(&wish.tone_db)
        .filter_map(|((after, before), wished)| Some((*after)? - (*before)? - share * (*wished)?))
        .collect();
    let count = left.len().max(1) as f64;
    let mean = left.iter().sum::<f64>() / count;
    (left.iter().map(|db| (db - mean) * (db - mean)).sum::<f64>() / count).sqrt()
}

/// What the refinement lowers: the tone distance of the whole, and with bands of their own that of mid and side.
fn tone_distance(aim: &Aim, after: &Analysis, options: &FitOptions) -> f64 {
    let whole = tone_error_db(aim, after).unwrap_or(0.0);
    if options.detail != Detail::Fine || !after.format.is_stereo() {
        return whole;
    }
    let rms = |channel| {
        let excess = crate::tone::part_excess_db(aim, after, channel);
        let values: Vec<f64> = excess.into_iter().flatten().collect();
        (values.iter().map(|db| db * db).sum::<f64>() / values.len().max(1) as f64).sqrt()
    };
    whole + 0.25 * rms(BandChannel::Mid) + 0.25 * rms(BandChannel::Side)
}

/// Sets `now` to the source plus what a render had more than its prediction, third octave by third octave; returns the
/// change against the last correction, in dB rms.
fn shift_tone(
    now: &mut Analysis,
    before: &Analysis,
    predicted: &Analysis,
    after: &Analysis,
) -> f64 {
    let level_db = after
        .loudness
        .integrated_lufs
        .zip(predicted.loudness.integrated_lufs)
        .map_or(0.0, |(after, predicted)| after - predicted);
    let shift = |now: &mut Vec<Option<f64>>,
                 before: &[Option<f64>],
                 predicted: &[Option<f64>],
                 after: &[Option<f64>]| {
        let (mut square, mut count) = (0.0, 0.0);
        for (index, now) in now.iter_mut().enumerate() {
            let (Some(before), Some(predicted), Some(after)) =
                (before[index], predicted[index], after[index])
            else {
                continue;
            };
            let missed = after - predicted - level_db;
            let change = before + missed - now.unwrap_or(before);
            *now = Some(before + missed);
            square += change * change;
            count += 1.0;
        }
        (square / f64::max(count, 1.0)).sqrt()
    };
    let (b, p, a) = (&before.spectrum, &predicted.spectrum, &after.spectrum);
    let spectrum = &mut now.spectrum;
    let whole = shift(&mut spectrum.level_db, &b.level_db, &p.level_db, &a.level_db);
    if let Some((evidence, before)) = spectrum.evidence.as_mut().zip(b.evidence.as_ref()) {
        let shifted = spectrum.level_db.iter().zip(&b.level_db);
        let log_means = before.log_mean_db.iter().zip(shifted).map(|(log_mean, (now, before))| {
            Some((*log_mean)? + now.zip(*before).map_or(0.0, |(now, before)| now - before))
        });
        evidence.log_mean_db = log_means.collect();
    }
    shift(&mut spectrum.mid_level_db, &b.mid_level_db, &p.mid_level_db, &a.mid_level_db);
    shift(&mut spectrum.side_level_db, &b.side_level_db, &p.side_level_db, &a.side_level_db);
    whole
}
