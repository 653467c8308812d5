//! What to do to a song, decided: readable, editable, ready to be rendered.

use std::path::Path;

use acetate_analyzer::Analysis;
use acetate_optimizer::{
    CurvePoint, Fit, FitOptions, MadeBy, Progress as FitProgress, SettingsDocument, SourceRecord,
    aim_record, fit_keeping, loudness_curve, repair_moves, repairs_in_words,
};
use acetate_references::target::check::{Evidence, TargetCheck, check};
use acetate_references::{Aim, Target};

use crate::for_systems::serve;
use crate::headroom::{Limits, make_room};
use crate::observer::Watch;
use crate::output::FileWish;
use crate::restore::mended;
use crate::{Error, Found, Observer, Request, RestoreMode, RestoreWish, Song, Stage};

/// Loudness that [`Plan::loudness_curve`] looks at, LUFS.
pub const CURVE_LUFS: [f64; 9] = [-14.0, -13.0, -12.0, -11.0, -10.0, -9.0, -8.0, -7.0, -6.0];

/// A fit with everything that is needed to render and judge it.
///
/// [`Plan::document`] is what a person reads and edits: its `settings` are what is rendered.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The settings, and why.
    pub document: SettingsDocument,
    pub(crate) target: Target,
    pub(crate) aim: Aim,
    pub(crate) fit: Fit,
    pub(crate) options: FitOptions,
}

impl Plan {
    /// The plan with the format that the name of a file asks for; `None` where it has that already.
    pub(crate) fn named(&self, path: Option<&Path>, song: &Song) -> Result<Option<Self>, Error> {
        let output = &self.document.settings.output;
        let asked = FileWish::default().change(output, path, song.source().format())?;
        Ok((asked.format != output.format).then(|| {
            let mut named = self.clone();
            named.document.settings.output = asked;
            named.fit.kept = None;
            named
        }))
    }

    /// The delivery rules.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// What was aimed for.
    pub fn aim(&self) -> &Aim {
        &self.aim
    }

    /// What the search found, with the terms of its objective.
    pub fn fit(&self) -> &Fit {
        &self.fit
    }

    /// The rules of the target, judged on what the master is expected to measure.
    pub fn expected_delivery(&self, song: &Song) -> TargetCheck {
        let expected = self.fit.expected(song.analysis());
        let limiting_db = Some(self.fit.trace.reduction_db_max());
        check(&expected, &self.target, Evidence { limiting_db, ..Evidence::default() })
    }

    /// Noise over mask that the limiter may make, in dB.
    pub fn max_damage_db(&self) -> f64 {
        self.options.max_damage_db
    }

    /// What each loudness of [`CURVE_LUFS`] would cost.
    ///
    /// # Errors
    /// When the song cannot be read again, or the observer stops it.
    pub fn loudness_curve(
        &self,
        song: &Song,
        observer: &mut dyn Observer,
    ) -> Result<Vec<CurvePoint>, Error> {
        let watch = Watch::new(observer);
        let source = song.source().clone().stopped_by(watch.stop());
        let progress = |share| watch.progress(Stage::Fitting, share);
        let settings = &self.document.settings;
        loudness_curve(&source, song.measured(), settings, &CURVE_LUFS, &progress)
            .map_err(|error| Error::read(song.name(), error))
    }
}

impl Song {
    /// Decides what to do for a request.
    ///
    /// # Errors
    /// When the song has no loudness to aim from, an option is out of its range, the format cannot hold it, it cannot be read again,
    /// or the observer stops it.
    pub fn suggest(&self, request: &Request, observer: &mut dyn Observer) -> Result<Plan, Error> {
        self.decide(None, request, 0, &Watch::new(observer))
    }

    /// The same for a file of this name, which decides the format where the request does not.
    ///
    /// # Errors
    /// Those of [`Song::suggest`], and when name and request contradict each other.
    pub fn suggest_for(
        &self,
        path: &Path,
        request: &Request,
        observer: &mut dyn Observer,
    ) -> Result<Plan, Error> {
        self.decide(Some(path), request, 0, &Watch::new(observer))
    }

    /// As [`Song::suggest_for`], of a master that is made at once: the plan holds the samples of its confirming render, where they are no
    /// more than 128 MB, and [`Song::master`] writes them instead of making them again.
    ///
    /// # Errors
    /// Those of [`Song::suggest_for`].
    pub fn plan_master(
        &self,
        path: &Path,
        request: &Request,
        observer: &mut dyn Observer,
    ) -> Result<Plan, Error> {
        self.decide(Some(path), request, KEPT_BYTES_MAX, &Watch::new(observer))
    }

