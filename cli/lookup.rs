//! From what was typed to the thing it names: targets, settings files.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{env, fs, io};

use acetate_audio::Mono;
use acetate_references::profile::plain_id;
use acetate_references::style::{Style, style as built_in_style, styles};
use acetate_references::target::{Target, target as built_in_target, targets};
use acetate_references::{Library, Profile};

use crate::failure::{Failure, Outcome};
use crate::inputs::Input;
use crate::reading::measure_only;
use crate::suggestion::did_you_mean;
use acetate_optimizer::SettingsDocument;

/// Where data is kept under the home folder.
#[cfg(target_os = "macos")]
const DATA_FOLDER: &str = "Library/Application Support";
#[cfg(not(target_os = "macos"))]
const DATA_FOLDER: &str = ".local/share";

/// Settings files larger than this are not settings.
const DOCUMENT_MAX_BYTES: u64 = 16 << 20;

/// A target by its id, or from a file.
///
/// # Errors
/// When there is no such id, or the file is not a target.
pub(crate) fn target(name: &str) -> Outcome<Target> {
    if let Some(target) = built_in_target(name) {
        return Ok(target.clone());
    }
    let path = Path::new(name);
    if path.is_file() || name.ends_with(".json") || name.contains(['/', '\\']) {
        return target_file(path);
    }
    let hint = did_you_mean(name, targets().iter().map(|target| target.id.as_str()));
    Err(Failure::usage(format!("there is no target \"{name}\"{hint}"))
        .next("acetate targets list shows them all"))
}

/// A target from a file.
///
/// # Errors
/// When it cannot be read, or is not a target.
pub(crate) fn target_file(path: &Path) -> Outcome<Target> {
    Target::parse(&document(path)?).map_err(|error| Failure::usage(error).about(path.display()))
}

/// The profile of a reference: a sound file, which is measured, a profile file, or an id of the library.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn profile(name: &str) -> Outcome<Profile> {
    let path = Path::new(name);
    if name.ends_with(".json") {
        return Profile::parse(&document(path)?)
            .map_err(|error| Failure::usage(error).about(path.display()));
    }
    let id = plain_id(name);
    if !name.is_empty() && !path.exists() {
        match library()?.profile(&id) {
            Ok(profile) => return Ok(profile),
            Err(error) if id == name => {
                return Err(Failure::usage(error)
                    .next("acetate references list shows what is there; or name a file"));
            }
            // A file that is not there says so itself.
            Err(_) => {}
        }
    }
    let track = measure_only(&Input::file(path), Mono::Dual)?;
    let stem = track.input.stem();
    Ok(Profile::from_measured(&stem, &track.measured))
}

/// A built-in style, one from a file, or one of the library.
///
/// # Errors
/// When there is no such style, or the file is not one.
pub(crate) fn style(name: &str) -> Outcome<Style> {
    if let Some(style) = built_in_style(name) {
        return Ok(style.clone());
    }
    let path = Path::new(name);
    if path.is_file() {
        return Style::parse(&document(path)?)
            .map_err(|error| Failure::usage(error).about(path.display()));
    }
    if let Ok(style) =
        library().and_then(|library| library.style(&plain_id(name)).map_err(Failure::usage))
    {
        return Ok(style);
    }
    let hint = did_you_mean(name, styles().iter().map(|style| style.id.as_str()));
    let known: Vec<&str> = styles().iter().map(|style| style.id.as_str()).collect();
    Err(Failure::usage(format!("there is no style \"{name}\"{hint}"))
        .next(format!("there are auto, {}", known.join(", "))))
}

/// The text of a document; `-` is standard input.
///
/// # Errors
/// When it cannot be read, is not text, or is far too large.
pub(crate) fn document(path: &Path) -> Outcome<String> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::InvalidData => Failure::usage(format!(
            "{}: is not text in UTF-8",
            path.display()
        ))
        .next(
            "settings, targets and profiles are JSON; settings come before the sound they are for",
        ),
        _ => Failure::usage(format!("{}: cannot read: {error}", path.display())),
    };
    let mut text = String::new();
    let mut reader: Box<dyn Read> = match path.as_os_str() == "-" {
        true => Box::new(io::stdin()),
        false => Box::new(fs::File::open(path).map_err(unreadable)?),
    };
    // Counted while it is read: a pipe or a device has no size.
    reader.by_ref().take(DOCUMENT_MAX_BYTES + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > DOCUMENT_MAX_BYTES {
        return Err(Failure::usage(format!("{}: is far too long", path.display()))
            .next(format!("documents have at most {} MB", DOCUMENT_MAX_BYTES >> 20)));
    }
    Ok(text)
}

/// A settings document from a file, or from standard input.
///
/// # Errors
/// When it cannot be read, or is not settings.
pub(crate) fn settings(path: &Path) -> Outcome<SettingsDocument> {
    let text = document(path)?;
    SettingsDocument::parse(&text).map_err(|error| Failure::usage(error).about(path.display()))
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
