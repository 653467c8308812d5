//! Long work on a thread of its own, while Python's goes on: it heeds Ctrl-C, and a callback hears how far the work is.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use acetate::{Observer, Stage};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::errors::raised;

/// How often Python is asked whether it wants to stop.
const POLL: Duration = Duration::from_millis(20);
/// How long a call of Python that is under way may take to end after Ctrl-C: one that outlived the interpreter would abort it.
const LAST_CALL: Duration = Duration::from_millis(50);

/// Tells a callable of Python how far the work is; what it raises ends the work, and so does `False`.
struct Callback {
    call: Option<Py<PyAny>>,
    stopped: Arc<AtomicBool>,
    raised: Arc<Mutex<Option<PyErr>>>,
}

impl Observer for Callback {
    fn progress(&mut self, stage: Stage, share: f64) -> ControlFlow<()> {
        if self.stopped.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        let Some(call) = &self.call else { return ControlFlow::Continue(()) };
        let stage = stage.name();
        let answer = Python::try_attach(|py| {
            let answer = call.call1(py, (stage, share))?;
            let is_false = answer.bind(py).is_exact_instance_of::<pyo3::types::PyBool>()
                && !answer.bind(py).is_truthy()?;
            Ok::<bool, PyErr>(is_false)
        });
        match answer {
            Some(Ok(false)) => ControlFlow::Continue(()),
            // Python itself may be about to end.
            Some(Ok(true)) | None => ControlFlow::Break(()),
            Some(Err(error)) => {
                if let Ok(mut raised) = self.raised.lock() {
                    *raised = Some(error);
                }
                ControlFlow::Break(())
            }
        }
    }
}

/// Does `work` without holding the interpreter. Ctrl-C returns at once; the work itself ends with its next block and leaves nothing.
pub(crate) fn watched<T: Send + 'static>(
    py: Python<'_>,
    progress: Option<Py<PyAny>>,
    work: impl FnOnce(&mut dyn Observer) -> Result<T, acetate::Error> + Send + 'static,
) -> PyResult<T> {
    let stopped = Arc::new(AtomicBool::new(false));
    let told = Arc::new(Mutex::new(None));
    let mut callback =
        Callback { call: progress, stopped: Arc::clone(&stopped), raised: Arc::clone(&told) };
    let (send, receive) = channel();
    // A receiver is for one thread; whoever waits may move to another while the interpreter is released.
    let receive = Mutex::new(receive);
    thread::spawn(move || {
        let result = catch_unwind(AssertUnwindSafe(|| work(&mut callback)));
        // Nobody may be waiting any more.
        let _ = send.send(result);
    });
    loop {
        let waited = py.detach(|| match receive.lock() {
            Ok(receive) => receive.recv_timeout(POLL),
            Err(_) => Err(RecvTimeoutError::Disconnected),
        });
        match waited {
            Ok(Ok(Ok(result))) => return Ok(result),
            Ok(Ok(Err(error))) => {
                let told = told.lock().ok().and_then(|mut told| told.take());
                return Err(told.unwrap_or_else(|| raised(error)));
            }
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => {
                return Err(PyRuntimeError::new_err(
                    "acetate has a fault of its own, please report it",
                ));
            }
            Err(RecvTimeoutError::Timeout) => {
                if let Err(interrupt) = py.check_signals() {
                    stopped.store(true, Ordering::Relaxed);
                    py.detach(|| {
                        // Whatever comes of it, nobody waits for it any more.
                        let _ = receive.lock().is_ok_and(|it| it.recv_timeout(LAST_CALL).is_ok());
                    });
                    return Err(interrupt);
                }
            }
        }
    }
}
