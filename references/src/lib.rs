//! What to aim for.
