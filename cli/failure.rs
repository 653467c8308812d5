//! Why a run stopped, in one line: what happened, to what, the limit; then what to do next.

use std::fmt;

use crate::exit::Exit;

/// Longest message, in characters; the longest path that Linux takes fits in.
const CHARS_MAX: usize = 5000;

/// The result of everything in the program that can stop a run.
pub(crate) type Outcome<T> = Result<T, Failure>;

/// An error as a person sees it.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    exit: Exit,
    what: String,
    next: Option<String>,
}

impl Failure {
    /// Reading, decoding, processing or writing failed.
    pub(crate) fn failed(what: impl fmt::Display) -> Self {
        Self::new(Exit::Failed, what)
    }

    /// What was typed, or a document that was named, is wrong.
    pub(crate) fn usage(what: impl fmt::Display) -> Self {
        Self::new(Exit::Usage, what)
    }

    /// Going on would damage something.
    pub(crate) fn refused(what: impl fmt::Display) -> Self {
        Self::new(Exit::Refused, what)
    }

    fn new(exit: Exit, what: impl fmt::Display) -> Self {
        Self { exit, what: one_line(&what.to_string()), next: None }
    }

    /// What to type or do next.
    pub(crate) fn next(mut self, next: impl fmt::Display) -> Self {
        self.next = Some(one_line(&next.to_string()));
        self
    }

    /// The same failure, with the file it happened to in front.
    pub(crate) fn about(mut self, subject: impl fmt::Display) -> Self {
        let subject = one_line(&subject.to_string());
        if !self.what.contains(&subject) {
            self.what = format!("{subject}: {}", self.what);
        }
        self
    }

    /// The code to leave with.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        self.next.as_ref().map_or(Ok(()), |next| write!(f, "; {next}"))
    }
}

/// Text on one line: a hostile file name cannot forge a second message or move the cursor.
fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    shortened(spaced.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A document's value of a megabyte is not repeated in full: its beginning and its end say what is meant.
fn shortened(text: String) -> String {
    if text.chars().count() <= CHARS_MAX {
        return text;
    }
    let half = CHARS_MAX / 2;
    let beginning: String = text.chars().take(half).collect();
    let end: Vec<char> = text.chars().rev().take(half).collect();
    format!("{beginning} ... {}", end.into_iter().rev().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_line_whatever_the_file_is_called() {
        let failure = Failure::refused("evil\nname\u{1b}[2J.wav exists").next("use\n-f");
        assert_eq!(failure.to_string(), "evil name [2J.wav exists; use -f");
    }

    #[test]
    fn the_file_is_named_once() {
        let failure = Failure::failed("a.wav is empty").about("a.wav");
        assert_eq!(failure.to_string(), "a.wav is empty");
        assert_eq!(Failure::failed("is empty").about("a.wav").to_string(), "a.wav: is empty");
    }
}
