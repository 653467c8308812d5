//! Reading and checking settings against the parameter table.

use serde_json::Value;

use crate::SettingsError;
use crate::parameters::{Kind, PARAMETERS, Parameter, Range};
use crate::settings::Settings;

/// Reads the `settings` object from JSON text and checks it.
///
/// # Errors
/// When the text is not JSON, has a key nobody reads, a value of the wrong type or one out of range; the error names the path.
pub fn parse(text: &str) -> Result<Settings, SettingsError> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| SettingsError::NotJson { message: error.to_string() })?;
    from_value(&value)
}

/// Reads the `settings` object of a document and checks it.
///
/// # Errors
/// As [`parse`].
pub fn from_value(value: &Value) -> Result<Settings, SettingsError> {
    check_value(value, "")?;
    let settings: Settings =
        acetate_documents::from_value(value.clone()).map_err(|fault| SettingsError::WrongType {
            path: "settings".into(),
            expected: "the shape of the schema",
            found: fault.to_string(),
        })?;
    check_relations(&settings)?;
    Ok(settings)
}

/// Checks settings that were made in code as strictly as those that were read.
///
/// # Errors
/// As [`parse`].
pub fn check(settings: &Settings) -> Result<(), SettingsError> {
    check_finite(settings)?;
    let value = serde_json::to_value(settings).expect("settings are plain data");
    check_value(&value, "")?;
    check_relations(settings)
}

/// As [`check`], for sound of this rate: filters that are used lie below half of it.
///
/// # Errors
/// As [`parse`], and a frequency that the sound does not have.
pub fn check_for(settings: &Settings, sample_rate_hz: u32) -> Result<(), SettingsError> {
    check(settings)?;
    let max = f64::from(sample_rate_hz) / 2.0;
    match used_frequencies(settings).into_iter().find(|(.., given)| *given >= max) {
        None => Ok(()),
        Some((key, path, given)) => {
            let min = crate::parameters::range(key).min;
            Err(SettingsError::BeyondNyquist { path, given, min, max, rate_hz: sample_rate_hz })
        }
    }
}

/// Key, path and value of each frequency at which something is done.
fn used_frequencies(settings: &Settings) -> Vec<(&'static str, String, f64)> {
    let mut found = Vec::new();
    let mut add = |key: &'static str, index: usize, freq_hz: f64| {
        found.push((key, full(&key.replace("[]", &format!("[{index}]"))), freq_hz));
    };
    for (index, band) in settings.equalizer.bands.iter().enumerate().filter(|(_, b)| b.enabled) {
        add("equalizer.bands[].freq_hz", index, band.freq_hz);
    }
    let dynamics = &settings.dynamic_equalizer;
    for (index, band) in dynamics.bands.iter().enumerate().filter(|(_, band)| band.enabled) {
        add("dynamic_equalizer.bands[].freq_hz", index, band.freq_hz);
    }
    if dynamics.de_esser.enabled {
        add("dynamic_equalizer.de_esser.freq_hz", 0, dynamics.de_esser.freq_hz);
    }
    if !settings.compressor.is_neutral() {
        for (index, crossover_hz) in settings.compressor.crossovers_hz.iter().enumerate() {
            found.push((
                "compressor.crossovers_hz",
                format!("settings.compressor.crossovers_hz[{index}]"),
                *crossover_hz,
            ));
        }
    }
    found
}

/// JSON writes `null` for a number that is none, which is a value where a number may be absent.
fn check_finite(settings: &Settings) -> Result<(), SettingsError> {
    match may_be_absent(settings).into_iter().find(|(_, value)| !value.is_finite()) {
        None => Ok(()),
        Some((path, value)) => Err(SettingsError::WrongType {
            path: full(&path),
            expected: "a finite number",
            found: value.to_string(),
        }),
    }
}

/// Path and value of the numbers that `null` could stand for.
fn may_be_absent(settings: &Settings) -> Vec<(String, f64)> {
    let stereo = &settings.stereo;
    let single = [
        ("compressor.sidechain_highpass_hz", settings.compressor.sidechain_highpass_hz),
        ("stereo.mono_below_hz", stereo.mono_below_hz),
        ("stereo.min_correlation", stereo.min_correlation),
    ];
    let single = single.into_iter().map(|(path, value)| (path.to_owned(), value));
    let ends = stereo.bands.iter().enumerate();
    let ends = ends.map(|(index, band)| (format!("stereo.bands[{index}].below_hz"), band.below_hz));
    let clipped = settings.restore.clipping.sections.iter().enumerate();
    let levels = clipped.flat_map(|(index, section)| {
        let path = |side: &str| format!("restore.clipping.sections[{index}].{side}");
        [(path("upper"), section.upper), (path("lower"), section.lower)]
    });
    single.chain(ends).chain(levels).filter_map(|(path, value)| Some((path, value?))).collect()
}

