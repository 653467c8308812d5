//! An audition in a folder: what was answered, and the pair that is to be heard as two files.

use std::fs::{create_dir_all, read_dir, remove_file};
use std::path::{Path, PathBuf};

use super::Sitting;
use crate::documents::{read_text, readable};
use crate::output::{IfExists, Output, write_audio, write_text};
use crate::{Error, Observer, Request, Song};

/// Length of what is heard of a song, s.
const EXCERPT_S: f64 = 12.0;
/// The file that keeps the answers.
const STATE: &str = "audition.json";

/// A folder that an audition is kept in.
#[derive(Clone, Debug)]
pub struct AuditionFolder {
    folder: PathBuf,
}

impl AuditionFolder {
    /// The folder, which is made when something is written into it.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// The file that keeps the answers.
    pub fn state(&self) -> PathBuf {
        self.folder.join(STATE)
    }

    /// The settings that the answers lead to.
    pub fn settings(&self) -> PathBuf {
        self.folder.join("settings.json")
    }

    /// The audition that is kept there, or one that begins.
    ///
    /// # Errors
    /// When what is there is about another song or other wishes or is damaged; or those of [`Song::audition`].
    pub fn open(&self, song: &Song, request: &Request) -> Result<Sitting, Error> {
        let state = self.state();
        if !state.exists() {
            return song.audition(request);
        }
        let name = state.display().to_string();
        let sitting = Sitting::parse(&name, &read_text(&state)?)?;
        if !sitting.is_about(song, request)? {
            let reason = format!("is about {}, or about other wishes for it", sitting.song);
            return Err(Error::Document { name, reason });
        }
        Ok(sitting)
    }

    /// Keeps the answers.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(&self, sitting: &Sitting) -> Result<(), Error> {
        self.make()?;
        let wrong = |error: serde_json::Error| Error::Document {
            name: self.state().display().to_string(),
            reason: error.to_string(),
        };
        write_text(&self.state(), &readable(sitting).map_err(wrong)?, IfExists::Replace)
    }

    /// Writes the pair that is to be heard next, at one loudness, in place of the last; `None` when there is nothing left to ask.
    ///
    /// What is heard is the loudest stretch of the song.
    ///
    /// # Errors
    /// When the song cannot be read again, a file cannot be written, or the observer stops it.
    pub fn write_pair(
        &self,
        song: &Song,
        sitting: &Sitting,
        request: &Request,
        observer: &mut dyn Observer,
    ) -> Result<Option<[PathBuf; 2]>, Error> {
        let Some(pair) = sitting.next_pair() else { return Ok(None) };
        let watch = crate::observer::Watch::new(observer);
        watch.progress(crate::Stage::Rendering, 0.0);
        if watch.is_stopped() {
            return Err(Error::Cancelled);
        }
        let candidates = song.candidates(sitting, &pair, request)?;
        let excerpts = song.audible(&candidates, song.loudest_s(EXCERPT_S), EXCERPT_S)?;
        self.make()?;
        self.clear()?;
        let number = sitting.answered() + 1;
        let files = ["A", "B"].map(|letter| self.folder.join(format!("{number}-{letter}.wav")));
        for (file, excerpt) in files.iter().zip(excerpts) {
            write_audio(&excerpt.audio, Output::file(file).replace(true))?;
        }
        Ok(Some(files))
    }

    /// Removes the pair that was heard last.
    ///
    /// # Errors
    /// When the folder cannot be read or a file cannot be removed.
    pub fn clear(&self) -> Result<(), Error> {
        let unlisted = |reason| Error::Unlisted { path: self.folder.clone(), reason };
        let Ok(entries) = read_dir(&self.folder) else { return Ok(()) };
        for entry in entries {
            let path = entry.map_err(unlisted)?.path();
            if is_of_a_pair(&path) {
                remove_file(&path).map_err(|reason| Error::Write { path, reason })?;
            }
        }
        Ok(())
    }

    fn make(&self) -> Result<(), Error> {
        create_dir_all(&self.folder)
            .map_err(|reason| Error::Folder { path: self.folder.clone(), reason })
    }
}

/// `3-A.wav`: nothing else is ever removed.
fn is_of_a_pair(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let number = name.strip_suffix("-A.wav").or_else(|| name.strip_suffix("-B.wav"));
    number.is_some_and(|number| number.parse::<u8>().is_ok())
}
