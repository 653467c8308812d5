//! A folder of profiles, styles and tastes: one file each, written at once or not at all.
//!
//! There is no index and no lock. A file appears under its name complete or not at all, so that two programs may
//! add at the same time, and the folder can be kept in version control and edited by hand. A file that cannot be
//! read is named and skipped; the others are there.

mod error;
mod measure;

pub use error::LibraryError;
pub use measure::{measure_each, measure_files};

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use acetate_audio::threads;
use acetate_files::{remove_abandoned, temporary_in};
use acetate_references::profile::Profile;
use acetate_references::style::{OwnRecords, Style, style};
use acetate_references::{Taste, plain_id};

/// How the file name of a profile ends.
const PROFILE_ENDING: &str = ".profile.json";
/// How the file name of a style ends.
const STYLE_ENDING: &str = ".style.json";
/// How the file name of a taste ends.
const TASTE_ENDING: &str = ".taste.json";

/// What `--style` takes for the likeliest.
const AUTO: &str = "auto";

/// A folder of profiles, styles and tastes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Library {
    folder: PathBuf,
    /// Nothing is written.
    rehearses: bool,
}

/// What a library holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    /// The profiles, by id.
    pub profiles: Vec<Profile>,
    /// Files that look like profiles and are not, by path.
    pub skipped: Vec<Skipped>,
}

/// A file that was left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Skipped {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub reason: String,
}

/// What happens to a profile of the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfExists {
    /// It stays, and adding is an error.
    Refuse,
    /// It is replaced.
    Replace,
}

