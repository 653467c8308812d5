//! From an input to sound and what was measured of it.

use std::io::{IsTerminal, stdin};
use std::path::Path;

use acetate::audio::Mono;
use acetate::files::MEMORY_LIMIT_BYTES;
use acetate::{DamageKinds, Error, Input, Song, Source};

use crate::failure::{Failure, Outcome};
use crate::progress::Progress;

/// Says what was wrong with a file that could be read nevertheless.
pub(crate) fn warn(song: &Song, progress: &Progress) {
    song.flaws().for_each(|line| progress.note("Note", &line));
    song.missing().iter().for_each(|line| progress.note("Warning", line));
}

/// Says what is wrong with the recording itself, a line each; of damage of the kinds in `told` others speak.
pub(crate) fn remarks(song: &Song, told: DamageKinds, progress: &Progress) {
    song.remarks(told).for_each(|line| progress.note("Note", &line));
}

/// Opens a file again, as sound alone; `workers` files share the memory.
///
/// # Errors
/// When it cannot be read or decoded.
pub(crate) fn open(path: &Path, workers: usize) -> Outcome<Source> {
    acetate::files::open(path, MEMORY_LIMIT_BYTES / 2 / workers.max(1) as u64)
        .map_err(|error| Error::read(path.display().to_string(), error).into())
}

/// Opens and measures an input, and holds its sound when it fits; `workers` files share the memory.
///
/// # Errors
/// When it cannot be read or decoded.
pub(crate) fn measure(
    input: &Input,
    workers: usize,
    mono: Mono,
    progress: &Progress,
) -> Outcome<Song> {
    // Half: what a fit makes of it is held beside it.
    measure_within(input, MEMORY_LIMIT_BYTES / 2 / workers.max(1) as u64, mono, progress)
}

/// Opens and measures an input whose sound is not wanted any more: block by block, nothing is held.
///
/// # Errors
/// When it cannot be read or decoded.
pub(crate) fn measure_only(input: &Input, mono: Mono, progress: &Progress) -> Outcome<Song> {
    measure_within(input, 0, mono, progress)
}

fn measure_within(
    input: &Input,
    memory_limit_bytes: u64,
    mono: Mono,
    progress: &Progress,
) -> Outcome<Song> {
    let opening = match input {
        Input::File { path, .. } => Song::opening(path),
        Input::Stdin if stdin().is_terminal() => {
            return Err(Failure::usage("standard input is the terminal")
                .next("name a file, or pipe sound into acetate"));
        }
        Input::Stdin => Song::opening_stream("-", &mut stdin().lock())?,
    };
    let mut watching = progress.watching(&input.name(), None);
    let opening = opening.memory_limit_bytes(memory_limit_bytes).mono(mono);
    Ok(opening.measure(&mut watching)?)
}
