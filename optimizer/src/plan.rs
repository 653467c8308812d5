//! The whole way from measured sound and aim to confirmed settings.

use acetate_analyzer::{Analysis, Levels, Measured};
use acetate_audio::{DecodeError, Source};
use acetate_engine::Settings;
use acetate_references::Aim;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{AimRecord, Move, Numbers, ReferenceRecord, SettingsDocument, TargetRecord};
use crate::explain::{Leftover, explain, leftovers, summarize};
use crate::fit::{draft, wanted_lufs};
use crate::options::FitOptions;
use crate::surrogate::Surrogate;
use crate::verdict::Cannot;

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
    /// What a render was expected to measure, before any render.
    pub predicted: Analysis,
    /// What the confirming render measured; `None` when nothing had to be rendered.
    pub confirmed: Option<Levels>,
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
    /// How many confirming renders it took.
    pub renders: usize,
}

/// Finds the settings that bring `source` to `aim`, and confirms them with real renders.
///
/// # Errors
/// When the source cannot be read again.
pub fn fit(
    source: &Source,
    measured: &Measured,
    aim: &Aim,
    options: &FitOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<Fit, DecodeError> {
    progress(Progress::Fitting);
    let before = &measured.analysis;
    let surrogate = Surrogate::new(measured);
    let found = draft(&surrogate, measured, before, aim, options);
    let confirmed =
        crate::confirm::confirm(source, measured, aim, options, found.settings, progress)?;
    let predicted = surrogate.predict(&confirmed.settings).to_analysis(before);
    let wanted = wanted_lufs(before, aim, options);
    let change = before.loudness.integrated_lufs.zip(
        confirmed.levels.as_ref().map_or(predicted.loudness.integrated_lufs, |l| l.integrated_lufs),
    );
    Ok(Fit {
        moves: explain(&confirmed.settings, before, &predicted, aim, wanted),
        summary: summarize(&confirmed.settings, change.map(|(before, after)| after - before)),
        leftovers: leftovers(before, &predicted, aim, options),
        terms: crate::objective::terms(before, &predicted, aim, options),
        stopped: found.stopped,
        cannot: confirmed.cannot,
        renders: confirmed.renders,
        confirmed: confirmed.levels,
        settings: confirmed.settings,
        predicted,
    })
}

impl Fit {
    /// The settings document of this fit, without `source` and `made_by`, which the caller knows.
    pub fn document(&self, before: &Analysis, aim: &Aim, options: &FitOptions) -> SettingsDocument {
        SettingsDocument {
            summary: self.summary.clone(),
            aim: aim_record(before, aim, options),
            moves: self.moves.clone(),
            numbers: Numbers {
                before: Some(before.clone()),
                predicted: Some(self.predicted.clone()),
                after: None,
            },
            findings: before.findings.clone(),
            ..SettingsDocument::new(self.settings.clone())
        }
    }
}

/// What was aimed for, as the document has it; the caller adds the target's id and origin.
pub fn aim_record(before: &Analysis, aim: &Aim, options: &FitOptions) -> AimRecord {
    AimRecord {
        target: Some(TargetRecord {
            integrated_lufs: wanted_lufs(before, aim, options),
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
        ..AimRecord::default()
    }
}
