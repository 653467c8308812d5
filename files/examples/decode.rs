//! Reads files the way every command does, and prints what they hold and how long that took:
//! `streamed` block by block into a reused buffer, `opened` into memory.

use std::path::Path;
use std::time::Instant;

use acetate_audio::{Audio, Blocks};
use acetate_files::{DecodeError, MEMORY_LIMIT_BYTES, Reader};

/// Repetitions, of which the fastest counts.
const RUNS: usize = 7;

fn main() {
    for name in std::env::args_os().skip(1) {
        let path = Path::new(&name);
        match measure(path) {
            Ok(line) => println!("{}: {line}", path.display()),
            Err(error) => println!("{}: {error}", path.display()),
        }
    }
}

fn measure(path: &Path) -> Result<String, DecodeError> {
    let source = acetate_files::open(path, MEMORY_LIMIT_BYTES)?;
    let streamed_ms = fastest_ms(|| stream(path))?;
    let opened_ms = fastest_ms(|| acetate_files::open(path, MEMORY_LIMIT_BYTES).map(drop))?;
    let times = source.duration_s() * 1e3 / streamed_ms;
    let warnings: String = source.warnings().iter().map(|w| format!("\n  {w}")).collect();
    Ok(format!(
        "streamed {streamed_ms:.1} ms ({times:.0} times real time), opened {opened_ms:.1} ms, {:?}{warnings}",
        source.format()
    ))
}

fn stream(path: &Path) -> Result<(), DecodeError> {
    let mut reader = Reader::open(path)?;
    let mut block = Audio::silence(reader.spec(), 0);
    while reader.next_block(&mut block)? {}
    Ok(())
}

fn fastest_ms(run: impl Fn() -> Result<(), DecodeError>) -> Result<f64, DecodeError> {
    let mut fastest = f64::INFINITY;
    for _ in 0..RUNS {
        let begin = Instant::now();
        run()?;
        fastest = fastest.min(begin.elapsed().as_secs_f64() * 1e3);
    }
    Ok(fastest)
}
