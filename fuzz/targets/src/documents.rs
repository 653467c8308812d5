//! Documents in: one that is taken is written and read back as itself, one that is refused says why.

use std::fmt::Display;

use acetate_optimizer::SettingsDocument;
use acetate_references::bands::WIDE_BANDS;
use acetate_references::oneshot::{BandSigns, Signs, model};
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

/// What is judged by the styles that were read.
const A_RECORD: [BandSigns; WIDE_BANDS] = [BandSigns {
    mid_db: -25.0,
    spread_db: 4.0,
    quick_db: 5.0,
    side_db: -33.0,
    side_spread_db: 4.0,
}; WIDE_BANDS];

/// Any bytes as a style.
///
/// # Panics
/// When what was taken is not read back.
pub fn style(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some(style) = taken(Style::parse(text)) else { return };
    Style::parse(&style.to_json()).expect("what was written is read");
    let Some(known) = style.kind.and_then(|kind| model().of_style(&kind)) else { return };
    let judged = known.belief(&Signs::from_bands(&A_RECORD).expect("it is loud"));
    assert!((0.0..=1.0).contains(&judged.tone.probability), "{judged:?}");
}

/// What was read; a refusal can be said in words.
fn taken<T, E: Display>(parsed: Result<T, E>) -> Option<T> {
    parsed.map_err(|error| assert!(!error.to_string().is_empty())).ok()
}