    fn decide(
        &self,
        path: Option<&Path>,
        request: &Request,
        keeps_bytes: u64,
        watch: &Watch<'_>,
    ) -> Result<Plan, Error> {
        let options = self.options(path, request)?;
        let mending = self.mended_for(request, watch)?;
        let song = mending.as_ref().map_or(self, |(song, _)| song);
        watch.progress(Stage::Fitting, 0.0);
        if watch.is_stopped() {
            return Err(Error::Cancelled);
        }
        if request.has_reference() && request.has_style() {
            watch.note("the style is not used: what a record says goes before it");
        }
        let target = request.delivery().clone();
        let aim = song.aimed(request, &options)?;
        let before = song.analysis();
        let wanted = aim_record(before, &aim, &options).target;
        let source = song.source().clone().stopped_by(watch.stop());
        let mut report = fitting(watch, Stage::Fitting);
        let measured = song.measured();
        let mut fit = fit_keeping(&source, measured, &aim, &options, keeps_bytes, &mut report)
            .map_err(|error| Error::read(self.name(), error))?;
        if watch.is_stopped() {
            return Err(Error::Cancelled);
        }
        let ceiling_dbtp = options.ceiling_dbtp.unwrap_or(aim.ceiling_dbtp);
        let limits = Limits {
            ceiling_dbtp,
            asked_dbtp: ceiling_dbtp,
            lufs: wanted.and_then(|target| target.integrated_lufs),
            max_damage_db: if options.force { f64::INFINITY } else { options.max_damage_db },
        };
        serve(song, &mut fit, &request.for_systems, limits, watch)?;
        make_room(song, &target, &mut fit, limits, &request.codecs, watch)?;
        let mut document = fit.document(before, &aim, &options);
        if let Some((_, found)) = mending {
            document.moves.splice(0..0, repair_moves(&found.settings));
            if let Some(what) = repairs_in_words(&found.settings) {
                document.summary = format!("Mend {what} first. {}", document.summary);
            }
            document.settings.restore = found.settings;
        }
        document.source = Some(self.record()?);
        document.made_by = Some(made_by(None, options.seed, &request.md5()));
        if let Some(record) = &mut document.aim.target {
            record.describe(&target);
            record.by_default = !request.target_asked();
        }
        Ok(Plan { document, target, aim, fit, options })
    }

    /// What a fit for the request may do, and the file it is for.
    ///
    /// # Errors
    /// When an option is out of its range, or the format cannot hold the song.
    pub(crate) fn options(
        &self,
        path: Option<&Path>,
        request: &Request,
    ) -> Result<FitOptions, Error> {
        let mut options = request.fit_options();
        let source_format = self.source().format();
        options.output = request.file.output(path, Some(request.delivery()), source_format)?;
        request.check()?;
        Ok(options)
    }

    /// What the request aims for with this song.
    ///
    /// # Errors
    /// When the song has no loudness to aim from.
    pub(crate) fn aimed(&self, request: &Request, options: &FitOptions) -> Result<Aim, Error> {
        let before = self.analysis();
        if before.loudness.integrated_lufs.is_none() {
            return Err(nothing_to_master(self.name(), before));
        }
        let mut aim = request.aim(before)?;
        let wanted = aim_record(before, &aim, options).target;
        if let Some(lufs) = wanted.and_then(|target| target.integrated_lufs) {
            aim.ceiling_dbtp = request.delivery().ceiling_dbtp_at(lufs);
        }
        Ok(aim)
    }

    /// The song as it is once it is mended, and what that takes, where the request wants it and there is something.
    fn mended_for(
        &self,
        request: &Request,
        watch: &Watch<'_>,
    ) -> Result<Option<(Self, Found)>, Error> {
        if request.restore != RestoreMode::Repair {
            return Ok(None);
        }
        let found = self.damage(&RestoreWish::default(), watch)?;
        for line in found.told().chain(self.remarks_about(found.untold())) {
            watch.note(&line);
        }
        if found.settings.is_neutral() {
            return Ok(None);
        }
        let source = mended(self.source(), &found.settings)
            .map_err(|error| Error::read(self.name(), error))?;
        Ok(Some((self.with_sound(source, &mut ())?, found)))
    }

    /// The sound that a document is made for.
    pub(crate) fn record(&self) -> Result<SourceRecord, Error> {
        let format = &self.analysis().format;
        Ok(SourceRecord {
            name: self.short_name().to_owned(),
            pcm_md5: Some(self.pcm_md5()?.to_owned()),
            format: format.container.clone(),
            sample_rate_hz: format.sample_rate_hz,
            bits: format.bits,
            channels: format.channels,
            duration_s: format.duration_s,
            ..SourceRecord::default()
        })
    }
}

/// A render up to this size is kept for the master that is made at once.
const KEPT_BYTES_MAX: u64 = 128 << 20;

/// Tells how far a search or a level is.
pub(crate) fn fitting<'a, 'w>(
    watch: &'a Watch<'w>,
    stage: Stage,
) -> impl FnMut(FitProgress) + use<'a, 'w> {
    move |step| {
        if let FitProgress::Confirming { render, renders_max, share } = step {
            watch.progress(stage, (render as f64 - 1.0 + share) / renders_max.max(1) as f64);
        }
    }
}

/// This library as the maker of settings, and by which command; `wishes_md5` is a fingerprint of what was asked for.
pub fn made_by(command: Option<String>, seed: u64, wishes_md5: &str) -> MadeBy {
    let mut extra = serde_json::Map::new();
    extra.insert("wishes_md5".to_owned(), wishes_md5.into());
    MadeBy {
        tool: "acetate".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        sound: acetate_engine::SOUND.to_owned(),
        command,
        seed,
        extra,
    }
}

/// Why a sound without a loudness cannot be mastered: silent, too short, or all of it below what loudness counts.
fn nothing_to_master(name: &str, before: &Analysis) -> Error {
    const BLOCK_S: f64 = 0.4;
    let name = name.to_owned();
    let duration_s = before.format.duration_s;
    match before.loudness.sample_peak_dbfs {
        None => Error::Silent { name },
        Some(_) if duration_s < BLOCK_S => Error::TooShort { name, duration_s },
        Some(peak_dbfs) => Error::TooQuiet { name, peak_dbfs },
    }
}
