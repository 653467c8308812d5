//! Any bytes as a settings document: see `acetate_fuzz_targets::settings`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| acetate_fuzz_targets::settings(bytes));
