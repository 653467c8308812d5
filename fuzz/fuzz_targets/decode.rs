//! Any bytes as a sound file: see `acetate_fuzz_targets::decode`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| acetate_fuzz_targets::decode(bytes));
