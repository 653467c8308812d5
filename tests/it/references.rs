//! `acetate references`.

use crate::program::{Studio, Wav};

#[test]
fn styles_are_listed_with_the_records_behind_them_and_ones_own_among_them() {
    let studio = Studio::new();
    let table = studio.run(&["styles"]).exit(0).text();
    for id in ["pop ", "pop-dense", "jazz-wide", "classical-dark", "mixed-full"] {
        assert!(table.contains(id), "{id} in\n{table}");
    }
    let list = studio.run(&["styles", "--json"]).exit(0).json();
    let records = |style: &serde_json::Value| style["records"].as_u64().unwrap();
    assert!(
        list.as_array().unwrap().iter().all(|style| records(style) >= 25 && style["own"] == false)
    );
    let one = studio.run(&["styles", "jazz-wide"]).exit(0).text();
    assert!(one.contains("jazz, wide") && one.contains("38"), "{one}");
    std::fs::write(
        studio.path("mine.json"),
        studio.run(&["styles", "pop-dense", "--json"]).exit(0).text(),
    )
    .unwrap();
    assert!(studio.run(&["styles", "mine.json"]).exit(0).text().contains("pop, dense"));
    studio.run(&["styles", "jaz-wide"]).exit(2).one_line("did you mean \"jazz-wide\"?");
}

#[test]
fn a_record_is_added_listed_shown_used_and_removed() {
    let studio = Studio::with_mix();
    studio.mix("Blue Train.wav");
    studio.run(&["references", "add", "Blue Train.wav", "--tags", "jazz"]).exit(0);
    studio.run(&["references", "add", "Blue Train.wav"]).exit(5).one_line("-f replaces it");
    assert!(studio.run(&["references", "list"]).exit(0).text().contains("blue-train"));
    assert!(studio.run(&["references", "show", "blue-train"]).exit(0).text().contains("LUFS"));
    let settings = studio.run(&["suggest", "mix.wav", "-r", "blue-train"]).exit(0).json();
    assert_eq!(settings["aim"]["references"][0]["id"], "blue-train");
    studio.run(&["references", "check"]).exit(0);
    studio.run(&["references", "remove", "blue-train"]).exit(0);
    studio.run(&["suggest", "mix.wav", "-r", "blue-train"]).exit(2).one_line("references list");
}

#[test]
fn silence_is_no_record() {
    let studio = Studio::new();
    Wav::seconds(2.0).write(&studio.path("silence.wav"), |_, _| 0.0);
    studio.run(&["references", "add", "silence.wav"]).exit(5).one_line("is silence");
    assert_eq!(studio.run(&["references", "list"]).exit(0).text(), "");
}

#[test]
fn a_library_can_be_any_folder() {
    let studio = Studio::with_mix();
    studio.run(&["references", "add", "mix.wav", "--name", "Mine", "--library", "shared"]).exit(0);
    assert!(studio.path("shared/mine.profile.json").is_file());
    assert_eq!(studio.run(&["references", "list"]).exit(0).text(), "");
    studio.run(&["suggest", "mix.wav", "-r", "mine", "--library", "shared"]).exit(0);
    studio.mix("b.wav");
    studio
        .run(&["references", "add", "mix.wav", "b.wav", "--name", "x"])
        .exit(2)
        .one_line("--name");
}
