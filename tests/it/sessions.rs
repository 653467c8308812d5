//! The commands that a text shows, with what it shows of their output.
//!
//! In what is shown, `[..]` stands for anything within a line, and a line of three dots for any lines.

/// Languages of code blocks that hold no commands; `text` is output.
const NO_COMMANDS: [&str; 6] = ["text", "rust", "rust,no_run", "python", "toml", "json"];

/// One command of a session.
#[derive(Debug)]
pub struct Step<'a> {
    /// As it is typed, without the comment behind it.
    pub command: &'a str,
    pub shown: Vec<&'a str>,
    pub exit: i32,
}

/// All commands of a text, in order: those behind `$` in `console` blocks, and those of `run:` in `yaml`.
///
/// # Panics
/// When a block is of a kind that could hide a command from the tests.
pub fn steps(text: &str) -> Vec<Step<'_>> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    let (mut block, mut exit) = (None, 0);
    for line in text.lines() {
        if let Some(code) = line.strip_prefix("<!-- exits with ") {
            exit = code.trim_end_matches(" -->").parse().unwrap();
        } else if let Some(language) = line.strip_prefix("```") {
            if block.take().is_some() {
                exit = 0;
            } else {
                block = Some(language);
            }
        } else if let Some(command) = command_in(block, line) {
            steps.push(Step { command, shown: Vec::new(), exit });
        } else if block == Some("console") {
            steps.last_mut().expect("a session begins with a command").shown.push(line);
        }
    }
    steps
}

fn command_in<'a>(block: Option<&str>, line: &'a str) -> Option<&'a str> {
    let typed = match block? {
        "console" => line.strip_prefix("$ ")?,
        "yaml" => line.trim_start_matches(['-', ' ']).strip_prefix("run: ")?,
        other if NO_COMMANDS.contains(&other) => return None,
        other => panic!("a block of {other:?}: commands belong into `console`, output into `text`"),
    };
    Some(typed.split_once(" # ").map_or(typed, |(command, _)| command).trim_end())
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
pub fn matches(shown: &[&str], lines: &[&str]) -> bool {
    match (shown.split_first(), lines.split_first()) {
        (None, None) => true,
        (Some((&"...", shown)), _) => (0..=lines.len()).any(|skip| matches(shown, &lines[skip..])),
        (Some((first, shown)), Some((line, lines))) => {
            line_matches(first, line) && matches(shown, lines)
        }
        _ => false,
    }
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

#[test]
fn no_command_of_a_text_is_overlooked() {
    let text = "```console\n$ a b   # why\nsaid\n$ ./c\n```\n```yaml\n- run: d e\n```\n```text\n$ f\n```\n";
    let commands: Vec<&str> = steps(text).iter().map(|step| step.command).collect();
    assert_eq!(commands, ["a b", "./c", "d e"]);
    for language in ["", "sh", "bash", "shell"] {
        let hidden = format!("```{language}\nacetate master\n```\n");
        assert!(std::panic::catch_unwind(|| steps(&hidden).len()).is_err(), "{language}");
    }
}
