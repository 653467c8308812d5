//! A small tree of exceptions, with what the library says.

use acetate::ErrorKind;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::{create_exception, types::PyModule};

create_exception!(acetate, Error, PyException, "Reading, decoding, processing or writing failed.");
create_exception!(acetate, UsageError, Error, "What was asked for, or a document, is wrong.");
create_exception!(
    acetate,
    Refused,
    Error,
    "Going on would damage something, or there is nothing to do."
);
create_exception!(
    acetate,
    Cancelled,
    Error,
    "The progress callback stopped the work; nothing is left of it."
);

/// The exception for an error of the library.
pub(crate) fn raised(error: acetate::Error) -> PyErr {
    let text = error.to_string();
    match error.kind() {
        ErrorKind::Failed => Error::new_err(text),
        ErrorKind::Usage => UsageError::new_err(text),
        ErrorKind::Refused => Refused::new_err(text),
        ErrorKind::Cancelled => Cancelled::new_err(text),
    }
}

/// What was asked for cannot be.
pub(crate) fn usage(text: &str) -> PyErr {
    UsageError::new_err(text.to_owned())
}

pub(crate) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("Error", py.get_type::<Error>())?;
    module.add("UsageError", py.get_type::<UsageError>())?;
    module.add("Refused", py.get_type::<Refused>())?;
    module.add("Cancelled", py.get_type::<Cancelled>())
}
