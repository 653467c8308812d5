//! A file to work on, and where it was found.

use std::path::{Path, PathBuf};

use acetate_audio::SourceFormat;
use acetate_files::Reader;
use acetate_optimizer::SettingsDocument;

use crate::Error;
use crate::documents::read_settings;
use crate::output::{sidecar, unknown_source};

/// One thing to work on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Input {
    /// A file, and the folder that was named if it was found in one.
    File {
        /// The file.
        path: PathBuf,
        /// The folder it was found in.
        root: Option<PathBuf>,
    },
    /// Standard input.
    Stdin,
}

impl Input {
    /// A file that was named.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::File { path: path.into(), root: None }
    }

    /// What its file holds, as far as its beginning says; of a stream nothing is known.
    ///
    /// # Errors
    /// When it cannot be read as sound.
    pub(crate) fn format(&self) -> Result<SourceFormat, Error> {
        let Some(path) = self.path() else { return Ok(unknown_source()) };
        let reader = Reader::open(path).map_err(|error| Error::read(self.name(), error))?;
        Ok(reader.format().clone())
    }

    /// The name to show: the path as given, or `-`.
    pub fn name(&self) -> String {
        match self {
            Self::File { path, .. } => path.display().to_string(),
            Self::Stdin => "-".to_owned(),
        }
    }

    /// The file name alone.
    pub fn short_name(&self) -> String {
        match self {
            Self::File { path, .. } => path
                .file_name()
                .map_or_else(|| self.name(), |name| name.to_string_lossy().into_owned()),
            Self::Stdin => "-".to_owned(),
        }
    }

    /// The path below the folder that it was found in, with `/` between its parts; of a file that was named, its path as given. Machines
    /// that see a folder in different places agree on it.
    pub fn name_in_folder(&self) -> String {
        let Self::File { path, root: Some(root) } = self else { return self.name() };
        with_slashes(path.strip_prefix(root).unwrap_or(path))
    }

    /// The file name without its extension, to name outputs after.
    pub fn stem(&self) -> String {
        match self {
            Self::File { path, .. } => path
                .file_stem()
                .map_or_else(|| self.name(), |stem| stem.to_string_lossy().into_owned()),
            Self::Stdin => "stdin".to_owned(),
        }
    }

    /// Was it found in a folder, beside the settings that `master` wrote for it?
    pub fn is_own_master(&self) -> bool {
        matches!(self, Self::File { root: Some(_), .. }) && self.own_settings().is_some()
    }

    /// The settings that `master` or `apply` wrote beside it, when it is what they made.
    pub fn own_settings(&self) -> Option<SettingsDocument> {
        let path = sidecar(self.path()?, "settings.json");
        let document = path.is_file().then(|| read_settings(&path).ok()).flatten()?;
        let made = document.numbers.after.as_ref().and_then(|after| after.file.as_deref());
        (made == Some(self.short_name().as_str())).then_some(document)
    }

    /// Is it what is written beside masters: their settings, or a page about them?
    pub fn is_companion(&self) -> bool {
        let name = self.short_name().to_lowercase();
        name.ends_with(".settings.json") || name.ends_with(".html")
    }

    /// The path, unless it is standard input.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File { path, .. } => Some(path),
            Self::Stdin => None,
        }
    }
}

/// A path with `/` between its parts, on every system.
pub(crate) fn with_slashes(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}
