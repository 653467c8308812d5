//! The whole way from measured sound and aim to confirmed settings.

use acetate_analyzer::{Analysis, Finding, Levels, Measured, codes};
use acetate_audio::Source;
use acetate_engine::settings::BandChannel;
use acetate_engine::{LimiterTrace, RenderError, Settings, prepare};
use acetate_references::Aim;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::confirm::{self, Settled, measure_all, settle};
use crate::damage::{self, hold_damage};
use crate::document::{
    AimRecord, Move, Numbers, ReferenceRecord, SettingsDocument, TargetRecord, ToneRecord,
};
use crate::explain::{Leftover, explain, leftovers, setting_check, summarize};
use crate::fit::{draft, wanted_level, wanted_lufs, wanted_rms_dbfs, wish_of_records};
use crate::matching::RecordWish;
use crate::options::{Detail, FitOptions};
use crate::surrogate::Surrogate;
use crate::verdict::{Cannot, tone_error_db};

/// What is going on, for a progress line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Progress {
    /// Searching with predictions.
    Fitting,
    /// Rendering to confirm, counted from 1.
    Confirming {
        /// Which render this is.
        render: usize,
        /// Most there can be.
        renders_max: usize,
        /// How much of it is done, 0 to 1.
        share: f64,
    },
}

/// One named part of the objective; 1 is as bad as one tolerance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Term {
    /// Its name.
    pub name: String,
    /// Its value for the source as it is.
    pub before: f64,
    /// Its value for what is predicted.
    pub after: f64,
}

/// Settings that were found and confirmed, and everything that explains them.
#[derive(Clone, Debug)]
pub struct Fit {
    /// What to do. Rendering it gives the very bytes that were confirmed.
    pub settings: Settings,
    /// What the render is expected to measure: its levels as the confirming render had them, the rest predicted; what is
    /// neither is absent.
    pub predicted: Analysis,
    /// What the confirming render measured.
    pub confirmed: Levels,
    /// Why, move by move.
    pub moves: Vec<Move>,
    /// The whole in one sentence.
    pub summary: String,
    /// What stays away from the aim, and why.
    pub leftovers: Vec<Leftover>,
    /// The objective, term by term.
    pub terms: Vec<Term>,
    /// Solvers and why they stopped.
    pub stopped: Vec<(&'static str, &'static str)>,
    /// Why the loudness could not be had.
    pub cannot: Option<Cannot>,
    /// How many renders it took.
    pub renders: usize,
    /// What the limiter did in the confirming render.
    pub trace: LimiterTrace,
    /// What records asked for; `None` without records.
    pub wish: Option<RecordWish>,
}