impl Library {
    /// The library in a folder, which is made when something is added first.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), rehearses: false }
    }

    /// The same that writes and removes nothing, if so: it answers as if it did.
    #[must_use]
    pub fn rehearsing(self, rehearses: bool) -> Self {
        Self { rehearses, ..self }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Adds a profile and returns its file.
    ///
    /// # Errors
    /// When it is of silence, there is one of that id, the id is no file name, or the folder cannot be written.
    pub fn add(&self, profile: &Profile, if_exists: IfExists) -> Result<PathBuf, LibraryError> {
        if profile.loudness.integrated_lufs.is_none() {
            return Err(LibraryError::Silent { id: profile.id.clone() });
        }
        let path = self.path(&profile.id, PROFILE_ENDING)?;
        self.write(&path, &profile.id, &profile.to_json(), if_exists)
    }

    /// Adds a style and returns its file.
    ///
    /// # Errors
    /// Those of [`Library::add`]; when `--style` finds something else under its id.
    pub fn add_style(&self, style: &Style, if_exists: IfExists) -> Result<PathBuf, LibraryError> {
        self.expect_free_for_style(&style.id, if_exists)?;
        let path = self.path(&style.id, STYLE_ENDING)?;
        self.write(&path, &style.id, &style.to_json(), if_exists)
    }

    /// Adds a taste and returns its file.
    ///
    /// # Errors
    /// Those of [`Library::add_style`].
    pub fn add_taste(&self, taste: &Taste, if_exists: IfExists) -> Result<PathBuf, LibraryError> {
        self.expect_free_for_taste(&taste.id, if_exists)?;
        let path = self.path(&taste.id, TASTE_ENDING)?;
        self.write(&path, &taste.id, &taste.to_json(), if_exists)
    }

    /// Expects that a taste can be kept under a name: before anybody answers for it.
    ///
    /// # Errors
    /// Those of [`Library::add_taste`].
    pub fn expect_free_for_taste(
        &self,
        name: &str,
        if_exists: IfExists,
    ) -> Result<(), LibraryError> {
        self.expect_free_for(name, [TASTE_ENDING, STYLE_ENDING], "a style of yours", if_exists)
    }

    /// Expects that a style can be kept under a name: before records are measured for it.
    ///
    /// # Errors
    /// Those of [`Library::add_style`].
    pub fn expect_free_for_style(
        &self,
        name: &str,
        if_exists: IfExists,
    ) -> Result<(), LibraryError> {
        self.expect_free_for(name, [STYLE_ENDING, TASTE_ENDING], "a taste of yours", if_exists)
    }

    /// Expects that `--style` finds nothing else under a name: nothing built in, and no file of the `other` ending.
    fn expect_free_for(
        &self,
        name: &str,
        [own, other]: [&str; 2],
        what: &'static str,
        if_exists: IfExists,
    ) -> Result<(), LibraryError> {
        let id = plain_id(name);
        let path = self.path(&id, own)?;
        let taken = |what| Err(LibraryError::Taken { id: id.clone(), what });
        if id == AUTO || style(&id).is_some() {
            return taken("a style that is built in");
        }
        if self.path(&id, other)?.exists() {
            return taken(what);
        }
        expect_absent(&path, &id, if_exists)
    }

    /// Learns a style from records (at least eight), and one for each kind that is found among them, and adds them all.
    ///
    /// # Errors
    /// When the records lack what a style is made of, or those of [`Library::add`].
    pub fn learn(
        &self,
        name: &str,
        records: &[Profile],
        if_exists: IfExists,
    ) -> Result<Vec<(Style, PathBuf)>, LibraryError> {
        let styles = OwnRecords::new(records)?.styles(name)?;
        styles
            .into_iter()
            .map(|style| self.add_style(&style, if_exists).map(|path| (style, path)))
            .collect()
    }

    /// The profile of that id.
    ///
    /// # Errors
    /// When there is none, or its file is damaged.
    pub fn profile(&self, id: &str) -> Result<Profile, LibraryError> {
        let path = self.path(id, PROFILE_ENDING)?;
        if !path.exists() {
            return Err(self.unknown(id, PROFILE_ENDING));
        }
        Ok(Profile::parse(&text_of(&path)?)?)
    }

    /// The style of that id.
    ///
    /// # Errors
    /// When there is none, or its file is damaged.
    pub fn style(&self, id: &str) -> Result<Style, LibraryError> {
        let path = self.path(id, STYLE_ENDING)?;
        if !path.exists() {
            return Err(self.unknown(id, STYLE_ENDING));
        }
        Style::parse(&text_of(&path)?).map_err(|why| damaged(&path, &why))
    }

    /// The taste of that id.
    ///
    /// # Errors
    /// When there is none, or its file is damaged.
    pub fn taste(&self, id: &str) -> Result<Taste, LibraryError> {
        let path = self.path(id, TASTE_ENDING)?;
        if !path.exists() {
            return Err(self.unknown(id, TASTE_ENDING));
        }
        Taste::parse(&text_of(&path)?).map_err(|why| damaged(&path, &why))
    }

    /// Removes the profile, or else the style or the taste, of that id and returns its file.
    ///
    /// # Errors
    /// When there is none of them, or it cannot be removed.
    pub fn remove(&self, id: &str) -> Result<PathBuf, LibraryError> {
        for ending in [PROFILE_ENDING, STYLE_ENDING, TASTE_ENDING] {
            let path = self.path(id, ending)?;
            if self.rehearses && path.exists() {
                return Ok(path);
            }
            match fs::remove_file(&path) {
                Ok(()) => return Ok(path),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(source) => return Err(LibraryError::File { path, source }),
            }
        }
        Err(self.unknown(id, PROFILE_ENDING))
    }

    /// Everything in the library, and what had to be skipped. A folder that does not exist is empty.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn list(&self) -> Result<Listing, LibraryError> {
        let paths = self.files(PROFILE_ENDING)?;
        let read = threads::map(&paths, |_, path| {
            let read = text_of(path).and_then(|text| Ok(Profile::parse(&text)?));
            read.map_err(|why| Skipped { path: path.clone(), reason: why.to_string() })
        });
        let mut listing = Listing::default();
        for result in read {
            match result {
                Ok(profile) => listing.profiles.push(profile),
                Err(skipped) => listing.skipped.push(skipped),
            }
        }
        listing.profiles.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(listing)
    }

    /// Ids of the styles in the library.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn style_ids(&self) -> Result<Vec<String>, LibraryError> {
        self.ids(STYLE_ENDING)
    }

    /// Ids of the tastes in the library.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn taste_ids(&self) -> Result<Vec<String>, LibraryError> {
        self.ids(TASTE_ENDING)
    }

    /// Ids of both, which `--style` takes.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn style_and_taste_ids(&self) -> Result<Vec<String>, LibraryError> {
        Ok([self.style_ids()?, self.taste_ids()?].concat())
    }

    fn ids(&self, ending: &str) -> Result<Vec<String>, LibraryError> {
        Ok(self.files(ending)?.iter().filter_map(|path| id_of(path, ending)).collect())
    }

    fn path(&self, id: &str, ending: &str) -> Result<PathBuf, LibraryError> {
        if plain_id(id) == id {
            Ok(self.folder.join(format!("{id}{ending}")))
        } else {
            Err(LibraryError::Id { id: id.to_owned() })
        }
    }

    /// Files of the library with that ending, by name.
    fn files(&self, ending: &str) -> Result<Vec<PathBuf>, LibraryError> {
        let failed = |source| LibraryError::File { path: self.folder.clone(), source };
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(failed(source)),
        };
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            if id_of(&path, ending).is_some() {
                paths.push(path);
            }
        }
        paths.sort();
        Ok(paths)
    }

    /// Writes beside the file, then takes its name: a reader sees all of it or nothing.
    fn write(
        &self,
        path: &Path,
        id: &str,
        text: &str,
        if_exists: IfExists,
    ) -> Result<PathBuf, LibraryError> {
        let failed = |source| LibraryError::File { path: path.to_owned(), source };
        if self.rehearses {
            return expect_absent(path, id, if_exists).map(|()| path.to_owned());
        }
        fs::create_dir_all(&self.folder).map_err(failed)?;
        remove_abandoned(&self.folder);
        let mut file = temporary_in(&self.folder).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        let persisted = match if_exists {
            IfExists::Refuse => file.persist_noclobber(path),
            IfExists::Replace => file.persist(path),
        };
        match persisted {
            Ok(_) => Ok(path.to_owned()),
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => {
                Err(LibraryError::Exists { id: id.to_owned() })
            }
            Err(error) => Err(failed(error.error)),
        }
    }

    fn unknown(&self, id: &str, ending: &str) -> LibraryError {
        let ids = self.files(ending).unwrap_or_default();
        let alike = |candidate: &String| candidate.contains(id) || id.contains(candidate.as_str());
        let near =
            ids.iter().filter_map(|path| id_of(path, ending)).filter(alike).take(3).collect();
        LibraryError::Unknown { id: id.to_owned(), near }
    }
}

/// Expects that a file is not there, unless it may be replaced.
fn expect_absent(path: &Path, id: &str, if_exists: IfExists) -> Result<(), LibraryError> {
    match if_exists == IfExists::Refuse && path.exists() {
        true => Err(LibraryError::Exists { id: id.to_owned() }),
        false => Ok(()),
    }
}

fn damaged(path: &Path, why: &dyn std::error::Error) -> LibraryError {
    LibraryError::Damaged { path: path.to_owned(), reason: why.to_string() }
}

fn text_of(path: &Path) -> Result<String, LibraryError> {
    let failed = |source| LibraryError::File { path: path.to_owned(), source };
    fs::read_to_string(path).map_err(failed)
}

/// The id in a file name; `None` for files of another kind, hidden ones among them.
fn id_of(path: &Path, ending: &str) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let id = name.strip_suffix(ending)?;
    (!id.is_empty() && !id.starts_with('.')).then(|| id.to_owned())
}

#[cfg(test)]
mod tests;
