//! Any bytes through the reader: every container is recognised by its own bytes, so one target reaches them all.
//!
//! What must hold: no panic, no unbounded memory or time, blocks of equal planes, only finite samples.
#![no_main]

use acetate_audio::{Audio, BLOCK_FRAMES, Blocks, Reader};
use libfuzzer_sys::fuzz_target;

/// More is only more of the same.
const FRAMES_MAX: u64 = 1 << 20;

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut reader) = Reader::from_bytes(bytes.to_vec()) else { return };
    let spec = reader.spec();
    assert!((1..=8).contains(&spec.channels) && (8_000..=384_000).contains(&spec.sample_rate_hz));
    let mut block = Audio::silence(spec, 0);
    while reader.position() < FRAMES_MAX && reader.next_block(&mut block).unwrap_or(false) {
        assert_eq!(block.planes().len(), spec.channels);
        assert!(block.frames() <= BLOCK_FRAMES);
        for plane in block.planes() {
            assert_eq!(plane.len(), block.frames());
            assert!(plane.iter().all(|sample| sample.is_finite()));
        }
    }
    let _ = reader.warnings();
});
