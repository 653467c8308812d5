//! How long a library takes: listing 5,000 profiles, finding the closest of them, and, given files, measuring.
//!
//! ```text
//! cargo run --release -p acetate-bench --bin library_speed -- FILE [FILE...]
//! ```

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use acetate::library::{Library, measure_files};
use acetate_references::closest;
use acetate_references::style::Sample;

const PROFILES: usize = 5_000;

fn main() -> Result<(), Box<dyn Error>> {
    let files: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    let start = Instant::now();
    let profiles = measure_files(&files, |_| {}).into_iter().collect::<Result<Vec<_>, _>>()?;
    let sound_s: f64 = profiles.iter().map(|profile| profile.source.duration_s).sum();
    let taken_s = start.elapsed().as_secs_f64();
    println!(
        "{} files, {sound_s:.0} s of sound: {taken_s:.2} s, {:.0}x real time",
        files.len(),
        sound_s / taken_s
    );
    let original = profiles.first().ok_or("usage: library_speed FILE...")?;

    let folder = std::env::temp_dir().join(format!("acetate-library-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    for index in 0..PROFILES {
        let mut copy = original.clone();
        copy.id = format!("song-{index}");
        std::fs::write(folder.join(format!("{}.profile.json", copy.id)), copy.to_json())?;
    }
    let outcome = time(&folder, &Sample::from_profile(original));
    std::fs::remove_dir_all(&folder)?;
    outcome
}

fn time(folder: &Path, mix: &Sample) -> Result<(), Box<dyn Error>> {
    for _ in 0..5 {
        let start = Instant::now();
        let listing = Library::at(folder).list()?;
        let listed_ms = start.elapsed().as_secs_f64() * 1e3;
        let start = Instant::now();
        let near = closest(mix, &listing.profiles, 5);
        let found_ms = start.elapsed().as_secs_f64() * 1e3;
        println!(
            "list {} profiles: {listed_ms:.0} ms; the {} closest: {found_ms:.1} ms",
            listing.profiles.len(),
            near.len()
        );
    }
    Ok(())
}
