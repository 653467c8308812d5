//! The `acetate` program.
fn main() {}
