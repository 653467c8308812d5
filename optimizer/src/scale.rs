//! Taste without a new analysis: a settings document, more or less of it.

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
    /// Only bands and stages with these ids; empty for all.
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
    /// A value that the engine cannot do.
    #[error(transparent)]
    Settings(#[from] SettingsError),
}

/// Stages that have no bands, and so no ids of their own.
const STAGES: [&str; 5] = ["stereo", "saturator", "reverb", "dynamic_equalizer", "drive"];

impl Scaling {
    /// Whether nothing would change: then the bytes are those of the document.
    pub fn is_neutral(&self) -> bool {
        *self == Self::default()
    }
}

/// The settings of `document`, scaled. The loudness is to be solved again afterwards, unless nothing changed.
///
/// Equaliser gains, width and the reduction of the compressor scale with their family's amount; at 0 % their stages do
/// nothing and only drive, limiter and output are left.
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

/// Switches off what is not wanted.
fn choose(settings: &mut Settings, scaling: &Scaling) {
    let wanted = |id: &str| {
        (scaling.only.is_empty() || scaling.only.iter().any(|only| only == id))
            && !scaling.skip.iter().any(|skip| skip == id)
    };
    settings.equalizer.bands.iter_mut().for_each(|band| band.enabled &= wanted(&band.id));
    settings.dynamic_equalizer.bands.iter_mut().for_each(|band| band.enabled &= wanted(&band.id));
    settings.compressor.bands.iter_mut().for_each(|band| band.enabled &= wanted(&band.id));
    if !wanted("stereo") {
        settings.stereo = Default::default();
    }
    settings.saturator.enabled &= wanted("saturator");
    settings.reverb.enabled &= wanted("reverb");
}

fn scale_families(settings: &mut Settings, amounts: &Amounts) {
    let tone = amounts.tone_share();
    for band in &mut settings.equalizer.bands {
        band.gain_db *= tone;
        // Pass filters have no gain to scale: they stay, or go at nothing.
        band.enabled &= tone > 0.0;
    }
    for band in &mut settings.dynamic_equalizer.bands {
        band.range_db = (band.range_db * tone).min(18.0);
    }
    let dynamics = amounts.dynamics_share();
    for band in &mut settings.compressor.bands {
        // The slope over the threshold is what compresses: 1 - 1/ratio.
        let slope = ((1.0 - 1.0 / band.ratio) * dynamics).clamp(0.0, 0.95);
        band.ratio = 1.0 / (1.0 - slope);
        band.makeup_db *= dynamics;
        band.enabled &= dynamics > 0.0;
    }
    settings.saturator.mix_pct = (settings.saturator.mix_pct * dynamics).min(100.0);
    let width = amounts.width_share();
    if width == 0.0 {
        settings.stereo = Default::default();
        settings.reverb.enabled = false;
    }
    for band in &mut settings.stereo.bands {
        let floor = libm::pow((band.width_pct / 100.0).max(1e-3), width);
        band.width_pct = (100.0 * floor).min(200.0);
    }
    settings.stereo.balance_db *= width;
}

/// Puts single values in place; the engine's reader checks them.
fn set_values(settings: &Settings, set: &[(String, String)]) -> Result<Settings, ScaleError> {
    let mut value = serde_json::to_value(settings).expect("settings are plain data");
    for (path, text) in set {
        let new = serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone()));
        put(&mut value, path, new);
    }
    Ok(acetate_engine::from_value(&value)?)
}

/// Walks `path` and puts `new` at its end; keys that are not there are made, so that the reader can name them as unknown.
fn put(value: &mut Value, path: &str, new: Value) {
    let cleaned = path.replace('[', ".").replace(']', "");
    let mut here = value;
    for name in cleaned.split('.') {
        here = step(here, name);
    }
    *here = new;
}

