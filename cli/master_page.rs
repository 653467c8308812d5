//! The page beside a master that was just written, and how much sound pages carry.

use std::path::Path;

use acetate::audio::Mono;
use acetate::check::codec::streaming_codecs;
use acetate::output::{IfExists, write_text};
use acetate::{Aim, Input, Master, PageWish, Song, SoundInPage, System};
use clap::ValueEnum;

use crate::failure::Outcome;
use crate::progress::Progress;
use crate::reading::{measure, open};

/// How much sound a page carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum AudioArgument {
    /// The whole song where all versions fit into 64 MB, excerpts where not
    #[default]
    Auto,
    /// Charts and numbers alone
    None,
    /// Three places of eight seconds
    Excerpts,
    /// The whole of every version
    Full,
}

impl AudioArgument {
    /// The same as the library has it.
    pub(crate) fn wanted(self) -> SoundInPage {
        match self {
            Self::Auto => SoundInPage::Auto,
            Self::None => SoundInPage::None,
            Self::Excerpts => SoundInPage::Excerpts,
            Self::Full => SoundInPage::Full,
        }
    }
}

/// A master that was written, and what led to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made<'a> {
    pub(crate) song: &'a Song,
    pub(crate) output: &'a Path,
    pub(crate) aim: &'a Aim,
    pub(crate) master: &'a Master,
    /// The sound of the record that was leant to, if it is known.
    pub(crate) record: Option<&'a Path>,
    /// Systems on which it is heard, too.
    pub(crate) on: &'a [System],
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
        let written = open(self.output, workers)?;
        let read = |path: &Path| measure(&Input::file(path), workers, Mono::Dual, progress);
        let record = self.record.map(read).transpose()?;
        let codecs = streaming_codecs();
        let record = record.as_ref();
        let wish = PageWish { record, codecs: &codecs, systems: self.on, ..PageWish::default() };
        let html = self.song.page_of_master(self.master, &written, self.aim, wish)?;
        write_text(path, &html, IfExists::Replace)?;
        progress.done("Also", &path.display().to_string());
        Ok(())
    }
}
