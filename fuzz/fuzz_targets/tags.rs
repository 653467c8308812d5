//! Any bytes as tags: see `acetate_fuzz_targets::tags`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| acetate_fuzz_targets::tags(bytes));
