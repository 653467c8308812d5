//! Annotations that GitHub shows beside a change (workflow commands).

use super::{FileCheck, Outcome};

/// One line a failure or error, one a check that was not done.
pub fn render(files: &[FileCheck]) -> String {
    let mut text = String::new();
    for file in files {
        if let Some(error) = &file.error {
            text.push_str(&line("error", &file.input, "cannot be read", error));
        }
        for (target, check) in file.failures() {
            text.push_str(&line(
                "error",
                &file.input,
                &format!("{} {target}", check.code),
                &check.text,
            ));
        }
        for (level, outcome) in [
            ("warning", Outcome::Warn),
            ("notice", Outcome::Notice),
            ("notice", Outcome::NotChecked),
        ] {
            for (target, check) in file.with(outcome) {
                let title = format!("{} {target}", check.code);
                text.push_str(&line(level, &file.input, &title, &check.text));
            }
        }
    }
    text
}

fn line(level: &str, file: &str, title: &str, message: &str) -> String {
    format!("::{level} file={},title={}::{}\n", property(file), property(title), data(message))
}

/// A message cannot end its line and begin another command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_file_name_cannot_issue_a_command() {
        let file = FileCheck {
            input: "a\n::set-output name=x::y,b.wav".into(),
            error: Some("bad".into()),
            targets: Vec::new(),
            codecs: Vec::new(),
            witness: None,
        };
        let text = render(&[file]);
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(
            text.starts_with("::error file=a%0A%3A%3Aset-output name=x%3A%3Ay%2Cb.wav,title="),
            "{text}"
        );
    }
}
