//! Why a run stopped, in one line: what happened, to what, the limit; then what to do next.

use std::fmt;

use acetate::check::codec::Lossy;
use acetate::files::DecodeError;
use acetate::library::LibraryError;
use acetate::translation::{noises, opt_in_systems, systems};
use acetate::{Error, ErrorKind, Named, RestoreError, StemsError};

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

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let exit = match error.kind() {
            ErrorKind::Usage => Exit::Usage,
            ErrorKind::Refused => Exit::Refused,
            ErrorKind::Cancelled => Exit::Interrupted,
            ErrorKind::Failed => Exit::Failed,
        };
        let failure = Self::new(exit, &error);
        match next(&error) {
            Some(next) => failure.next(next),
            None => failure,
        }
    }
}

/// What to type after an error of the library.
fn next(error: &Error) -> Option<String> {
    use acetate::files::EncodeError as Encode;
    let text = match error {
        Error::Encode { reason: Encode::Exists, .. } => "-f replaces it",
        Error::Encode { reason: Encode::IsFolder, .. } | Error::IsFolder { .. } => {
            "name a file with -o, or use -d for a folder"
        }
        Error::Exists { .. } => "-f replaces it",
        Error::IsInput { .. } => "name another output with -o or -d",
        Error::Claimed { .. } => "--existing number keeps both, or master them one by one with -o",
        Error::NoLayout { .. } => "write wav, or bring the channels to a layout that it knows",
        Error::NoBitRate { .. } => "--bitrate goes with --format mp3, ogg, opus or m4a",
        Error::NoBits { .. } => "--bitrate chooses its quality",
        Error::Surround { .. } => {
            "leave out -d or --on: all channels are measured; or fold it down first"
        }
        Error::Restore(RestoreError::OverFullScale { .. }) => {
            "32-bit floats hold it: name a .wav, and leave out --bits"
        }
        Error::FlacFloats => "use --bits 24, or --format wav",
        Error::NoEncoder { .. } => {
            "install it, or write wav, flac or aiff and encode that with a program of your choice"
        }
        Error::Document { reason, .. } if reason.starts_with("is not text") => {
            "settings come before the sound they are for"
        }
        Error::NoStores { .. } => "build the program with its feature cloud, or name a file",
        Error::UnknownSound { .. } => "leave out --expect-hash",
        Error::Stems(StemsError::LooksLikeMix { .. } | StemsError::IsTheMix { .. }) => {
            "name it with --mix, or name the stems"
        }
        Error::Stems(StemsError::SameFile { .. }) => "call it otherwise, or put {stem} into --name",
        Error::Stems(StemsError::Lossy { .. }) => "use --format wav, flac or aiff",
        Error::TooQuiet { name, peak_dbfs } => return Some(plain_gain(name, *peak_dbfs)),
        Error::Unknown { what: Named::Target, .. } => "acetate targets list shows them all",
        Error::Unknown { what: Named::Style, .. } => "acetate styles shows them all",
        Error::Unknown { what: Named::System, .. } => {
            let known = systems().iter().chain(opt_in_systems());
            let known: Vec<&str> = known.map(|system| system.id.as_str()).collect();
            return Some(format!("there are {}", known.join(", ")));
        }
        Error::Unknown { what: Named::Noise, .. } => {
            let known: Vec<&str> = noises().iter().map(|noise| noise.id.as_str()).collect();
            return Some(format!("there are {}", known.join(", ")));
        }
        Error::Unknown { what: Named::Codec, .. } => {
            let known: Vec<&str> = Lossy::names().collect();
            return Some(format!("there are {}", known.join(", ")));
        }
        Error::Library(LibraryError::Exists { .. }) => "-f replaces it",
        Error::Library(LibraryError::Unknown { .. }) => {
            "acetate references list shows what is there; or name a file"
        }
        Error::Read { .. } => match error.decode_error() {
            Some(DecodeError::NotAFile { .. }) => "`-` is standard input",
            _ => return None,
        },
        _ => return None,
    };
    Some(text.to_owned())
}

fn plain_gain(name: &str, peak_dbfs: f64) -> String {
    let gain_db = (-6.0 - peak_dbfs).clamp(0.0, 60.0).floor();
    format!(
        "plain gain brings it up, noise and all: save {{\"schema\":\"acetate.settings/1\",\"settings\":{{\"drive_db\":{gain_db}}}}} as gain.json, then acetate apply gain.json {name}"
    )
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
