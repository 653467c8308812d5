use super::*;
use crate::parameters::Scale;

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
    check_message(r#"{"equalizer":[]}"#, "settings.equalizer: expected an object, found a list");
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
fn numbers_that_may_be_absent_are_not_absent_when_they_are_none() {
    let mut settings = Settings::default();
    settings.compressor.sidechain_highpass_hz = Some(100.0);
    settings.stereo.mono_below_hz = Some(100.0);
    settings.stereo.min_correlation = Some(0.0);
    settings.stereo.bands =
        vec![crate::settings::StereoBand { below_hz: Some(300.0), width_pct: 100.0 }];
    let (upper, lower) = (Some(0.5), Some(-0.5));
    let cut_off = crate::settings::ClippedSection { upper, lower, ..Default::default() };
    settings.restore.clipping.sections = vec![cut_off];
    check(&settings).unwrap();
    let keys: Vec<String> =
        may_be_absent(&settings).iter().map(|(path, _)| without_indices(path)).collect();
    for parameter in PARAMETERS {
        if let Kind::Optional(Range { scale: Scale::Linear | Scale::Logarithmic, .. }) =
            parameter.kind
        {
            assert!(keys.contains(&parameter.key.to_owned()), "{}", parameter.key);
        }
    }
    for value in [f64::NAN, f64::INFINITY] {
        let broken = |change: &dyn Fn(&mut Settings)| {
            let mut settings = settings.clone();
            change(&mut settings);
            check(&settings).unwrap_err().to_string()
        };
        for message in [
            broken(&|s| s.compressor.sidechain_highpass_hz = Some(value)),
            broken(&|s| s.stereo.mono_below_hz = Some(value)),
            broken(&|s| s.stereo.min_correlation = Some(value)),
            broken(&|s| s.stereo.bands[0].below_hz = Some(value)),
            broken(&|s| s.restore.clipping.sections[0].upper = Some(value)),
            broken(&|s| s.restore.clipping.sections[0].lower = Some(value)),
            broken(&|s| s.stereo.bands[0].width_pct = value),
            broken(&|s| s.compressor.link_pct = value),
            broken(&|s| s.reverb.decay_s = value),
        ] {
            assert!(message.contains("a number") || message.contains("finite"), "{message}");
        }
    }
}

#[test]
fn every_number_outside_its_range_is_refused_with_the_numbers_of_the_table() {
    for parameter in PARAMETERS {
        let (Kind::Number(range)
        | Kind::Numbers(range)
        | Kind::Optional(range)
        | Kind::OptionalOr(range, _)) = parameter.kind
        else {
            continue;
        };
        for (value, limit) in
            [(range.min - 6.0, range.min), (range.max + 6.0, range.max), (1e300, range.max)]
        {
            let text = nested(parameter, value);
            let message = parse(&text).unwrap_err().to_string();
            let numbers = if value < range.min { "below" } else { "above" };
            let numbers = format!("is {numbers} {limit}");
            let last = parameter.key.rsplit('.').next().unwrap();
            // A rate of 1e300 Hz is no whole number to begin with.
            let whole = range.scale.step().is_some() && value == 1e300;
            assert!(message.contains(last), "{message}");
            assert!(whole || message.contains(&numbers), "{text}: {message}");
        }
    }
}

/// A document that says this one thing.
fn nested(parameter: &Parameter, value: f64) -> String {
    let value = if value.fract() == 0.0 && value.abs() < 1e15 {
        format!("{}", value as i64)
    } else {
        format!("{value:e}")
    };
    let list = matches!(parameter.kind, Kind::Numbers(_));
    let value = if list { format!("[{value}]") } else { value };
    parameter.key.split('.').rev().fold(value, |inner, name| match name.strip_suffix("[]") {
        Some(name) => format!("{{\"{name}\":[{inner}]}}"),
        None => format!("{{\"{name}\":{inner}}}"),
    })
}

#[test]
fn filters_lie_below_half_of_the_rate_and_above_ten_hertz() {
    let at = |freq_hz: f64, enabled: bool| {
        parse(&format!(
            r#"{{"equalizer":{{"bands":[{{"freq_hz":{freq_hz},"enabled":{enabled}}}]}}}}"#
        ))
    };
    assert_eq!(
        at(9.0, true).unwrap_err().to_string(),
        "settings.equalizer.bands[0].freq_hz: 9 is below 10 Hz"
    );
    let high = at(22_050.0, true).unwrap();
    assert_eq!(
        check_for(&high, 44_100).unwrap_err().to_string(),
        "settings.equalizer.bands[0].freq_hz: 22050 Hz is outside 10 to 22050 Hz, which is what sound of 44100 Hz holds"
    );
    assert!(check_for(&high, 48_000).is_ok());
    assert!(check_for(&at(30_000.0, false).unwrap(), 44_100).is_ok());
    for (text, path) in [
        (r#"{"dynamic_equalizer":{"bands":[{"freq_hz":5000}]}}"#, "bands[0].freq_hz"),
        (r#"{"dynamic_equalizer":{"de_esser":{"enabled":true}}}"#, "de_esser.freq_hz"),
        (r#"{"compressor":{"bands":[{"ratio":2},{}],"crossovers_hz":[4000]}}"#, "crossovers_hz[0]"),
    ] {
        let settings = parse(text).unwrap();
        let message = check_for(&settings, 8_000).unwrap_err().to_string();
        assert!(message.contains(path) && message.contains("to 4000 Hz"), "{message}");
        assert!(check_for(&settings, 44_100).is_ok());
    }
}

#[test]
fn bits_are_understood_as_numbers_and_in_quotes() {
    use crate::settings::Bits;
    for (text, bits) in [
        ("16", Bits::Int16),
        ("\"16\"", Bits::Int16),
        ("24", Bits::Int24),
        ("\"24\"", Bits::Int24),
        ("\"32f\"", Bits::Float32),
    ] {
        let text = format!(r#"{{"output":{{"bits":{text}}}}}"#);
        assert_eq!(parse(&text).unwrap().output.bits, bits, "{text}");
    }
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
