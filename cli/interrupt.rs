//! Ctrl-C: nothing is left half written.

use std::sync::OnceLock;

use acetate::output::remove_unfinished;

use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::speech::say;

/// What Ctrl-C does instead of leaving.
static INSTEAD: OnceLock<Box<dyn Fn() + Send + Sync>> = OnceLock::new();

/// From now on Ctrl-C ends what goes on in this way, where that is how it is meant to end.
#[cfg(feature = "serve")]
pub(crate) fn instead(end: impl Fn() + Send + Sync + 'static) {
    let _ = INSTEAD.set(Box::new(end));
}

/// From now on Ctrl-C and termination remove the temporary files and leave with 130.
pub(crate) fn watch() -> Outcome<()> {
    ctrlc::set_handler(|| {
        if let Some(end) = INSTEAD.get() {
            return end();
        }
        remove_unfinished(|| {
            say("acetate: interrupted; no unfinished file was left");
            std::process::exit(i32::from(Exit::Interrupted.code()));
        });
    })
    .map_err(|error| Failure::failed(format!("cannot watch for Ctrl-C: {error}")))
}
