//! The corpus of every fuzz target, and seeded changes to it, without a fuzzer: a few seconds on any compiler.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up its case has failed")]

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use acetate_fuzz_targets::{TARGETS, Target};

/// Changed copies of each file. `ACETATE_FUZZ_ROUNDS` asks for more.
const ROUNDS: usize = 6;
/// Targets whose input is a file, which may be long.
const FILES: [&str; 2] = ["decode", "tags"];
/// Length of the longest inputs.
const GROWN_BYTES: usize = 1 << 20;
/// Generous for debug builds on a busy machine; an input that makes a parser spin takes for ever.
const LONGEST: Duration = Duration::from_secs(20);

#[test]
fn the_corpus_and_changes_to_it_break_no_promise() {
    let rounds = std::env::var("ACETATE_FUZZ_ROUNDS").map_or(ROUNDS, |text| text.parse().unwrap());
    for (name, target) in TARGETS {
        let seeds = corpus(name);
        assert!(!seeds.is_empty(), "fuzz/corpus/{name} is empty");
        for (index, path) in seeds.iter().enumerate() {
            let seed = std::fs::read(path).unwrap();
            run(target, &seed, path, 0);
            let mut changes = Changes(index as u64 * 7919 + 1);
            for round in 1..=rounds {
                run(target, &changes.to(&seed), path, round);
            }
            if FILES.contains(&name) {
                let bytes = if rounds > ROUNDS { GROWN_BYTES } else { GROWN_BYTES / 8 };
                run(target, &changes.grown(&seed, bytes), path, rounds + 1);
            }
        }
    }
}

#[track_caller]
fn run(target: Target, bytes: &[u8], path: &Path, round: usize) {
    let begun = Instant::now();
    let ended = catch_unwind(|| target(bytes));
    let taken = begun.elapsed();
    if ended.is_err() || taken > LONGEST {
        let kept = std::env::temp_dir().join("acetate-fuzz-failure");
        std::fs::write(&kept, bytes).unwrap();
        panic!("{} in round {round}, after {taken:?}; kept as {}", path.display(), kept.display());
    }
}

fn corpus(name: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus").join(name);
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Changes in the manner of a fuzzer, by a Lehmer generator.
struct Changes(u64);

impl Changes {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0 * 48_271 % 0x7FFF_FFFF;
        self.0 as usize % below.max(1)
    }

    /// The seed with a piece of it repeated, thousands of times where the piece is short, or the whole of it joined to itself.
    fn grown(&mut self, seed: &[u8], bytes: usize) -> Vec<u8> {
        if seed.is_empty() || self.next(3) == 0 {
            return seed
                .iter()
                .copied()
                .cycle()
                .take(if seed.is_empty() { 0 } else { bytes })
                .collect();
        }
        let at = self.next(seed.len().min(512));
        let end = (at + 8 + self.next(64)).min(seed.len());
        let times = bytes / (end - at).max(1);
        [&seed[..at], &seed[at..end].repeat(times), &seed[end..]].concat()
    }

    fn to(&mut self, seed: &[u8]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=self.next(4) {
            let (at, other) = (self.next(bytes.len()), self.next(bytes.len()));
            // Headers and keys are short, and near the beginning.
            let at = if self.next(2) == 0 { at % 128.min(bytes.len().max(1)) } else { at };
            match self.next(6) {
                _ if bytes.is_empty() => bytes.push(0),
                0 => bytes[at] ^= 1 << self.next(8),
                1 => bytes[at] = [0, 0xFF, 0x7F, 0x80, b'9', b'"'][self.next(6)],
                2 => bytes.truncate(at.max(1)),
                3 => {
                    let end = (at + 1 + self.next(16)).min(bytes.len());
                    bytes.drain(at..end);
                }
                4 => bytes.insert(at, bytes[other]),
                _ => {
                    let end = (at + 1 + self.next(32)).min(bytes.len());
                    let copied = bytes[at..end].to_vec();
                    bytes.splice(other..other, copied);
                }
            }
        }
        bytes
    }
}
