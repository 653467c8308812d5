//! From a name to the thing it stands for: delivery rules, records, styles.

use std::cmp::Reverse;
use std::path::Path;

use acetate_optimizer::SettingsDocument;
use acetate_references::profile::Profile;
use acetate_references::style::{Style, style as built_in_style, styles};
use acetate_references::target::{Target, target as built_in_target, targets};
use acetate_references::{Taste, plain_id};

use crate::documents::read_text;
use crate::library::LibraryError;
use crate::{Error, Library, Named, Song};

/// Delivery rules: a built-in id, or a target file.
///
/// # Errors
/// When there is no such id, or the file is not a target.
pub fn target_named(name: &str) -> Result<Target, Error> {
    if let Some(target) = built_in_target(name) {
        return Ok(target.clone());
    }
    let path = Path::new(name);
    if path.is_file() || name.ends_with(".json") || name.contains(['/', '\\']) {
        return target_file(path);
    }
    let near = nearest(name, targets().iter().map(|target| target.id.as_str()));
    Err(Error::Unknown { what: Named::Target, name: name.to_owned(), near })
}

/// Delivery rules from a file.
///
/// # Errors
/// When it cannot be read, or is not a target.
pub fn target_file(path: &Path) -> Result<Target, Error> {
    Target::parse(&read_text(path)?).map_err(|error| document_error(path, &error))
}

/// The profile of a record: a sound file, which is measured, a profile file (`.json`), or an id of the library.
///
/// # Errors
/// When it cannot be read, or is not there.
pub fn profile_named(name: &str, library: Option<&Library>) -> Result<Profile, Error> {
    let path = Path::new(name);
    if name.ends_with(".json") {
        let text = read_text(path)?;
        if SettingsDocument::parse(&text).is_ok() {
            let reason = "is settings, and a record is wanted: name the sound they were made from, or a profile";
            return Err(Error::Document { name: name.to_owned(), reason: reason.to_owned() });
        }
        return Profile::parse(&text).map_err(|error| document_error(path, &error));
    }
    let id = plain_id(name);
    if let Some(library) = library.filter(|_| !name.is_empty() && !path.exists()) {
        match library.profile(&id) {
            Ok(profile) => return Ok(profile),
            Err(error) if id == name => return Err(error.into()),
            // A file that is not there says so itself.
            Err(_) => {}
        }
    }
    Song::opening(path).profile(&mut ())
}

/// A style: a built-in id, a style file, or an id of the library.
///
/// # Errors
/// When there is no such style, or the file is not one.
pub fn style_named(name: &str, library: Option<&Library>) -> Result<Style, Error> {
    if let Some(style) = built_in_style(name) {
        return Ok(style.clone());
    }
    let path = Path::new(name);
    if path.is_file() {
        return Style::parse(&read_text(path)?).map_err(|error| document_error(path, &error));
    }
    match library.map(|library| library.style(&plain_id(name))) {
        Some(Ok(style)) => return Ok(style),
        Some(Err(damaged @ LibraryError::Damaged { .. })) => return Err(damaged.into()),
        _ => {}
    }
    let own = library.and_then(|library| library.style_and_taste_ids().ok()).unwrap_or_default();
    let built_in = styles().iter().map(|style| style.id.as_str());
    let near = nearest(name, built_in.chain(own.iter().map(String::as_str)));
    Err(Error::Unknown { what: Named::Style, name: name.to_owned(), near })
}

/// A taste: a taste file, or an id of the library; `None` where there is none of that name.
///
/// # Errors
/// When the file is meant to be one and is not, or cannot be read.
pub fn taste_named(name: &str, library: Option<&Library>) -> Result<Option<Taste>, Error> {
    let path = Path::new(name);
    if built_in_style(name).is_some() {
        return Ok(None);
    }
    if path.is_file() {
        let text = read_text(path)?;
        return if Taste::is_meant(&text) {
            Taste::parse(&text).map(Some).map_err(|error| document_error(path, &error))
        } else {
            Ok(None)
        };
    }
    match library.map(|library| library.taste(&plain_id(name))) {
        Some(Ok(taste)) => Ok(Some(taste)),
        Some(Err(damaged @ LibraryError::Damaged { .. })) => Err(damaged.into()),
        _ => Ok(None),
    }
}

fn document_error(path: &Path, reason: &dyn std::error::Error) -> Error {
    Error::Document { name: path.display().to_string(), reason: reason.to_string() }
}

/// The candidate that was most likely meant by what was typed, if one is near enough (at most a third of its letters differ).
pub fn nearest<'a>(typed: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    let distances = candidates.map(|candidate| (strsim::levenshtein(typed, candidate), candidate));
    // Of those as near, the longest: more of it was typed right.
    let (distance, _, candidate) =
        distances.map(|(distance, word)| (distance, Reverse(word.len()), word)).min()?;
    (distance <= candidate.len().div_ceil(3)).then(|| candidate.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_proposed_and_the_far_is_not() {
        let ids = ["spotify", "spotify-loud", "tidal"];
        assert_eq!(nearest("sptify", ids.into_iter()).as_deref(), Some("spotify"));
        assert_eq!(nearest("xyzzy", ids.into_iter()), None);
    }
}
