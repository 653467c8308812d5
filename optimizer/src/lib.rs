//! Where analyzer and engine meet.
