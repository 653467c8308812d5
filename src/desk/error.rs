//! Why a page is not served or answered.

use std::io;

use thiserror::Error;

/// Why a page is not served, or its question not answered.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DeskError {
    /// Nothing can be served at a port.
    #[error("cannot listen at port {port}: {reason}")]
    Listen {
        /// The port; 0 is any.
        port: u16,
        /// What the system says.
        reason: io::Error,
    },
    /// Something is asked of a song, and there is none.
    #[error("no {what} is open")]
    NothingOpen {
        /// What is missing: a mix, a record.
        what: &'static str,
    },
    /// A master is asked for before there is a plan for it.
    #[error("nothing was decided for this song yet")]
    Undecided,
}
