//! Taste without a new analysis: a settings document, more or less of it.

use acetate_engine::parameters::{Kind, PARAMETERS, Parameter, range};
use acetate_engine::settings::LimiterKind;
use acetate_engine::{Settings, SettingsError};
use serde_json::Value;
use thiserror::Error;

use crate::document::SettingsDocument;
use crate::options::Amounts;
use crate::rounding;

/// What to change in a settings document before it is applied.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scaling {
    /// How far to go, relative to the document: 100 % is what it says, 0 % only gain and ceiling.
    pub amounts: Amounts,
    /// Room in place of the document's, in percent; 0 is none.
    pub reverb_pct: Option<f64>,
    /// Harmonics in place of the document's, in percent; 0 is none.
    pub saturation_pct: Option<f64>,
    /// Only bands and stages with these ids, besides drive, limiter and the ends; empty for all.
    pub only: Vec<String>,
    /// All but these.
    pub skip: Vec<String>,
    /// Single values, by path inside `settings`: `limiter.ceiling_dbtp`, `equalizer.bands[0].gain_db`,
    /// `equalizer.bands.eq1.gain_db`.
    pub set: Vec<(String, String)>,
}

/// Why a document cannot be changed like that.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ScaleError {
    /// An id that nothing in the document has.
    #[error("no move or stage is called \"{id}\"; there are {}", known.join(", "))]
    UnknownId {
        /// The id.
        id: String,
        /// All ids.
        known: Vec<String>,
    },
    /// An entry that a list does not have.
    #[error("{list} has no \"{given}\"; {}", there_are(known))]
    UnknownEntry {
        /// Path of the list.
        list: String,
        /// Its id or number, as it was given.
        given: String,
        /// Ids, or numbers where there is none, of those there are.
        known: Vec<String>,
    },
    /// A value that the engine cannot do.
    #[error(transparent)]
    Settings(#[from] SettingsError),
}

fn there_are(known: &[String]) -> String {
    if known.is_empty() {
        "it is empty".to_owned()
    } else {
        format!("there are {}", known.join(", "))
    }
}

/// Stages, by the names that `only` and `skip` take besides the ids of bands.
const STAGES: [&str; 11] = [
    "equalizer",
    "dynamic_equalizer",
    "de_esser",
    "resonance",
    "compressor",
    "bass_harmonics",
    "saturator",
    "stereo",
    "reverb",
    "drive",
    "limiter",
];

