//! `acetate apply`.

use crate::program::{Studio, samples, write_mix};

const NEUTRAL: &str = r#"{ "schema": "acetate.settings/1", "settings": { "limiter": { "kind": "off" },
    "output": { "format": "wav", "bits": BITS } } }"#;

#[test]
fn neutral_settings_give_back_the_same_samples() {
    let studio = Studio::new();
    let formats = [
        (hound::SampleFormat::Int, 16, "16"),
        (hound::SampleFormat::Int, 24, "24"),
        (hound::SampleFormat::Float, 32, "\"32f\""),
    ];
    for (sample_format, bits, word) in formats {
        write_mix(&studio.path("in.wav"), 44_100, sample_format, bits);
        std::fs::write(studio.path("neutral.json"), NEUTRAL.replace("BITS", word)).unwrap();
        studio.run(&["apply", "neutral.json", "in.wav", "-o", "out.wav", "-f"]).exit(0);
        assert!(samples(&studio.path("in.wav")) == samples(&studio.path("out.wav")), "{word} bits");
    }
}

#[test]
fn an_edited_gain_changes_the_spectrum_there_by_that_much() {
    let studio = Studio::with_mix();
    let settings = |gain: &str| {
        format!(
            r#"{{ "schema": "acetate.settings/1", "settings": {{ "equalizer": {{ "bands": [
                {{ "id": "eq1", "type": "bell", "freq_hz": 800, "gain_db": {gain}, "q": 0.5 }} ] }},
                "limiter": {{ "kind": "off" }} }} }}"#
        )
    };
    let level_at_800 = |gain: &str| {
        std::fs::write(studio.path("s.json"), settings(gain)).unwrap();
        studio.run(&["apply", "s.json", "mix.wav", "-o", "out.wav", "-f"]).exit(0);
        let analysis = studio.run(&["analyze", "out.wav", "--json"]).exit(0).analysis();
        let spectrum = &analysis["spectrum"];
        let at = spectrum["third_octave_hz"].as_array().unwrap().iter().position(|hz| hz == 800.0);
        spectrum["level_db"][at.unwrap()].as_f64().unwrap()
    };
    let change = level_at_800("3.0") - level_at_800("0.0");
    assert!((change - 3.0).abs() < 0.1, "{change}");
}

#[test]
fn single_settings_and_moves_can_be_changed_on_the_command_line() {
    let studio = Studio::with_mix();
    let json = studio.run(&["suggest", "mix.wav"]).exit(0).stdout;
    std::fs::write(studio.path("s.json"), json).unwrap();
    studio
        .run(&["apply", "s.json", "mix.wav", "-o", "a.wav", "--set", "limiter.ceiling_dbtp=-3"])
        .exit(0);
    let document = studio.json("a.wav.settings.json");
    assert_eq!(document["settings"]["limiter"]["ceiling_dbtp"], -3.0);
    let peak = document["numbers"]["after"]["loudness"]["true_peak_dbtp"].as_f64().unwrap();
    assert!(peak <= -3.0, "{peak}");
    let wrong =
        studio.run(&["apply", "s.json", "mix.wav", "-o", "b.wav", "--set", "limiter.cieling=-3"]);
    wrong.exit(2).one_line("settings.limiter.cieling");
    studio
        .run(&["apply", "s.json", "mix.wav", "-o", "b.wav", "--skip", "eq99"])
        .exit(2)
        .one_line("eq99");
    assert!(!studio.names().contains(&"b.wav".to_owned()));
}

#[test]
fn settings_of_another_sound_are_a_note_or_refused() {
    let studio = Studio::with_mix();
    write_mix(&studio.path("other.wav"), 48_000, hound::SampleFormat::Int, 24);
    let json = studio.run(&["suggest", "mix.wav"]).exit(0).stdout;
    std::fs::write(studio.path("s.json"), json).unwrap();
    let run = studio.run(&["apply", "s.json", "other.wav", "-o", "a.wav"]).exit(0);
    assert!(run.stderr.contains("made for mix.wav"), "{}", run.stderr);
    let run = studio.run(&["apply", "s.json", "other.wav", "-o", "b.wav", "--expect-hash"]);
    run.exit(5).one_line("mix.wav");
}

#[test]
fn the_settings_file_is_an_input_and_never_overwritten() {
    let studio = Studio::with_mix();
    let json = studio.run(&["suggest", "mix.wav", "-t", "spotify"]).exit(0).stdout;
    std::fs::write(studio.path("mix.spotify.wav.settings.json"), &json).unwrap();
    studio.run(&["apply", "mix.spotify.wav.settings.json", "mix.wav"]).exit(0);
    assert!(studio.read("mix.spotify.wav.settings.json") == json);
    assert!(studio.names().contains(&"mix.spotify.wav".to_owned()));
}

