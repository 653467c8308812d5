//! The page beside a master that was just written.

use std::path::Path;

use acetate_analyzer::Measured;
use acetate_engine::LimiterTrace;
use acetate_optimizer::{SettingsDocument, Verdict};
use acetate_references::Aim;
use acetate_report::{Page, page};

use crate::commands::report::{song, sounding};
use crate::excerpts::{SoundInPage, Sounding, listening};
use crate::failure::Outcome;
use crate::inputs::Input;
use crate::outputs::{Existing, write_text};
use crate::progress::Progress;
use crate::reading::{Track, measure, open};

/// A master that was written, and what led to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made<'a> {
    pub(crate) track: &'a Track,
    pub(crate) output: &'a Path,
    pub(crate) document: &'a SettingsDocument,
    pub(crate) verdict: &'a Verdict,
    pub(crate) aim: &'a Aim,
    pub(crate) after: &'a Measured,
    pub(crate) trace: &'a LimiterTrace,
    /// The sound of the record that was leant to, if it is known.
    pub(crate) record: Option<&'a Path>,
}

impl Made<'_> {
    /// Writes the page to `path`; `workers` files share the memory.
    ///
    /// # Errors
    /// When the master cannot be read again, or the page not written.
    pub(crate) fn write_page(
        self,
        path: &Path,
        workers: usize,
        progress: &Progress,
    ) -> Outcome<()> {
        let Self { track, document, after, .. } = self;
        let written = open(&Input::file(self.output), workers)?;
        let versions = [
            sounding("mix", track, document.settings.input.trim_start_s),
            Sounding {
                name: "master".to_owned(),
                lufs: after.analysis.loudness.integrated_lufs,
                series: &after.series,
                source: &written,
                begin_s: 0.0,
            },
        ];
        let record = self.record.map(|path| measure(&Input::file(path), workers)).transpose()?;
        let beside = record.as_ref().map(|record| sounding("record", record, 0.0));
        let heard = listening(&versions, beside.as_ref(), SoundInPage::Auto)?;
        let html = page(Page {
            title: &track.input.stem(),
            song: &song(track),
            before: &track.measured,
            after: Some(after),
            document: Some(document),
            verdict: Some(self.verdict),
            aim: Some(self.aim),
            record: record.as_ref().map(|record| &record.measured),
            trace: Some(self.trace),
            codecs: &[],
            sound: heard.as_ref(),
        });
        write_text(path, &html, Existing::Replace)?;
        progress.done("Also", &path.display().to_string());
        Ok(())
    }
}
