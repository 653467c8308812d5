//! The command line itself.

use crate::program::Studio;

#[test]
fn help_and_version_go_to_standard_output() {
    let studio = Studio::new();
    let help = studio.run(&["--help"]).exit(0);
    assert!(help.text().contains("analyze") && help.stderr.is_empty());
    let version = studio.run(&["--version"]).exit(0);
    assert_eq!(version.text().trim(), concat!("acetate ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn no_command_shows_the_help_and_is_wrong_usage() {
    let run = Studio::new().run(&[]).exit(2);
    assert!(run.stderr.contains("Usage:") && run.stdout.is_empty());
}

#[test]
fn a_misspelt_command_is_one_line_with_the_way_out() {
    Studio::new().run(&["analize", "a.wav"]).exit(2).one_line("analyze");
}

#[test]
fn a_misspelt_flag_is_one_line_with_the_way_out() {
    Studio::new().run(&["analyze", "a.wav", "--jsn"]).exit(2).one_line("--json");
}

#[test]
fn a_hostile_argument_does_not_reach_the_terminal() {
    let run = Studio::new().run(&["analyze", "a\u{1b}[2Jb.wav"]).exit(1).one_line("b.wav");
    assert!(!run.stderr.contains('\u{1b}'), "{:?}", run.stderr);
}

#[test]
fn colour_follows_flag_then_no_color_then_force() {
    let studio = Studio::new();
    let colored = |flag: &[&str], environment: &[(&str, &str)]| {
        let mut command = studio.command();
        command.args(["targets", "show", "spotify"]).args(flag).envs(environment.iter().copied());
        let out = command.output().unwrap().stdout;
        out.contains(&0x1b)
    };
    assert!(!colored(&[], &[]));
    assert!(colored(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(colored(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!colored(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
}

#[test]
fn every_shell_gets_a_script_that_asks_this_program() {
    let studio = Studio::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = studio.run(&["completions", shell]).exit(0).text();
        assert!(script.contains("acetate") && script.contains("COMPLETE"), "{shell}: {script}");
    }
}

#[test]
fn a_shell_is_told_commands_flags_and_values_of_this_moment() {
    let studio = Studio::with_mix();
    studio.run(&["references", "add", "mix.wav", "--name", "blue-train", "-q"]).exit(0);
    let complete = |words: &[&str]| {
        let mut command = studio.command();
        command.env("COMPLETE", "bash").env("_CLAP_IFS", "\n");
        command.env("_CLAP_COMPLETE_INDEX", words.len().to_string());
        let output = command.args(["--", "acetate"]).args(words).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(complete(&["an"]).contains(&"analyze".to_owned()));
    assert_eq!(complete(&["master", "-t", "spot"]), ["spotify", "spotify-loud"]);
    assert_eq!(complete(&["master", "-r", "blue"]), ["blue-train"]);
    assert_eq!(complete(&["references", "remove", "bl"]), ["blue-train"]);
    assert_eq!(complete(&["apply", "--set", "limiter.ceil"]), ["limiter.ceiling_dbtp="]);
    assert!(complete(&["suggest", "--style", "a"]).contains(&"auto".to_owned()));
}

#[test]
fn every_command_gets_a_manual_page() {
    let studio = Studio::new();
    studio.run(&["man", "pages"]).exit(0);
    let pages = crate::program::names_in(&studio.path("pages"));
    assert!(
        pages.contains(&"acetate.1".to_owned()) && pages.contains(&"acetate-analyze.1".to_owned())
    );
    assert!(studio.run(&["man"]).exit(0).text().starts_with(".ie"));
}

#[test]
fn every_help_has_an_example() {
    let studio = Studio::new();
    let help = studio.run(&["--help"]).text();
    let commands = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned));
    // Help about help is what it gives by itself.
    for command in commands.filter(|command| command != "help") {
        let help = studio.run(&[&command, "--help"]).exit(0).text();
        assert!(
            help.contains("Examples:") && help.contains(&format!("acetate {command}")),
            "{command}"
        );
    }
}

#[test]
fn a_file_without_a_command_is_told_what_to_type() {
    let studio = Studio::with_mix();
    studio.run(&["mix.wav"]).exit(2).one_line("acetate master mix.wav");
}

#[test]
fn settings_and_sound_the_wrong_way_round_are_explained() {
    let studio = Studio::with_mix();
    std::fs::write(studio.path("s.settings.json"), "{}").unwrap();
    studio.run(&["apply", "mix.wav", "s.settings.json"]).exit(2).one_line("settings come before");
}

#[test]
fn masters_in_a_folder_are_not_mastered_again() {
    let studio = Studio::with_mix();
    studio.run(&["master", "mix.wav", "--limiter", "fast"]).exit(0);
    studio.run(&["suggest", "mix.wav", "-o", "mix.settings.json"]).exit(0);
    let run = studio.run(&["master", ".", "-n"]).exit(0);
    assert!(
        run.stderr.contains("Skipped") && run.stderr.contains("mix.streaming.wav is a master"),
        "{}",
        run.stderr
    );
    assert_eq!(run.stderr.matches("Would").count(), 1, "{}", run.stderr);
}
