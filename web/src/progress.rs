//! How far the work is, told to a function of the page.

use std::cell::RefCell;
use std::ops::ControlFlow;

use acetate::{Observer, Stage};
use wasm_bindgen::prelude::*;

thread_local! {
    static LISTENER: RefCell<Option<js_sys::Function>> = const { RefCell::new(None) };
}

/// From now on `listener` is called with the name of what is being done and the share of it that is done, 0 to 1.
///
/// Work is stopped by ending the worker that does it.
#[wasm_bindgen]
pub fn on_progress(listener: Option<js_sys::Function>) {
    LISTENER.set(listener);
}

/// The observer that calls the listener.
pub(crate) struct Told;

impl Observer for Told {
    fn progress(&mut self, stage: Stage, share: f64) -> ControlFlow<()> {
        LISTENER.with_borrow(|listener| {
            if let Some(listener) = listener {
                // A listener that throws is the page's own mistake, and no reason to stop.
                let _ = listener.call2(&JsValue::NULL, &stage.name().into(), &share.into());
            }
        });
        ControlFlow::Continue(())
    }
}
