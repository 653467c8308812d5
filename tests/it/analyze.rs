//! `acetate analyze`.

use crate::program::{Studio, write_mix};

#[test]
fn one_file_is_an_envelope_as_several_are() {
    let studio = Studio::with_mix();
    let analysis = studio.run(&["analyze", "mix.wav", "--json"]).exit(0).analysis();
    assert_eq!(analysis["schema"], "acetate.analysis/1");
    assert_eq!(analysis["file"], "mix.wav");
    assert_eq!(analysis["format"]["container"], "wav");
    assert_eq!(analysis["format"]["bits"], 24);
    assert_eq!(analysis["format"]["frames"], 4 * 44_100);
    assert!(analysis["loudness"]["integrated_lufs"].as_f64().unwrap() < -10.0);
}

#[test]
fn several_files_are_an_envelope_in_the_order_named() {
    let studio = Studio::with_mix();
    studio.mix("another.wav");
    let result = studio.run(&["analyze", "mix.wav", "another.wav", "--json"]).exit(0).json();
    assert_eq!(result["schema"], "acetate.result/1");
    assert_eq!(
        (&result["command"], &result["ok"], &result["exit"]),
        (&"analyze".into(), &true.into(), &0.into())
    );
    assert_eq!(result["files"][0]["input"], "mix.wav");
    assert_eq!(result["files"][1]["analysis"]["schema"], "acetate.analysis/1");
}

#[test]
fn json_lines_are_one_line_a_file() {
    let studio = Studio::with_mix();
    let text =
        studio.run(&["analyze", "mix.wav", "mix.wav", "./mix.wav", "--jsonl"]).exit(0).text();
    assert_eq!(text.lines().count(), 2, "the same path counts once: {text}");
    assert!(text.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
}

#[test]
fn a_folder_is_searched_and_a_missing_file_spoils_only_itself() {
    let studio = Studio::new();
    studio.mix("songs/b.wav");
    studio.mix("songs/inner/ünï cödé (1).wav");
    studio.mix("songs/mastered/b.wav");
    let run = studio.run(&["analyze", "songs", "gone.wav", "--json"]).exit(4);
    let result = run.json();
    let inputs: Vec<_> = result["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["input"].as_str().unwrap())
        .collect();
    assert_eq!(inputs, ["songs/b.wav", "songs/inner/ünï cödé (1).wav", "gone.wav"]);
    assert_eq!(result["files"][2]["exit"], 1);
    run.one_line("gone.wav");
}

#[test]
fn standard_input_is_a_file() {
    let studio = Studio::with_mix();
    let bytes = studio.read("mix.wav");
    let analysis = studio.run_with(&["analyze", "-", "--json"], bytes).exit(0).analysis();
    assert_eq!(analysis["format"]["frames"], 4 * 44_100);
}

#[test]
fn a_wav_of_unknown_length_is_read_to_its_end() {
    let studio = Studio::with_mix();
    let mut bytes = studio.read("mix.wav");
    let data = bytes.windows(4).position(|window| window == b"data").unwrap();
    bytes[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    bytes[data + 4..data + 8].copy_from_slice(&u32::MAX.to_le_bytes());
    let analysis = studio.run_with(&["analyze", "-", "--json"], bytes).exit(0).analysis();
    assert_eq!(analysis["format"]["frames"], 4 * 44_100);
}

#[test]
fn what_is_not_sound_is_one_line_and_exit_1() {
    let studio = Studio::new();
    std::fs::write(studio.path("letter.wav"), "Dear Sir or Madam").unwrap();
    std::fs::write(studio.path("empty.wav"), "").unwrap();
    studio.run(&["analyze", "letter.wav"]).exit(1).one_line("letter.wav");
    studio.run(&["analyze", "empty.wav"]).exit(1).one_line("empty.wav");
    let run = studio.run(&["analyze", "empty.wav", "--json"]).exit(1);
    assert_eq!(run.json()["ok"], false);
    assert!(run.json()["files"][0]["error"].as_str().unwrap().contains("empty.wav"));
}

#[test]
fn tables_fit_eighty_columns() {
    let studio = Studio::with_mix();
    studio.mix(&format!("{}.wav", "long name ".repeat(12)));
    let sheet = studio.run(&["analyze", "-v", "mix.wav"]).exit(0).text();
    let table = studio.run(&["analyze", "."]).exit(0).text();
    for line in sheet.lines().chain(table.lines()) {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn a_float_file_says_so_and_measures_the_same() {
    let studio = Studio::with_mix();
    write_mix(&studio.path("float.wav"), 44_100, hound::SampleFormat::Float, 32);
    let lufs = |name: &str| {
        let analysis = studio.run(&["analyze", name, "--json"]).exit(0).analysis();
        analysis["loudness"]["integrated_lufs"].as_f64().unwrap()
    };
    assert!((lufs("float.wav") - lufs("mix.wav")).abs() < 0.001);
}

#[test]
fn csv_is_a_heading_and_a_row_a_file() {
    let studio = Studio::with_mix();
    studio.mix("a, b.wav");
    let text = studio.run(&["analyze", "mix.wav", "a, b.wav", "--csv"]).exit(0).text();
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(rows.len(), 3, "{text}");
    assert!(rows[0].starts_with("file,sample_rate_hz,bits,") && rows[0].ends_with(",findings"));
    assert!(rows[1].starts_with("mix.wav,44100,24,2,4,-"), "{}", rows[1]);
    assert!(rows[2].starts_with("\"a, b.wav\",44100,24,"), "{}", rows[2]);
    assert_eq!(rows[0].split(',').count(), rows[1].split(',').count());
    studio.run(&["analyze", "mix.wav", "--csv", "--json"]).exit(2);
}

#[test]
fn a_series_is_a_value_each_tenth_of_a_second() {
    let studio = Studio::with_mix();
    let series = studio.run(&["analyze", "mix.wav", "--series", "--json"]).exit(0).json();
    let series = &series["files"][0]["series"];
    assert_eq!(series["schema"], "acetate.series/1");
    for name in ["momentary_lufs", "short_term_lufs", "peak_dbtp", "width", "correlation"] {
        assert_eq!(series[name].as_array().unwrap().len(), 40, "{name}");
    }
    let rows = studio.run(&["analyze", "mix.wav", "--series", "--csv"]).exit(0).text();
    assert_eq!(rows.lines().count(), 41);
    assert!(rows.lines().nth(1).unwrap().starts_with("mix.wav,0.1,,,-"), "{rows}");
    let chart = studio.run(&["analyze", "mix.wav", "--series"]).exit(0).text();
    assert!(chart.lines().count() <= 20 && chart.contains("loudness of 3 s"), "{chart}");
    assert!(chart.lines().all(|line| line.chars().count() <= 80), "{chart}");
}