/// Settings with something of everything, made from a suggestion.
fn full(studio: &Studio) -> serde_json::Value {
    let mut document = studio.run(&["suggest", "mix.wav", "-t", "spotify"]).exit(0).json();
    let settings = &mut document["settings"];
    settings["equalizer"]["bands"] = serde_json::json!([
        { "id": "eq1", "freq_hz": 300, "gain_db": -2.0, "q": 0.8 },
        { "id": "eq2", "type": "high_shelf", "freq_hz": 8000, "gain_db": 1.5, "q": 0.7 } ]);
    settings["dynamic_equalizer"] = serde_json::json!({
        "bands": [ { "id": "dyn1", "freq_hz": 2600, "threshold_db": -50 } ],
        "de_esser": { "enabled": true }, "resonance": { "enabled": true } });
    settings["compressor"]["bands"] =
        serde_json::json!([ { "id": "comp1", "threshold_db": -30, "ratio": 1.5 } ]);
    settings["stereo"]["bands"] = serde_json::json!([ { "width_pct": 110 } ]);
    settings["saturator"] = serde_json::json!({ "enabled": true, "mix_pct": 20 });
    settings["limiter"]["kind"] = "fast".into();
    document
}

/// Flags of `apply`, and what each must have done to the settings that were rendered.
#[test]
fn every_flag_of_apply_changes_the_rendered_settings_as_said() {
    let studio = Studio::with_mix();
    std::fs::write(studio.path("s.json"), full(&studio).to_string()).unwrap();
    let off = serde_json::Value::from(false);
    let cases: &[(&[&str], &str, serde_json::Value)] = &[
        (&["--amount", "50"], "/equalizer/bands/0/gain_db", (-1.0).into()),
        (&["--amount", "0"], "/equalizer/bands/0/enabled", off.clone()),
        (&["--amount", "0"], "/dynamic_equalizer/de_esser/enabled", off.clone()),
        (&["--amount", "0"], "/dynamic_equalizer/bands/0/enabled", off.clone()),
        (&["--tone", "50%"], "/equalizer/bands/1/gain_db", 0.75.into()),
        (&["--dynamics", "0"], "/compressor/bands/0/enabled", off.clone()),
        (&["--width", "0"], "/stereo/bands", serde_json::json!([])),
        (&["--reverb", "30"], "/reverb/mix_pct", 30.0.into()),
        (&["--saturation", "35"], "/saturator/mix_pct", 35.0.into()),
        (&["--saturation", "0"], "/saturator", serde_json::Value::Null),
        (&["--only", "eq2"], "/equalizer/bands/0/enabled", off.clone()),
        (&["--skip", "eq2"], "/equalizer/bands/1/enabled", off.clone()),
        (&["--skip", "comp1"], "/compressor/bands/0/enabled", off.clone()),
        (&["--skip", "dynamic_equalizer"], "/dynamic_equalizer/bands/0/enabled", off.clone()),
        (&["--skip", "drive"], "/drive_db", 0.0.into()),
        (&["--skip", "limiter"], "/limiter/kind", "off".into()),
        (&["--set", "equalizer.bands.eq1.gain_db=1"], "/equalizer/bands/0/gain_db", 1.0.into()),
        (&["--set", "limiter.release_ms=90"], "/limiter/release_ms", 90.0.into()),
        (&["--bits", "16"], "/output/bits", 16.into()),
        (&["--set", "output.bits=\"16\""], "/output/bits", 16.into()),
        (&["--bits", "keep"], "/output/bits", 24.into()),
        (&["--rate", "48000"], "/output/sample_rate_hz", 48_000.into()),
        (&["--dither", "shaped"], "/output/dither", "shaped".into()),
        (&["--format", "flac"], "/output/format", "flac".into()),
    ];
    for (index, (flags, pointer, wanted)) in cases.iter().enumerate() {
        let folder = format!("out{index}");
        let words =
            [&["apply", "s.json", "mix.wav", "-q", "-d", &folder, "--json"], *flags].concat();
        let result = studio.run(&words).exit(0).json();
        let output = result["files"][0]["output"].as_str().unwrap().to_owned();
        let document = studio.json(&format!("{output}.settings.json"));
        let found = document["settings"].pointer(pointer).cloned().unwrap_or_default();
        let number = |value: &serde_json::Value| value.as_f64();
        assert!(
            found == *wanted || (number(&found).is_some() && number(&found) == number(wanted)),
            "{flags:?}: {pointer} is {found}"
        );
        let command = document["made_by"]["command"].as_str().unwrap();
        assert!(command.starts_with("acetate apply s.json mix.wav --"), "{command}");
    }
}

