//! Ctrl-C: nothing is left half written.

use acetate::output::remove_unfinished;

use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::speech::say;

/// From now on Ctrl-C and termination remove the temporary files and leave with 130.
pub(crate) fn watch() -> Outcome<()> {
    ctrlc::set_handler(|| {
        remove_unfinished(|| {
            say("acetate: interrupted; no unfinished file was left");
            std::process::exit(i32::from(Exit::Interrupted.code()));
        });
    })
    .map_err(|error| Failure::failed(format!("cannot watch for Ctrl-C: {error}")))
}
