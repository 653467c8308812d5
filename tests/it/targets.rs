//! `acetate targets`.

use crate::program::Studio;

#[test]
fn the_targets_are_listed_and_shown() {
    let studio = Studio::new();
    let list = studio.run(&["targets", "list"]).exit(0).text();
    assert!(
        list.contains("spotify-loud") && list.lines().all(|line| line.chars().count() <= 80),
        "{list}"
    );
    let shown = studio.run(&["targets", "show", "ebu-r128"]).exit(0).text();
    assert!(shown.contains("-23.0 LUFS"), "{shown}");
}

#[test]
fn a_shown_target_is_a_target_file() {
    let studio = Studio::new();
    let json = studio.run(&["targets", "show", "cd", "--json"]).exit(0).stdout;
    std::fs::write(studio.path("mine.json"), json).unwrap();
    studio.run(&["targets", "check", "mine.json"]).exit(0);
    assert!(studio.run(&["targets", "show", "mine.json"]).exit(0).text().contains("cd"));
}

#[test]
fn a_misspelt_target_gets_a_proposal() {
    Studio::new().run(&["targets", "show", "spotfy"]).exit(2).one_line("did you mean \"spotify\"?");
}

#[test]
fn a_wrong_target_file_is_named_with_the_path_of_the_key() {
    let studio = Studio::new();
    let json = studio.run(&["targets", "show", "cd", "--json"]).exit(0).text();
    std::fs::write(studio.path("mine.json"), json.replace("true_peak_dbtp", "true_peek_dbtp"))
        .unwrap();
    studio.run(&["targets", "check", "mine.json"]).exit(2).one_line("true_peek_dbtp");
}