/// Walks a value; `key` is its path in the manner of the table (`equalizer.bands[].q`) with indices in the brackets.
fn check_value(value: &Value, path: &str) -> Result<(), SettingsError> {
    let key = without_indices(path);
    let parameter = PARAMETERS.iter().find(|p| p.key == key);
    match (value, parameter) {
        (Value::Object(object), None) => {
            for (name, inner) in object {
                let inner_path =
                    if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                check_known(&key, name, &inner_path)?;
                check_value(inner, &inner_path)?;
            }
            Ok(())
        }
        (_, None) => Err(wrong_type(path, "an object", value)),
        (Value::Array(entries), Some(parameter)) => check_list(entries, path, parameter),
        (_, Some(parameter)) => check_leaf(value, path, parameter),
    }
}

fn check_list(entries: &[Value], path: &str, parameter: &Parameter) -> Result<(), SettingsError> {
    match parameter.kind {
        Kind::List { entries_max } if entries.len() > entries_max => {
            Err(SettingsError::TooMany { path: full(path), given: entries.len(), max: entries_max })
        }
        Kind::List { .. } => entries.iter().enumerate().try_for_each(|(index, entry)| {
            if entry.is_object() {
                check_value(entry, &format!("{path}[{index}]"))
            } else {
                Err(wrong_type(&format!("{path}[{index}]"), "an object", entry))
            }
        }),
        Kind::Numbers(range) => entries.iter().enumerate().try_for_each(|(index, entry)| {
            check_number(entry, &format!("{path}[{index}]"), parameter, range)
        }),
        _ => Err(SettingsError::WrongType {
            path: full(path),
            expected: expected(parameter),
            found: "a list".into(),
        }),
    }
}

fn check_leaf(value: &Value, path: &str, parameter: &Parameter) -> Result<(), SettingsError> {
    let right = match parameter.kind {
        Kind::Number(range) => return check_number(value, path, parameter, range),
        Kind::Optional(_) | Kind::OptionalOr(..) if value.is_null() => true,
        Kind::OptionalOr(_, word) if value == word => true,
        Kind::Optional(range) | Kind::OptionalOr(range, _) => {
            return check_number(value, path, parameter, range);
        }
        Kind::Choice { options, .. } => return check_choice(value, path, parameter, options),
        Kind::Switch { .. } => value.is_boolean(),
        Kind::Text => value.is_string(),
        Kind::Numbers(_) | Kind::List { .. } => false,
    };
    if right { Ok(()) } else { Err(wrong_type(path, expected(parameter), value)) }
}

fn check_number(
    value: &Value,
    path: &str,
    parameter: &Parameter,
    range: Range,
) -> Result<(), SettingsError> {
    let step = range.scale.step();
    let whole = step.is_none() || value.is_u64() || value.is_i64();
    let given = value
        .as_f64()
        .filter(|_| whole)
        .ok_or_else(|| wrong_type(path, expected(parameter), value))?;
    let (path, unit) = (full(path), parameter.unit);
    if given < range.min {
        Err(SettingsError::TooLow { path, given, min: range.min, unit })
    } else if given > range.max {
        Err(SettingsError::TooHigh { path, given, max: range.max, unit })
    } else {
        match step {
            Some(step) if given % step != 0.0 => {
                Err(SettingsError::NotAMultiple { path, given, step })
            }
            _ => Ok(()),
        }
    }
}

fn check_choice(
    value: &Value,
    path: &str,
    parameter: &Parameter,
    options: &[&str],
) -> Result<(), SettingsError> {
    let given = match value {
        Value::String(word) => word.clone(),
        Value::Number(number) if options.contains(&number.to_string().as_str()) => return Ok(()),
        Value::Number(number) => number.to_string(),
        _ => return Err(wrong_type(path, expected(parameter), value)),
    };
    if options.contains(&given.as_str()) {
        return Ok(());
    }
    let suggestion = closest(&given, options.iter().copied());
    let options = options.iter().map(|&option| option.to_owned()).collect();
    Err(SettingsError::UnknownWord { path: full(path), given, options, suggestion })
}

