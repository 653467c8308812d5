//! Settings that exist, perhaps edited, rendered on a song.

use acetate_analyzer::Analysis;
use acetate_audio::Mono;
use acetate_engine::Settings;
use acetate_engine::settings::LimiterKind;
use acetate_optimizer::{
    LOUDNESS_TOLERANCE_LU, Scaling, SettingsDocument, TargetRecord, scale, settle_level,
    source_difference, what_was_done,
};
use serde_json::json;

use crate::fingerprint::fingerprint;
use crate::master::{Master, delivery};
use crate::observer::Watch;
use crate::output::{FileWish, NameParts, Output, extension_of};
use crate::plan::{fitting, made_by};
use crate::{Error, Input, Observer, Song, Stage};

/// Settings, and what is to be different of them.
#[derive(Clone, Debug)]
pub struct Application {
    /// What errors call the settings: the name of their file.
    pub name: String,
    /// The settings as they were read.
    planned: SettingsDocument,
    /// The settings as they were asked for.
    document: SettingsDocument,
    scaling: Scaling,
    lufs: Option<f64>,
    /// What is asked of the written file.
    pub file: FileWish,
    /// How a file of one channel is counted; `None` is as when the settings were made.
    pub mono: Option<Mono>,
    /// Refuse a sound other than the one the settings were made for.
    pub only_same_sound: bool,
    /// The command that makes the same again, for the settings beside the master.
    pub command: Option<String>,
}

/// An applied master, and whether it is what the settings aim at.
#[derive(Debug)]
pub struct Applied {
    /// The master.
    pub master: Master,
    /// Are loudness and ceiling kept that the settings aim at?
    pub on_aim: bool,
}

impl Application {
    /// These settings, scaled and changed so; `lufs` is a loudness in place of theirs, for which the drive is solved.
    ///
    /// # Errors
    /// When a change names what is not there, or leaves its range.
    pub fn new(
        name: &str,
        planned: SettingsDocument,
        scaling: Scaling,
        lufs: Option<f64>,
    ) -> Result<Self, Error> {
        let mut scaling = scaling;
        for (path, _) in &mut scaling.set {
            *path = whole_path(&planned, path);
        }
        let wrong = |reason: String| Error::Document { name: name.to_owned(), reason };
        let settings = scale(&planned, &scaling).map_err(|error| wrong(error.to_string()))?;
        let mut document = SettingsDocument { settings, ..planned.clone() };
        aim(&mut document, &scaling, lufs);
        Ok(Self { name: name.to_owned(), document, scaling, lufs, ..Self::of(planned) })
    }

    /// The settings as they are: nothing is changed.
    pub fn of(document: SettingsDocument) -> Self {
        Self {
            name: "the settings".to_owned(),
            planned: document.clone(),
            document,
            scaling: Scaling::default(),
            lufs: None,
            file: FileWish::default(),
            mono: None,
            only_same_sound: false,
            command: None,
        }
    }

    /// The settings as they were asked for.
    pub fn document(&self) -> &SettingsDocument {
        &self.document
    }

    /// The loudness that was asked for in place of the settings', LUFS.
    pub fn lufs(&self) -> Option<f64> {
        self.lufs
    }

    /// A fingerprint of what is to be done.
    pub fn md5(&self) -> String {
        fingerprint(&json!([self.document.settings, self.document.aim.target]))
    }

    /// The usual name of the master of `input`, as [`Request::output_name`](crate::Request::output_name) names what it makes for the
    /// same aim, or that of a template.
    ///
    /// # Errors
    /// When the template has a field that there is none of.
    pub fn output_name(&self, input: &Input, template: Option<&str>) -> Result<String, Error> {
        let aim = &self.document.aim;
        let target = aim.target.as_ref();
        let parts = NameParts {
            stem: &input.stem(),
            target: target.map_or("custom", |target| target.id.as_str()),
            target_asked: target.is_some_and(|target| !target.by_default),
            reference: aim.references.first().map(|reference| reference.id.as_str()),
            extension: extension_of(
                self.file.format.unwrap_or(self.document.settings.output.format),
            ),
        };
        parts.fill(template)
    }

