//! Any bytes as a profile: see `acetate_fuzz_targets::profile`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| acetate_fuzz_targets::profile(bytes));
