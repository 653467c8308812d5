//! Documents in: one that is taken is written and read back as itself, one that is refused says why.

use std::fmt::Display;

use acetate_optimizer::SettingsDocument;
use acetate_references::style::Style;
use acetate_references::{Profile, Target};

/// Any bytes as a settings document.
///
/// # Panics
/// When what was taken is written as something else, or the engine refuses it.
pub fn settings(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some(document) = taken(SettingsDocument::parse(text)) else { return };
    acetate_engine::check(&document.settings).expect("the engine takes what was read");
    let again = SettingsDocument::parse(&document.to_json()).expect("what was written is read");
    assert!(again.settings == document.settings, "settings changed on the way");
}

/// Any bytes as a profile.
///
/// # Panics
/// When what was taken is not read back.
pub fn profile(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some(profile) = taken(Profile::parse(text)) else { return };
    Profile::parse(&profile.to_json()).expect("what was written is read");
}

/// Any bytes as a target.
///
/// # Panics
/// When what was taken is not read back.
pub fn target(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some(target) = taken(Target::parse(text)) else { return };
    let json = serde_json::to_string(&target).expect("targets are plain data");
    assert!(Target::parse(&json).expect("what was written is read") == target);
}

/// Any bytes as a style.
///
/// # Panics
/// When what was taken is not read back.
pub fn style(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some(style) = taken(Style::parse(text)) else { return };
    Style::parse(&style.to_json()).expect("what was written is read");
}

/// What was read; a refusal can be said in words.
fn taken<T, E: Display>(parsed: Result<T, E>) -> Option<T> {
    parsed.map_err(|error| assert!(!error.to_string().is_empty())).ok()
}
