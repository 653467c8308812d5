//! Documents: old ones stay readable for ever, and all of them are what their schemas say.

use std::path::PathBuf;

use acetate::SettingsDocument;
use serde_json::{Value, json};

use crate::program::Studio;

fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn schema(name: &str) -> Value {
    let text = std::fs::read_to_string(repository(&format!("docs/schema/{name}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Everything in `value` that `schema` does not allow: the part of JSON Schema 2020-12 that our schemas use.
fn errors(schema: &Value, root: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let pointer = reference.strip_prefix('#').expect("a reference inside the document");
        errors(root.pointer(pointer).expect(reference), root, value, path, found);
    }
    let mut wrong = |what: String| found.push(format!("{path}: {what}"));
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is = |kind: &str| match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        other => panic!("{other} is no type"),
    };
    if !types.is_empty() && !types.into_iter().any(is) {
        wrong(format!("{value} is not {}", schema["type"]));
    }
    if schema["enum"].as_array().is_some_and(|options| !options.contains(value)) {
        wrong(format!("{value} is not one of {}", schema["enum"]));
    }
    if schema.get("const").is_some_and(|only| only != value) {
        wrong(format!("{value} is not {}", schema["const"]));
    }
    if let Some(number) = value.as_f64() {
        let (low, high) = (schema["minimum"].as_f64(), schema["maximum"].as_f64());
        if low.is_some_and(|low| number < low) || high.is_some_and(|high| number > high) {
            wrong(format!("{number} is out of range"));
        }
    }
    for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.is_object() && value.get(key).is_none() {
            wrong(format!("{key} is missing"));
        }
    }
    for name in ["anyOf", "oneOf"] {
        if let Some(options) = schema[name].as_array() {
            let fits = |option: &Value| {
                let mut inner = Vec::new();
                errors(option, root, value, path, &mut inner);
                inner.is_empty()
            };
            if !options.iter().any(fits) {
                found.push(format!("{path}: {value} fits no alternative"));
            }
        }
    }
    for (key, inner) in value.as_object().into_iter().flatten() {
        let path = format!("{path}.{key}");
        match (schema["properties"].get(key), &schema["additionalProperties"]) {
            (Some(property), _) => errors(property, root, inner, &path, found),
            (None, Value::Bool(false)) => found.push(format!("{path}: unknown")),
            (None, more @ Value::Object(_)) => errors(more, root, inner, &path, found),
            _ => {}
        }
    }
    for (index, inner) in value.as_array().into_iter().flatten().enumerate() {
        errors(&schema["items"], root, inner, &format!("{path}[{index}]"), found);
    }
}

#[track_caller]
fn fits(name: &str, value: &Value) {
    let schema = schema(name);
    let mut found = Vec::new();
    errors(&schema, &schema, value, name, &mut found);
    assert_eq!(found, [""; 0]);
}

#[test]
fn the_documents_of_every_command_are_what_their_schemas_say() {
    let studio = Studio::with_mix();
    let json = |arguments: &[&str], code: i32| studio.run(arguments).exit(code).json();
    let analyzed = json(&["analyze", "mix.wav", "--json"], 0);
    fits("analysis", &analyzed["files"][0]["analysis"]);
    fits("result", &analyzed);
    fits("result", &json(&["master", "mix.wav", "--limiter", "fast", "--json"], 0));
    fits("settings", &studio.json("mix.streaming.wav.settings.json"));
    fits("settings", &json(&["suggest", "mix.wav"], 0));
    fits("result", &json(&["check", "mix.wav", "-t", "podcast", "--codec", "none", "--json"], 3));
    fits("target", &json(&["targets", "show", "acx", "--json"], 0));
    studio.run(&["references", "add", "mix.wav", "--name", "one", "-q"]).exit(0);
    fits("profile", &json(&["references", "show", "one", "--json"], 0));
}

#[test]
fn the_schema_test_sees_what_is_wrong() {
    let schema = schema("settings");
    let mut found = Vec::new();
    let wrong = json!({ "schema": "acetate.settings/1", "settings": {
        "limiter": { "kind": "magic", "ceiling_dbtp": 3, "cieling": 1 }, "drive_db": "loud" } });
    errors(&schema, &schema, &wrong, "it", &mut found);
    for part in ["kind", "ceiling_dbtp: 3 is out", "cieling: unknown", "drive_db: \"loud\""] {
        assert!(found.iter().any(|error| error.contains(part)), "{part} is not in {found:?}");
    }
}

/// Every leaf of `old` is in `new`, with its value.
fn kept(old: &Value, new: &Value, path: &str) {
    match old {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, inner)| kept(inner, &new[key], &format!("{path}.{key}")));
        }
        Value::Array(list) => {
            list.iter()
                .enumerate()
                .for_each(|(i, inner)| kept(inner, &new[i], &format!("{path}[{i}]")));
        }
        Value::Number(number) => assert_eq!(number.as_f64(), new.as_f64(), "{path}"),
        leaf => assert_eq!(leaf, new, "{path}"),
    }
}

