//! The whole way from measured sound and aim to confirmed settings.

use acetate_analyzer::{Analysis, Finding, Levels, Measured, codes};
use acetate_audio::Source;
use acetate_engine::{LimiterTrace, RenderError, Settings, prepare};
use acetate_references::Aim;

use crate::confirm::{self, settle, settle_from};
use crate::damage::{self, hold_damage};
use crate::document::{
    AimRecord, Move, Numbers, ReferenceRecord, SettingsDocument, TargetRecord, ToneRecord,
};
use crate::elsewhere::{Elsewhere, Held};
use crate::explain::{Leftover, explain, leftovers, remarks, setting_check, summarize};
use crate::loudness::solve_drive;
use crate::matching::RecordWish;
use crate::objective::Term;
use crate::options::FitOptions;
use crate::progress::Progress;
use crate::refine::{refine, rounds};
use crate::surrogate::{Surrogate, forget_faint_sides};
use crate::trade::{Eased, ease};
use crate::trial::Settled;
use crate::verdict::Cannot;
use crate::wanted::{Level, wanted_level, wanted_lufs, wanted_rms_dbfs};

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
    let elsewhere = match options.hold_elsewhere {
        true => Elsewhere::listen(source, measured)?,
        false => None,
    };
    let elsewhere = elsewhere.as_ref();
    let mut report = phases.next(0);
    let found = refine(source, measured, &surrogate, aim, options, elsewhere, &mut report)?;
    drop(report);
    let prepared = prepare(source, &found.settings)?;
    let mut confirmed = settle_from(
        &prepared,
        source.frames(),
        &surrogate,
        found.settings,
        found.rendered,
        level,
        &mut phases.next(rounds(options)),
    )?;
    if !options.force {
        let mut report = phases.next(confirm::RENDERS_MAX);
        confirmed = hold_damage(source, &prepared, confirmed, options.max_damage_db, &mut report)?;
    }
    let mut eased = None;
    if let Some((louder, told)) = give_way(source, &surrogate, &confirmed, level, options)? {
        confirmed = louder;
        eased = Some(told);
    }
    if let Some((cannot, stray)) = confirmed.cannot.as_mut().zip(stray_sample(before)) {
        cannot.lever = format!("{}: {}", stray.text, stray.advice);
    }
    let prediction = surrogate.predict(&confirmed.settings);
    let mut predicted = prediction.to_analysis(before);
    predicted.loudness.integrated_lufs = confirmed.levels.integrated_lufs;
    let mut spoken_of = predicted.clone();
    forget_faint_sides(&mut spoken_of);
    let mut moves = explain(&confirmed.settings, before, &spoken_of, aim, wanted);
    moves.extend(remarks(aim.hearing.as_ref(), options));
    moves.extend(found.held.iter().map(Held::remark));
    if let Some((eased, lufs)) = eased.zip(confirmed.levels.integrated_lufs) {
        let step = moves.iter_mut().find(|step| step.id == eased.id || step.id == "drive");
        step.into_iter().for_each(|step| step.text = format!("{} {}", step.text, eased.text(lufs)));
    }
    Ok(Fit {
        moves,
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

/// Where the loudness was missed because of a move: the same with less of that move, when that is louder.
fn give_way(
    source: &Source,
    surrogate: &Surrogate,
    missed: &Settled,
    level: Option<Level>,
    options: &FitOptions,
) -> Result<Option<(Settled, Eased)>, RenderError> {
    let Some(cannot) = &missed.cannot else { return Ok(None) };
    let shortfall_lu = cannot.wanted_lufs - cannot.reached_lufs;
    let Some((mut settings, eased)) = ease(surrogate, &missed.settings, shortfall_lu) else {
        return Ok(None);
    };
    if let Some(Level::Lufs(lufs)) = level {
        settings.drive_db = solve_drive(surrogate, &settings, lufs);
    }
    let prepared = prepare(source, &settings)?;
    let mut silent = |_| {};
    let mut louder = settle(&prepared, source.frames(), surrogate, settings, level, &mut silent)?;
    if !options.force {
        louder = hold_damage(source, &prepared, louder, options.max_damage_db, &mut silent)?;
    }
    louder.renders += missed.renders;
    let gained = louder.levels.integrated_lufs.zip(missed.levels.integrated_lufs);
    let worth = gained.is_some_and(|(louder, before)| louder > before + GAINED_LU);
    Ok(worth.then_some((louder, eased)))
}

/// A move gives way when that brings this much loudness, LU.
const GAINED_LU: f64 = 0.3;

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
        hearing: aim.hearing.clone(),
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
