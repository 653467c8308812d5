//! From a plan to a verified master.

use std::path::{Path, PathBuf};

use acetate_analyzer::Measured;
use acetate_engine::LimiterTrace;
use acetate_optimizer::{Kept, SettingsDocument, Verdict, verify, what_was_done};
use acetate_references::Target;
use acetate_references::target::check::{Evidence, TargetCheck, check};

use crate::check::codec;
use crate::observer::Watch;
use crate::output::protected::is_one_file;
use crate::output::publish::{Published, publish};
use crate::output::render::{Placing, Rendered, Rendering};
use crate::output::{Output, Place};
use crate::plan::Plan;
use crate::{Error, Observer, Song};

/// A master that was written, and everything that is known of it.
#[derive(Debug)]
pub struct Master {
    /// The settings as they were rendered, with what the file measures.
    pub document: SettingsDocument,
    /// Whether the written file is what was asked for, and what the target takes.
    pub verdict: Verdict,
    /// What was done, in one sentence.
    pub done: String,
    /// What the written file measures.
    pub after: Measured,
    /// What the limiter did.
    pub trace: LimiterTrace,
    /// Is the source whole, as far as that can be told?
    pub whole: bool,
    pub(crate) path: Option<PathBuf>,
    pub(crate) settings: Option<PathBuf>,
    pub(crate) bytes: Option<Vec<u8>>,
}

/// What a rendered plan has come to: its settings with the numbers of the file, whether it is what was asked for, and what was done.
pub(crate) struct Judged {
    pub(crate) document: SettingsDocument,
    pub(crate) verdict: Verdict,
    pub(crate) done: String,
}

impl Master {
    /// The file; `None` for a stream or memory.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Its settings file.
    pub fn settings_path(&self) -> Option<&Path> {
        self.settings.as_deref()
    }

    /// The file, when it was made in memory.
    pub fn bytes(&self) -> Option<&[u8]> {
        self.bytes.as_deref()
    }

    /// The file, when it was made in memory, and nothing else of it.
    pub fn into_bytes(self) -> Option<Vec<u8>> {
        self.bytes
    }

    /// Is everything met that was asked for, of a source that is whole?
    pub fn met(&self) -> bool {
        self.verdict.met() && self.whole
    }
}

impl Song {
    /// Renders a plan, verifies the file that was written, and gives it its name only then. The name of a file decides its format, as with
    /// [`Song::apply`]: `master.wav` is WAV whatever the song was.
    ///
    /// A missed target is in [`Master::verdict`], no error.
    ///
    /// # Errors
    /// When the plan is that of another sound, the name ends as no format that there is, the song cannot be read again, the output cannot be written, exists or is the song, or the observer stops it.
    pub fn master(
        &self,
        plan: &Plan,
        output: Output,
        observer: &mut dyn Observer,
    ) -> Result<Master, Error> {
        let watch = Watch::new(observer);
        self.expect_made_for(plan.document.source.as_ref())?;
        let named = plan.named(output.path(), self)?;
        let plan = named.as_ref().unwrap_or(plan);
        let settings = &plan.document.settings;
        let kept = plan.fit.kept.as_deref();
        let rendered = self.render_or_copy(settings, Some(&plan.target), &output, kept, &watch)?;
        self.finish_master(plan, rendered, output)
    }

    /// Judges a plan that was rendered, and gives the file its name.
    pub(crate) fn finish_master(
        &self,
        plan: &Plan,
        rendered: Rendered,
        output: Output,
    ) -> Result<Master, Error> {
        let Judged { document, verdict, done } = self.judged(plan, &rendered);
        self.published(rendered, output, document, verdict, done)
    }

    /// What a rendered plan has come to.
    pub(crate) fn judged(&self, plan: &Plan, rendered: &Rendered) -> Judged {
        let before = self.analysis();
        let mut verdict = verify(before, &rendered.after.analysis, &plan.aim, &plan.options);
        verdict.cannot = plan.fit.cannot.clone();
        verdict.delivery = Some(delivery(&plan.target, rendered));
        let mut document = plan.document.clone();
        document.numbers.after = Some(rendered.after.analysis.clone());
        if let Some(source) = &mut document.source {
            source.stamp = crate::output::stamp(self);
        }
        let done = what_was_done(&document, before, &rendered.after.analysis, &verdict);
        Judged { document, verdict, done }
    }

    pub(crate) fn render(
        &self,
        settings: &acetate_engine::Settings,
        target: Option<&Target>,
        output: &Output,
        watch: &Watch<'_>,
    ) -> Result<Rendered, Error> {
        self.render_or_copy(settings, target, output, None, watch)
    }

    /// As [`Song::render`], from a render that was kept where that is the same.
    fn render_or_copy(
        &self,
        settings: &acetate_engine::Settings,
        target: Option<&Target>,
        output: &Output,
        kept: Option<&Kept>,
        watch: &Watch<'_>,
    ) -> Result<Rendered, Error> {
        let place = match &output.place {
            Place::File(path) if self.path().is_some_and(|own| is_one_file(own, path)) => {
                return Err(Error::IsInput { path: path.clone(), input: self.name().to_owned() });
            }
            Place::File(path) => Placing::Beside { path, replace: output.replace },
            Place::Stream(_) => Placing::Temporary,
            Place::Memory => Placing::Memory,
        };
        Rendering { song: self, settings, target, place, kept, watch }.render()
    }

    pub(crate) fn published(
        &self,
        rendered: Rendered,
        output: Output,
        document: SettingsDocument,
        verdict: Verdict,
        done: String,
    ) -> Result<Master, Error> {
        let (after, trace) = (rendered.after.clone(), rendered.trace.clone());
        let path = output.path().map(Path::to_owned);
        let Published { settings, bytes } = publish(rendered, output, &document)?;
        let whole = !self.source().is_incomplete();
        Ok(Master { document, verdict, done, after, trace, whole, path, settings, bytes })
    }
}

/// The rules of `target`, judged on a file that was written here.
pub(crate) fn delivery(target: &Target, rendered: &Rendered) -> TargetCheck {
    let peaks = |path| codec::peaks(&codec::of_target(target), path, None);
    let codecs = rendered.path().map_or_else(Vec::new, peaks);
    let evidence = Evidence {
        codecs: &codecs,
        limiting_db: Some(rendered.trace.reduction_db_max()),
        ..Evidence::default()
    };
    check(&rendered.after.analysis, target, evidence)
}
