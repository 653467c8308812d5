//! From what was typed to the thing it names: targets, settings files.

use std::fs;
use std::path::Path;

use acetate_references::Profile;
use acetate_references::style::{Style, style as built_in_style, styles};
use acetate_references::target::{Target, target as built_in_target, targets};

use crate::failure::{Failure, Outcome};
use crate::inputs::Input;
use crate::reading::measure;
use crate::suggestion::did_you_mean;
use acetate_optimizer::SettingsDocument;

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

/// The built-in target of that id.
pub(crate) fn built_in(id: &str) -> Option<&'static Target> {
    built_in_target(id)
}

/// A target from a file.
///
/// # Errors
/// When it cannot be read, or is not a target.
pub(crate) fn target_file(path: &Path) -> Outcome<Target> {
    Target::parse(&document(path)?).map_err(|error| Failure::usage(error).about(path.display()))
}

/// The profile of a reference: a sound file, which is measured, or a profile file.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn profile(name: &str) -> Outcome<Profile> {
    let path = Path::new(name);
    if name.ends_with(".json") {
        return Profile::parse(&document(path)?)
            .map_err(|error| Failure::usage(error).about(path.display()));
    }
    let track = measure(&Input::file(path), 1)?;
    let stem = track.input.stem();
    Ok(Profile::from_measured(&stem, &track.measured))
}

/// A built-in style, or one from a file.
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
    let unreadable = |error| Failure::usage(format!("{}: cannot read: {error}", path.display()));
    if path.as_os_str() == "-" {
        return std::io::read_to_string(std::io::stdin()).map_err(unreadable);
    }
    let size = fs::metadata(path).map_err(unreadable)?.len();
    if size > DOCUMENT_MAX_BYTES {
        let limit = DOCUMENT_MAX_BYTES >> 20;
        return Err(Failure::usage(format!("{}: {size} bytes is no document", path.display()))
            .next(format!("documents have at most {limit} MB")));
    }
    fs::read_to_string(path).map_err(unreadable)
}

/// A settings document from a file, or from standard input.
///
/// # Errors
/// When it cannot be read, or is not settings.
pub(crate) fn settings(path: &Path) -> Outcome<SettingsDocument> {
    let text = document(path)?;
    SettingsDocument::parse(&text).map_err(|error| Failure::usage(error).about(path.display()))
}