    /// How a file of one channel is counted: as asked, or as when the settings were made.
    pub fn mono(&self) -> Mono {
        let before = self.document.numbers.before.as_ref();
        let made_for = self.document.aim.target.as_ref().and_then(|record| record.target());
        let then = before.and_then(|before| before.format.mono);
        self.mono.or(then).unwrap_or_else(|| made_for.map_or(Mono::Dual, |target| target.mono))
    }
}

/// `eq1.gain_db` is the gain of the band of that name, in whatever list it stands; other paths are as they are.
fn whole_path(document: &SettingsDocument, path: &str) -> String {
    let Some((id, rest)) = path.split_once('.') else { return path.to_owned() };
    let settings = serde_json::to_value(&document.settings).unwrap_or_default();
    let stages = settings.as_object().into_iter().flatten();
    let mut lists = stages.filter_map(|(stage, fields)| Some((stage, fields.get("bands")?)));
    let holds = |bands: &serde_json::Value| {
        bands.as_array().into_iter().flatten().any(|band| band["id"] == id)
    };
    match lists.find(|(_, bands)| holds(bands)) {
        Some((stage, _)) => format!("{stage}.bands.{id}.{rest}"),
        None => path.to_owned(),
    }
}

/// Writes into the aim what was asked for besides the document.
fn aim(document: &mut SettingsDocument, scaling: &Scaling, lufs: Option<f64>) {
    let (share, amounts) = (&mut document.aim.amount_pct, &scaling.amounts);
    share.all *= amounts.all / 100.0;
    share.tone *= amounts.tone / 100.0;
    share.dynamics *= amounts.dynamics / 100.0;
    share.width *= amounts.width / 100.0;
    if lufs.is_some() {
        let ceiling_dbtp = document.settings.limiter.ceiling_dbtp;
        let target = document.aim.target.get_or_insert_with(|| TargetRecord {
            id: "custom".to_owned(),
            true_peak_dbtp: ceiling_dbtp,
            ..TargetRecord::default()
        });
        target.integrated_lufs = lufs;
    }
}

impl Song {
    /// Renders settings that exist, verifies the file, and gives it its name only then.
    ///
    /// # Errors
    /// When the settings cannot be used for this sound, or as [`Song::master`].
    pub fn apply(
        &self,
        application: &Application,
        output: Output,
        observer: &mut dyn Observer,
    ) -> Result<Applied, Error> {
        let watch = Watch::new(observer);
        self.check_made_for(application, &watch)?;
        let mut document = application.document.clone();
        document.settings.output = application.file.change(
            &document.settings.output,
            output.path(),
            self.source().format(),
        )?;
        self.settle(application, &mut document, &watch)?;
        let asked = application.asked(&document);
        let record = document.aim.target.clone();
        let target = record.as_ref().and_then(|record| record.target());
        let rendered = self.render(&document.settings, target, &output, &watch)?;
        if !document.settings.restore.clipping.is_neutral() {
            self.expect_room(&document.settings, &rendered, &output)?;
        }
        let (before, after) = (self.analysis(), &rendered.after.analysis);
        let on_aim = keeps_aim(after, &document);
        document.explain_rendered(&application.planned, &asked, self.measured(), after);
        document.numbers.before = Some(before.clone());
        document.numbers.after = Some(after.clone());
        document.findings.clone_from(&before.findings);
        let mut source = self.record()?;
        source.stamp = crate::output::stamp(self);
        document.source = Some(source);
        let seed = document.settings.output.seed;
        let command = application.command.clone();
        document.made_by = Some(made_by(command, seed, &application.md5()));
        let mut verdict = document.verdict(before, after);
        verdict.delivery = target.map(|target| delivery(target, &rendered));
        let done = what_was_done(&document, before, after, &verdict);
        let master = self.published(rendered, output, document, verdict, done)?;
        Ok(Applied { master, on_aim })
    }

