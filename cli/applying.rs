//! The way of one input through `apply`.

use std::path::Path;
use std::time::Instant;

use acetate_analyzer::Analysis;
use acetate_engine::settings::LimiterKind;
use acetate_optimizer::{
    LOUDNESS_TOLERANCE_LU, Progress as FitProgress, Scaling, SettingsDocument, settle_level,
};
use serde_json::{Value, json};

use crate::analysis_text::format_line;
use crate::audio_format::{FormatArguments, extension_of};
use crate::delivering::{delivery, made_by, say_delivery, source_record};
use crate::destinations::Destinations;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::inputs::Input;
use crate::numbers::number;
use crate::outputs::{NameParts, OutputArguments, Plan};
use crate::progress::Progress;
use crate::reading::{Track, because, measure, remarks, warn};
use crate::result::FileResult;
use crate::writing::{Rendered, Writing};

/// What is the same for all inputs of a run.
#[derive(Debug)]
pub(crate) struct Application<'a> {
    pub(crate) document: &'a SettingsDocument,
    pub(crate) scaling: &'a Scaling,
    pub(crate) output: &'a OutputArguments,
    pub(crate) format: &'a FormatArguments,
    pub(crate) expect_hash: bool,
    pub(crate) strict: bool,
    pub(crate) dry_run: bool,
    pub(crate) destinations: Destinations<'a>,
    pub(crate) progress: Progress,
    pub(crate) workers: usize,
}

/// Renders one input.
pub(crate) fn apply(input: &Input, application: &Application<'_>) -> FileResult {
    application.run(input).unwrap_or_else(|failure| FileResult::failed(&input.name(), &failure))
}