#[test]
fn moves_and_summary_are_those_of_the_settings_that_were_rendered() {
    let studio = Studio::with_mix();
    let mut document = studio.run(&["suggest", "mix.wav", "--lufs", "-12"]).exit(0).json();
    std::fs::write(studio.path("plan.json"), document.to_string()).unwrap();
    let marks = |name: &str| -> Vec<(String, String)> {
        let moves = studio.json(name)["moves"].as_array().unwrap().clone();
        let text = |step: &serde_json::Value, key: &str| step[key].as_str().unwrap().to_owned();
        moves.iter().map(|step| (text(step, "id"), text(step, "mark"))).collect()
    };
    // As suggested, nothing is told anew.
    studio.run(&["apply", "plan.json", "mix.wav", "-o", "plain.wav"]).exit(0);
    assert_eq!(studio.json("plain.wav.settings.json")["moves"], document["moves"]);
    assert!(marks("plain.wav.settings.json").iter().all(|(_, mark)| mark == "suggested"));

    // Edited by hand: one band more, another drive, another ceiling; the plan had a drive and no such band.
    document["settings"]["equalizer"]["bands"] =
        serde_json::json!([ { "id": "mine", "freq_hz": 500, "gain_db": -1.25, "q": 1.0 } ]);
    document["settings"]["drive_db"] =
        (document["settings"]["drive_db"].as_f64().unwrap() - 0.01).into();
    std::fs::write(studio.path("edited.json"), document.to_string()).unwrap();
    let run =
        studio.run(&["apply", "edited.json", "mix.wav", "-o", "edited.wav", "--report"]).exit(0);
    assert!(run.stderr.contains("edited: mine") && run.stderr.contains("drive"), "{}", run.stderr);
    let told = marks("edited.wav.settings.json");
    for id in ["mine", "drive"] {
        assert!(told.contains(&(id.to_owned(), "edited".to_owned())), "{id}: {told:?}");
    }
    let after = studio.json("edited.wav.settings.json");
    assert!(after["summary"].as_str().unwrap().contains("ease the mids"), "{}", after["summary"]);
    let page = String::from_utf8(studio.read("edited.wav.html")).unwrap();
    assert!(page.contains(">edited<") && page.contains("ell 500 Hz"), "the page says it too");

    // Applied again, an edit is still one.
    studio.run(&["apply", "edited.wav.settings.json", "mix.wav", "-o", "again.wav"]).exit(0);
    assert!(studio.read("again.wav") == studio.read("edited.wav"));
    assert_eq!(marks("again.wav.settings.json"), told);

    // Left out: it is named, and not rendered; what the program solves is no edit.
    let skip = ["apply", "edited.wav.settings.json", "mix.wav", "--skip", "mine", "-o", "less.wav"];
    let run = studio.run(&skip).exit(0);
    assert!(run.stderr.contains("left out: mine"), "{}", run.stderr);
    let less = studio.json("less.wav.settings.json");
    assert!(!less["summary"].as_str().unwrap().contains("ease the mids"));
    let set =
        ["apply", "plan.json", "mix.wav", "--set", "limiter.ceiling_dbtp=-3", "-o", "low.wav"];
    studio.run(&set).exit(0);
    let low = studio.json("low.wav.settings.json");
    let drive = low["moves"].as_array().unwrap().iter().find(|step| step["id"] == "drive").unwrap();
    assert!(drive["what"].as_str().unwrap().ends_with("at -3 dBTP"), "{drive}");
    assert_eq!(drive["mark"], "edited");
}

#[test]
fn what_is_not_there_or_could_mean_two_things_is_wrong_usage() {
    let studio = Studio::with_mix();
    std::fs::write(studio.path("s.json"), full(&studio).to_string()).unwrap();
    let wrong = |flags: &[&str], part: &str| {
        let words = [&["apply", "s.json", "mix.wav", "-o", "a.wav"], flags].concat();
        studio.run(&words).exit(2).one_line(part);
    };
    wrong(&["--set", "equalizer.bands.eq99.gain_db=-1"], "no \"eq99\"; there are eq1, eq2");
    wrong(&["--set", "equalizer.bands[7].gain_db=-1"], "no \"7\"");
    wrong(&["--skip", "eq99"], "eq99");
    wrong(&["--tone", "0.5"], "50% or 0.5%");
    wrong(&["--reverb", "1"], "100% or 1%");
    wrong(&["--set", "equalizer.bands.eq1.freq_hz=30000"], "10 to 22050 Hz");
    wrong(&["--set", "equalizer.bands.eq1.freq_hz=9"], "below 10 Hz");
    wrong(&["--lufs", "-14", "--set", "drive_db=2"], "leave out one");
    wrong(&["--lufs", "3"], "-60 to 0 LUFS");
    assert_eq!(studio.names(), ["mix.wav", "s.json"]);
    let piped = ["apply", "s.json", "mix.wav", "-o", "-", "--report"];
    studio.run(&piped).exit(2).one_line("-o - writes none");
    std::fs::write(studio.path("bare.json"), NEUTRAL.replace("BITS", "16")).unwrap();
    studio.run(&["apply", "bare.json", "mix.wav", "--expect-hash"]).exit(5).one_line("bare.json");
}

