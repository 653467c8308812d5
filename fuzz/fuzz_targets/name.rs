//! Any bytes as the name of a file: see `acetate_fuzz_targets::name`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| acetate_fuzz_targets::name(bytes));