impl Application<'_> {
    fn run(&self, input: &Input) -> Outcome<FileResult> {
        let planned = self.destinations.plan(input, || self.name(input))?;
        let done = |fields: Value| Ok(FileResult::done(&input.name(), Exit::Done, fields));
        if let Some(Plan::Skip(path)) = &planned {
            self.progress.note("Skipped", &format!("{} exists", path.display()));
            return done(json!({ "skipped": path }));
        }
        if let (true, Some(path)) = (self.dry_run, planned.as_ref().map(Plan::path)) {
            self.progress.done("Would", &format!("write {}", path.display()));
            return done(json!({ "would_write": path }));
        }
        let track = measure(input, self.workers)?.hashed()?;
        warn(&track, &self.progress);
        remarks(&track, &self.progress);
        self.check_source(&track)?;
        self.render(&track, planned.as_ref().map(Plan::path))
    }

    /// The default name: as `master` names what it makes for the same aim.
    fn name(&self, input: &Input) -> Outcome<String> {
        let aim = &self.document.aim;
        let output = &self.document.settings.output;
        let format = self.format.format.map_or(output.format, |format| format.format());
        let parts = NameParts {
            stem: &input.stem(),
            target: aim.target.as_ref().map_or("custom", |target| target.id.as_str()),
            reference: aim.references.first().map(|reference| reference.id.as_str()),
            extension: extension_of(format),
        };
        parts.fill(self.output.name.as_deref())
    }

    fn check_source(&self, track: &Track) -> Outcome<()> {
        let made_for = self.document.source.as_ref();
        let Some(source) = made_for.filter(|source| source.pcm_md5 != track.pcm_md5) else {
            return Ok(());
        };
        let name = track.input.name();
        if self.expect_hash {
            return Err(Failure::refused(format!(
                "{name}: not the sound the settings were made for"
            ))
            .next(format!("they were made for {}", source.name)));
        }
        if source.pcm_md5.is_some() {
            self.progress.note("Note", &format!("the settings were made for {}", source.name));
        }
        Ok(())
    }

    fn render(&self, track: &Track, path: Option<&Path>) -> Outcome<FileResult> {
        let begun = Instant::now();
        let mut document = self.document.clone();
        let named = path.filter(|_| self.output.output.is_some());
        document.settings.output =
            self.format.change(&document.settings.output, named, &track.source)?;
        self.settle(track, &mut document)?;
        let record = document.aim.target.clone();
        let target = record.as_ref().and_then(|record| record.target());
        let settings = document.settings.clone();
        let writing = Writing {
            source: &track.source,
            settings: &settings,
            target,
            path,
            replace: self.destinations.replaces(),
        };
        let rendered = writing.render(&self.progress)?;
        let shown = path.map_or_else(|| "-".to_owned(), |path| path.display().to_string());
        let line = format!("{shown}  {}", format_line(&rendered.after.analysis.format));
        self.progress.timed("Rendered", &line, begun);
        let asked = self.judge(&rendered.after.analysis, &document);
        let delivery = target.map(|target| delivery(target, &rendered));
        if let Some(judged) = &delivery {
            say_delivery("Rules", judged, &self.progress);
        }
        let met = asked && delivery.as_ref().is_none_or(|judged| judged.ok);
        let after = rendered.after.analysis.clone();
        self.keep(rendered, path, &mut document, track)?;
        let exit = if met || !self.strict { Exit::Done } else { Exit::Missed };
        let fields = json!({ "output": shown, "met": met, "delivery": delivery, "after": after });
        Ok(FileResult::done(&track.input.name(), exit, fields))
    }

    /// Solves the loudness again when something was scaled; a drive that was set by hand stays.
    fn settle(&self, track: &Track, document: &mut SettingsDocument) -> Outcome<()> {
        let by_hand = self.scaling.set.iter().any(|(path, _)| path == "drive_db");
        let level = document.aim.target.as_ref().and_then(|target| target.level());
        if self.scaling.is_neutral() || by_hand || level.is_none() {
            return Ok(());
        }
        let name = track.input.name();
        let stage = self.progress.stage("Settling", &name, None);
        let mut report = |step: FitProgress| {
            if let FitProgress::Confirming { render, renders_max, share } = step {
                stage.set((render as f64 - 1.0 + share) / renders_max.max(1) as f64);
            }
        };
        let settled =
            settle_level(&track.source, &track.measured, &document.settings, level, &mut report)
                .map_err(|error| because(&error).about(&name))?;
        document.settings = settled.settings;
        if let Some(cannot) = settled.cannot {
            self.progress.note("Reason", &cannot.reason);
        }
        Ok(())
    }

    fn keep(
        &self,
        rendered: Rendered,
        path: Option<&Path>,
        document: &mut SettingsDocument,
        track: &Track,
    ) -> Outcome<()> {
        let Some(path) = path else { return rendered.publish() };
        document.numbers.before = Some(track.measured.analysis.clone());
        document.numbers.after = Some(rendered.after.analysis.clone());
        document.source = Some(source_record(track));
        let seed = document.settings.output.seed;
        document.made_by = Some(made_by(track, seed, None));
        if let Some(settings) = self.destinations.publish(rendered, path, document)? {
            self.progress.done("Also", &settings.display().to_string());
        }
        Ok(())
    }

    /// Says what was measured; true when the loudness of the document's aim and the ceiling of its settings are kept.
    fn judge(&self, after: &Analysis, document: &SettingsDocument) -> bool {
        let loudness = &after.loudness;
        let limiter = &document.settings.limiter;
        let aim_lufs = document.aim.target.as_ref().and_then(|target| target.integrated_lufs);
        let distance = aim_lufs.zip(loudness.integrated_lufs).map(|(aim, lufs)| lufs - aim);
        let on_target = distance.is_none_or(|lu| lu.abs() <= LOUDNESS_TOLERANCE_LU);
        let under_ceiling = limiter.kind == LimiterKind::Off
            || loudness.true_peak_dbtp.is_none_or(|peak| peak <= limiter.ceiling_dbtp);
        let text = format!(
            "{} LUFS   {} dBTP",
            number(loudness.integrated_lufs, 2),
            number(loudness.true_peak_dbtp, 2)
        );
        match (on_target && under_ceiling, aim_lufs) {
            (true, _) => self.progress.done("Measured", &text),
            (false, Some(aim)) => {
                self.progress
                    .note("Measured", &format!("{text}   (the settings aimed at {aim:.1} LUFS)"));
            }
            (false, None) => self.progress.note("Measured", &text),
        }
        on_target && under_ceiling
    }
}
