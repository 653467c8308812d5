//! Any bytes as a target: see `acetate_fuzz_targets::target`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| acetate_fuzz_targets::target(bytes));
