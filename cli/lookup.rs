//! From what was typed to the thing it names: targets, settings files, the library.

use std::env;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use acetate::documents::{parse_settings, read_settings, read_text, read_text_from};
use acetate::{Library, Profile, SettingsDocument, Target};

use crate::failure::{Failure, Outcome};

/// Where data is kept under the home folder.
#[cfg(target_os = "macos")]
const DATA_FOLDER: &str = "Library/Application Support";
#[cfg(not(target_os = "macos"))]
const DATA_FOLDER: &str = ".local/share";

/// A target by its id, or from a file.
///
/// # Errors
/// When there is no such id, or the file is not a target.
pub(crate) fn target(name: &str) -> Outcome<Target> {
    Ok(acetate::target_named(name)?)
}

/// The profile of a reference: a sound file, which is measured, a profile file, or an id of the library.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn profile(name: &str) -> Outcome<Profile> {
    Ok(acetate::profile_named(name, library().ok().as_ref())?)
}

/// The text of a document; `-` is standard input.
///
/// # Errors
/// When it cannot be read, is not text, or is far too large.
pub(crate) fn document(path: &Path) -> Outcome<String> {
    if path.as_os_str() == "-" {
        return Ok(read_text_from("-", &mut io::stdin())?);
    }
    Ok(read_text(path)?)
}

/// What `read` makes of a list in a file, or from standard input for `-`.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn list<T>(
    path: &Path,
    read: impl FnOnce(&str, &mut dyn Read) -> Result<T, acetate::Error>,
) -> Outcome<T> {
    if path.as_os_str() == "-" {
        return Ok(read("-", &mut io::stdin().lock())?);
    }
    let name = path.display().to_string();
    let cannot = |error| Failure::failed(format!("{name}: cannot read: {error}"));
    Ok(read(&name, &mut File::open(path).map_err(cannot)?)?)
}

/// A settings document from a file, or from standard input.
///
/// # Errors
/// When it cannot be read, or is not settings.
pub(crate) fn settings(path: &Path) -> Outcome<SettingsDocument> {
    if path.as_os_str() == "-" {
        return Ok(parse_settings("-", &document(path)?)?);
    }
    Ok(read_settings(path)?)
}

/// `song.flac:0.6` is a name and a weight; a colon that no number follows belongs to the name.
pub(crate) fn weighted(text: &str) -> (&str, f64) {
    match text.rsplit_once(':') {
        Some((name, weight)) if !name.is_empty() => {
            weight.parse().map_or((text, 1.0), |weight| (name, weight))
        }
        _ => (text, 1.0),
    }
}

/// The file that a reference names, where it is one of sound.
pub(crate) fn sound_of(reference: &str) -> Option<PathBuf> {
    let path = Path::new(weighted(reference).0);
    (path.is_file() && !reference.contains(".json")).then(|| path.to_owned())
}

/// What `--library` names, for the whole run.
static NAMED_LIBRARY: OnceLock<PathBuf> = OnceLock::new();

/// Takes the folder that `--library` names for the library.
pub(crate) fn name_library(folder: &Path) {
    // Said once, before any command runs.
    let _ = NAMED_LIBRARY.set(folder.to_owned());
}

/// The library: what `--library` names, `ACETATE_LIBRARY`, or where programs of this system keep their data.
///
/// # Errors
/// When neither is known.
pub(crate) fn library() -> Outcome<Library> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let data = || {
        set("XDG_DATA_HOME")
            .or_else(|| set("APPDATA"))
            .or_else(|| set("HOME").map(|home| home.join(DATA_FOLDER)))
            .map(|data| data.join("acetate").join("references"))
    };
    let named = NAMED_LIBRARY.get().cloned();
    named.or_else(|| set("ACETATE_LIBRARY")).or_else(data).map(Library::at).ok_or_else(|| {
        Failure::usage("there is no home folder to keep the library in")
            .next("name one with --library")
    })
}

#[cfg(test)]
mod tests {
    use super::weighted;

    #[test]
    fn a_weight_follows_the_last_colon() {
        assert_eq!(weighted("a.flac:0.6"), ("a.flac", 0.6));
        assert_eq!(weighted("satellite"), ("satellite", 1.0));
        assert_eq!(weighted(r"C:\songs\a.flac"), (r"C:\songs\a.flac", 1.0));
        assert_eq!(weighted("a:b:2"), ("a:b", 2.0));
    }
}
