//! The exit codes: a promise to scripts (INTERFACE section 1), each with one meaning.

use std::process::ExitCode;

use serde::{Serialize, Serializer};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything asked for was done, and the targets are met.
    Done,
    /// Reading, decoding, processing or writing failed.
    Failed,
    /// The command line, a settings file, a target or the configuration is wrong.
    Usage,
    /// Done, but a check failed, or under `--strict` a target was missed.
    Missed,
    /// Some files of several failed; the others are done.
    SomeFailed,
    /// Not begun, to protect something: the output exists or is the input, or the source is unsuitable.
    Refused,
    /// Ctrl-C, or a request to terminate.
    Interrupted,
}

impl Exit {
    /// The number a shell sees.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Missed => 3,
            Self::SomeFailed => 4,
            Self::Refused => 5,
            Self::Interrupted => 130,
        }
    }

    /// All of them, in the order of their numbers.
    const ALL: [Self; 7] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::Missed,
        Self::SomeFailed,
        Self::Refused,
        Self::Interrupted,
    ];

    /// What it says, as help, manual page and README have it.
    fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done; without --strict also when a target was missed",
            Self::Failed => "reading, decoding, processing or writing failed",
            Self::Usage => "wrong command line, settings, target or configuration",
            Self::Missed => "done, but a check failed, or with --strict a target was missed",
            Self::SomeFailed => "some of several files failed, the others are done",
            Self::Refused => "not begun, to protect something: the output exists, or is the input",
            Self::Interrupted => "interrupted; no unfinished file is left",
        }
    }

    /// The codes and their meanings, a line each.
    pub(crate) fn table() -> String {
        let line = |exit: Self| format!("  {:<4} {}\n", exit.code(), exit.meaning());
        format!("Exit codes:\n{}", Self::ALL.map(line).concat())
    }

    /// One code for a run over several files. Anything that failed beside something that did not is `SomeFailed`.
    pub(crate) fn of_all(each: &[Self]) -> Self {
        let failures: Vec<Self> = each.iter().copied().filter(|exit| exit.is_failure()).collect();
        match failures.first() {
            None if each.contains(&Self::Missed) => Self::Missed,
            None => Self::Done,
            Some(_) if failures.len() < each.len() => Self::SomeFailed,
            Some(&first) if failures.iter().all(|&exit| exit == first) => first,
            Some(_) => Self::Failed,
        }
    }

    fn is_failure(self) -> bool {
        !matches!(self, Self::Done | Self::Missed)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl Serialize for Exit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::Exit::{self, Done, Failed, Missed, Refused, SomeFailed};

    #[track_caller]
    fn check(each: &[Exit], whole: Exit) {
        assert_eq!(Exit::of_all(each), whole, "{each:?}");
    }

    #[test]
    fn the_readme_lists_every_code_as_the_help_does() {
        for exit in Exit::ALL {
            let row = format!("| {} | {} |", exit.code(), exit.meaning());
            assert!(include_str!("../README.md").contains(&row), "the README lacks {row}");
        }
        assert!(Exit::ALL.is_sorted_by_key(|exit| exit.code()));
    }

    #[test]
    fn a_run_over_several_files_has_one_code() {
        check(&[], Done);
        check(&[Done, Done], Done);
        check(&[Done, Missed], Missed);
        check(&[Done, Failed], SomeFailed);
        check(&[Missed, Refused], SomeFailed);
        check(&[Refused, Refused], Refused);
        check(&[Refused, Failed], Failed);
        check(&[Failed], Failed);
    }
}
