//! Settings in, sound out.
