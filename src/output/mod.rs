//! Outputs: where they go, how they are named, and that there is all of one under its name or nothing.

mod audio;
mod destinations;
mod file_name;
pub(crate) mod float_file;
pub(crate) mod naming;
pub(crate) mod pending;
pub(crate) mod protected;
pub(crate) mod publish;
pub(crate) mod render;
pub(crate) mod temporary;
mod update;
pub(crate) mod wish;
pub(crate) mod writable;

use std::io::Write;
use std::path::{Path, PathBuf};

pub use audio::write_audio;
pub use destinations::Destinations;
pub use file_name::plain_file_name;
pub use naming::{
    IfExists, MASTERED, NameParts, Naming, Slot, folder_of, is_one_place, page_of, place, plan,
    sidecar, write_text,
};
pub use protected::Protected;
pub use temporary::{remove_unfinished, temporary_folder};
pub use update::{State, is_same, state};
pub(crate) use update::{stamp, stamp_of};
pub(crate) use wish::plain_file;
pub use wish::{BitsWish, FileWish, RateWish, extension_of, lossy_codec, unknown_source};
pub use writable::expect_writable;

/// Where one master goes. A file that exists is refused unless [`Output::replace`] says otherwise.
pub struct Output {
    pub(crate) place: Place,
    pub(crate) replace: bool,
    pub(crate) settings_beside: bool,
}

pub(crate) enum Place {
    File(PathBuf),
    Stream(Box<dyn Write + Send>),
    Memory,
}

impl Output {
    /// A file, with its settings beside it (`song.wav.settings.json`). It is there under its name when all of it is.
    pub fn file(path: impl AsRef<Path>) -> Self {
        let place = Place::File(path.as_ref().to_owned());
        Self { place, replace: false, settings_beside: true }
    }

    /// A stream, such as standard output: it gets the file in one piece after it was verified.
    pub fn stream(stream: impl Write + Send + 'static) -> Self {
        Self { place: Place::Stream(Box::new(stream)), replace: false, settings_beside: false }
    }

    /// Memory: [`Master::bytes`](crate::Master::bytes) has the file.
    pub fn memory() -> Self {
        Self { place: Place::Memory, replace: false, settings_beside: false }
    }

    /// May it take the place of a file that exists?
    pub fn replace(self, replace: bool) -> Self {
        Self { replace, ..self }
    }

    /// Are the settings to be written beside a file?
    pub fn settings_beside(self, settings_beside: bool) -> Self {
        Self { settings_beside, ..self }
    }

    /// The file; `None` for a stream or memory.
    pub fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::File(path) => Some(path),
            _ => None,
        }
    }
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Output")
            .field("path", &self.path())
            .field("replace", &self.replace)
            .field("settings_beside", &self.settings_beside)
            .finish_non_exhaustive()
    }
}
