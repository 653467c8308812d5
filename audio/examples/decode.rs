//! Reads files the way every command does, and prints what they hold and how long that took.

use std::path::Path;
use std::time::Instant;

use acetate_audio::{MEMORY_LIMIT_BYTES, Source};

fn main() {
    for name in std::env::args_os().skip(1) {
        let begin = Instant::now();
        let opened = Source::open(Path::new(&name), MEMORY_LIMIT_BYTES);
        let milliseconds = begin.elapsed().as_secs_f64() * 1e3;
        let name = name.to_string_lossy();
        match opened {
            Ok(source) => {
                println!("{name}: {milliseconds:.1} ms {:?}", source.format());
                for warning in source.warnings() {
                    println!("  {warning}");
                }
            }
            Err(error) => println!("{name}: {error}"),
        }
    }
}