fn step<'a>(value: &'a mut Value, name: &str) -> &'a mut Value {
    if let Value::Array(entries) = value {
        let by_id = entries.iter().position(|entry| entry["id"] == name);
        let index = by_id.or_else(|| name.parse().ok()).unwrap_or(entries.len());
        while entries.len() <= index.min(64) {
            entries.push(Value::Object(serde_json::Map::new()));
        }
        return &mut entries[index.min(64)];
    }
    if !value.is_object() {
        *value = Value::Object(serde_json::Map::new());
    }
    value
        .as_object_mut()
        .expect("made an object above")
        .entry(name.to_owned())
        .or_insert(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use acetate_engine::settings::{CompressorBand, EqualizerBand, LimiterKind, StereoBand};

    fn document() -> SettingsDocument {
        let mut settings = Settings { drive_db: 4.0, ..Settings::default() };
        settings.equalizer.bands = vec![
            EqualizerBand { id: "eq1".to_owned(), gain_db: -2.0, ..EqualizerBand::default() },
            EqualizerBand { id: "eq2".to_owned(), gain_db: 3.0, ..EqualizerBand::default() },
        ];
        settings.compressor.bands = vec![CompressorBand {
            id: "comp1".to_owned(),
            ratio: 2.0,
            threshold_db: -20.0,
            ..CompressorBand::default()
        }];
        settings.stereo.bands = vec![StereoBand { below_hz: None, width_pct: 120.0 }];
        SettingsDocument::new(settings)
    }

    fn scaled(scaling: Scaling) -> Settings {
        scale(&document(), &scaling).unwrap()
    }

    fn all(all: f64) -> Scaling {
        Scaling { amounts: Amounts { all, ..Amounts::default() }, ..Scaling::default() }
    }

    #[test]
    fn a_hundred_percent_is_the_document_to_the_last_bit() {
        assert_eq!(scaled(all(100.0)), document().settings);
    }

    #[test]
    fn nothing_leaves_only_drive_and_limiter() {
        let settings = scaled(all(0.0));
        assert!(settings.equalizer.is_neutral());
        assert!(settings.compressor.is_neutral());
        assert!(settings.stereo.is_neutral());
        assert_eq!(settings.drive_db, 4.0);
    }

    #[test]
    fn half_the_tone_is_half_the_gain_and_nothing_else() {
        let amounts = Amounts { tone: 50.0, ..Amounts::default() };
        let settings = scaled(Scaling { amounts, ..Scaling::default() });
        assert_eq!(settings.equalizer.bands[1].gain_db, 1.5);
        assert_eq!(settings.compressor, document().settings.compressor);
        assert_eq!(settings.stereo, document().settings.stereo);
    }

    #[test]
    fn half_the_dynamics_is_half_the_slope() {
        let settings = scaled(all(50.0));
        assert_eq!(settings.compressor.bands[0].ratio, 1.33);
    }

    #[test]
    fn only_one_move_leaves_the_others_out() {
        let settings = scaled(Scaling { only: vec!["eq2".to_owned()], ..Scaling::default() });
        let enabled: Vec<bool> = settings.equalizer.bands.iter().map(|band| band.enabled).collect();
        assert_eq!(enabled, [false, true]);
        assert!(settings.compressor.is_neutral() && settings.stereo.is_neutral());
    }

    #[test]
    fn an_unknown_id_is_named_with_those_there_are() {
        let scaling = Scaling { skip: vec!["eq9".to_owned()], ..Scaling::default() };
        let message = scale(&document(), &scaling).unwrap_err().to_string();
        assert!(message.contains("eq9") && message.contains("eq2"), "{message}");
    }

    #[test]
    fn single_values_are_set_by_path_or_by_id() {
        let set = vec![
            ("limiter.ceiling_dbtp".to_owned(), "-1.5".to_owned()),
            ("limiter.kind".to_owned(), "fast".to_owned()),
            ("equalizer.bands[0].gain_db".to_owned(), "-3".to_owned()),
            ("equalizer.bands.eq2.q".to_owned(), "1.2".to_owned()),
        ];
        let settings = scaled(Scaling { set, ..Scaling::default() });
        assert_eq!(settings.limiter.ceiling_dbtp, -1.5);
        assert_eq!(settings.limiter.kind, LimiterKind::Fast);
        assert_eq!(settings.equalizer.bands[0].gain_db, -3.0);
        assert_eq!(settings.equalizer.bands[1].q, 1.2);
    }

    #[test]
    fn a_value_out_of_range_is_refused_with_its_path() {
        let set = vec![("limiter.cieling_dbtp".to_owned(), "-1".to_owned())];
        let message =
            scale(&document(), &Scaling { set, ..Scaling::default() }).unwrap_err().to_string();
        assert!(message.contains("settings.limiter.cieling_dbtp"), "{message}");
    }
}