#[test]
fn another_source_is_described_and_gets_the_loudness_that_is_asked_for() {
    let studio = Studio::with_mix();
    std::fs::write(studio.path("s.json"), full(&studio).to_string()).unwrap();
    let softer = [
        "apply",
        "s.json",
        "mix.wav",
        "--only",
        "drive",
        "--set",
        "drive_db=-6",
        "--skip",
        "limiter",
        "-o",
        "edit.wav",
        "-q",
    ];
    studio.run(&softer).exit(0);
    let plain = studio.run(&["apply", "s.json", "edit.wav", "-o", "plain.wav"]).exit(0);
    assert!(
        plain.stderr.contains("made for mix.wav; edit.wav is 6.0 LU quieter"),
        "{}",
        plain.stderr
    );
    assert!(plain.stderr.contains("--lufs -14 solves the drive again"), "{}", plain.stderr);
    let held =
        ["apply", "s.json", "edit.wav", "-o", "held.wav", "--lufs", "-15", "--report", "p.html"];
    studio.run(&held).exit(0);
    let document = studio.json("held.wav.settings.json");
    let lufs = document["numbers"]["after"]["loudness"]["integrated_lufs"].as_f64().unwrap();
    assert!((lufs + 15.0).abs() <= 0.05, "{lufs}");
    assert_eq!(document["aim"]["target"]["integrated_lufs"], -15.0);
    assert_eq!(document["source"]["name"], "edit.wav");
    assert!(studio.names().contains(&"p.html".to_owned()));
}

#[test]
fn apply_renders_again_only_what_changed() {
    let studio = Studio::with_mix();
    std::fs::write(studio.path("s.json"), full(&studio).to_string()).unwrap();
    let update = |more: &[&str]| {
        let words = [&["apply", "s.json", "mix.wav", "--existing", "update"], more].concat();
        studio.run(&words).exit(0).stderr
    };
    assert!(update(&[]).contains("Rendered"));
    assert!(update(&[]).contains("up to date"));
    let mut document = full(&studio);
    document["settings"]["equalizer"]["bands"][0]["gain_db"] = (-3.0).into();
    std::fs::write(studio.path("s.json"), document.to_string()).unwrap();
    assert!(update(&[]).contains("Rendered"), "the settings changed");
    assert!(update(&[]).contains("up to date"));
    assert!(update(&["--skip", "eq1"]).contains("Rendered"));
}

#[test]
fn choices_are_three_settings_and_a_page_and_a_pick_is_the_master_of_one() {
    let studio = Studio::with_mix();
    studio.run(&["master", "mix.wav", "-t", "streaming", "--choices"]).exit(0);
    let settings = |letter: &str| {
        let path = studio.path(&format!("mix.wav.choices/{letter}.settings.json"));
        std::fs::read_to_string(path).unwrap()
    };
    let bands = |letter: &str| {
        let document: serde_json::Value = serde_json::from_str(&settings(letter)).unwrap();
        document["settings"]["equalizer"]["bands"].clone()
    };
    assert!(bands("A") != bands("B") && bands("B") != bands("C") && bands("C") != bands("A"));
    assert!(!studio.path("mix.streaming.wav").exists(), "no master before the pick");
    studio.run(&["master", "mix.wav", "-t", "streaming", "--choices"]).exit(5);
    let picked = studio.run(&["pick", "mix.wav.choices/B.settings.json"]).exit(0);
    assert!(picked.stderr.contains("Done"), "{}", picked.stderr);
    studio.run(&["apply", "mix.wav.choices/B.settings.json", "mix.wav", "-o", "b.wav"]).exit(0);
    assert!(samples(&studio.path("mix.streaming.wav")) == samples(&studio.path("b.wav")));
    write_mix(&studio.path("other.wav"), 48_000, hound::SampleFormat::Int, 16);
    let other =
        studio.run(&["pick", "mix.wav.choices/B.settings.json", "other.wav", "-o", "o.wav"]);
    other.exit(5).one_line("not the sound");
    let record = ["master", "mix.wav", "-r", "mix.streaming.wav", "--choices"];
    assert!(studio.run(&record).exit(2).stderr.contains("leave out -r"));
    std::fs::rename(studio.path("mix.wav"), studio.path("gone.wav")).unwrap();
    let lost = studio.run(&["pick", "mix.wav.choices/C.settings.json"]).exit(2);
    assert!(lost.stderr.contains("name the song after the choice"), "{}", lost.stderr);
}
