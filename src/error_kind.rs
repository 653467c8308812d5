//! Whose turn it is after an error.

use crate::files::EncodeError;
use crate::library::LibraryError;
use crate::{DeskError, Error, StemsError};

/// Whose turn it is after an [`enum@Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Reading, decoding, processing or writing failed.
    Failed,
    /// What was asked for, or a document that was named, is wrong.
    Usage,
    /// Going on would damage something, or there is nothing to do.
    Refused,
    /// It was stopped.
    Cancelled,
}

impl Error {
    /// Whose turn it is.
    pub fn kind(&self) -> ErrorKind {
        use Error as E;
        match self {
            E::Encode { reason, .. } => match reason {
                EncodeError::Exists | EncodeError::IsFolder | EncodeError::NoLayout { .. } => {
                    ErrorKind::Refused
                }
                _ => ErrorKind::Failed,
            },
            E::Read { .. }
            | E::Write { .. }
            | E::Folder { .. }
            | E::Unlisted { .. }
            | E::Temporary(_)
            | E::Encoder { .. }
            | E::Store { .. }
            | E::TooSlow { .. }
            | E::Desk(DeskError::Listen { .. })
            | E::NoEncoder { .. } => ErrorKind::Failed,
            E::Exists { .. }
            | E::NoFreeName { .. }
            | E::IsInput { .. }
            | E::IsFolder { .. }
            | E::Claimed { .. }
            | E::NoLayout { .. }
            | E::Surround { .. }
            | E::Silent { .. }
            | E::TooShort { .. }
            | E::TooQuiet { .. }
            | E::UnknownSound { .. }
            | E::OtherSound { .. } => ErrorKind::Refused,
            E::Library(
                LibraryError::Exists { .. }
                | LibraryError::Taken { .. }
                | LibraryError::Silent { .. },
            ) => ErrorKind::Refused,
            E::Stems(StemsError::DoNotAddUp { .. }) => ErrorKind::Failed,
            E::Cancelled => ErrorKind::Cancelled,
            _ => ErrorKind::Usage,
        }
    }
}
