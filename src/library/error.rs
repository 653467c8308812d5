//! Why a library could not do what was asked.

use std::io;
use std::path::PathBuf;

use acetate_references::profile::ProfileError;
use acetate_references::style::StyleError;

/// Why a library could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LibraryError {
    /// There is one of that id already.
    #[error("\"{id}\" is in the library already; choose another name, or replace it")]
    Exists {
        /// The id.
        id: String,
    },
    /// A style or taste of that id would not be found under it.
    #[error("\"{id}\" is already {what}; choose another name")]
    Taken {
        /// The id.
        id: String,
        /// What is found under it.
        what: &'static str,
    },
    /// There is none of that id.
    #[error("\"{id}\" is not in the library{}", suggestion(near))]
    Unknown {
        /// The id.
        id: String,
        /// The ids most like it.
        near: Vec<String>,
    },
    /// An id that is no file name.
    #[error("\"{id}\" is no id: only lower case letters, digits and hyphens")]
    Id {
        /// The id.
        id: String,
    },
    /// A profile without a loudness: nothing could be aimed at.
    #[error("\"{id}\" is silence, and no record")]
    Silent {
        /// The id.
        id: String,
    },
    /// The folder or a file in it could not be read or written.
    #[error("library {}: {source}", path.display())]
    File {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A style or taste in the library is damaged or of another kind.
    #[error("{}: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The profile is damaged or of another kind.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// A style cannot be learned from the records.
    #[error(transparent)]
    Style(#[from] StyleError),
}

fn suggestion(near: &[String]) -> String {
    if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(", ")) }
}
