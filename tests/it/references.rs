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
