//! One delivery: a source brought to a target, written and verified.

use acetate_analyzer::Analysis;
use acetate_optimizer::{
    Fit, FitOptions, MadeBy, Progress as FitProgress, SettingsDocument, SourceRecord, Verdict,
    aim_record, fit, verify,
};
use acetate_references::{Aim, Target};

use crate::aiming::Wishes;
use crate::failure::{Failure, Outcome};
use crate::headroom::{Limits, make_room};
use crate::invocation;
use crate::progress::Progress;
use crate::reading::{Track, because};

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
        return Err(Failure::refused(format!("{name}: is silent, or shorter than 0.4 s"))
            .next("there is nothing to master"));
    }
    let aim = wishes.aim(before, target)?;
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
    };
    make_room(track, target, &mut fit, limits, progress)?;
    let mut document = fit.document(before, &aim, &options);
    document.source = Some(source_record(track));
    document.made_by = Some(made_by(track, options.seed, Some(wishes.md5())));
    describe_target(&mut document, target);
    Ok(Decision { aim, options, fit, document })
}

impl Decision {
    /// Whether the written file is what was asked for.
    pub(crate) fn verdict(&self, before: &Analysis, after: &Analysis) -> Verdict {
        let mut verdict = verify(before, after, &self.aim, &self.options);
        verdict.cannot = self.fit.cannot.clone();
        verdict
    }
}

fn describe_target(document: &mut SettingsDocument, target: &Target) {
    if let Some(record) = &mut document.aim.target {
        record.id = target.id.clone();
        record.source = Some(target.source.clone());
        record.checked = Some(target.checked.to_string());
        record.confidence = Some(format!("{:?}", target.confidence).to_lowercase());
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
pub(crate) fn made_by(track: &Track, seed: u64, wishes_md5: Option<String>) -> MadeBy {
    let mut extra = serde_json::Map::new();
    extra.extend(wishes_md5.map(|md5| ("wishes_md5".to_owned(), md5.into())));
    MadeBy {
        tool: "acetate".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        sound: acetate_engine::SOUND.to_owned(),
        command: Some(invocation::for_input(&track.input.short_name())),
        seed,
        extra,
    }
}
