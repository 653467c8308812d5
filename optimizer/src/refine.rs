//! Draft, render, measure, and draft again with what the prediction missed.

use acetate_analyzer::Analysis;
use acetate_engine::settings::BandChannel;
use acetate_engine::{RenderError, Settings};
use acetate_references::Aim;

use crate::elsewhere::{Elsewhere, Held};
use crate::fit::{Draft, draft, wish_of_records};
use crate::loudness::solve_drive;
use crate::matching::RecordWish;
use crate::options::{Detail, FitOptions};
use crate::progress::Progress;
use crate::subject::Subject;
use crate::trial::{Rendered, measure_all};
use crate::verdict::tone_error_db;
use crate::wanted::wanted_lufs;

/// Settings that were drafted, and why they are so.
#[derive(Clone)]
pub(crate) struct Drafted {
    pub(crate) settings: Settings,
    stopped: Vec<(&'static str, &'static str)>,
    /// What they do not take from other systems.
    held: Vec<Held>,
}

/// Settings that renders have corrected, and what is known of them.
pub(crate) struct Refined {
    pub(crate) settings: Settings,
    pub(crate) stopped: Vec<(&'static str, &'static str)>,
    /// How many renders of the trial's subject it took.
    pub(crate) renders: usize,
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

/// How settings for a song are drafted, and judged by what they are expected to measure.
pub(crate) struct Drafting<'a> {
    song: Subject<'a>,
    aim: &'a Aim,
    options: &'a FitOptions,
    elsewhere: Option<&'a Elsewhere<'a>>,
    /// What records ask for.
    pub(crate) wish: Option<RecordWish>,
}

impl<'a> Drafting<'a> {
    pub(crate) fn new(
        song: Subject<'a>,
        aim: &'a Aim,
        options: &'a FitOptions,
        elsewhere: Option<&'a Elsewhere<'a>>,
    ) -> Self {
        let wish = wish_of_records(aim, &song.measured.analysis, options);
        Self { song, aim, options, elsewhere, wish }
    }

    /// The settings that predictions like best when the song is compared with the aim as `now` has it.
    pub(crate) fn draft(&self, now: &Analysis) -> Drafted {
        let Self { song: Subject { measured, surrogate, .. }, aim, options, elsewhere, .. } = *self;
        let Draft { mut settings, stopped } =
            draft(surrogate, measured, now, aim, self.wish.as_ref(), options);
        let held =
            elsewhere.map_or_else(Vec::new, |elsewhere| elsewhere.hold(surrogate, &mut settings));
        if let Some(lufs) = self.wanted_lufs().filter(|_| !held.is_empty()) {
            settings.drive_db = solve_drive(surrogate, &settings, lufs);
        }
        Drafted { settings, stopped, held }
    }

    /// Is it rendered what they do to the tone? Not where they do nothing.
    pub(crate) fn refines(&self, settings: &Settings) -> bool {
        self.options.take.tone && !settings.equalizer.bands.is_empty()
    }

    /// Renders trials of what was drafted, and drafts again with what the prediction missed, until it misses nothing any more.
    ///
    /// The correction is a shift of each third octave and of the loudness: what compression and limiting do to the tone, and what the
    /// tables are too coarse for. What a medley shows of that counts for the song.
    pub(crate) fn refine(
        &self,
        mut drafted: Drafted,
        trial: &Subject<'_>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Refined, RenderError> {
        let before = &self.song.measured.analysis;
        let mut now = before.clone();
        let rounds = rounds(self.options);
        let mut best: Option<Tried> = None;
        let mut renders = 0;
        while renders < rounds && self.refines(&drafted.settings) {
            let settings = drafted.settings.clone();
            let prepared = trial.prepare(&settings)?;
            let mut report = |share| {
                progress(Progress::Confirming { render: renders + 1, renders_max: rounds, share });
            };
            let (after, rendered) = measure_all(trial, &prepared, &settings, &mut report)?;
            renders += 1;
            let predicted = trial.predict(&settings);
            let predicted = predicted.to_analysis(&trial.measured.analysis);
            let missed_db = shift_tone(&mut now, before, &predicted, &after.analysis);
            let louder_lu =
                after.analysis.loudness.integrated_lufs.zip(predicted.loudness.integrated_lufs);
            let distance = match trial.is_whole() {
                true => self.distance(&after.analysis),
                false => self.expected_distance(&settings, &now),
            };
            if best.as_ref().is_none_or(|best| distance < best.distance) {
                let rendered = trial.is_whole().then_some(rendered);
                best = Some(Tried { distance, drafted: drafted.clone(), rendered });
            }
            if missed_db < PREDICTED_DB {
                break;
            }
            progress(Progress::Fitting);
            drafted = self.draft(&now);
            if let Some(((after, predicted), lufs)) = louder_lu.zip(self.wanted_lufs()) {
                let settings = &mut drafted.settings;
                settings.drive_db =
                    solve_drive(self.song.surrogate, settings, lufs - (after - predicted));
            }
            let distance = self.expected_distance(&drafted.settings, &now);
            if best.as_ref().is_some_and(|best| distance > best.distance - NEARER_DB) {
                break;
            }
            if renders == rounds {
                best = Some(Tried { distance, drafted: drafted.clone(), rendered: None });
            }
        }
        let best = best.unwrap_or(Tried { distance: 0.0, drafted, rendered: None });
        let Tried { drafted: Drafted { settings, stopped, held }, rendered, .. } = best;
        Ok(Refined { settings, stopped, renders, held, rendered })
    }

    fn wanted_lufs(&self) -> Option<f64> {
        wanted_lufs(&self.song.measured.analysis, self.aim, self.options)
    }

    /// How far a measured render is from what is wanted, dB.
    fn distance(&self, after: &Analysis) -> f64 {
        let before = &self.song.measured.analysis;
        match &self.wish {
            Some(wish) => wish_distance_db(wish, before, after, self.options),
            None => tone_distance(self.aim, after, self.options),
        }
    }

    /// The same of what is expected: the prediction, and what another one was found to miss.
    fn expected_distance(&self, settings: &Settings, now: &Analysis) -> f64 {
        let before = &self.song.measured.analysis;
        let mut expected = self.song.surrogate.predict(settings).to_analysis(before);
        add_missed(&mut expected, now, before);
        self.distance(&expected)
    }
}

/// A draft, how far it is from what is wanted, and what a render of it measured.
struct Tried {
    distance: f64,
    drafted: Drafted,
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
