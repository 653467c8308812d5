//! Reading and checking settings against the parameter table.

use serde_json::Value;

use crate::SettingsError;
use crate::parameters::{Kind, PARAMETERS, Parameter, Range, Scale};
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
        serde_json::from_value(value.clone()).map_err(|error| SettingsError::WrongType {
            path: "settings".into(),
            expected: "the shape of the schema",
            found: error.to_string(),
        })?;
    check_relations(&settings)?;
    Ok(settings)
}

/// Checks settings that were made in code as strictly as those that were read.
///
/// # Errors
/// As [`parse`].
pub fn check(settings: &Settings) -> Result<(), SettingsError> {
    let value = serde_json::to_value(settings).expect("settings are plain data");
    check_value(&value, "")?;
    check_relations(settings)
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
        // Crossovers are the one list of bare numbers; their limits are in the table under the list's own key.
        Kind::Number(range) if parameter.key.ends_with("crossovers_hz") => {
            entries.iter().enumerate().try_for_each(|(index, entry)| {
                check_number(entry, &format!("{path}[{index}]"), parameter, range)
            })
        }
        _ => Err(SettingsError::WrongType {
            path: full(path),
            expected: expected(parameter),
            found: "a list".into(),
        }),
    }
}

fn check_leaf(value: &Value, path: &str, parameter: &Parameter) -> Result<(), SettingsError> {
    let right = match parameter.kind {
        Kind::Number(_) if parameter.key.ends_with("crossovers_hz") => false,
        Kind::Number(range) => return check_number(value, path, parameter, range),
        Kind::Optional(_) if value.is_null() => true,
        Kind::Optional(_) if parameter.key == "output.sample_rate_hz" && value == "keep" => true,
        Kind::Optional(range) => return check_number(value, path, parameter, range),
        Kind::Choice { options, .. } => return check_choice(value, path, parameter, options),
        Kind::Switch { .. } => value.is_boolean(),
        Kind::Text => value.is_string(),
        Kind::List { .. } => false,
    };
    if right { Ok(()) } else { Err(wrong_type(path, expected(parameter), value)) }
}

