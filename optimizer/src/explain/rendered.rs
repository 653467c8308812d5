//! What a document says of settings that were not rendered as they were suggested.

use acetate_analyzer::{Analysis, Measured};
use acetate_engine::Settings;

use super::moves::explain;
use super::settings::setting_check;
use super::stages::{gain_move, limiter_move};
use super::summary::summarize;
use crate::document::{Mark, Move, SettingsDocument};
use crate::surrogate::Surrogate;

impl SettingsDocument {
    /// Makes moves, summary and prediction from the settings that were rendered, unless these are what `planned` says and
    /// for the same sound.
    ///
    /// `asked` are the settings before their loudness was solved again: a drive that the program chose is no edit.
    /// `source` is the sound they were rendered from, `after` what the written file measures.
    pub fn explain_rendered(
        &mut self,
        planned: &SettingsDocument,
        asked: &Settings,
        source: &Measured,
        after: &Analysis,
    ) {
        let before = &source.analysis;
        let edited = |step: &Move| is_edited(step, asked) || differs(planned, asked, &step.id);
        // Another format is another file, and the same moves.
        let output = planned.settings.output.clone();
        let unchanged = planned.settings == Settings { output, ..self.settings.clone() }
            && !planned.moves.iter().any(edited)
            && is_same_sound(planned, before);
        if unchanged && !planned.moves.is_empty() {
            return;
        }
        let aim = self.aim.aim();
        let target = self.aim.target.as_ref();
        // Without a rule about it, the loudness of the source is what is wanted.
        let wanted_lufs =
            target.and_then(|target| target.integrated_lufs.or(before.loudness.integrated_lufs));
        let mut moves = explain(&self.settings, before, after, &aim, wanted_lufs);
        let has = |moves: &[Move], id: &str| moves.iter().any(|step| step.id == id);
        if self.settings.drive_db != 0.0 && !has(&moves, "drive") {
            moves.push(gain_move(&self.settings));
        }
        let limiter_edited = planned.settings.limiter != asked.limiter && !has(&moves, "drive");
        match planned.moves.iter().find(|plan| plan.id == "limiter") {
            Some(plan) if !edited(plan) => moves.push(plan.clone()),
            None if !limiter_edited => {}
            _ => moves.push(limiter_move(&self.settings)),
        }
        for step in &mut moves {
            let plan = planned.moves.iter().find(|plan| plan.id == step.id);
            step.setting_check = plan.and_then(|plan| plan.setting_check.clone());
            step.mark = match plan {
                Some(plan) if !edited(plan) => Mark::Suggested,
                _ => Mark::Edited,
            };
        }
        let left_out = planned.moves.iter().filter(|plan| !has(&moves, &plan.id));
        let left_out: Vec<Move> = left_out
            .map(|plan| Move { mark: Mark::LeftOut, expected: plan.measured, ..plan.clone() })
            .collect();
        moves.extend(left_out);
        self.moves = moves;
        let lufs = after.loudness.integrated_lufs;
        self.summary = summarize(&self.settings, before, lufs, self.cannot.as_ref());
        let predicted =
            Surrogate::new(source).predict(&self.settings).predicted(before, &self.settings);
        self.numbers.predicted = Some(predicted);
    }
}

/// Is the setting that a move speaks of another one than was suggested?
fn is_edited(step: &Move, settings: &Settings) -> bool {
    // A move that nobody suggested stays an edit.
    let nobodys = step.mark == Mark::Edited && step.setting_check.is_none();
    let check = setting_check(settings, &step.id);
    nobodys || (step.setting_check.is_some() && step.setting_check != check)
}

/// Was the setting changed after the document was read?
fn differs(planned: &SettingsDocument, asked: &Settings, id: &str) -> bool {
    setting_check(&planned.settings, id) != setting_check(asked, id)
}

/// Does the document tell of this very sound? A document without numbers tells of none.
fn is_same_sound(planned: &SettingsDocument, before: &Analysis) -> bool {
    const SAME_LU: f64 = 0.01;
    let made_for = planned.numbers.before.as_ref();
    let lufs = made_for.and_then(|made_for| made_for.loudness.integrated_lufs);
    let frames = made_for.map(|made_for| made_for.format.frames);
    let near = |lufs: f64, other: f64| (lufs - other).abs() < SAME_LU;
    lufs.zip(before.loudness.integrated_lufs).is_some_and(|(lufs, other)| near(lufs, other))
        && frames == Some(before.format.frames)
}
