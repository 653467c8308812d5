//! Sound and settings chosen by any bytes: see `acetate_fuzz_targets::chain`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| acetate_fuzz_targets::chain(bytes));
