//! Sound in, numbers out.
