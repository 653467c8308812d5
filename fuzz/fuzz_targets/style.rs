//! Any bytes as a style: see `acetate_fuzz_targets::style`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| acetate_fuzz_targets::style(bytes));
