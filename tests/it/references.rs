//! `acetate references`.

use crate::program::Studio;

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