impl Scaling {
    /// Whether nothing would change: then the bytes are those of the document.
    pub fn is_neutral(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the drive was given or left out: then no loudness is to be solved.
    pub fn decides_drive(&self) -> bool {
        let decides = ["drive_db", "limiter.output_gain_db"];
        self.set.iter().any(|(path, _)| decides.contains(&path.as_str()))
            || self.skip.iter().any(|id| id == "drive")
    }
}

/// The settings of `document`, scaled. The loudness is to be solved again afterwards, unless nothing changed.
///
/// Equaliser gains and moving bells scale with the tone, reduction and harmonics with the dynamics, width and room with the
/// width; at 0 % their stages do nothing and only drive, limiter, both ends and output are left.
///
/// # Errors
/// When an id or path does not exist, or a value is out of range.
pub fn scale(document: &SettingsDocument, scaling: &Scaling) -> Result<Settings, ScaleError> {
    let mut settings = document.settings.clone();
    if scaling.is_neutral() {
        return Ok(settings);
    }
    check_ids(&settings, scaling)?;
    choose(&mut settings, scaling);
    scale_families(&mut settings, &scaling.amounts);
    colour(&mut settings, scaling);
    if scaling.amounts != Amounts::default() {
        rounding::round(&mut settings);
    }
    let settings = set_values(&settings, &scaling.set)?;
    acetate_engine::check(&settings)?;
    Ok(settings)
}

fn ids(settings: &Settings) -> Vec<String> {
    let equalizer = settings.equalizer.bands.iter().map(|band| band.id.clone());
    let dynamic = settings.dynamic_equalizer.bands.iter().map(|band| band.id.clone());
    let compressor = settings.compressor.bands.iter().map(|band| band.id.clone());
    equalizer
        .chain(dynamic)
        .chain(compressor)
        .filter(|id| !id.is_empty())
        .chain(STAGES.iter().map(|stage| (*stage).to_owned()))
        .collect()
}

fn check_ids(settings: &Settings, scaling: &Scaling) -> Result<(), ScaleError> {
    let known = ids(settings);
    match scaling.only.iter().chain(&scaling.skip).find(|id| !known.contains(id)) {
        Some(id) => Err(ScaleError::UnknownId { id: id.clone(), known }),
        None => Ok(()),
    }
}

/// Switches off what is not wanted: a band goes by its own name or by that of its stage.
fn choose(settings: &mut Settings, scaling: &Scaling) {
    let named = |list: &[String], names: &[&str]| {
        list.iter().any(|listed| names.iter().any(|name| !name.is_empty() && listed == name))
    };
    let wanted = |names: &[&str]| {
        (scaling.only.is_empty() || named(&scaling.only, names)) && !named(&scaling.skip, names)
    };
    for band in &mut settings.equalizer.bands {
        band.enabled &= wanted(&[&band.id, "equalizer"]);
    }
    let dynamics = &mut settings.dynamic_equalizer;
    for band in &mut dynamics.bands {
        band.enabled &= wanted(&[&band.id, "dynamic_equalizer"]);
    }
    dynamics.de_esser.enabled &= wanted(&["de_esser", "dynamic_equalizer"]);
    dynamics.resonance.enabled &= wanted(&["resonance", "dynamic_equalizer"]);
    for band in &mut settings.compressor.bands {
        band.enabled &= wanted(&[&band.id, "compressor"]);
    }
    if !wanted(&["stereo"]) {
        settings.stereo = Default::default();
    }
    settings.bass_harmonics.enabled &= wanted(&["bass_harmonics"]);
    settings.saturator.enabled &= wanted(&["saturator"]);
    settings.reverb.enabled &= wanted(&["reverb"]);
    // Loudness and ceiling are what is delivered: they go only when they are named.
    if named(&scaling.skip, &["drive"]) {
        settings.drive_db = 0.0;
    }
    if named(&scaling.skip, &["limiter"]) {
        settings.limiter.kind = LimiterKind::Off;
    }
}

/// The colours that were asked for, as a fit sets them.
fn colour(settings: &mut Settings, scaling: &Scaling) {
    if let Some(mix_pct) = scaling.reverb_pct {
        settings.reverb.enabled = mix_pct > 0.0;
        settings.reverb.mix_pct = mix_pct.min(100.0);
    }
    if let Some(mix_pct) = scaling.saturation_pct {
        settings.saturator.enabled = mix_pct > 0.0;
        settings.saturator.mix_pct = mix_pct.min(100.0);
    }
}

/// `value` times `share`, no further than the knob called `key` goes.
fn scaled(value: f64, share: f64, key: &str) -> f64 {
    let range = range(key);
    (value * share).clamp(range.min, range.max)
}

fn scale_families(settings: &mut Settings, amounts: &Amounts) {
    scale_tone(settings, amounts.tone_share());
    scale_dynamics(settings, amounts.dynamics_share());
    scale_width(settings, amounts.width_share());
}

fn scale_tone(settings: &mut Settings, share: f64) {
    for band in &mut settings.equalizer.bands {
        band.gain_db = scaled(band.gain_db, share, "equalizer.bands[].gain_db");
        // Pass filters have no gain to scale: they stay, or go at nothing.
        band.enabled &= share > 0.0;
    }
    let dynamics = &mut settings.dynamic_equalizer;
    for band in &mut dynamics.bands {
        band.range_db = scaled(band.range_db, share, "dynamic_equalizer.bands[].range_db");
        band.enabled &= share > 0.0;
    }
    let (de_esser, resonance) = (&mut dynamics.de_esser, &mut dynamics.resonance);
    de_esser.amount_pct =
        scaled(de_esser.amount_pct, share, "dynamic_equalizer.de_esser.amount_pct");
    de_esser.enabled &= share > 0.0;
    resonance.amount_pct =
        scaled(resonance.amount_pct, share, "dynamic_equalizer.resonance.amount_pct");
    resonance.enabled &= share > 0.0;
}

fn scale_dynamics(settings: &mut Settings, share: f64) {
    for band in &mut settings.compressor.bands {
        // The slope over the threshold is what compresses: 1 - 1/ratio.
        let slope = ((1.0 - 1.0 / band.ratio) * share).clamp(0.0, 0.95);
        band.ratio = 1.0 / (1.0 - slope);
        band.makeup_db = scaled(band.makeup_db, share, "compressor.bands[].makeup_db");
        band.enabled &= share > 0.0;
    }
    let bass = &mut settings.bass_harmonics;
    bass.mix_pct = scaled(bass.mix_pct, share, "bass_harmonics.mix_pct");
    bass.enabled &= share > 0.0;
    let saturator = &mut settings.saturator;
    saturator.mix_pct = scaled(saturator.mix_pct, share, "saturator.mix_pct");
    saturator.enabled &= share > 0.0;
}

fn scale_width(settings: &mut Settings, share: f64) {
    let reverb = &mut settings.reverb;
    reverb.mix_pct = scaled(reverb.mix_pct, share, "reverb.mix_pct");
    reverb.enabled &= share > 0.0;
    let stereo = &mut settings.stereo;
    if share == 0.0 {
        *stereo = Default::default();
    }
    for band in &mut stereo.bands {
        let width = libm::pow((band.width_pct / 100.0).max(1e-3), share);
        band.width_pct = (100.0 * width).min(200.0);
    }
    stereo.balance_db = scaled(stereo.balance_db, share, "stereo.balance_db");
    stereo.decorrelate_pct = scaled(stereo.decorrelate_pct, share, "stereo.decorrelate_pct");
}

/// Puts single values in place; the engine's reader checks them.
fn set_values(settings: &Settings, set: &[(String, String)]) -> Result<Settings, ScaleError> {
    let mut value = serde_json::to_value(settings).expect("settings are plain data");
    for (path, text) in set {
        let new = serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone()));
        put(&mut value, path, new)?;
    }
    Ok(acetate_engine::from_value(&value)?)
}

