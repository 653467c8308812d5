//! Every session in `docs/guides` is run, on the music in `examples`.
//!
//! In what a session shows, `[..]` stands for anything within a line, and a line of three dots for any lines.

use std::path::Path;

use crate::program::Studio;

/// One command of a session.
struct Step<'a> {
    command: &'a str,
    shown: Vec<&'a str>,
    exit: i32,
}

/// The commands of all sessions of a guide, in order.
fn steps(guide: &str) -> Vec<Step<'_>> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    let (mut inside, mut exit) = (false, 0);
    for line in guide.lines() {
        if let Some(code) = line.strip_prefix("<!-- exits with ") {
            exit = code.trim_end_matches(" -->").parse().unwrap();
        } else if line == "```console" {
            inside = true;
        } else if inside && line == "```" {
            (inside, exit) = (false, 0);
        } else if let Some(command) = line.strip_prefix("$ acetate ").filter(|_| inside) {
            steps.push(Step { command, shown: Vec::new(), exit });
        } else if inside {
            steps.last_mut().expect("a session begins with `$ acetate`").shown.push(line);
        }
    }
    steps
}

/// Does a line look like what is shown for it?
fn line_matches(shown: &str, line: &str) -> bool {
    let Some((head, mut rest)) = shown.split_once("[..]") else { return shown == line };
    let Some(mut line) = line.strip_prefix(head) else { return false };
    while let Some((middle, after)) = rest.split_once("[..]") {
        let Some(at) = line.find(middle) else { return false };
        line = &line[at + middle.len()..];
        rest = after;
    }
    line.ends_with(rest)
}

/// Do the lines look like what is shown?
fn matches(shown: &[&str], lines: &[&str]) -> bool {
    match (shown.split_first(), lines.split_first()) {
        (None, None) => true,
        (Some((&"...", shown)), _) => (0..=lines.len()).any(|skip| matches(shown, &lines[skip..])),
        (Some((first, shown)), Some((line, lines))) => {
            line_matches(first, line) && matches(shown, lines)
        }
        _ => false,
    }
}

/// Runs a guide from beginning to end, in a folder with the example music.
#[track_caller]
fn check(guide: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("docs/guides").join(guide)).unwrap();
    let studio = Studio::new();
    for name in ["mix.flac", "reference.flac"] {
        std::fs::copy(root.join("examples").join(name), studio.path(name)).unwrap();
    }
    let steps = steps(&text);
    assert!(!steps.is_empty(), "{guide} has no session");
    for step in steps {
        let (command, file) = match step.command.split_once(" > ") {
            Some((command, file)) => (command, Some(file)),
            None => (step.command, None),
        };
        let mut arguments: Vec<&str> = command.split(' ').collect();
        arguments.extend(["--progress", "none"]);
        let run = studio.run(&arguments).exit(step.exit);
        let mut said = run.text();
        if let Some(file) = file {
            std::fs::write(studio.path(file), std::mem::take(&mut said)).unwrap();
        }
        said.push_str(&run.stderr);
        let lines: Vec<&str> = said.lines().collect();
        assert!(matches(&step.shown, &lines), "{guide}: acetate {} says\n{said}", step.command);
    }
}

#[test]
fn the_sessions_of_matching_a_reference_run() {
    check("match-a-reference.md");
}

#[test]
fn the_sessions_of_mastering_for_a_platform_run() {
    check("master-for-a-platform.md");
}

#[test]
fn the_sessions_of_mastering_in_a_daw_run() {
    check("master-in-a-daw.md");
}

#[test]
fn the_sessions_of_checking_a_catalogue_run() {
    check("check-a-catalogue.md");
}

#[test]
fn what_is_shown_is_compared_line_by_line() {
    assert!(matches(&["a [..] c", "...", "e"], &["a b c", "d", "d", "e"]));
    assert!(matches(&["..."], &[]) && matches(&["x[..]"], &["x"]));
    assert!(
        !matches(&["a"], &["b"])
            && !matches(&["a"], &["a", "b"])
            && !matches(&["a[..]c"], &["abd"])
    );
}
