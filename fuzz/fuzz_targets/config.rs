//! Any bytes as a configuration: see `acetate_fuzz_targets::config`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| acetate_fuzz_targets::config(bytes));