/// Files that a version of this program wrote or read. They are never changed, only added to.
#[test]
fn settings_of_every_version_stay_readable() {
    let folder = repository("tests/golden");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.file_name().unwrap().to_string_lossy().starts_with("settings-") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let document = SettingsDocument::parse(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let old: Value = serde_json::from_str(&text).unwrap();
        let new = serde_json::to_value(&document).unwrap();
        kept(&old["settings"], &new["settings"], &path.display().to_string());
        fits("settings", &old);
        let out = Studio::new().run(&["export", path.to_str().unwrap(), "--to", "text"]).exit(0);
        assert!(out.text().contains("limiter"), "{}", out.text());
        count += 1;
    }
    assert!(count >= 2, "golden files are gone");
}

#[test]
fn errors_in_documents_name_the_place() {
    let studio = Studio::new();
    let wrong = |name: &str, text: &str, arguments: &[&str], part: &str| {
        std::fs::write(studio.path(name), text).unwrap();
        studio.run(arguments).exit(2).one_line(part);
    };
    let settings =
        r#"{ "schema": "acetate.settings/1", "settings": { "limiter": { "cieling_dbtp": -1 } } }"#;
    wrong(
        "s.json",
        settings,
        &["export", "s.json", "--to", "text"],
        "settings.limiter.cieling_dbtp",
    );
    let settings = r#"{ "schema": "acetate.settings/1", "settings": { "equalizer": { "bands": [ { "q": "wide" } ] } } }"#;
    wrong(
        "s.json",
        settings,
        &["export", "s.json", "--to", "text"],
        "settings.equalizer.bands[0].q",
    );
    let mut target = Studio::new().run(&["targets", "show", "cd", "--json"]).exit(0).json();
    target["format"]["bits"] = json!(["many"]);
    wrong("t.json", &target.to_string(), &["targets", "check", "t.json"], "format.bits[0]");
    let studio_with_mix = Studio::with_mix();
    studio_with_mix.run(&["references", "add", "mix.wav", "--name", "one", "-q"]).exit(0);
    let mut profile = studio_with_mix.run(&["references", "show", "one", "--json"]).exit(0).json();
    profile["loudness"]["integrated_lufs"] = json!("loud");
    wrong(
        "p.json",
        &profile.to_string(),
        &["references", "show", "p.json"],
        "loudness.integrated_lufs",
    );
}

#[test]
fn a_settings_file_is_short_enough_to_read() {
    let studio = Studio::with_mix();
    studio.run(&["master", "mix.wav", "--limiter", "fast"]).exit(0);
    let text = String::from_utf8(studio.read("mix.streaming.wav.settings.json")).unwrap();
    // Three analyses, their standard errors and the tone aimed for: more than that is a mistake.
    assert!(text.len() < 19_000, "{} bytes", text.len());
    assert!(text.lines().all(|line| line.len() <= 300), "{text}");
}