/// Whether the table has a key, or the beginning of one, called `name` inside `parent`.
fn check_known(parent: &str, name: &str, path: &str) -> Result<(), SettingsError> {
    let prefix = if parent.is_empty() { String::new() } else { format!("{parent}.") };
    let siblings = || {
        PARAMETERS.iter().filter_map(|p| p.key.strip_prefix(&prefix)).map(|rest| {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            &rest[..end]
        })
    };
    if siblings().any(|sibling| sibling == name) {
        return Ok(());
    }
    Err(SettingsError::UnknownKey { path: full(path), suggestion: closest(name, siblings()) })
}

/// What single numbers cannot say: order, and counts that must fit.
fn check_relations(settings: &Settings) -> Result<(), SettingsError> {
    let compressor = &settings.compressor;
    let (bands, crossovers) = (compressor.bands.len(), compressor.crossovers_hz.len());
    if crossovers != bands.saturating_sub(1) {
        let path = "settings.compressor.crossovers_hz".into();
        return Err(SettingsError::CrossoverCount { path, bands, crossovers });
    }
    check_rising(
        compressor.crossovers_hz.iter().copied(),
        "Hz",
        "settings.compressor.crossovers_hz",
    )?;
    let begins = compressor.sections.iter().map(|section| section.from_s);
    check_rising(begins, "s", "settings.compressor.sections")?;
    check_ids(settings.equalizer.bands.iter().map(|band| &*band.id), "equalizer")?;
    check_ids(settings.dynamic_equalizer.bands.iter().map(|band| &*band.id), "dynamic_equalizer")?;
    check_ids(compressor.bands.iter().map(|band| &*band.id), "compressor")?;
    let ends = settings.stereo.bands.iter().map(|band| band.below_hz.unwrap_or(f64::INFINITY));
    check_rising(ends, "Hz", "settings.stereo.bands")
}

/// `--only eq1` must mean one band; bands without a name cannot be meant at all.
fn check_ids<'a>(ids: impl Iterator<Item = &'a str>, part: &str) -> Result<(), SettingsError> {
    let mut seen: Vec<&str> = Vec::new();
    for (index, id) in ids.enumerate() {
        if !id.is_empty() && seen.contains(&id) {
            let path = format!("settings.{part}.bands[{index}].id");
            return Err(SettingsError::DuplicateId { path, given: id.to_owned() });
        }
        seen.push(id);
    }
    Ok(())
}

fn check_rising(
    values: impl Iterator<Item = f64>,
    unit: &'static str,
    path: &str,
) -> Result<(), SettingsError> {
    let mut previous = f64::NEG_INFINITY;
    for (index, given) in values.enumerate() {
        if given <= previous {
            let path = format!("{path}[{index}]");
            return Err(SettingsError::NotRising { path, given, unit, previous });
        }
        previous = given;
    }
    Ok(())
}

fn full(path: &str) -> String {
    if path.is_empty() { "settings".into() } else { format!("settings.{path}") }
}

fn without_indices(path: &str) -> String {
    path.chars().filter(|c| !c.is_ascii_digit() || !path.contains('[')).collect::<String>()
}

fn wrong_type(path: &str, expected: &'static str, found: &Value) -> SettingsError {
    let found = match found {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("{text:?}"),
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "an object".into(),
    };
    SettingsError::WrongType { path: full(path), expected, found }
}

fn expected(parameter: &Parameter) -> &'static str {
    match parameter.kind {
        Kind::Number(range) if range.scale.step().is_some() => "a whole number",
        Kind::Number(_) => "a number",
        Kind::Numbers(_) => "a list of numbers",
        Kind::Optional(range) | Kind::OptionalOr(range, _) if range.scale.step().is_some() => {
            "a whole number or null"
        }
        Kind::Optional(_) | Kind::OptionalOr(..) => "a number or null",
        Kind::Choice { .. } => "one of the words of the schema",
        Kind::Switch { .. } => "true or false",
        Kind::Text => "text",
        Kind::List { .. } => "a list",
    }
}

/// The candidate that takes the fewest typing mistakes, when those are few for its length.
fn closest<'a>(given: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    candidates
        .map(|candidate| (strsim::levenshtein(given, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 3)
        .min()
        .map(|(_, candidate)| candidate.to_owned())
}

#[cfg(test)]
mod tests;