fn check_number(
    value: &Value,
    path: &str,
    parameter: &Parameter,
    range: Range,
) -> Result<(), SettingsError> {
    let whole = range.scale != Scale::Integer || value.is_u64() || value.is_i64();
    let given = value
        .as_f64()
        .filter(|_| whole)
        .ok_or_else(|| wrong_type(path, expected(parameter), value))?;
    let (path, unit) = (full(path), parameter.unit);
    let step = if parameter.key.ends_with("slope_db_per_octave") { 6.0 } else { 1.0 };
    if given < range.min {
        Err(SettingsError::TooLow { path, given, min: range.min, unit })
    } else if given > range.max {
        Err(SettingsError::TooHigh { path, given, max: range.max, unit })
    } else if range.scale == Scale::Integer && given % step != 0.0 {
        Err(SettingsError::NotAMultiple { path, given, step })
    } else {
        Ok(())
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
    // A number in quotes is a word, and no option.
    let quoted_number = given.parse::<u32>().is_ok();
    if options.contains(&given.as_str()) && !quoted_number {
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
    check_rising(compressor.crossovers_hz.iter().copied(), "settings.compressor.crossovers_hz")?;
    check_ids(settings.equalizer.bands.iter().map(|band| &*band.id), "equalizer")?;
    check_ids(settings.dynamic_equalizer.bands.iter().map(|band| &*band.id), "dynamic_equalizer")?;
    check_ids(compressor.bands.iter().map(|band| &*band.id), "compressor")?;
    let ends = settings.stereo.bands.iter().map(|band| band.below_hz.unwrap_or(f64::INFINITY));
    check_rising(ends, "settings.stereo.bands")
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

fn check_rising(values: impl Iterator<Item = f64>, path: &str) -> Result<(), SettingsError> {
    let mut previous = 0.0;
    for (index, given) in values.enumerate() {
        if given <= previous {
            let path = format!("{path}[{index}]");
            return Err(SettingsError::NotRising { path, given, previous });
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
        Kind::Number(_) if parameter.key.ends_with("crossovers_hz") => "a list of numbers",
        Kind::Number(range) if range.scale == Scale::Integer => "a whole number",
        Kind::Number(_) => "a number",
        Kind::Optional(range) if range.scale == Scale::Integer => "a whole number or null",
        Kind::Optional(_) => "a number or null",
        Kind::Choice { .. } => "one of the words of the schema",
        Kind::Switch { .. } => "true or false",
        Kind::Text => "text",
        Kind::List { .. } => "a list",
    }
}

/// The candidate that takes the fewest typing mistakes, when those are few for its length.
fn closest<'a>(given: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    candidates
        .map(|candidate| (edit_distance(given, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 3)
        .min()
        .map(|(_, candidate)| candidate.to_owned())
}

/// Levenshtein distance (insert, delete, replace).
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_message(text: &str, message: &str) {
        assert_eq!(parse(text).unwrap_err().to_string(), message);
    }

    #[test]
    fn an_empty_object_is_neutral() {
        assert_eq!(parse("{}").unwrap(), Settings::default());
    }

    #[test]
    fn what_is_written_is_read_back() {
        let text = serde_json::to_string(&Settings::default()).unwrap();
        assert_eq!(parse(&text).unwrap(), Settings::default());
    }

    #[test]
    fn a_value_out_of_range_is_named_with_its_path_and_limit() {
        check_message(
            r#"{"equalizer":{"bands":[{},{},{"q":40}]}}"#,
            "settings.equalizer.bands[2].q: 40 is above 10",
        );
        check_message(
            r#"{"limiter":{"ceiling_dbtp":1.5}}"#,
            "settings.limiter.ceiling_dbtp: 1.5 is above 0 dBTP",
        );
        check_message(
            r#"{"compressor":{"bands":[{}, {}],"crossovers_hz":[10]}}"#,
            "settings.compressor.crossovers_hz[0]: 10 is below 20 Hz",
        );
    }

    #[test]
    fn an_unknown_key_gets_a_suggestion() {
        check_message(
            r#"{"limiter":{"cieling_dbtp":-1}}"#,
            "settings.limiter.cieling_dbtp: unknown key; did you mean `ceiling_dbtp`?",
        );
        check_message(r#"{"xyzzy":1}"#, "settings.xyzzy: unknown key");
        check_message(
            r#"{"equaliser":{}}"#,
            "settings.equaliser: unknown key; did you mean `equalizer`?",
        );
    }

    #[test]
    fn an_unknown_word_gets_the_choices_and_a_suggestion() {
        check_message(
            r#"{"limiter":{"kind":"maskd"}}"#,
            "settings.limiter.kind: \"maskd\" is none of masked, transparent, fast, off; did you mean `masked`?",
        );
        check_message(
            r#"{"output":{"bits":20}}"#,
            "settings.output.bits: \"20\" is none of 16, 24, 32f; did you mean `24`?",
        );
    }

    #[test]
    fn a_wrong_type_is_named() {
        check_message(r#"{"drive_db":"3"}"#, "settings.drive_db: expected a number, found \"3\"");
        check_message(
            r#"{"equalizer":[]}"#,
            "settings.equalizer: expected an object, found a list",
        );
        check_message(r#"[]"#, "settings: expected an object, found a list");
        check_message(
            r#"{"compressor":{"crossovers_hz":100}}"#,
            "settings.compressor.crossovers_hz: expected a list of numbers, found 100",
        );
    }

    #[test]
    fn crossovers_rise_and_fit_the_bands() {
        check_message(
            r#"{"compressor":{"bands":[{},{},{}],"crossovers_hz":[200,100]}}"#,
            "settings.compressor.crossovers_hz[1]: 100 Hz does not lie above 200 Hz before it",
        );
        check_message(
            r#"{"compressor":{"bands":[{},{}]}}"#,
            "settings.compressor.crossovers_hz: 2 bands need 1 crossovers, found 0",
        );
    }

    #[test]
    fn a_slope_is_a_multiple_of_six() {
        check_message(
            r#"{"equalizer":{"bands":[{"slope_db_per_octave":15}]}}"#,
            "settings.equalizer.bands[0].slope_db_per_octave: 15 is not a multiple of 6",
        );
    }

    #[test]
    fn numbers_that_are_not_finite_are_refused_in_code_too() {
        let settings = Settings { drive_db: f64::NAN, ..Settings::default() };
        assert!(check(&settings).is_err());
    }

    #[test]
    fn rate_is_a_number_null_or_keep() {
        for (text, rate) in [("null", None), ("\"keep\"", None), ("48000", Some(48_000))] {
            let text = format!(r#"{{"output":{{"sample_rate_hz":{text}}}}}"#);
            assert_eq!(parse(&text).unwrap().output.sample_rate_hz, rate);
        }
        assert!(parse(r#"{"output":{"sample_rate_hz":"high"}}"#).is_err());
    }

    #[test]
    fn the_settings_of_the_interface_are_read() {
        let text = r#"{
            "equalizer": { "phase": "minimum", "bands": [ { "id": "eq1", "enabled": true, "type": "bell", "channel": "stereo", "freq_hz": 250, "gain_db": -1.6, "q": 0.8 } ] },
            "dynamic_equalizer": { "bands": [] },
            "compressor": { "crossovers_hz": [], "bands": [ { "id": "comp1", "enabled": true, "threshold_db": -24, "ratio": 1.5, "knee_db": 8, "attack_ms": 30, "release_ms": 250, "makeup_db": 0.4, "mix_pct": 100 } ] },
            "saturator": { "enabled": false, "drive_db": 0, "mix_pct": 0 },
            "stereo": { "mono_below_hz": 110, "bands": [ { "below_hz": 150, "width_pct": 100 }, { "below_hz": null, "width_pct": 106 } ] },
            "drive_db": 4.3,
            "limiter": { "kind": "masked", "ceiling_dbtp": -1.0, "lookahead_ms": 4, "release_ms": 60 },
            "output": { "format": "wav", "sample_rate_hz": 48000, "bits": 24, "dither": "tpdf" }
        }"#;
        let settings = parse(text).unwrap();
        assert_eq!(settings.drive_db, 4.3);
        assert_eq!(settings.stereo.bands[1].width_pct, 106.0);
    }
}
