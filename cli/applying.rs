//! The way of one input through `apply`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use acetate_analyzer::Analysis;
use acetate_audio::Mono;
use acetate_engine::Settings;
use acetate_engine::settings::LimiterKind;
use acetate_optimizer::{
    LOUDNESS_TOLERANCE_LU, Mark, Progress as FitProgress, Scaling, SettingsDocument, settle_level,
    source_difference,
};
use serde_json::{Value, json};

use crate::audio_format::{FormatArguments, extension_of};
use crate::commands::report::record_beside;
use crate::delivering::{delivery, made_by, say_delivery, source_record};
use crate::destinations::Destinations;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::inputs::Input;
use crate::master_page::Made;
use crate::mono::MonoArgument;
use crate::outputs::{NameParts, OutputArguments, Plan, sidecar};
use crate::progress::Progress;
use crate::reading::{Track, because, measure, remarks, warn};
use crate::result::FileResult;
use crate::update::{State, is_same, stamp, state};
use crate::writing::{Rendered, Writing};
use acetate_audio::numbers::number;

/// What is the same for all inputs of a run.
#[derive(Debug)]
pub(crate) struct Application<'a> {
    /// The settings as they were read.
    pub(crate) planned: &'a SettingsDocument,
    /// The settings as they were asked for.
    pub(crate) document: &'a SettingsDocument,
    /// Name of the settings file.
    pub(crate) named: String,
    /// Loudness in place of the settings', LUFS.
    pub(crate) lufs: Option<f64>,
    /// Write a page for each master: beside it, or where named.
    pub(crate) report: Option<&'a Option<PathBuf>>,
    /// Fingerprint of the settings as they were asked for.
    pub(crate) md5: String,
    pub(crate) scaling: &'a Scaling,
    pub(crate) output: &'a OutputArguments,
    pub(crate) format: &'a FormatArguments,
    pub(crate) mono: MonoArgument,
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
        let kept = |path: &Path| {
            self.progress.done("Kept", &format!("{} is up to date", path.display()));
            done(json!({ "up_to_date": path }))
        };
        let state = match &planned {
            Some(Plan::Update(path)) => Some((path, state(path, input, &self.md5))),
            _ => None,
        };
        if let Some((path, State::Current)) = &state {
            return kept(path);
        }
        let track = measure(input, self.workers)?.heard(self.mono())?.hashed()?;
        if let Some((path, State::Unknown(document))) = state
            && is_same(*document, path, &track)?
        {
            return kept(path);
        }
        warn(&track, &self.progress);
        remarks(&track, &self.progress);
        self.check_source(&track)?;
        let path = planned.as_ref().map(Plan::path);
        if let Some(page) = path.and_then(|path| self.page_path(path)) {
            self.destinations.check_beside(&page)?;
        }
        self.render(&track, path)
    }

    /// How a file of one channel is counted: as asked, or as when the settings were made.
    fn mono(&self) -> Mono {
        let before = self.document.numbers.before.as_ref();
        let made_for = self.document.aim.target.as_ref().and_then(|record| record.target());
        let then = before.and_then(|before| before.format.mono);
        let by_target = made_for.map_or(Mono::Dual, |target| target.mono);
        self.mono.asked().or(then).unwrap_or(by_target)
    }

    /// The default name: as `master` names what it makes for the same aim.
    fn name(&self, input: &Input) -> Outcome<String> {
        let aim = &self.document.aim;
        let output = &self.document.settings.output;
        let format = self.format.format.map_or(output.format, |format| format.format());
        let parts = NameParts {
            stem: &input.stem(),
            target: aim.target.as_ref().map_or("custom", |target| target.id.as_str()),
            target_asked: aim.target.as_ref().is_some_and(|target| !target.by_default),
            reference: aim.references.first().map(|reference| reference.id.as_str()),
            extension: extension_of(format),
        };
        parts.fill(self.output.name.as_deref())
    }

    /// Settings for another sound are a remark, or refused; those that this sound cannot have are wrong.
    fn check_source(&self, track: &Track) -> Outcome<()> {
        let name = track.input.name();
        let made_for = self.planned.source.as_ref();
        if self.expect_hash && made_for.and_then(|source| source.pcm_md5.as_ref()).is_none() {
            let unknown = format!("{}: does not say what sound it was made for", self.named);
            return Err(Failure::refused(unknown).next("leave out --expect-hash"));
        }
        let other =
            made_for.filter(|source| source.pcm_md5.is_some() && source.pcm_md5 != track.pcm_md5);
        if let Some(source) = other {
            let distance = self
                .planned
                .numbers
                .before
                .as_ref()
                .map(|before| source_difference(before, &track.measured.analysis).text());
            if self.expect_hash {
                return Err(Failure::refused(format!(
                    "{name}: not the sound the settings were made for"
                ))
                .next(format!("they were made for {}", source.name)));
            }
            let distance = distance.map_or_else(String::new, |text| format!("; {name} is {text}"));
            self.progress
                .note("Note", &format!("the settings were made for {}{distance}", source.name));
        }
        let rate_hz = track.source.spec().sample_rate_hz;
        acetate_engine::check_for(&self.document.settings, rate_hz)
            .map_err(|error| Failure::usage(error).about(&name).about(&self.named))
    }

    fn render(&self, track: &Track, path: Option<&Path>) -> Outcome<FileResult> {
        let begun = Instant::now();
        let mut document = self.document.clone();
        let named = path.filter(|_| self.output.output.is_some());
        document.settings.output =
            self.format.change(&document.settings.output, named, &track.source)?;
        self.settle(track, &mut document)?;
        let asked = self.asked(&document);
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
        let line = format!("{shown}  {}", rendered.after.analysis.format);
        self.progress.timed("Rendered", &line, begun);
        let on_aim = self.judge(&rendered.after.analysis, &document);
        let delivery = target.map(|target| delivery(target, &rendered));
        if let Some(judged) = &delivery {
            say_delivery("Rules", judged, &self.progress);
        }
        let met = on_aim && delivery.as_ref().is_none_or(|judged| judged.ok);
        let after = rendered.after.clone();
        let trace = rendered.trace.clone();
        document.explain_rendered(self.planned, &asked, &track.measured, &after.analysis);
        self.say_changes(&document);
        self.keep(rendered, path, &mut document, track)?;
        let page = path.and_then(|path| Some((path, self.page_path(path)?)));
        if let Some((output, page)) = &page {
            let mut verdict = document.verdict(&track.measured.analysis, &after.analysis);
            verdict.delivery.clone_from(&delivery);
            let (document, aim) = (&document, &document.aim.aim());
            let (after, trace, verdict) = (&after, &trace, &verdict);
            let record = track.input.path().and_then(|path| record_beside(path, document));
            let record = record.as_deref();
            Made { track, output, document, verdict, aim, after, trace, record }.write_page(
                page,
                self.workers,
                &self.progress,
            )?;
        }
        let whole = !track.source.is_incomplete();
        let exit = if (met && whole) || !self.strict { Exit::Done } else { Exit::Missed };
        let report = page.map(|(_, page)| page);
        let fields = json!({ "output": shown, "met": met, "delivery": delivery, "report": report,
            "moves": document.moves, "after": after.analysis });
        Ok(FileResult::done(&track.input.name(), exit, fields))
    }

    /// The settings before the program solved their drive: only what a person changed is an edit.
    fn asked(&self, settled: &SettingsDocument) -> Settings {
        let mut asked = self.document.settings.clone();
        if self.lufs.is_some() {
            asked.drive_db = settled.settings.drive_db;
        }
        asked
    }

    /// Where the page about an output goes, when it was asked for.
    fn page_path(&self, output: &Path) -> Option<PathBuf> {
        self.report.map(|named| named.clone().unwrap_or_else(|| sidecar(output, "html")))
    }

    /// Which moves are not as they were suggested.
    fn say_changes(&self, document: &SettingsDocument) {
        let named = |mark: Mark, word: &str| {
            let ids: Vec<&str> = document
                .moves
                .iter()
                .filter(|step| step.mark == mark)
                .map(|step| step.id.as_str())
                .collect();
            (!ids.is_empty()).then(|| format!("{word}: {}", ids.join(", ")))
        };
        let changes = [named(Mark::Edited, "edited"), named(Mark::LeftOut, "left out")];
        let text: Vec<String> = changes.into_iter().flatten().collect();
        if !text.is_empty() {
            self.progress.done("Moves", &text.join("   "));
        }
    }

    /// Solves the loudness again when something was scaled or another one is asked for; a drive that was set by hand stays.
    fn settle(&self, track: &Track, document: &mut SettingsDocument) -> Outcome<()> {
        let level = document.aim.target.as_ref().and_then(|target| target.level());
        let as_it_is = self.scaling.is_neutral() || self.scaling.decides_drive();
        if !self.scaling.is_neutral() {
            // Why the plan could not be had says nothing of what was made of it.
            document.cannot = None;
        }
        if level.is_none() || (as_it_is && self.lufs.is_none()) {
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
        if let Some(cannot) = &settled.cannot {
            self.progress.note("Reason", &cannot.reason);
        }
        document.cannot = settled.cannot;
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
        document.findings.clone_from(&track.measured.analysis.findings);
        let mut source = source_record(track);
        source.stamp = stamp(track);
        document.source = Some(source);
        let seed = document.settings.output.seed;
        document.made_by = Some(made_by(&track.input, seed, Some(self.md5.clone())));
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
                self.progress.note("Measured", &format!("{text}   ({})", self.off_aim(aim)));
            }
            (false, None) => self.progress.note("Measured", &text),
        }
        on_target && under_ceiling
    }

    /// What to say when the loudness is not the one that was aimed at.
    fn off_aim(&self, aim_lufs: f64) -> String {
        if self.lufs.is_some() {
            return format!("{aim_lufs:.1} LUFS was asked for");
        }
        format!(
            "the settings aimed at {aim_lufs:.1} LUFS; --lufs {aim_lufs} solves the drive again"
        )
    }
}
