//! The JSON Schema of settings, with limits and explanations from the parameter table.

use serde_json::{Map, Value, json};

use crate::parameters::{Kind, PARAMETERS, Parameter};
use crate::settings::Settings;

/// JSON Schema (2020-12) of the `settings` object.
pub fn settings_schema() -> Value {
    let mut schema = schemars::SchemaGenerator::new(
        schemars::generate::SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true),
    )
    .into_root_schema_for::<Settings>()
    .to_value();
    annotate(&mut schema, "");
    schema
}

fn annotate(schema: &mut Value, key: &str) {
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
        return;
    };
    for (name, property) in properties {
        let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
        if let Some(parameter) = PARAMETERS.iter().find(|p| p.key == key) {
            describe(property, parameter);
        }
        match property.get_mut("items") {
            Some(items) => annotate(items, &format!("{key}[]")),
            None => annotate(property, &key),
        }
    }
}

fn describe(property: &mut Value, parameter: &Parameter) {
    let Some(property) = property.as_object_mut() else { return };
    let unit =
        if parameter.unit.is_empty() { String::new() } else { format!(" ({})", parameter.unit) };
    property.insert("description".into(), json!(format!("{}{unit}", parameter.doc)));
    match parameter.kind {
        Kind::Number(range) | Kind::Numbers(range) => {
            let target = match property.get_mut("items").and_then(Value::as_object_mut) {
                Some(items) => items,
                None => property,
            };
            limits(target, range.min, range.max);
            target.insert("default".into(), json!(range.default));
        }
        Kind::Optional(range) | Kind::OptionalOr(range, _) => {
            limits(property, range.min, range.max);
            property.insert("default".into(), Value::Null);
        }
        Kind::List { entries_max } => {
            property.insert("maxItems".into(), json!(entries_max));
        }
        Kind::Choice { default, .. } => {
            let number = default.parse::<u32>().map(|number| json!(number));
            property.insert("default".into(), number.unwrap_or_else(|_| json!(default)));
        }
        Kind::Switch { default } => {
            property.insert("default".into(), json!(default));
        }
        Kind::Text => {}
    }
}

fn limits(property: &mut Map<String, Value>, min: f64, max: f64) {
    property.insert("minimum".into(), json!(min));
    property.insert("maximum".into(), json!(max));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Leaves of the schema as keys of the table.
    fn leaves(schema: &Value, key: &str, found: &mut Vec<String>) {
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
        for (name, property) in properties {
            let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
            if property.get("properties").is_none() {
                found.push(key.clone());
            }
            match property.get("items") {
                Some(items) => leaves(items, &format!("{key}[]"), found),
                None => leaves(property, &key, found),
            }
        }
    }

    #[test]
    fn table_and_settings_have_the_same_keys() {
        let mut found = Vec::new();
        leaves(&settings_schema(), "", &mut found);
        found.sort();
        let mut table: Vec<_> = PARAMETERS.iter().map(|p| p.key.to_owned()).collect();
        table.sort();
        assert_eq!(found, table);
    }

    #[test]
    fn limits_default_and_unit_of_every_knob_stand_in_the_schema() {
        let schema = settings_schema();
        for parameter in PARAMETERS {
            let pointer = parameter.key.replace("[]", "/items").replace('.', "/properties/");
            let described = schema.pointer(&format!("/properties/{pointer}")).unwrap();
            let text = described["description"].as_str().unwrap();
            assert!(text.starts_with(parameter.doc), "{}", parameter.key);
            assert!(text.contains(parameter.unit), "{}: {text}", parameter.key);
            let limited = described.get("items").unwrap_or(described);
            let limits = (limited["minimum"].as_f64(), limited["maximum"].as_f64());
            let default = limited.get("default");
            match parameter.kind {
                Kind::Number(range) | Kind::Numbers(range) => {
                    assert_eq!(limits, (Some(range.min), Some(range.max)), "{}", parameter.key);
                    assert_eq!(default, Some(&json!(range.default)), "{}", parameter.key);
                }
                Kind::Optional(range) | Kind::OptionalOr(range, _) => {
                    assert_eq!(limits, (Some(range.min), Some(range.max)), "{}", parameter.key);
                    assert_eq!(default, Some(&Value::Null), "{}", parameter.key);
                }
                Kind::Choice { .. } | Kind::Switch { .. } => {
                    assert!(default.is_some(), "{}", parameter.key);
                }
                Kind::List { entries_max } => {
                    assert_eq!(described["maxItems"], json!(entries_max), "{}", parameter.key);
                }
                Kind::Text => {}
            }
        }
    }

    #[test]
    fn defaults_of_code_and_table_agree() {
        let text = r#"{ "restore": {"clicks":{"events":[{}]}, "clipping":{"sections":[{}]}, "crackle":{"sections":[{}]}, "hum":{"sections":[{"lines":[{}]}]}, "hiss":{"points":[{}]}}, "input": {}, "equalizer": {"bands":[{}]}, "dynamic_equalizer": {"bands":[{}]},
            "compressor": {"bands":[{}]}, "stereo": {"bands":[{}]}, "limiter": {} }"#;
        let value = serde_json::to_value(crate::parse(text).unwrap()).unwrap();
        for parameter in PARAMETERS {
            let pointer = format!("/{}", parameter.key.replace("[]", "/0").replace('.', "/"));
            let Some(value) = value.pointer(&pointer) else { continue };
            match parameter.kind {
                Kind::Number(range) => {
                    assert_eq!(value.as_f64(), Some(range.default), "{}", parameter.key);
                }
                Kind::Choice { default, .. } => {
                    assert_eq!(value.to_string().trim_matches('"'), default, "{}", parameter.key);
                }
                Kind::Switch { default } => {
                    assert_eq!(value.as_bool(), Some(default), "{}", parameter.key)
                }
                Kind::Optional(_) | Kind::OptionalOr(..) => {
                    assert!(value.is_null(), "{}", parameter.key)
                }
                _ => {}
            }
        }
    }
}
