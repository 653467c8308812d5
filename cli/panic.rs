//! A bug is an error of one line, too: nobody sees the text of a panic.
//!
//! Decoders catch panics of the libraries below them and report damaged files; the default hook would have printed by then.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Mutex;

use crate::failure::{Failure, Outcome};

/// What the latest panic said, and where.
static LATEST: Mutex<String> = Mutex::new(String::new());

/// From now on a panic prints nothing; [`guarded`] says what it was.
pub(crate) fn silence() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| format!("{}:{}", place.file(), place.line()));
        let text = format!("{} ({})", message(panic.payload()), place.unwrap_or_default());
        if let Ok(mut latest) = LATEST.lock() {
            *latest = text;
        }
    }));
}

/// Does `work`; a bug in it becomes a failure.
///
/// # Errors
/// Those of `work`, and its panics.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let what = LATEST.lock().map(|latest| latest.clone()).unwrap_or_default();
        Err(Failure::failed(format!("a bug in acetate: {what}"))
            .next("please report it, with the command and if possible the file"))
    })
}

/// The words of a panic, which are text or nothing that can be shown.
fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_one_line_with_the_place() {
        let usual = panic::take_hook();
        silence();
        let caught = guarded::<()>(|| panic!("an invariant\ndoes not hold"));
        panic::set_hook(usual);
        let text = caught.unwrap_err().to_string();
        assert!(
            text.contains("an invariant does not hold") && text.contains("panic.rs:"),
            "{text}"
        );
    }
}