/// Walks `path` and puts `new` at its end; keys that are not there are made, so that the reader can name them as unknown.
/// Entries of lists have to be there: a band that nobody named is made by nobody.
fn put(value: &mut Value, path: &str, new: Value) -> Result<(), ScaleError> {
    let cleaned = path.replace('[', ".").replace(']', "");
    let mut here = value;
    let mut so_far = String::new();
    for name in cleaned.split('.') {
        let parent = so_far.clone();
        so_far = if so_far.is_empty() { name.to_owned() } else { format!("{so_far}.{name}") };
        here = match here {
            Value::Array(entries) => entry(entries, name, &parent)?,
            other => member(other, name, &so_far),
        };
    }
    *here = new;
    Ok(())
}

fn entry<'a>(
    entries: &'a mut [Value],
    name: &str,
    list: &str,
) -> Result<&'a mut Value, ScaleError> {
    let by_id = entries.iter().position(|entry| entry["id"] == name && !name.is_empty());
    let by_number = || name.parse().ok().filter(|index: &usize| *index < entries.len());
    match by_id.or_else(by_number) {
        Some(index) => Ok(&mut entries[index]),
        None => Err(ScaleError::UnknownEntry {
            list: format!("settings.{list}"),
            given: name.to_owned(),
            known: entries.iter().enumerate().map(|(index, entry)| called(index, entry)).collect(),
        }),
    }
}

/// An entry by its id, or by its number when it has none.
fn called(index: usize, entry: &Value) -> String {
    let id = entry["id"].as_str().filter(|id| !id.is_empty());
    id.map_or_else(|| index.to_string(), str::to_owned)
}

/// `path` is where it is: a list that says nothing is not in the document, and an empty one all the same.
fn member<'a>(value: &'a mut Value, name: &str, path: &str) -> &'a mut Value {
    if !value.is_object() {
        *value = Value::Object(serde_json::Map::new());
    }
    let is_list = |knob: &&Parameter| knob.key == path && matches!(knob.kind, Kind::List { .. });
    let list = PARAMETERS.iter().find(is_list);
    value
        .as_object_mut()
        .expect("made an object above")
        .entry(name.to_owned())
        .or_insert_with(|| list.map_or(Value::Null, |_| Value::Array(Vec::new())))
}

#[cfg(test)]
mod tests;
