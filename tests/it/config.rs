//! `acetate.toml`.

use crate::program::Studio;

#[test]
fn the_nearest_file_upward_counts_and_what_is_typed_wins() {
    let studio = Studio::with_mix();
    studio.mix("inner/mix.wav");
    std::fs::write(
        studio.path("acetate.toml"),
        "target = \"ebu-r128\"\n[check]\nfail-on = \"never\"\n",
    )
    .unwrap();
    let check = |more: &[&str]| {
        let mut command = studio.command();
        command.current_dir(studio.path("inner")).args(["check", "mix.wav"]).args(more);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, text) = check(&[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("ebu-r128"), "{text}");
    let (code, text) = check(&["-t", "cd", "--fail-on", "fail"]);
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("cd") && !text.contains("ebu-r128"), "{text}");
}

#[test]
fn an_unknown_key_is_exit_2_with_a_proposal() {
    let studio = Studio::with_mix();
    std::fs::write(studio.path("acetate.toml"), "amont = 80\n").unwrap();
    studio.run(&["suggest", "mix.wav"]).exit(2).one_line("did you mean \"amount\"?");
    std::fs::write(studio.path("acetate.toml"), "amount = 180\n").unwrap();
    studio.run(&["suggest", "mix.wav"]).exit(2).one_line("acetate.toml");
}

#[test]
fn a_file_is_made_shown_and_found() {
    let studio = Studio::new();
    studio.run(&["config", "init"]).exit(0);
    studio.run(&["config", "init"]).exit(5).one_line("exists");
    std::fs::write(studio.path("acetate.toml"), "amount = 80\n").unwrap();
    let shown = studio.run(&["config", "show", "--origin"]).exit(0).text();
    assert!(shown.starts_with("amount = 80") && shown.contains("acetate.toml"), "{shown}");
    assert!(studio.run(&["config", "path"]).exit(0).text().contains("acetate.toml"));
}

#[test]
fn a_folder_has_rules_of_its_own_and_one_run_has_one_set_of_rules() {
    let studio = Studio::with_mix();
    studio.mix("talks/one.wav");
    studio.mix("talks/raw/two.wav");
    std::fs::write(
        studio.path("acetate.toml"),
        "target = \"cd\"\nfail-on = \"never\"\n[folder.\"talks\"]\ntarget = \"podcast\"\n\
         [folder.\"talks/raw\".check]\ntarget = \"ebu-r128\"\n",
    )
    .unwrap();
    let target = |file: &str| {
        let result = studio.run(&["check", file, "--codec", "none", "--json"]).exit(0).json();
        result["files"][0]["targets"][0]["target"].as_str().unwrap().to_owned()
    };
    assert_eq!(target("mix.wav"), "cd");
    assert_eq!(target("talks/one.wav"), "podcast");
    assert_eq!(target("talks/raw"), "ebu-r128");
    studio.run(&["check", "mix.wav", "talks/one.wav"]).exit(2).one_line("different rules");
    studio.run(&["check", "."]).exit(2).one_line("one by one");
    std::fs::write(studio.path("acetate.toml"), "[folder.a.master]\nlimitr = \"fast\"\n").unwrap();
    studio.run(&["check", "mix.wav"]).exit(2).one_line("did you mean \"limiter\"?");
    std::fs::write(studio.path("acetate.toml"), "[mastr]\namount = 80\n").unwrap();
    studio.run(&["check", "mix.wav"]).exit(2).one_line("did you mean \"master\"?");
}