/// Finds the settings that bring `source` to `aim`, and confirms them with real renders.
///
/// # Errors
/// When the source cannot be read again, or an option is out of the engine's range.
pub fn fit(
    source: &Source,
    measured: &Measured,
    aim: &Aim,
    options: &FitOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<Fit, RenderError> {
    progress(Progress::Fitting);
    let before = &measured.analysis;
    let surrogate = Surrogate::new(measured);
    let wanted = wanted_lufs(before, aim, options);
    let level = wanted_level(before, aim, options);
    let mut phases = Phases { progress, begin: 0, renders_max: renders_max(options) };
    let found = refine(source, measured, &surrogate, aim, options, &mut phases.next(0))?;
    let prepared = prepare(source, &found.settings)?;
    let mut confirmed = settle(
        &prepared,
        source.frames(),
        &surrogate,
        found.settings,
        level,
        &mut phases.next(rounds(options)),
    )?;
    if !options.force {
        let mut report = phases.next(confirm::RENDERS_MAX);
        confirmed = hold_damage(source, &prepared, confirmed, options.max_damage_db, &mut report)?;
    }
    if let Some((cannot, stray)) = confirmed.cannot.as_mut().zip(stray_sample(before)) {
        cannot.lever = format!("{}: {}", stray.text, stray.advice);
    }
    let prediction = surrogate.predict(&confirmed.settings);
    let mut predicted = prediction.to_analysis(before);
    predicted.loudness.integrated_lufs = confirmed.levels.integrated_lufs;
    Ok(Fit {
        moves: explain(&confirmed.settings, before, &predicted, aim, wanted),
        summary: summarize(
            &confirmed.settings,
            before,
            confirmed.levels.integrated_lufs,
            confirmed.cannot.as_ref(),
        ),
        leftovers: leftovers(before, &predicted, aim, options),
        terms: crate::objective::terms(before, &predicted, aim, options),
        stopped: found.stopped,
        cannot: confirmed.cannot,
        renders: confirmed.renders + found.renders,
        predicted: prediction.confirmed(before, &confirmed.settings, &confirmed.levels),
        confirmed: confirmed.levels,
        trace: confirmed.trace,
        settings: confirmed.settings,
        wish: found.wish,
    })
}

/// The sample that leaves no room for the rest, where there is one.
fn stray_sample(before: &Analysis) -> Option<&Finding> {
    before.findings.iter().find(|finding| finding.code == codes::STRAY_SAMPLE)
}

/// The phases of a fit one after the other, as one progress that never runs backwards.
struct Phases<'a> {
    progress: &'a mut dyn FnMut(Progress),
    /// Most renders of the phases before this one.
    begin: usize,
    /// Most renders of all phases.
    renders_max: usize,
}

impl Phases<'_> {
    /// The progress of the next phase, after one that may have taken `renders`.
    fn next(&mut self, renders: usize) -> impl FnMut(Progress) + '_ {
        self.begin += renders;
        |step| {
            (self.progress)(match step {
                Progress::Confirming { render, share, .. } => Progress::Confirming {
                    render: self.begin + render,
                    renders_max: self.renders_max,
                    share,
                },
                Progress::Fitting => Progress::Fitting,
            });
        }
    }
}

/// Most renders of a fit: to refine, to settle the loudness, and to hold the damage.
fn renders_max(options: &FitOptions) -> usize {
    let damage = if options.force { 0 } else { damage::RENDERS_MAX };
    rounds(options) + confirm::RENDERS_MAX + damage
}

/// Most renders to refine.
fn rounds(options: &FitOptions) -> usize {
    if options.detail == Detail::Fine { ROUNDS_FINE } else { ROUNDS }
}

/// Settings that a render has been measured with, as often as the detail asks for.
struct Refined {
    settings: Settings,
    stopped: Vec<(&'static str, &'static str)>,
    renders: usize,
    wish: Option<RecordWish>,
}

/// Most rounds of fitting, rendering, measuring and fitting again with what the prediction missed.
const ROUNDS_FINE: usize = 4;
const ROUNDS: usize = 2;
/// A prediction this near to the render in tone is right, dB rms.
const PREDICTED_DB: f64 = 0.15;

