//! One delivery: a source brought to a target, written and verified.

use acetate_analyzer::Analysis;
use acetate_optimizer::{
    Fit, FitOptions, MadeBy, Progress as FitProgress, SettingsDocument, SourceRecord, Verdict,
    aim_record, fit, verify,
};
use acetate_references::{Aim, Target};

use crate::aiming::Wishes;
use crate::checking::{CodecPeak, Evidence, Outcome as RuleOutcome, TargetCheck, check, codec};
use crate::failure::{Failure, Outcome};
use crate::headroom::{Limits, make_room};
use crate::inputs::Input;
use crate::invocation;
use crate::progress::Progress;
use crate::reading::{Track, because};
use crate::writing::Rendered;

/// A fit with everything that is needed to render and judge it.
#[derive(Debug)]
pub(crate) struct Decision {
    pub(crate) aim: Aim,
    pub(crate) options: FitOptions,
    pub(crate) fit: Fit,
    pub(crate) document: SettingsDocument,
}

/// Decides what to do to `track` for `target`.
///
/// # Errors
/// When the source cannot be read again, or is nothing to master.
pub(crate) fn decide(
    track: &Track,
    target: &Target,
    wishes: &Wishes,
    options: FitOptions,
    progress: &Progress,
) -> Outcome<Decision> {
    let name = track.input.name();
    let before = &track.measured.analysis;
    if before.loudness.integrated_lufs.is_none() {
        return Err(nothing_to_master(&name, before));
    }
    let mut aim = wishes.aim(before, target)?;
    if let Some(lufs) =
        aim_record(before, &aim, &options).target.and_then(|aim| aim.integrated_lufs)
    {
        aim.ceiling_dbtp = target.ceiling_dbtp_at(lufs);
    }
    let stage = progress.stage("Fitting", &name, None);
    let mut report = |step: FitProgress| {
        if let FitProgress::Confirming { render, renders_max, share } = step {
            stage.set((render as f64 - 1.0 + share) / renders_max.max(1) as f64);
        }
    };
    let mut fit = fit(&track.source, &track.measured, &aim, &options, &mut report)
        .map_err(|error| because(&error).about(&name))?;
    let wanted = aim_record(before, &aim, &options).target;
    let limits = Limits {
        ceiling_dbtp: options.ceiling_dbtp.unwrap_or(aim.ceiling_dbtp),
        lufs: wanted.and_then(|target| target.integrated_lufs),
        max_damage_db: if options.force { f64::INFINITY } else { options.max_damage_db },
    };
    make_room(track, target, &mut fit, limits, progress)?;
    let mut document = fit.document(before, &aim, &options);
    document.source = Some(source_record(track));
    document.made_by = Some(made_by(&track.input, options.seed, Some(wishes.md5())));
    if let Some(record) = &mut document.aim.target {
        record.describe(target);
        record.by_default = !wishes.target_asked();
    }
    Ok(Decision { aim, options, fit, document })
}

/// Why a sound without a loudness cannot be mastered: silent, too short, or all of it below what loudness counts.
fn nothing_to_master(name: &str, before: &Analysis) -> Failure {
    const BLOCK_S: f64 = 0.4;
    let Some(peak_dbfs) = before.loudness.sample_peak_dbfs else {
        return Failure::refused(format!("{name}: is silent")).next("there is nothing to master");
    };
    if before.format.duration_s < BLOCK_S {
        return Failure::refused(format!(
            "{name}: is {:.2} s long, and loudness needs 0.4 s",
            before.format.duration_s
        ))
        .next("there is nothing to master");
    }
    let gain_db = (-6.0 - peak_dbfs).clamp(0.0, 60.0).floor();
    Failure::refused(format!(
        "{name}: is not silent, but nowhere louder than -70 LUFS (peak {peak_dbfs:.1} dBFS), so it has no loudness to aim from"
    ))
    .next(format!(
        "plain gain brings it up, noise and all: save {{\"schema\":\"acetate.settings/1\",\"settings\":{{\"drive_db\":{gain_db}}}}} as gain.json, then acetate apply gain.json {name}"
    ))
}

impl Decision {
    /// Whether the written file is what was asked for, and what the target takes.
    pub(crate) fn verdict(
        &self,
        before: &Analysis,
        target: &Target,
        written: &Rendered,
    ) -> Verdict {
        let mut verdict = verify(before, &written.after.analysis, &self.aim, &self.options);
        verdict.cannot = self.fit.cannot.clone();
        verdict.delivery = Some(delivery(target, written));
        verdict
    }
}

/// The rules of `target`, judged on a file that was written here.
pub(crate) fn delivery(target: &Target, rendered: &Rendered) -> TargetCheck {
    let codecs: Vec<CodecPeak> =
        codec::of_target(target).into_iter().map(|codec| codec.peak(rendered.path())).collect();
    let evidence = Evidence {
        codecs: &codecs,
        limiting_db: Some(rendered.trace.reduction_db_max()),
        ..Evidence::default()
    };
    check(&rendered.after.analysis, target, evidence)
}

/// The rules of `target`, judged on what the file is expected to measure.
pub(crate) fn expected_delivery(track: &Track, target: &Target, fit: &Fit) -> TargetCheck {
    let expected = fit.expected(&track.measured.analysis);
    let limiting_db = Some(fit.trace.reduction_db_max());
    check(&expected, target, Evidence { limiting_db, ..Evidence::default() })
}

/// Says how the rules came out: a line for all, and one for each that was not simply met.
pub(crate) fn say_delivery(verb: &str, judged: &TargetCheck, progress: &Progress) {
    let summary = judged.tally();
    if judged.ok {
        progress.done(verb, &summary)
    } else {
        progress.note(verb, &summary)
    }
    for (outcome, word) in
        [(RuleOutcome::Fail, "Broken"), (RuleOutcome::Warn, "Note"), (RuleOutcome::Notice, "Note")]
    {
        for rule in judged.with(outcome) {
            progress.note(word, &format!("{} {}", rule.code, rule.text));
        }
    }
}

/// The sound a document was made for.
pub(crate) fn source_record(track: &Track) -> SourceRecord {
    let format = &track.measured.analysis.format;
    SourceRecord {
        name: track.input.short_name(),
        pcm_md5: track.pcm_md5.clone(),
        format: format.container.clone(),
        sample_rate_hz: format.sample_rate_hz,
        bits: format.bits,
        channels: format.channels,
        duration_s: format.duration_s,
        ..SourceRecord::default()
    }
}

/// This program, and the command that makes the same again.
pub(crate) fn made_by(input: &Input, seed: u64, wishes_md5: Option<String>) -> MadeBy {
    let mut extra = serde_json::Map::new();
    extra.extend(wishes_md5.map(|md5| ("wishes_md5".to_owned(), md5.into())));
    MadeBy {
        tool: "acetate".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        sound: acetate_engine::SOUND.to_owned(),
        command: Some(invocation::for_input(&input.short_name())),
        seed,
        extra,
    }
}