    /// Settings for another sound are a remark, or refused; those that this sound cannot have are wrong.
    fn check_made_for(&self, application: &Application, watch: &Watch<'_>) -> Result<(), Error> {
        let name = self.name();
        let made_for = application.planned.source.as_ref();
        let known = made_for.and_then(|source| source.pcm_md5.as_deref());
        if application.only_same_sound && known.is_none() {
            return Err(Error::UnknownSound { document: application.name.clone() });
        }
        if application.only_same_sound {
            self.expect_made_for(made_for)?;
        }
        if let Some(made_for) = self.made_for_another(made_for)? {
            let before = application.planned.numbers.before.as_ref();
            let distance = before.map_or_else(String::new, |before| {
                format!("; {name} is {}", source_difference(before, self.analysis()).text())
            });
            watch.note(&format!("the settings were made for {made_for}{distance}"));
        }
        self.expect_own_repairs(&application.document)?;
        let rate_hz = self.source().spec().sample_rate_hz;
        let both = || format!("{}: {name}", application.name);
        acetate_engine::check_for(&application.document.settings, rate_hz)
            .map_err(|reason| Error::Settings { name: both(), reason })
    }

    /// Solves the loudness again when something was scaled or another one is asked for; a drive that was set by hand stays.
    fn settle(
        &self,
        application: &Application,
        document: &mut SettingsDocument,
        watch: &Watch<'_>,
    ) -> Result<(), Error> {
        let scaling = &application.scaling;
        let level = document.aim.target.as_ref().and_then(|target| target.level());
        let as_it_is = scaling.is_neutral() || scaling.decides_drive();
        if !scaling.is_neutral() {
            // Why the plan could not be had says nothing of what was made of it.
            document.cannot = None;
        }
        if level.is_none() || (as_it_is && application.lufs.is_none()) {
            return Ok(());
        }
        let source = self.source().clone().stopped_by(watch.stop());
        let mut report = fitting(watch, Stage::Settling);
        let settled =
            settle_level(&source, self.measured(), &document.settings, level, &mut report)
                .map_err(|error| Error::read(self.name(), error))?;
        document.settings = settled.settings;
        document.cannot = settled.cannot;
        Ok(())
    }
}

impl Application {
    /// The settings before the drive was solved: only what a person changed is an edit.
    fn asked(&self, settled: &SettingsDocument) -> Settings {
        let mut asked = self.document.settings.clone();
        if self.lufs.is_some() {
            asked.drive_db = settled.settings.drive_db;
            asked.limiter.output_gain_db = settled.settings.limiter.output_gain_db;
        }
        asked
    }
}

/// Are the loudness of the document's aim and the ceiling of its settings kept?
fn keeps_aim(after: &Analysis, document: &SettingsDocument) -> bool {
    let loudness = &after.loudness;
    let limiter = &document.settings.limiter;
    let aim_lufs = document.aim.target.as_ref().and_then(|target| target.integrated_lufs);
    let distance = aim_lufs.zip(loudness.integrated_lufs).map(|(aim, lufs)| lufs - aim);
    let on_target = distance.is_none_or(|lu| lu.abs() <= LOUDNESS_TOLERANCE_LU);
    let under_ceiling = limiter.kind == LimiterKind::Off
        || loudness.true_peak_dbtp.is_none_or(|peak| peak <= limiter.ceiling_dbtp);
    on_target && under_ceiling
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_is_found_by_its_name_alone() {
        let text = r#"{ "schema": "acetate.settings/1", "settings": { "equalizer": { "bands": [
            { "id": "eq1", "type": "bell", "freq_hz": 250, "gain_db": -1.5, "q": 0.8 } ] } } }"#;
        let document = SettingsDocument::parse(text).unwrap();
        let scaling =
            Scaling { set: vec![("eq1.gain_db".into(), "-1".into())], ..Scaling::default() };
        let changed = Application::new("s.json", document.clone(), scaling, None).unwrap();
        assert_eq!(changed.document().settings.equalizer.bands[0].gain_db, -1.0);
        assert_eq!(whole_path(&document, "limiter.ceiling_dbtp"), "limiter.ceiling_dbtp");
    }
}
