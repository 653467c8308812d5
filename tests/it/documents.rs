//! Documents that are wrong: exit 2, one line, with the path in the document and the limit.

use crate::program::Studio;

/// Runs `words` after writing `text` to `name`; expects exit 2 and one line that holds all of `parts`.
#[track_caller]
fn refused(studio: &Studio, name: &str, text: &str, words: &[&str], parts: &[&str]) {
    std::fs::write(studio.path(name), text).unwrap();
    let run = studio.run(words);
    assert_eq!(run.code, 2, "{text}\n{}", run.stderr);
    let run = run.one_line(name);
    for part in parts {
        assert!(run.stderr.contains(part), "{part:?} is not in {}", run.stderr);
    }
}

#[test]
fn wrong_settings_are_named_with_their_path_and_limit() {
    let studio = Studio::with_mix();
    let deep = format!("{}1{}", "{\"a\":".repeat(500), "}".repeat(500));
    let table: &[(&str, &[&str])] = &[
        (r#"{"drive_db":"loud"}"#, &["settings.drive_db", "a number", "\"loud\""]),
        (r#"{"drive_db":null}"#, &["settings.drive_db", "null"]),
        (r#"{"drive_db":true}"#, &["settings.drive_db", "true"]),
        (r#"{"drive_db":[1]}"#, &["settings.drive_db", "a list"]),
        (r#"{"drive_db":1e308}"#, &["settings.drive_db", "above 60 dB"]),
        (r#"{"drive_db":-1e308}"#, &["settings.drive_db", "below -60 dB"]),
        (r#"{"drive_db":1e999}"#, &["number out of range"]),
        (r#"{"drive_db":NaN}"#, &["line 1"]),
        (r#"{"drive_dB":1}"#, &["settings.drive_dB", "unknown key", "`drive_db`"]),
        (r#"{"limiter":7}"#, &["settings.limiter", "an object", "7"]),
        (r#"{"limiter":{"kind":"brickwall"}}"#, &["settings.limiter.kind", "masked, transparent"]),
        (r#"{"limiter":{"ceiling_dbtp":0.1}}"#, &["settings.limiter.ceiling_dbtp", "0 dBTP"]),
        (r#"{"equalizer":{"bands":{}}}"#, &["settings.equalizer.bands"]),
        (r#"{"equalizer":{"bands":[7]}}"#, &["settings.equalizer.bands[0]", "an object"]),
        (
            r#"{"equalizer":{"bands":[{},{"q":0}]}}"#,
            &["settings.equalizer.bands[1].q", "below 0.1"],
        ),
        (
            r#"{"equalizer":{"bands":[{"slope_db_per_octave":13}]}}"#,
            &["settings.equalizer.bands[0].slope_db_per_octave", "multiple of 6"],
        ),
        (
            r#"{"equalizer":{"bands":[{"id":"eq1"},{"id":"eq1"}]}}"#,
            &["settings.equalizer.bands[1].id", "\"eq1\""],
        ),
        (
            r#"{"compressor":{"bands":[{},{}],"crossovers_hz":[]}}"#,
            &["settings.compressor.crossovers_hz", "2 bands need 1"],
        ),
        (
            r#"{"compressor":{"bands":[{},{},{}],"crossovers_hz":[900,300]}}"#,
            &["settings.compressor.crossovers_hz[1]", "300", "900"],
        ),
        (
            r#"{"stereo":{"bands":[{"below_hz":500},{"below_hz":200}]}}"#,
            &["settings.stereo.bands[1]", "200"],
        ),
        (r#"{"output":{"seed":-1}}"#, &["settings.output.seed", "below 0"]),
        (r#"{"output":{"seed":1.5}}"#, &["settings.output.seed", "a whole number"]),
        (r#"{"output":{"seed":7.0}}"#, &["settings.output.seed", "a whole number"]),
        (r#"{"output":{"seed":99999999999999999999}}"#, &["settings.output.seed"]),
        (r#"{"output":{"sample_rate_hz":12}}"#, &["settings.output.sample_rate_hz", "8000"]),
        (r#"{"output":{"bits":8}}"#, &["settings.output.bits", "16, 24, 32f"]),
        (r#"{"fades":{"in_ms":-1}}"#, &["settings.fades.in_ms", "below 0 ms"]),
        (r#"{"input":{"trim_start_s":1e6}}"#, &["settings.input.trim_start_s", "86400 s"]),
        (&deep, &["recursion limit"]),
        ("[]", &["settings"]),
        ("7", &["settings"]),
    ];
    for (settings, parts) in table {
        let text = format!(r#"{{"schema":"acetate.settings/1","settings":{settings}}}"#);
        refused(&studio, "s.json", &text, &["apply", "s.json", "mix.wav"], parts);
    }
    let bands = vec!["{}"; 33].join(",");
    let many = format!(
        r#"{{"schema":"acetate.settings/1","settings":{{"equalizer":{{"bands":[{bands}]}}}}}}"#
    );
    let apply = ["apply", "s.json", "mix.wav"];
    refused(&studio, "s.json", &many, &apply, &["settings.equalizer.bands", "33", "32"]);
    assert_eq!(studio.names(), ["mix.wav", "s.json"]);
}

#[test]
fn what_is_no_settings_document_is_said_so() {
    let studio = Studio::with_mix();
    let table: &[(&str, &[&str])] = &[
        ("", &["EOF"]),
        ("{", &["EOF"]),
        ("Dear Sir", &["line 1"]),
        ("null", &["schema"]),
        ("{}", &["schema", "acetate.settings/1"]),
        (r#"{"schema":7,"settings":{}}"#, &["schema", "7"]),
        (r#"{"schema":"acetate.settings/9","settings":{}}"#, &["acetate.settings/9"]),
        (r#"{"schema":"acetate.settings/1"}"#, &["settings"]),
        (r#"{"schema":"acetate.settings/1","settings":{}} {}"#, &["trailing"]),
        (r#"{"schema":"acetate.settings/1","settings":{},"moves":7}"#, &["moves"]),
        (
            r#"{"schema":"acetate.settings/1","settings":{},"moves":[{"measured":"much"}]}"#,
            &["moves[0].measured"],
        ),
        (
            r#"{"schema":"acetate.settings/1","settings":{},"numbers":{"before":1}}"#,
            &["numbers.before"],
        ),
    ];
    for (text, parts) in table {
        refused(&studio, "s.json", text, &["apply", "s.json", "mix.wav"], parts);
    }
    std::fs::write(studio.path("s.json"), vec![b' '; (16 << 20) + 1]).unwrap();
    studio.run(&["apply", "s.json", "mix.wav"]).exit(2).one_line("16 MB");
    std::fs::write(studio.path("s.json"), b"{\"schema\":\"\xFF\"}").unwrap();
    studio.run(&["apply", "s.json", "mix.wav"]).exit(2).one_line("UTF-8");
    studio.run(&["apply", ".", "mix.wav"]).exit(2);
    studio.run(&["apply", "missing.json", "mix.wav"]).exit(2).one_line("missing.json");
}

#[cfg(target_os = "linux")]
#[test]
fn a_document_without_an_end_is_not_read_for_ever() {
    let studio = Studio::with_mix();
    studio.run(&["apply", "/dev/zero", "mix.wav"]).exit(2).one_line("16 MB");
    studio.run(&["suggest", "mix.wav", "--config", "/dev/zero"]).exit(2).one_line("16 MB");
}

const TARGET: &str = r#"{ "schema": "acetate.target/1", "id": "mine", "name": "Mine", "integrated_lufs": -12.0,
    "loudness_rule": "target", "tolerance_lu": 0.5, "true_peak_dbtp": -1.0, "source": "me",
    "checked": "2026-11-20", "confidence": "custom" }"#;

#[test]
fn wrong_targets_are_named_with_their_path_and_limit() {
    let studio = Studio::with_mix();
    let table: &[(&str, &str, &[&str])] = &[
        ("-12.0", "\"loud\"", &["integrated_lufs"]),
        ("-12.0", "3", &["integrated_lufs", "3", "-70", "0"]),
        ("-12.0", "-1e300", &["integrated_lufs"]),
        ("-12.0", "1e999", &["out of range"]),
        ("-12.0", "null", &["mine", "integrated_lufs"]),
        ("-1.0", "7", &["true_peak_dbtp", "-20"]),
        ("0.5", "-1", &["tolerance_lu", "10"]),
        ("\"custom\"", "\"sure\"", &["confidence", "verified"]),
        ("2026-11-20", "yesterday", &["checked"]),
        ("2026-11-20", "2026-13-40", &["checked"]),
        ("\"name\"", "\"nmae\"", &["nmae"]),
        ("\"source\": \"me\",", "", &["source"]),
        ("acetate.target/1", "acetate.target/2", &["acetate.target/2"]),
        ("\"custom\" }", "\"custom\" } {}", &["trailing"]),
        ("\"custom\"", "\"custom\", \"format\": { \"bits\": [\"many\"] }", &["format.bits[0]"]),
        ("\"custom\"", "\"custom\", \"format\": { \"bits\": [7] }", &["format.bits", "7"]),
        (
            "\"custom\"",
            "\"custom\", \"format\": { \"sample_rates_hz\": [44100, 0] }",
            &["format.sample_rates_hz", "8000"],
        ),
        ("\"custom\"", "\"custom\", \"rules\": [{ \"rule\": \"dance\" }]", &["rules[0]"]),
    ];
    for (from, to, parts) in table {
        let text = TARGET.replacen(from, to, 1);
        assert_ne!(text, TARGET, "{from}");
        refused(&studio, "t.json", &text, &["suggest", "mix.wav", "-t", "t.json"], parts);
    }
}

#[test]
fn wrong_profiles_and_styles_are_named_with_their_path() {
    let studio = Studio::with_mix();
    for text in ["", "{", "[]", "null", r#"{"schema":"acetate.profile/9"}"#] {
        refused(&studio, "p.json", text, &["suggest", "mix.wav", "-r", "p.json"], &[]);
        refused(&studio, "style", text, &["suggest", "mix.wav", "--style", "style"], &[]);
    }
}

#[test]
fn numbers_that_no_record_has_are_named_with_their_path_and_limit() {
    let studio = Studio::with_mix();
    let style = include_str!("../../fuzz/corpus/style/first.json");
    let profile = include_str!("../../fuzz/corpus/profile/mix.profile.json");
    let cases: &[(&str, &str, &str, &[&str])] = &[
        ("--style", "/tone/mean_db/4", "1e300", &["tone.mean_db[4]", "-800 and 800"]),
        ("--style", "/tone/residual_std_db/0", "0", &["tone.residual_std_db[0]", "0.01"]),
        ("--style", "/tone/weight/8", "2", &["tone.weight[8]", "0 and 1"]),
        ("--style", "/plr_db/p90", "-5", &["plr_db.p90", "-5"]),
        ("--style", "/level_std_db/2/p10", "-1", &["level_std_db[2].p10", "0 and 800"]),
        ("-r", "/loudness/integrated_lufs", "1e300", &["loudness.integrated_lufs", "800"]),
        ("-r", "/spectrum/level_db/9", "-900", &["spectrum.level_db[9]", "-800 and 800"]),
        ("-r", "/bands/3/correlation", "7", &["bands[3].correlation", "-1 and 1"]),
    ];
    for (option, pointer, number, parts) in cases {
        let text = if *option == "-r" { profile } else { style };
        let mut document: serde_json::Value = serde_json::from_str(text).unwrap();
        *document.pointer_mut(pointer).unwrap() = serde_json::from_str(number).unwrap();
        let text = document.to_string();
        refused(&studio, "d.json", &text, &["suggest", "mix.wav", option, "d.json"], parts);
    }
}

#[test]
fn a_wrong_configuration_is_named_with_its_key() {
    let studio = Studio::with_mix();
    let deep = format!("a = {}1{}", "[".repeat(500), "]".repeat(500));
    let table: &[(&str, &[&str])] = &[
        ("amount = ", &["line 1"]),
        ("amount = \"much\"", &["amount", "much"]),
        ("amount = 1e999", &["amount"]),
        ("amount = 151", &["amount", "150"]),
        ("amount = -1", &["amount"]),
        ("amont = 80", &["amont", "did you mean \"amount\"?"]),
        ("amount = 80\namount = 90", &["amount"]),
        ("[suggest]\namont = 80", &["[suggest]", "amont"]),
        ("[sugest]\namount = 80", &["sugest"]),
        ("max-eq = 9999", &["max-eq"]),
        ("seed = -3", &["seed"]),
        ("seed = 99999999999999999999", &["seed"]),
        ("detail = \"coarse\"", &["detail", "broad"]),
        ("output = \"x.wav\"", &["output"]),
        ("lufs = true", &["lufs"]),
        (&deep, &[]),
    ];
    for (text, parts) in table {
        refused(&studio, "acetate.toml", text, &["suggest", "mix.wav"], parts);
    }
}