/// Drafts, renders, measures, and drafts again with what the prediction missed, until it misses nothing any more.
///
/// The correction is a shift of each third octave: what compression and limiting do to the tone, and what the tables are
/// too coarse for.
fn refine(
    source: &Source,
    measured: &Measured,
    surrogate: &Surrogate,
    aim: &Aim,
    options: &FitOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<Refined, RenderError> {
    let before = &measured.analysis;
    let mut now = before.clone();
    let wish = wish_of_records(aim, before, options);
    let records = wish.as_ref();
    let mut found = draft(surrogate, measured, &now, aim, records, options);
    let rounds = rounds(options);
    let mut best: Option<(f64, Settings)> = None;
    let mut renders = 0;
    for round in 1..=rounds {
        let tone_can_move = options.take.tone && !found.settings.equalizer.bands.is_empty();
        if !tone_can_move {
            break;
        }
        let prepared = prepare(source, &found.settings)?;
        let mut report = |share| {
            progress(Progress::Confirming { render: round, renders_max: rounds, share });
        };
        let after = measure_all(&prepared, &found.settings, source.frames(), &mut report)?;
        renders += 1;
        let distance = match records {
            Some(wish) => wish_distance_db(wish, before, &after.analysis, options),
            None => tone_distance(aim, &after.analysis, options),
        };
        if best.as_ref().is_none_or(|(least, _)| distance < *least) {
            best = Some((distance, found.settings.clone()));
        }
        let predicted = surrogate.predict(&found.settings).to_analysis(&measured.analysis);
        let missed = shift_tone(&mut now, &measured.analysis, &predicted, &after.analysis);
        if missed < PREDICTED_DB || round == rounds {
            break;
        }
        progress(Progress::Fitting);
        found = draft(surrogate, measured, &now, aim, records, options);
    }
    let settings = best.map_or(found.settings, |(_, settings)| settings);
    Ok(Refined { settings, stopped: found.stopped, renders, wish })
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

impl Fit {
    /// Takes settings that were settled again, and what they are expected to measure now.
    pub fn resettle(&mut self, measured: &Measured, settled: Settled) {
        self.predicted = Surrogate::new(measured).predict(&settled.settings).confirmed(
            &measured.analysis,
            &settled.settings,
            &settled.levels,
        );
        self.settings = settled.settings;
        self.confirmed = settled.levels;
        self.trace = settled.trace;
        self.renders += settled.renders;
    }

    /// The settings document of this fit, without `source` and `made_by`, which the caller knows.
    pub fn document(&self, before: &Analysis, aim: &Aim, options: &FitOptions) -> SettingsDocument {
        SettingsDocument {
            summary: self.summary.clone(),
            aim: aim_record(before, aim, options),
            moves: self
                .moves
                .iter()
                .map(|step| Move {
                    setting_check: setting_check(&self.settings, &step.id),
                    ..step.clone()
                })
                .collect(),
            numbers: Numbers {
                before: Some(before.clone()),
                predicted: Some(self.predicted.clone()),
                after: None,
            },
            findings: before.findings.clone(),
            cannot: self.cannot.clone(),
            ..SettingsDocument::new(self.settings.clone())
        }
    }
}

/// What was aimed for, as the document has it; the caller adds the target's id and origin.
pub fn aim_record(before: &Analysis, aim: &Aim, options: &FitOptions) -> AimRecord {
    let rms_dbfs = wanted_rms_dbfs(before, aim, options);
    AimRecord {
        target: Some(TargetRecord {
            integrated_lufs: wanted_lufs(before, aim, options).filter(|_| rms_dbfs.is_none()),
            rms_dbfs,
            true_peak_dbtp: options.ceiling_dbtp.unwrap_or(aim.ceiling_dbtp),
            ..TargetRecord::default()
        }),
        references: aim
            .references
            .iter()
            .map(|reference| ReferenceRecord {
                id: reference.id.clone(),
                weight: reference.weight,
                ..ReferenceRecord::default()
            })
            .collect(),
        style: aim.style.as_ref().map(|style| style.id.clone()),
        take: options.take.names(),
        amount_pct: options.amounts,
        tone: ToneRecord::of(aim),
        ..AimRecord::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_never_runs_backwards_from_phase_to_phase() {
        let options = FitOptions::default();
        let mut done = vec![0.0];
        let mut report = |step| {
            if let Progress::Confirming { render, renders_max, share } = step {
                done.push((render as f64 - 1.0 + share) / renders_max as f64);
            }
        };
        let most = renders_max(&options);
        let mut phases = Phases { progress: &mut report, begin: 0, renders_max: most };
        for (renders_before, renders) in
            [(0, 1), (rounds(&options), 3), (confirm::RENDERS_MAX, damage::RENDERS_MAX)]
        {
            let mut phase = phases.next(renders_before);
            for render in 1..=renders {
                for share in [0.0, 0.5, 1.0] {
                    phase(Progress::Confirming { render, renders_max: renders, share });
                }
            }
        }
        assert!(done.is_sorted(), "{done:?}");
        assert_eq!(done.last(), Some(&1.0));
    }
}
