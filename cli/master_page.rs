//! The page beside a master that was just written.

use std::path::Path;

use acetate::output::{IfExists, write_text};
use acetate::report::{Page, Version, page};
use acetate::{Aim, Master, Song};

use crate::commands::report::sounding;
use crate::excerpts::{SoundInPage, Sounding, excerpts};
use crate::failure::Outcome;
use crate::progress::Progress;
use crate::reading::open;

/// A master that was written, and what led to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made<'a> {
    pub(crate) song: &'a Song,
    pub(crate) output: &'a Path,
    pub(crate) aim: &'a Aim,
    pub(crate) master: &'a Master,
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
        let Self { song, master, .. } = self;
        let Master { document, verdict, after, trace, .. } = master;
        let written = open(self.output, workers)?;
        let versions = [
            sounding("mix", song, document.settings.input.trim_start_s),
            Sounding {
                version: Version {
                    name: "master".to_owned(),
                    lufs: after.analysis.loudness.integrated_lufs,
                },
                source: &written,
                begin_s: 0.0,
            },
        ];
        let heard = excerpts(&versions, &after.series, SoundInPage::Excerpts)?;
        let html = page(Page {
            title: song.stem(),
            song: &song.title(),
            before: song.measured(),
            after: Some(after),
            document: Some(document),
            verdict: Some(verdict),
            aim: Some(self.aim),
            trace: Some(trace),
            codecs: &[],
            sound: heard.as_ref(),
        });
        write_text(path, &html, IfExists::Replace)?;
        progress.done("Also", &path.display().to_string());
        Ok(())
    }
}
