//! The whole way from measured sound and aim to confirmed settings.

use std::sync::Arc;

use acetate_analyzer::{Analysis, Finding, Levels, Measured, codes};
use acetate_audio::Source;
use acetate_engine::{LimiterTrace, RenderError, Settings};
use acetate_references::Aim;

use crate::document::{
    AimRecord, Move, Numbers, ReferenceRecord, SettingsDocument, TargetRecord, ToneRecord,
};
use crate::elsewhere::{Elsewhere, Held};
use crate::explain::{Leftover, explain, far_record, leftovers, remarks, setting_check, summarize};
use crate::kept::Kept;
use crate::matching::RecordWish;
use crate::medley::Medley;
use crate::objective::Term;
use crate::options::FitOptions;
use crate::progress::Progress;
use crate::refine::{Drafting, rounds};
use crate::solve::{confirm_on, limits, solve, solve_max};
use crate::subject::Subject;
use crate::surrogate::{Surrogate, forget_faint_sides};
use crate::trial::Settled;
use crate::verdict::Cannot;
use crate::wanted::{wanted_level, wanted_lufs, wanted_rms_dbfs};

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
    /// How many renders of the whole song it took.
    pub renders: usize,
    /// How many renders of a medley of it went before them; none of a song that is short.
    pub trials: usize,
    /// What the limiter did in the confirming render.
    pub trace: LimiterTrace,
    /// What records asked for; `None` without records.
    pub wish: Option<RecordWish>,
    /// The confirming render, where it was of these very settings and was to be kept.
    pub kept: Option<Arc<Kept>>,
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
    fit_keeping(source, measured, aim, options, 0, progress)
}

/// As [`fit`](fit()); the confirming render is kept up to `keeps_bytes` of samples, so that it need not be made again to be written.
///
/// # Errors
/// As [`fit`](fit()).
pub fn fit_keeping(
    source: &Source,
    measured: &Measured,
    aim: &Aim,
    options: &FitOptions,
    keeps_bytes: u64,
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
    let song = Subject::song(source, measured, &surrogate).keeping(keeps_bytes);
    let drafting = Drafting::new(song, aim, options, elsewhere.as_ref());
    let first = drafting.draft(before);
    let medley = match drafting.refines(&first.settings) || limits(&surrogate, &first.settings) {
        true => Medley::of(source, measured)?,
        false => None,
    };
    let of_medley = medley.as_ref().map(|medley| Surrogate::new(&medley.measured));
    let trial = match medley.as_ref().zip(of_medley.as_ref()) {
        Some((medley, surrogate)) => Subject::medley(medley, surrogate, &song),
        None => song,
    };
    let found = drafting.refine(first, &trial, &mut phases.next(0))?;
    let first = (found.settings, found.rendered);
    let mut solved =
        solve(&trial, &song, first, level, options, &mut phases.next(rounds(options)))?;
    let eased = solved.eased.take();
    let (mut renders, mut trials) = (found.renders + solved.settled.renders, 0);
    let mut confirmed = if trial.is_whole() {
        solved.settled
    } else {
        let mut report = phases.next(solve_max(options));
        let confirmed = confirm_on(&song, solved, level, options, &mut report)?;
        (renders, trials) = (confirmed.renders, renders);
        confirmed
    };
    if let Some((cannot, stray)) = confirmed.cannot.as_mut().zip(stray_sample(before)) {
        cannot.lever = format!("{}: {}", stray.text, stray.advice);
    }
    let prediction = surrogate.predict(&confirmed.settings);
    let mut predicted = prediction.to_analysis(before);
    predicted.loudness.integrated_lufs = confirmed.levels.integrated_lufs;
    let mut spoken_of = predicted.clone();
    forget_faint_sides(&mut spoken_of);
    let mut moves = explain(&confirmed.settings, before, &spoken_of, aim, wanted);
    moves.extend(drafting.wish.as_ref().and_then(far_record));
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
        renders,
        trials,
        predicted: prediction.confirmed(before, &confirmed.settings, &confirmed.levels),
        confirmed: confirmed.levels,
        trace: confirmed.trace,
        kept: confirmed.kept,
        settings: confirmed.settings,
        wish: drafting.wish,
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

/// Most renders of a fit: to refine, to solve, and to confirm.
fn renders_max(options: &FitOptions) -> usize {
    rounds(options) + 2 * solve_max(options)
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
        self.kept = settled.kept;
        self.renders += settled.renders;
    }

    /// Says the whole anew, after something was changed.
    pub fn retell(&mut self, before: &Analysis) {
        let lufs = self.predicted.loudness.integrated_lufs;
        self.summary = summarize(&self.settings, before, lufs, self.cannot.as_ref());
        let drive = self.moves.iter_mut().find(|step| step.id == "drive" && step.unit == "LUFS");
        if let Some((drive, lufs)) = drive.zip(lufs) {
            drive.expected = (lufs * 10.0).round() / 10.0;
        }
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
            [(0, 1), (rounds(&options), 3), (solve_max(&options), solve_max(&options))]
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
